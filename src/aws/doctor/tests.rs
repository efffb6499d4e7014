use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::aws::scripted::{Answer, Script, assert_no_secret};

fn identity() -> Answer {
    Answer::ok(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-cn:iam::123456789012:user/bob</Arn>\
         <UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
    )
}

fn denied() -> Answer {
    Answer::error(403, "AccessDenied", "Access Denied")
}

fn complete() -> Answer {
    Answer::ok(
        "<GenerateCredentialReportResponse><GenerateCredentialReportResult><State>COMPLETE</State>\
         </GenerateCredentialReportResult></GenerateCredentialReportResponse>",
    )
}

async fn examined(answers: impl IntoIterator<Item = Answer>, needs: &[Need]) -> Examination {
    let examination = examine(&Script::new(answers).access(), needs).await;
    assert_no_secret(&format!("{examination:?}"));
    examination
}

fn verdicts(examination: &Examination) -> Vec<(&str, Allowed)> {
    examination.findings.iter().map(|it| (it.action.as_str(), it.allowed)).collect()
}

#[tokio::test]
async fn each_action_is_tried() {
    let not_there = Answer::error(410, "ReportNotPresent", "Unknown");
    let examination = examined([identity(), denied(), not_there], &[Need::LiveReport]).await;
    assert_eq!(
        verdicts(&examination),
        [("iam:GenerateCredentialReport", Allowed::No), ("iam:GetCredentialReport", Allowed::Yes)]
    );
    let words = examination.findings[0].trouble.as_ref().map(|it| it.message.as_str());
    assert_eq!(words, Some("not allowed: iam:GenerateCredentialReport"));
    assert_eq!(examination.partition, "aws-cn");
    assert_eq!(examination.region, "eu-central-1");
    let addresses = ["https://sts.eu-central-1.amazonaws.com", "https://iam.amazonaws.com"];
    assert_eq!(
        examination.endpoints,
        [("sts", addresses[0].to_owned()), ("iam", addresses[1].to_owned())]
    );
}

#[tokio::test]
async fn nobody_is_enough_to_learn_whether_asking_is_allowed() {
    let nobody = || Answer::error(404, "NoSuchEntity", "The user with name x cannot be found.");
    let answers = [identity(), nobody(), denied(), denied(), denied(), nobody(), denied()];
    let script = Script::new(answers);
    let examination = examine(&script.access(), &[Need::Enrich]).await;
    let allowed = verdicts(&examination);
    assert_eq!(allowed.len(), 6);
    assert_eq!(allowed[0], ("iam:GetAccountPasswordPolicy", Allowed::Yes));
    assert_eq!(allowed[4], ("iam:ListAccessKeys", Allowed::Yes));
    assert_eq!(allowed[5], ("iam:ListUserTags", Allowed::No));
    let asked = script.operations();
    let expected: Vec<&str> =
        ["sts:GetCallerIdentity"].into_iter().chain(actions(&[Need::Enrich])).collect();
    let expected: Vec<&str> =
        expected.iter().filter_map(|action| action.split(':').nth(1)).collect();
    assert_eq!(asked, expected, "each action is tried by the call of its name");
}

#[tokio::test]
async fn the_organization_is_asked_for_one_account() {
    let answer = |body: &str| Answer::Says(400, body.to_owned(), Vec::new());
    let script = Script::new([
        identity(),
        answer(
            r#"{"__type":"AccessDeniedException","Message":"You don't have permissions to access this resource."}"#,
        ),
        answer(r#"{"__type":"ParentNotFoundException","Message":"no"}"#),
        answer(r#"{"__type":"AWSOrganizationsNotInUseException","Message":"no"}"#),
    ]);
    let examination =
        examine(&script.access(), &[Need::OrganizationAccounts, Need::OrganizationalUnits]).await;
    let allowed: Vec<Allowed> = examination.findings.iter().map(|it| it.allowed).collect();
    assert_eq!(allowed, [Allowed::No, Allowed::Yes, Allowed::Unknown]);
    assert!(script.asked()[1].contains("ListAccounts{\"MaxResults\":1}"), "{:?}", script.asked());
}

#[tokio::test]
async fn without_a_caller_nothing_is_tried() {
    let script = Script::new([Answer::error(
        403,
        "ExpiredToken",
        "The security token included in the request is expired",
    )]);
    let examination = examine(&script.access(), &[Need::LiveReport]).await;
    assert_eq!(examination.caller.as_ref().map_err(|it| it.kind), Err(Kind::Expired));
    assert_eq!(
        examination.findings.iter().map(|it| it.allowed).collect::<Vec<_>>(),
        [Allowed::Unknown; 2]
    );
    assert_eq!(script.operations(), ["GetCallerIdentity"]);
}

#[tokio::test]
async fn the_date_of_an_answer_tells_how_wrong_the_clock_is() {
    for minutes in [-90_i64, -10, 0, 10, 90] {
        let there = DateTime::<Utc>::from(SystemTime::now()) + TimeDelta::minutes(minutes);
        let date = there.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let examination = examined([identity().with("date", date), complete()], &[]).await;
        let skew = examination.clock_skew.expect("a skew");
        assert!((skew - minutes * 60_000).abs() < 3_000, "{minutes} min: {skew} ms");
    }
    assert_eq!(examined([identity()], &[]).await.clock_skew, None);
}
