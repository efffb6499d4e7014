//! Reports asked of AWS itself: of one account, or of all accounts of an organization.
//!
//! Listing and asking are one here: an account's report is made, fetched and put into the spool. What
//! became of every account is found afterwards, whether it gave a report or not.

mod age;

use std::fmt;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use memchr::memmem;

use super::{Absent, Asking, Found, Listing, Place, Reach, Unlisted};
use crate::aws::access::{Access, Iam};
use crate::aws::enrich::{self, Whose};
use crate::aws::fleet::{self, Ended, FleetOptions, Outcome, Visit};
use crate::aws::options::AwsOptions;
use crate::aws::report::{self, LiveReport, Patience};
use crate::aws::role::Roles;
use crate::aws::trouble::{Kind, Result, Trouble};
use crate::aws::{calls, identity, organization};
use crate::beside::Extras;
use crate::error::Error;
use crate::report::{GeneratedTime, Millis, Origin, TimeBasis};
use crate::source::spool::Spool;

/// What a visit may take beyond the patience with its report: assuming the role, and an answer that
/// is on its way.
const BEYOND: Duration = Duration::from_secs(10);

/// How long the name of an account is waited for once its report is there.
const ALIAS: Duration = Duration::from_secs(2);

/// What a user can name of live AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Live {
    /// `aws:`, `aws:PROFILE`: the account of some credentials.
    Account {
        /// A profile of `~/.aws/config`.
        profile: Option<String>,
    },
    /// `aws-org:ROLE`, `aws-org:ROLE@PROFILE`: all accounts of an organization.
    Organization {
        /// The role to assume in each account.
        role: String,
        /// The profile to assume it with.
        profile: Option<String>,
    },
}

impl Live {
    /// Reads what the user typed; `None` if it is no such source.
    ///
    /// # Errors
    /// If no role is named.
    #[must_use]
    pub fn parse(text: &str) -> Option<Result<Self, Error>> {
        let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        if let Some(profile) = text.strip_prefix("aws:") {
            return Some(Ok(Self::Account { profile: named(profile) }));
        }
        let rest = text.strip_prefix("aws-org:")?;
        // The name of a role may hold an `@` itself, that of a profile hardly.
        let (role, profile) =
            rest.rsplit_once('@').map_or((rest, None), |(role, profile)| (role, named(profile)));
        if role.is_empty() {
            return Some(Err(Error::usage(
                "aws-org: needs the name of the role to assume in each account",
                "for example `aws-org:OrganizationAccountAccessRole`, or a role of `credsql collect --print-template member-role`",
            )));
        }
        Some(Ok(Self::Organization { role: role.to_owned(), profile }))
    }

    /// The role to assume, if there is one.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        match self {
            Self::Account { .. } => None,
            Self::Organization { role, .. } => Some(role),
        }
    }

    /// The profile, if one is named.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        let (Self::Account { profile } | Self::Organization { profile, .. }) = self;
        profile.as_deref()
    }
}

/// As the user typed it.
impl fmt::Display for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { profile } => write!(f, "aws:{}", profile.as_deref().unwrap_or("")),
            Self::Organization { role, profile: None } => write!(f, "aws-org:{role}"),
            Self::Organization { role, profile: Some(profile) } => {
                write!(f, "aws-org:{role}@{profile}")
            }
        }
    }
}

/// Asks for the reports. Blocks until every account has answered or its time is up.
pub(super) fn list(live: &Live, reach: &Reach<'_>, listing: &mut Listing) {
    let asked = match live {
        Live::Account { .. } => account(live, reach).map(|report| vec![report]),
        Live::Organization { role, .. } => organization(live, role, reach),
    };
    match asked {
        Ok(reports) => {
            listing.remarks.extend(age::age(live, &reports, reach.now));
            for report in reports {
                listing.remarks.extend(report.remarks);
                listing.extras.extend(report.extras);
                listing.found.push(report.found);
            }
        }
        Err(trouble) if trouble.kind == Kind::Interrupted => listing.is_partial = true,
        Err(trouble) => {
            let profile = live.profile().or(reach.aws.profile.as_deref());
            listing.unlisted.push(Unlisted::of(live.to_string(), trouble.for_profile(profile)));
        }
    }
}

/// An account that was asked.
#[derive(Debug)]
struct Asked {
    found: Found,
    remarks: Vec<String>,
    extras: Option<Extras>,
}

/// A report in the spool.
struct Spooled {
    range: Range<u64>,
    generated_time: Millis,
    remarks: Vec<String>,
}

/// What one account gave.
struct Given {
    report: Spooled,
    extras: Option<Extras>,
}

fn account(live: &Live, reach: &Reach<'_>) -> Result<Asked> {
    let (options, spool) = (Arc::clone(&reach.aws), Arc::clone(&reach.spool));
    let profile = live.profile().map(str::to_owned);
    let asking = Arc::clone(&reach.asking);
    asking.total.fetch_add(1, Ordering::Relaxed);
    let now = reach.now;
    let asked = calls::wait(reach.cancelled, async move {
        let access = Access::load(options.access(profile.as_deref())).await?;
        let iam = access.iam();
        let asked = iam.clone();
        let alias = tokio::spawn(async move { identity::account_alias(&asked).await });
        let (whose, refused) =
            if options.enrich { whose(&access, now).await } else { (None, None) };
        let given = given(&iam, &options, &spool, whose, None).await?;
        let alias = tokio::time::timeout(ALIAS, alias).await.ok().and_then(Result::ok).flatten();
        Ok((given, alias.map(Arc::<str>::from), refused))
    });
    asking.done.fetch_add(1, Ordering::Relaxed);
    let (Given { report, extras }, alias, refused) = asked?;
    let extras = extras.map(|extras| Extras { account_name: alias.clone(), ..extras });
    let origin = Origin {
        account_id: extras.as_ref().map(|extras| Arc::clone(&extras.account_id)),
        account_name: alias,
        ..origin(&live.to_string(), Some(report.generated_time), reach.run_time)
    };
    let remarks = report.remarks.iter().chain(&refused);
    let remarks = remarks.map(|remark| format!("{}: {remark}", age::name(live))).collect();
    let place = Place::Kept(Arc::clone(&reach.spool), report.range);
    Ok(Asked { found: Found { origin, place }, remarks, extras })
}

/// Whose facts are asked for. Where STS does not tell, they are not, and the reason is told.
async fn whose(access: &Access, now: Millis) -> (Option<Whose>, Option<String>) {
    match identity::caller(access).await {
        Ok(caller) => {
            let whose = Whose {
                account_id: caller.account_id.into(),
                account_name: None,
                partition: Some(caller.partition.into()),
                time: now,
            };
            (Some(whose), None)
        }
        Err(trouble) => (None, Some(format!("nothing was asked beside the report: {trouble}"))),
    }
}

/// The report of an account, and what stands beside it if that is asked for. What stands beside it
/// never costs the report: it has the same time, and is left out if that is not enough.
async fn given(
    iam: &Iam,
    options: &AwsOptions,
    spool: &Spool,
    whose: Option<Whose>,
    account_id: Option<&str>,
) -> Result<Given> {
    let extras = async {
        let whose = whose?;
        let late = Extras::without(
            Arc::clone(&whose.account_id),
            whose.time,
            &format!("not told within {}", humantime::format_duration(options.timeout)),
        );
        let fetched = tokio::time::timeout(options.timeout, enrich::fetch(iam, whose)).await;
        Some(fetched.unwrap_or(late))
    };
    let (report, extras) = tokio::join!(report(iam, options, spool, account_id), extras);
    Ok(Given { report: report?, extras })
}

/// The report of an account, fetched and put by.
async fn report(
    iam: &Iam,
    options: &AwsOptions,
    spool: &Spool,
    account_id: Option<&str>,
) -> Result<Spooled> {
    let patience = Patience::within(options.timeout);
    let LiveReport { content, generated_time, remarks } = report::fetch(iam, &patience).await?;
    if account_id.is_some_and(|id| is_of_another(&content, id)) {
        return Err(Trouble::new(Kind::Other, "the answer is the report of another account")
            .hint("is there a proxy or an endpoint in between that mixes answers?"));
    }
    let range = spool.keep(&content).map_err(|error| {
        Trouble::new(
            Kind::Other,
            format!("the report cannot be kept in the temporary directory: {error}"),
        )
        .hint("make room there, or name another directory with TMPDIR")
    })?;
    Ok(Spooled { range, generated_time, remarks })
}

/// Whether the ARNs of a report are of accounts, and of this one none.
fn is_of_another(content: &[u8], account_id: &str) -> bool {
    let has = |text: &str| memmem::find(content, text.as_bytes()).is_some();
    has(":iam::") && !has(&format!(":iam::{account_id}:"))
}

fn organization(live: &Live, role: &str, reach: &Reach<'_>) -> Result<Vec<Asked>> {
    let (options, spool) = (Arc::clone(&reach.aws), Arc::clone(&reach.spool));
    let (profile, role) = (live.profile().map(str::to_owned), options.role(role));
    let (asking, outcomes) = (Arc::clone(&reach.asking), Arc::new(Mutex::new(Vec::new())));
    let (told, now) = (Arc::clone(&outcomes), reach.now);
    calls::wait(reach.cancelled, async move {
        let access = Access::load(options.access(profile.as_deref())).await?;
        let caller = identity::caller(&access).await?;
        let partition: Arc<str> = caller.partition.as_str().into();
        let roles = Roles::new(&access, caller, role)?;
        let accounts = organization::accounts(&access, &options.choice()).await?;
        asking.total.fetch_add(u64::try_from(accounts.len()).unwrap_or(0), Ordering::Relaxed);
        let fleet = FleetOptions {
            concurrency: options.concurrency,
            deadline: options.timeout.saturating_add(BEYOND),
        };
        let visit = |visit: Visit| {
            let (options, spool) = (Arc::clone(&options), Arc::clone(&spool));
            let whose = options.enrich.then(|| Whose {
                account_id: visit.account_id.as_str().into(),
                account_name: None,
                partition: Some(Arc::clone(&partition)),
                time: now,
            });
            async move { given(&visit.iam, &options, &spool, whose, Some(&visit.account_id)).await }
        };
        fleet::run(&roles, accounts, fleet, visit, |outcome| tell(outcome, &told, &asking)).await;
        Ok(())
    })?;
    let mut outcomes =
        std::mem::take(&mut *outcomes.lock().unwrap_or_else(PoisonError::into_inner));
    // They came as each account answered; the next run should show them in the same order.
    outcomes.sort_by(|a, b| a.account.id.cmp(&b.account.id));
    Ok(outcomes.into_iter().map(|outcome| asked(live, outcome, reach)).collect())
}

fn tell(outcome: Outcome<Given>, told: &Mutex<Vec<Outcome<Given>>>, asking: &Asking) {
    told.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
    asking.done.fetch_add(1, Ordering::Relaxed);
}

/// What is found of an account of an organization.
fn asked(live: &Live, outcome: Outcome<Given>, reach: &Reach<'_>) -> Asked {
    let Outcome { account, ended, mut remarks } = outcome;
    let source = format!("{live}/{}", account.id);
    let name: Option<Arc<str>> = account.name.map(Arc::from);
    let mut extras = None;
    let (time, place) = match ended {
        Ended::Done(given) => {
            remarks.extend(given.report.remarks);
            extras = given.extras.map(|extras| Extras { account_name: name.clone(), ..extras });
            let place = Place::Kept(Arc::clone(&reach.spool), given.report.range);
            (Some(given.report.generated_time), place)
        }
        Ended::Skipped(reason) => (None, Place::Absent(Absent::skipped(reason))),
        Ended::Failed(trouble) => {
            let trouble = trouble.for_profile(live.profile().or(reach.aws.profile.as_deref()));
            (None, Place::Absent(Absent::failed(&source, trouble)))
        }
    };
    let origin = Origin {
        account_id: Some(account.id.into()),
        account_name: name,
        ..origin(&source, time, reach.run_time)
    };
    let remarks = remarks.into_iter().map(|remark| format!("{source}: {remark}")).collect();
    Asked { found: Found { origin, place }, remarks, extras }
}

fn origin(source: &str, generated_time: Option<Millis>, run_time: Millis) -> Origin {
    let time = match generated_time {
        Some(millis) => GeneratedTime { millis, basis: TimeBasis::Response },
        None => GeneratedTime { millis: run_time, basis: TimeBasis::Run },
    };
    // Every account stands for itself: that one fails must not be passed over.
    super::file::origin(source, true, None, time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Live {
        Live::parse(text).expect("it is live").expect("it is well-formed")
    }

    #[test]
    fn a_report_of_another_account_is_noticed() {
        let report = b"user,arn\n<root_account>,arn:aws:iam::111122223333:root\n";
        assert!(!is_of_another(report, "111122223333"));
        assert!(is_of_another(report, "11112222333"), "digits that go on are another account");
        assert!(is_of_another(report, "999988887777"));
        assert!(!is_of_another(b"user,arn\n", "999988887777"), "nobody's is told elsewhere");
    }

    #[test]
    fn what_is_typed_is_shown_again() {
        for text in ["aws:", "aws:prod", "aws-org:Reader", "aws-org:audit/Reader@prod"] {
            assert_eq!(parsed(text).to_string(), text);
        }
        assert_eq!(parsed("aws-org:a@b@c").profile(), Some("c"));
        assert_eq!(parsed("aws-org:Reader@"), parsed("aws-org:Reader"));
        assert!(Live::parse("aws-org:").is_some_and(|parsed| parsed.is_err()));
        assert!(Live::parse("aws-org:@prod").is_some_and(|parsed| parsed.is_err()));
        assert!(Live::parse("awss:").is_none() && Live::parse("demo:").is_none());
    }
}
