//! All accounts, each with its outcome, whatever it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use credsql::aws::fleet::{self, Ended, Visit};
use credsql::aws::organization::Among;
use credsql::aws::trouble::{Kind, Trouble};

use crate::aws::fake_aws::{self, BASE_KEY, Behaviour, SECRET, World};
use crate::aws::support::{Run, by_id, done, numbered, options, report, trouble, with};

#[tokio::test]
async fn thirty_accounts_from_end_to_end() {
    let mut world = with(30, |number| Behaviour::Polls(number % 4));
    world.accounts[4].state = "SUSPENDED";
    let reports: Vec<String> =
        world.accounts.iter().map(|account| account.report("aws", 0)).collect();
    let fake = fake_aws::start(world);
    let run = Run::on(&fake);
    let accounts = run.accounts(Among::Organization).await.expect("accounts");
    let outcomes = by_id(run.reports(accounts).await);
    assert_eq!(outcomes.len(), 30);
    assert!(!format!("{:?} {outcomes:?}", run.roles()).contains(BASE_KEY));
    for (number, outcome) in &outcomes {
        assert_eq!(outcome.account.name, Some(format!("account-{number}")));
        match (number, &outcome.ended) {
            (3, Ended::Skipped(reason)) => assert_eq!(reason, "excluded"),
            (5, Ended::Skipped(reason)) => assert_eq!(reason, "suspended"),
            (number, Ended::Done(text)) => assert_eq!(text.content, reports[number - 1]),
            (number, ended) => panic!("{number}: {ended:?}"),
        }
    }
    let stats = fake.stats();
    assert_eq!(stats.of("sts:AssumeRole"), 28);
    assert_eq!(stats.policies, [credsql::aws::policy::session_policy(false)].into());
    assert_eq!(stats.session_names, ["credsql-test".to_owned()].into());
    assert_eq!(stats.durations, ["900".to_owned()].into());
    assert!(stats.beyond_policy.is_empty(), "{stats:?}");
    assert!(stats.scopes.contains("eu-central-1/sts"), "{stats:?}");
    assert_eq!(run.base.asked.load(Ordering::Relaxed), 1, "not for each account");
}

/// What the account with this number does in the large test.
fn mixed(number: usize) -> Behaviour {
    match number % 125 {
        10 => Behaviour::Hangs,
        20 => Behaviour::HangsAtAssume,
        30 => Behaviour::NeverCompletes,
        40 => Behaviour::Breaks(usize::MAX),
        50 => Behaviour::Throttles(usize::MAX),
        n if n % 25 == 1 => Behaviour::DeniedAssume,
        n if n % 25 == 2 => Behaviour::DeniedGet,
        n if n % 25 == 3 => Behaviour::NoReport,
        n if n % 25 == 4 => Behaviour::Closes(usize::MAX),
        n if n % 25 == 6 => Behaviour::Skewed,
        n if n % 25 == 7 => Behaviour::ExpiredToken,
        n if n % 25 == 8 => Behaviour::RegionDisabled,
        n if n % 25 == 11 => Behaviour::Throttles(3),
        n if n % 25 == 12 => Behaviour::Closes(3),
        n if n % 25 == 13 => Behaviour::Breaks(3),
        n if n % 25 == 14 => Behaviour::Expires,
        n if n % 25 == 15 => Behaviour::DeniedGenerate,
        n if n % 25 == 16 => Behaviour::Polls(3),
        _ => Behaviour::Fine,
    }
}

/// Whether an account that does this takes all the time there is.
fn takes_long(behaviour: Behaviour) -> bool {
    matches!(
        behaviour,
        Behaviour::Hangs
            | Behaviour::HangsAtAssume
            | Behaviour::NeverCompletes
            | Behaviour::Breaks(usize::MAX)
            | Behaviour::Throttles(usize::MAX)
    )
}

/// Whether an account that does this has a report in the end.
fn ends_well(behaviour: Behaviour) -> bool {
    matches!(
        behaviour,
        Behaviour::Fine
            | Behaviour::Polls(_)
            | Behaviour::Throttles(3)
            | Behaviour::Closes(3)
            | Behaviour::Breaks(3)
            | Behaviour::Expires
            | Behaviour::DeniedGenerate
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_accounts_are_all_accounted_for() {
    const DEADLINE: Duration = Duration::from_secs(3);
    let fine = fake_aws::start(World::of(1000));
    let start = Instant::now();
    let run = Run { fleet: options(16, DEADLINE), ..Run::on(&fine) };
    assert_eq!(done(&run.reports(numbered(1..=1000)).await), 1000);
    let usual = start.elapsed();
    drop(fine);

    let fake = fake_aws::start(with(1000, mixed));
    let run = Run { fleet: options(16, DEADLINE), ..Run::on(&fake) };
    let start = Instant::now();
    let outcomes = by_id(run.reports(numbered(1..=1000)).await);
    let elapsed = start.elapsed();
    assert_eq!(outcomes.len(), 1000);
    let mut late = 0_u32;
    for (number, outcome) in &outcomes {
        let behaviour = mixed(*number);
        match &outcome.ended {
            Ended::Done(_) => assert!(ends_well(behaviour), "{number} {behaviour:?}"),
            Ended::Failed(trouble) => {
                assert!(!ends_well(behaviour), "{number} {behaviour:?}: {trouble:?}");
                assert!(!format!("{trouble:?}").contains(SECRET), "{trouble:?}");
                let is_late = trouble.kind == Kind::Timeout;
                assert_eq!(is_late, takes_long(behaviour), "{number} {behaviour:?}: {trouble:?}");
                late += u32::from(is_late);
            }
            Ended::Skipped(reason) => panic!("{number}: {reason}"),
        }
    }
    let stats = fake.stats();
    assert!(stats.peak <= 16, "{stats:?}");
    assert_eq!(late, 40);
    // Each of these takes a place until the deadline, and the last may begin when all else is done.
    let hanging = DEADLINE * late / 16 + DEADLINE;
    assert!(elapsed < usual * 3 + hanging, "{elapsed:?}, without trouble {usual:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_hangs_is_cut_and_holds_nobody_up() {
    let fake = fake_aws::start(with(40, |number| match number {
        1 | 2 => Behaviour::Hangs,
        3 => Behaviour::HangsAtAssume,
        _ => Behaviour::Fine,
    }));
    let run = Run { fleet: options(4, Duration::from_secs(1)), ..Run::on(&fake) };
    let outcomes = run.reports(numbered(1..=40)).await;
    let last: Vec<&str> =
        outcomes[37..].iter().map(|outcome| outcome.account.id.as_str()).collect();
    assert_eq!(done(&outcomes), 37);
    assert_eq!(done(&outcomes[37..]), 0, "all others were done before: {last:?}");
    let outcomes = by_id(outcomes);
    assert_eq!(trouble(&outcomes[&1]).kind, Kind::Timeout);
    assert_eq!(
        trouble(&outcomes[&1]).message,
        "not done within 1s after assuming arn:aws:iam::000000000001:role/Reports"
    );
    assert_eq!(
        trouble(&outcomes[&3]).message,
        "sts:AssumeRole for arn:aws:iam::000000000003:role/Reports was not done within 1s"
    );
}

/// Exists as long as somebody keeps an outcome.
struct Kept(Arc<AtomicUsize>);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn only_so_many_accounts_are_visited_and_kept_at_a_time() {
    let fake = fake_aws::start(World::of(200));
    let run = Run { fleet: options(7, Duration::from_secs(20)), ..Run::on(&fake) };
    let (now, most) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let visit = |visit: Visit| {
        most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        let kept = Kept(Arc::clone(&now));
        async move { report(visit).await.map(|text| (text, kept)) }
    };
    let mut told = 0;
    fleet::run(&run.roles(), numbered(1..=200), run.fleet, visit, |outcome| {
        told += usize::from(matches!(outcome.ended, Ended::Done(_)));
    })
    .await;
    assert_eq!(told, 200);
    assert_eq!(now.load(Ordering::Relaxed), 0);
    assert!((2..=7).contains(&most.load(Ordering::Relaxed)), "{most:?}");
    let stats = fake.stats();
    assert!(stats.peak <= 7, "{stats:?}");
    assert!(stats.connections <= 16, "connections are shared: {stats:?}");
    // The SDK's cache has places for 64 providers, of which the caller's must not lose its own.
    assert_eq!(run.base.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn giving_up_ends_all_visits() {
    let fake = fake_aws::start(with(100, |_| Behaviour::Hangs));
    let run = Run { fleet: options(5, Duration::from_mins(1)), ..Run::on(&fake) };
    let all = run.reports(numbered(1..=100));
    tokio::time::timeout(Duration::from_millis(500), all).await.expect_err("it hangs");
    let before = fake.stats().requests;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(fake.stats().requests, before, "nothing goes on behind the back");
}

#[tokio::test]
async fn expired_credentials_of_the_caller_end_the_asking_and_no_outcome_is_missing() {
    let fake = fake_aws::start(World { good_for: 40, ..World::of(500) });
    let run = Run { fleet: options(8, Duration::from_secs(20)), ..Run::on(&fake) };
    let outcomes = by_id(run.reports(numbered(1..=500)).await);
    assert_eq!(outcomes.len(), 500);
    let failed: Vec<&Trouble> =
        outcomes.values().filter(|o| !matches!(o.ended, Ended::Done(_))).map(trouble).collect();
    assert_eq!(failed.len(), 460);
    assert!(failed.iter().all(|trouble| trouble.kind == Kind::Expired), "{:?}", failed[0]);
    // Five in a row, and those that were under way.
    let asked = fake.stats().of("sts:AssumeRole");
    assert!((45..=40 + 5 + 8).contains(&asked), "{asked}");
}

#[tokio::test]
async fn a_role_that_expires_in_the_middle_is_assumed_again() {
    let mut world = with(4, |_| Behaviour::Polls(3));
    world.session = Duration::from_secs(1);
    let fake = fake_aws::start(world);
    let run = Run::on(&fake);
    let slow = async |visit: Visit| {
        let iam = visit.iam.clone();
        report(visit).await?;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        report(Visit { account_id: String::new(), iam }).await
    };
    let mut well = 0;
    let roles = run.roles();
    fleet::run(&roles, numbered(1..=4), run.fleet, slow, |outcome| {
        well += usize::from(matches!(outcome.ended, Ended::Done(_)));
    })
    .await;
    assert_eq!(well, 4);
    assert!(fake.stats().of("sts:AssumeRole") > 4, "{:?}", fake.stats());
    assert_eq!(run.base.asked.load(Ordering::Relaxed), 1, "the caller's credentials were kept");
}
