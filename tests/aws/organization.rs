//! Which accounts there are.

use credsql::aws::given;
use credsql::aws::organization::{Account, Among, State};
use credsql::aws::trouble::Kind;

use crate::aws::fake_aws::{self, Organizations, Unit, World};
use crate::aws::support::Run;

fn ids(accounts: &[Account]) -> Vec<&str> {
    accounts.iter().map(|account| account.id.trim_start_matches('0')).collect()
}

fn skipped(accounts: &[Account]) -> Vec<(&str, &str)> {
    accounts
        .iter()
        .filter_map(|account| match &account.state {
            State::Active => None,
            State::Skipped(reason) => Some((account.id.trim_start_matches('0'), reason.as_str())),
        })
        .collect()
}

#[tokio::test]
async fn all_pages_are_read_and_names_told() {
    let fake = fake_aws::start(World { page: 7, ..World::of(30) });
    let accounts = Run::on(&fake).accounts(Among::Organization).await.expect("accounts");
    assert_eq!(accounts.len(), 30);
    assert_eq!(accounts[0].id, "000000000001");
    assert_eq!(accounts[0].name.as_deref(), Some("account-1"));
    // The empty first page, and five with accounts.
    assert_eq!(fake.stats().of("organizations:ListAccounts"), 6);
}

#[tokio::test]
async fn accounts_that_cannot_be_visited_are_told_with_the_reason() {
    for tells_state in [true, false] {
        let mut world = World { tells_state, ..World::of(6) };
        for (account, state) in world.accounts.iter_mut().zip([
            "ACTIVE",
            "SUSPENDED",
            "ACTIVE",
            "PENDING_CLOSURE",
            "CLOSED",
        ]) {
            account.state = state;
        }
        let fake = fake_aws::start(world);
        let accounts = Run::on(&fake).accounts(Among::Organization).await.expect("accounts");
        let closed = if tells_state { "closed" } else { "suspended" };
        assert_eq!(
            skipped(&accounts),
            [("2", "suspended"), ("3", "excluded"), ("4", "pending closure"), ("5", closed)]
        );
    }
}

fn nested() -> World {
    let unit = |id, parent| Unit { id, parent };
    let mut world = World {
        page: 1,
        units: vec![
            unit("ou-prod", "r-root"),
            unit("ou-prod-eu", "ou-prod"),
            unit("ou-prod-eu-deep", "ou-prod-eu"),
            unit("ou-test", "r-root"),
        ],
        ..World::of(9)
    };
    let places =
        ["r-root", "ou-prod", "ou-prod", "ou-prod-eu", "ou-prod-eu-deep", "ou-test", "ou-test"];
    for (account, unit) in world.accounts.iter_mut().zip(places) {
        account.unit = unit;
    }
    world
}

#[tokio::test]
async fn units_are_gone_down_to_the_bottom_and_each_account_is_met_once() {
    let fake = fake_aws::start(nested());
    let run = Run::on(&fake);
    let under = async |units: &[&str]| {
        let units = units.iter().map(|unit| (*unit).to_owned()).collect();
        run.accounts(Among::Units(units)).await
    };
    let twice = under(&["ou-prod", "ou-prod-eu", "ou-prod"]).await.expect("accounts");
    assert_eq!(ids(&twice), ["2", "3", "4", "5"]);
    assert_eq!(skipped(&twice), [("3", "excluded")]);
    // Three units, each asked once for units below: an empty page and one page for each unit below.
    assert_eq!(fake.stats().of("organizations:ListOrganizationalUnitsForParent"), 6);
    assert_eq!(
        ids(&under(&["ou-test", "ou-prod-eu-deep"]).await.expect("accounts")),
        ["5", "6", "7"]
    );
    assert_eq!(under(&["r-root"]).await.expect("accounts").len(), 9);
    let trouble = under(&["ou-prod", "ou-none"]).await.expect_err("no such unit");
    assert_eq!(trouble.kind, Kind::NotFound);
    assert_eq!(trouble.message, "the organization has no unit or root `ou-none`");
}

#[tokio::test]
async fn accounts_that_are_given_are_taken_once_and_nobody_is_asked() {
    let fake = fake_aws::start(World { organizations: Organizations::Denied, ..World::of(3) });
    let listed = given::parse("000000000002,000000000003,000000000002").expect("ids");
    let accounts = Run::on(&fake).accounts(Among::Given(listed)).await.expect("accounts");
    assert_eq!(ids(&accounts), ["2", "3"]);
    assert_eq!(skipped(&accounts), [("3", "excluded")]);
    assert_eq!(fake.stats().requests.len(), 0);
}

#[tokio::test]
async fn a_refusal_names_the_action_and_another_way() {
    let trouble = async |organizations, among| {
        let fake = fake_aws::start(World { organizations, ..World::of(3) });
        Run::on(&fake).accounts(among).await.expect_err("refused")
    };
    let denied = trouble(Organizations::Denied, Among::Organization).await;
    assert_eq!(denied.kind, Kind::Denied);
    assert!(denied.message.starts_with("not allowed: organizations:ListAccounts"), "{denied}");
    assert!(denied.message.contains("delegated administrator"), "{denied}");
    assert!(denied.hint.is_some_and(|hint| hint.contains("--accounts FILE")));
    let units = Among::Units(vec!["r-root".to_owned()]);
    let denied = trouble(Organizations::Denied, units).await;
    assert!(
        denied.message.starts_with("not allowed: organizations:ListAccountsForParent"),
        "{denied}"
    );
    let none = trouble(Organizations::NotInUse, Among::Organization).await;
    assert_eq!(none.message, "the account of these credentials is in no organization");
    assert!(none.hint.is_some_and(|hint| hint.contains("--accounts FILE")));
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let fake =
        fake_aws::start(World { organizations: Organizations::Throttles(5), ..World::of(3) });
    let accounts = Run::on(&fake).accounts(Among::Organization).await.expect("accounts");
    assert_eq!(accounts.len(), 3);
}
