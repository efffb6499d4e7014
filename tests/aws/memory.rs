//! A larger fleet takes no more memory. Measured in a process of its own, which finds the fake AWS by
//! its environment, as the program would.

use std::io::Write as _;
use std::process::Command;

use credsql::aws::access::{Access, AccessOptions};
use credsql::aws::fleet::{self, FleetOptions};
use credsql::aws::identity;
use credsql::aws::organization::{self, Among, Choice};
use credsql::aws::role::Roles;

use crate::aws::fake_aws::{self, World};
use crate::aws::support::{report, role};

/// Of the size that reports of 200 users have: 1,000 of them take 25 MB.
fn world(accounts: usize) -> World {
    World { more_rows: 200, ..World::of(accounts) }
}

/// The most memory that a process took for a fleet, in KiB.
fn peak(accounts: usize) -> usize {
    let fake = fake_aws::start(world(accounts));
    let exe = std::env::current_exe().expect("this program");
    let output = Command::new(exe)
        .args(["--exact", "aws::memory::a_fleet", "--ignored", "--nocapture"])
        .envs(fake.environment())
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told =
        |name: &str| text.lines().find_map(|line| line.split(name).nth(1)?.trim().parse().ok());
    assert_eq!(
        told("visited"),
        Some(accounts),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(fake.stats().of("iam:GetCredentialReport"), accounts);
    told("peak").expect("a number")
}

#[test]
fn memory_does_not_grow_with_the_fleet() {
    let (few, many) = (peak(250), peak(1000));
    // Ids and names of 750 accounts are there; their reports, clients and credentials are not.
    assert!(many < few + 6 * 1024, "{few} KiB for 250 accounts, {many} KiB for 1,000");
}

#[tokio::test]
#[ignore = "run by the test above in a process of its own"]
async fn a_fleet() {
    let access = Access::load(AccessOptions::default()).await.expect("access");
    let caller = identity::caller(&access).await.expect("a caller");
    let choice = Choice { among: Among::Organization, exclude: [].into() };
    let accounts = organization::accounts(&access, &choice).await.expect("accounts");
    let roles = Roles::new(&access, caller, role()).expect("a role");
    let mut visited = 0;
    fleet::run(&roles, accounts, FleetOptions::default(), report, |outcome| {
        visited += usize::from(matches!(outcome.ended, fleet::Ended::Done(_)));
    })
    .await;
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|line| line.split_whitespace().next()).expect("a peak");
    writeln!(std::io::stdout(), "\nvisited {visited}\npeak {peak}").expect("somebody reads it");
}
