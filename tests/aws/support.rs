//! What the tests of the fleet share.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use credsql::aws::access::{Access, AccessOptions};
use credsql::aws::fleet::{self, Ended, FleetOptions, Outcome, Visit};
use credsql::aws::identity::Caller;
use credsql::aws::organization::{self, Account, Among, Choice};
use credsql::aws::report::{self, LiveReport, Patience};
use credsql::aws::role::Roles;
use credsql::aws::role_options::{RoleOptions, SHORTEST};
use credsql::aws::trouble::{Result, Trouble};

use crate::aws::fake_aws::{BASE_KEY, Behaviour, Fake, SECRET, World};

/// The caller's credentials, and how often they were asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Base {
    pub(crate) asked: Arc<AtomicUsize>,
}

impl ProvideCredentials for Base {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let credentials: provider::Result =
            Ok(Credentials::new(BASE_KEY, SECRET, None, None, "test"));
        future::ProvideCredentials::ready(credentials)
    }
}

/// As the program would have it, with short waits between attempts.
pub(crate) fn access_of(endpoint: &str, region: &'static str, base: &Base) -> Access {
    let retries = RetryConfig::standard()
        .with_max_attempts(8)
        .with_initial_backoff(Duration::from_millis(2))
        .with_max_backoff(Duration::from_millis(20));
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(region))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(base.clone()))
        .identity_cache(IdentityCache::lazy().build())
        .retry_config(retries)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Access::with_config(config, AccessOptions::default())
}

/// A run of the program, as it were.
pub(crate) struct Run {
    pub(crate) base: Base,
    pub(crate) access: Access,
    pub(crate) caller: Caller,
    pub(crate) role: RoleOptions,
    pub(crate) fleet: FleetOptions,
}

impl Run {
    pub(crate) fn on(fake: &Fake) -> Self {
        Self::within(fake, "aws", "eu-central-1")
    }

    pub(crate) fn within(fake: &Fake, partition: &str, region: &'static str) -> Self {
        let base = Base::default();
        Self {
            access: access_of(&fake.endpoint, region, &base),
            base,
            caller: caller(partition),
            role: role(),
            fleet: options(16, Duration::from_secs(20)),
        }
    }

    pub(crate) fn roles(&self) -> Roles {
        Roles::new(&self.access, self.caller.clone(), self.role.clone()).expect("a role")
    }

    pub(crate) async fn accounts(&self, among: Among) -> Result<Vec<Account>> {
        let choice = Choice { among, exclude: ["000000000003".to_owned()].into() };
        organization::accounts(&self.access, &choice).await
    }

    /// Fetches the report of every account.
    pub(crate) async fn reports(&self, accounts: Vec<Account>) -> Vec<Outcome<LiveReport>> {
        let mut outcomes = Vec::new();
        fleet::run(&self.roles(), accounts, self.fleet, report, |outcome| outcomes.push(outcome))
            .await;
        outcomes
    }
}

pub(crate) fn caller(partition: &str) -> Caller {
    Caller {
        account_id: "999999999999".to_owned(),
        arn: format!("arn:{partition}:iam::999999999999:user/caller"),
        partition: partition.to_owned(),
        user_id: None,
    }
}

pub(crate) fn role() -> RoleOptions {
    RoleOptions {
        role: "Reports".to_owned(),
        external_id: None,
        session_name: "credsql-test".to_owned(),
        sts_global: false,
        session_policy: credsql::aws::policy::session_policy(false),
        duration: SHORTEST,
    }
}

pub(crate) fn options(concurrency: usize, deadline: Duration) -> FleetOptions {
    FleetOptions { concurrency: NonZeroUsize::new(concurrency).expect("some"), deadline }
}

/// An organization whose accounts behave by their numbers.
pub(crate) fn with(accounts: usize, behave: impl Fn(usize) -> Behaviour) -> World {
    let mut world = World::of(accounts);
    for (account, number) in world.accounts.iter_mut().zip(1..) {
        account.behaviour = behave(number);
    }
    world
}

/// Outcomes by number of the account; each has but one.
pub(crate) fn by_id<T>(outcomes: Vec<Outcome<T>>) -> BTreeMap<usize, Outcome<T>> {
    let count = outcomes.len();
    let number = |outcome: &Outcome<T>| outcome.account.id.parse().expect("a number");
    let map: BTreeMap<_, _> =
        outcomes.into_iter().map(|outcome| (number(&outcome), outcome)).collect();
    assert_eq!(map.len(), count, "each account has one outcome");
    map
}

/// Accounts by their numbers, without asking anybody.
pub(crate) fn numbered(numbers: impl IntoIterator<Item = usize>) -> Vec<Account> {
    let account = |number| Account {
        id: format!("{number:012}"),
        name: None,
        state: organization::State::Active,
    };
    numbers.into_iter().map(account).collect()
}

pub(crate) fn done<T>(outcomes: &[Outcome<T>]) -> usize {
    outcomes.iter().filter(|outcome| matches!(outcome.ended, Ended::Done(_))).count()
}

/// The trouble of an account that has one.
pub(crate) fn trouble<T>(outcome: &Outcome<T>) -> &Trouble {
    let trouble = match &outcome.ended {
        Ended::Failed(trouble) => Some(trouble),
        Ended::Done(_) | Ended::Skipped(_) => None,
    };
    trouble.expect("a trouble")
}

/// The report of an account, asked for in quick succession.
pub(crate) async fn report(visit: Visit) -> Result<LiveReport> {
    let patience = Patience {
        deadline: Duration::from_millis(1500),
        first: Duration::from_millis(2),
        longest: Duration::from_millis(50),
    };
    report::fetch(&visit.iam, &patience).await
}
