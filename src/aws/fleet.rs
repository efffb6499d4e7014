//! Visiting all accounts: so many at a time, each within its time, each with its outcome.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::aws::access::Iam;
use crate::aws::trouble::{Kind, Result, Trouble};
use futures::{StreamExt, stream};

use crate::aws::breaker::Breaker;
use crate::aws::organization::{Account, State};
use crate::aws::role::Roles;

/// How a fleet is visited.
#[derive(Debug, Clone, Copy)]
pub struct FleetOptions {
    /// Accounts at a time.
    pub concurrency: NonZeroUsize,
    /// How long an account may take, from assuming its role to the end of its visit. What is done in
    /// a visit should give up earlier by itself: it knows better what it waited for.
    pub deadline: Duration,
}

impl Default for FleetOptions {
    fn default() -> Self {
        Self {
            concurrency: NonZeroUsize::new(16).unwrap_or(NonZeroUsize::MIN),
            deadline: Duration::from_secs(130),
        }
    }
}

/// An account whose role is assumed.
pub struct Visit {
    /// Its id.
    pub account_id: String,
    /// Speaks to IAM there.
    pub iam: Iam,
}

/// The client would show the id of an access key.
impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").field("account_id", &self.account_id).finish_non_exhaustive()
    }
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended<T> {
    /// Well, with this.
    Done(T),
    /// It never began, for this reason.
    Skipped(String),
    /// Badly.
    Failed(Trouble),
}

/// What became of one account.
#[derive(Debug)]
pub struct Outcome<T> {
    /// Which one.
    pub account: Account,
    /// How it ended.
    pub ended: Ended<T>,
    /// Things to know of it, whether it ended well or not.
    pub remarks: Vec<String>,
}

/// Visits every account and tells each one's outcome once, in the order in which they end.
///
/// Nothing is kept of an account after its outcome is told. `told` runs between the visits: what
/// takes long belongs into `visit`. Dropping the future gives up all visits.
///
/// If the caller's own credentials fail again and again, the accounts that are left are not asked
/// any more; each still has its outcome.
pub async fn run<T, V, F>(
    roles: &Roles,
    accounts: Vec<Account>,
    options: FleetOptions,
    visit: V,
    mut told: impl FnMut(Outcome<T>) + Send,
) where
    T: Send,
    V: Fn(Visit) -> F + Sync,
    F: Future<Output = Result<T>> + Send,
{
    let breaker = Breaker::default();
    let (breaker, visit) = (&breaker, &visit);
    let outcomes = stream::iter(accounts)
        // On the heap: a visit's state is large, and there are few at a time.
        .map(|account| Box::pin(one(roles, account, options.deadline, breaker, visit)))
        .buffer_unordered(options.concurrency.get());
    outcomes
        .for_each(|outcome| {
            told(outcome);
            std::future::ready(())
        })
        .await;
}

async fn one<T, F>(
    roles: &Roles,
    account: Account,
    deadline: Duration,
    breaker: &Breaker,
    visit: &(impl Fn(Visit) -> F + Sync),
) -> Outcome<T>
where
    F: Future<Output = Result<T>> + Send,
{
    let mut remarks = Vec::new();
    let ended = match &account.state {
        State::Skipped(reason) => Ended::Skipped(reason.clone()),
        State::Active => match breaker.open() {
            Some(trouble) => Ended::Failed(trouble),
            None => {
                match within(roles, &account.id, deadline, breaker, visit, &mut remarks).await {
                    Ok(value) => Ended::Done(value),
                    Err(trouble) => Ended::Failed(trouble),
                }
            }
        },
    };
    Outcome { account, ended, remarks }
}

/// One visit, cut at its deadline.
async fn within<T, F>(
    roles: &Roles,
    account_id: &str,
    deadline: Duration,
    breaker: &Breaker,
    visit: &(impl Fn(Visit) -> F + Sync),
    remarks: &mut Vec<String>,
) -> Result<T>
where
    F: Future<Output = Result<T>> + Send,
{
    let is_assumed = AtomicBool::new(false);
    let work = async {
        let assumed = roles.assume(account_id).await;
        breaker.note(assumed.as_ref().err());
        let assumed = assumed?;
        is_assumed.store(true, Ordering::Relaxed);
        remarks.extend(assumed.remark);
        visit(Visit { account_id: account_id.to_owned(), iam: assumed.iam }).await
    };
    match tokio::time::timeout(deadline, work).await {
        Ok(result) => result,
        Err(_) => Err(late(&roles.arn(account_id), is_assumed.load(Ordering::Relaxed), deadline)),
    }
}

fn late(arn: &str, is_assumed: bool, deadline: Duration) -> Trouble {
    let deadline = humantime::format_duration(deadline);
    let message = if is_assumed {
        format!("not done within {deadline} after assuming {arn}")
    } else {
        format!("sts:AssumeRole for {arn} was not done within {deadline}")
    };
    Trouble::new(Kind::Timeout, message).hint("run again, or allow more with `--timeout`")
}
