//! Roles: assumed as they should be, refused with a reason.

use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use credsql::aws::access::Access;
use credsql::aws::fleet::{self, Ended, Visit};
use credsql::aws::policy;
use credsql::aws::role_options::RoleOptions;
use credsql::aws::trouble::{Kind, Result, Trouble};
use std::time::Duration;

use crate::aws::fake_aws::{self, Behaviour, Fake, Member, World};
use crate::aws::support::{Run, by_id, done, numbered, options, role, trouble, with};

fn own_account(behaviour: Behaviour) -> Fake {
    let mut world = World::of(2);
    world.accounts[0].behaviour = Behaviour::DeniedAssume;
    let id = world.own_account.clone();
    world.accounts.push(Member { id, behaviour, ..Member::number(3) });
    fake_aws::start(world)
}

#[tokio::test]
async fn a_refused_role_is_told_with_what_may_be_wrong() {
    let fake = fake_aws::start(World { external_id: Some("tell me".to_owned()), ..World::of(2) });
    let outcome = async |external_id: Option<&str>| {
        let external_id = external_id.map(str::to_owned);
        let run = Run { role: RoleOptions { external_id, ..role() }, ..Run::on(&fake) };
        run.reports(numbered([1])).await.remove(0)
    };
    let without = outcome(None).await;
    let told = trouble(&without);
    assert_eq!(told.kind, Kind::Denied);
    assert_eq!(
        told.message,
        "arn:aws:iam::000000000001:role/Reports: not allowed: sts:AssumeRole, for arn:aws:iam::999999999999:user/caller"
    );
    let hint = told.hint.as_deref().expect("a hint");
    assert!(hint.contains("may want `--external-id`"), "{hint}");
    assert!(hint.contains("arn:aws:iam::999999999999:user/caller"), "{hint}");
    assert!(hint.contains("service control policy"), "{hint}");
    let wrong = outcome(Some("wrong-one")).await;
    let told = trouble(&wrong);
    assert!(told.hint.as_deref().is_some_and(|hint| hint.contains("another external id")));
    assert!(!format!("{told:?}").contains("wrong-one"));
}

#[tokio::test]
async fn an_external_id_that_is_right_is_taken() {
    let fake =
        fake_aws::start(World { external_id: Some("tell:me/it".to_owned()), ..World::of(1) });
    let external_id = Some("tell:me/it".to_owned());
    let run = Run { role: RoleOptions { external_id, ..role() }, ..Run::on(&fake) };
    assert_eq!(done(&run.reports(numbered([1])).await), 1);
}

#[tokio::test]
async fn sts_that_is_not_active_in_the_region_is_said_so() {
    let fake = fake_aws::start(with(1, |_| Behaviour::RegionDisabled));
    let outcomes = Run::on(&fake).reports(numbered([1])).await;
    let told = trouble(&outcomes[0]);
    assert_eq!(told.message, "STS is not active in eu-central-1 for account 000000000001");
    assert!(told.hint.as_deref().is_some_and(|hint| hint.contains("--sts-global")));
}

#[tokio::test]
async fn roles_are_those_of_the_callers_partition() {
    for (partition, region) in [("aws-us-gov", "us-gov-east-1"), ("aws-cn", "cn-north-1")] {
        let fake =
            fake_aws::start(World { partition, role: "audit/Reports".to_owned(), ..World::of(2) });
        let mut run = Run::within(&fake, partition, region);
        run.role.role = "audit/Reports".to_owned();
        assert_eq!(done(&run.reports(numbered(1..=2)).await), 2);
        // The fake refuses any other ARN; so it does with the usual partition.
        run.caller.partition = "aws".to_owned();
        assert_eq!(done(&run.reports(numbered(1..=2)).await), 0);
    }
}

#[tokio::test]
async fn a_session_may_do_what_its_policy_says_and_nothing_else() {
    let fake = fake_aws::start(World::of(1));
    let run = Run::on(&fake);
    let visit = async |visit: Visit| -> Result<()> {
        let users = visit.iam.list_users().send().await;
        users.map(|_| ()).map_err(|error| Trouble::of("iam:ListUsers", &error))
    };
    let mut kinds = Vec::new();
    let roles = run.roles();
    fleet::run(&roles, numbered([1]), run.fleet, visit, |outcome| {
        kinds.push(trouble(&outcome).kind);
    })
    .await;
    assert_eq!(kinds, [Kind::Denied]);
    assert_eq!(fake.stats().beyond_policy, [("iam:ListUsers".to_owned(), 1)].into());
}

#[tokio::test]
async fn the_callers_own_account_is_read_with_the_callers_credentials_if_the_role_is_denied() {
    let fake = own_account(Behaviour::DeniedAssume);
    let outcomes = by_id(Run::on(&fake).reports(numbered([1, 2, 999_999_999_999])).await);
    assert_eq!(trouble(&outcomes[&1]).kind, Kind::Denied, "another account's refusal is final");
    assert!(matches!(&outcomes[&2].ended, Ended::Done(_)) && outcomes[&2].remarks.is_empty());
    let own = &outcomes[&999_999_999_999];
    let expected = Member { id: "999999999999".to_owned(), ..Member::number(3) }.report("aws", 0);
    assert!(
        matches!(&own.ended, Ended::Done(report) if report.content.ends_with(expected.as_bytes())),
        "{own:?}"
    );
    assert_eq!(own.remarks.len(), 1);
    assert!(
        own.remarks[0].starts_with("arn:aws:iam::999999999999:role/Reports may not be assumed")
    );
}

#[tokio::test]
async fn the_callers_own_account_has_its_role_assumed_where_there_is_one() {
    let fake = own_account(Behaviour::Fine);
    let outcomes = Run::on(&fake).reports(numbered([999_999_999_999])).await;
    assert!(done(&outcomes) == 1 && outcomes[0].remarks.is_empty());
    let fake = own_account(Behaviour::RegionDisabled);
    let outcomes = Run::on(&fake).reports(numbered([999_999_999_999])).await;
    assert!(trouble(&outcomes[0]).message.contains("not active"), "only a denial is made up for");
}

#[tokio::test]
async fn a_denial_on_the_way_to_the_callers_own_credentials_is_not_one_of_the_role() {
    let fake = own_account(Behaviour::Fine);
    let mut run = Run::on(&fake);
    // The caller's profile assumes a role itself, in an account that denies it.
    let sts = run.access.sts();
    let base = provide_credentials_fn(move || {
        let role = "arn:aws:iam::000000000001:role/Reports";
        let request = sts.assume_role().role_arn(role).role_session_name("profile");
        async move {
            let error = request.send().await.expect_err("it is denied");
            Err(CredentialsError::provider_error(error))
        }
    });
    let config = run.access.config.to_builder();
    let config = config.credentials_provider(SharedCredentialsProvider::new(base)).build();
    run.access = Access::with_config(config, run.access.options.clone());
    run.fleet = options(1, Duration::from_secs(20));
    let outcomes = run.reports(numbered([999_999_999_999].into_iter().chain(1..=20))).await;
    assert_eq!(outcomes.len(), 21);
    assert!(outcomes.iter().all(|outcome| trouble(outcome).kind == Kind::NoCredentials));
    assert!(outcomes.iter().all(|outcome| outcome.remarks.is_empty()));
    assert_eq!(fake.stats().of("sts:AssumeRole"), 5, "and it is not asked for again and again");
}

#[tokio::test]
async fn what_stands_beside_the_report_may_be_asked_for_if_the_policy_says_so() {
    let fake = fake_aws::start(World { page: 1, ..World::of(2) });
    let session_policy = policy::session_policy(true);
    let run = Run { role: RoleOptions { session_policy, ..role() }, ..Run::on(&fake) };
    let visit = async |visit: Visit| -> Result<String> {
        let iam = &visit.iam;
        let users = iam.list_users().into_paginator().items().send();
        let users = users.collect::<Result<Vec<_>, _>>().await.expect("users");
        let names: Vec<&str> = users.iter().map(|user| user.user_name.as_str()).collect();
        let summary = iam.get_account_summary().send().await.expect("a summary").summary_map;
        let most = summary.and_then(|map| map.values().copied().max()).unwrap_or_default();
        let rules = iam.get_account_password_policy().send().await;
        let rules = rules.map_err(|error| Trouble::of("iam:GetAccountPasswordPolicy", &error));
        let devices = iam.list_virtual_mfa_devices().into_paginator().items().send();
        let devices = devices.collect::<Result<Vec<_>, _>>().await.expect("devices").len();
        let keys = iam.list_access_keys().user_name("bob").send().await.expect("keys");
        let key = keys.access_key_metadata[0].access_key_id().unwrap_or_default().to_owned();
        let tags = iam.list_user_tags().user_name("bob").send().await.expect("tags").tags;
        let kind = rules.map(|_| ()).map_err(|trouble| trouble.kind);
        Ok(format!("{names:?} {most} {kind:?} {devices} {key} {}={}", tags[0].key, tags[0].value))
    };
    let mut told = Vec::new();
    let roles = run.roles();
    fleet::run(&roles, numbered(1..=2), run.fleet, visit, |outcome| told.push(outcome)).await;
    let told = by_id(told);
    let expected = r#"["alice", "bob"] 2 Ok(()) 2 AKIA0000000000010002 owner=bob"#;
    assert_eq!(told[&1].ended, Ended::Done(expected.to_owned()));
    let expected = r#"["alice", "bob"] 2 Err(NotFound) 2 AKIA0000000000020002 owner=bob"#;
    assert_eq!(told[&2].ended, Ended::Done(expected.to_owned()));
    assert!(fake.stats().beyond_policy.is_empty());
}
