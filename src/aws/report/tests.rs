use std::time::Duration;

use super::*;
use crate::aws::access::AccessOptions;
use crate::aws::scripted::{Answer, Script, assert_no_secret};

const CSV: &str = "user,arn\n<root_account>,arn:aws:iam::123456789012:root";

fn state(state: &str) -> Answer {
    Answer::ok(format!(
        "<GenerateCredentialReportResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
         <GenerateCredentialReportResult><State>{state}</State></GenerateCredentialReportResult>\
         </GenerateCredentialReportResponse>"
    ))
}

fn got(format: &str, content: &str, time: &str) -> Answer {
    Answer::ok(format!(
        "<GetCredentialReportResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetCredentialReportResult>\
         {content}{format}{time}</GetCredentialReportResult></GetCredentialReportResponse>"
    ))
}

fn content() -> String {
    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD.encode(CSV);
    format!("<Content>{encoded}</Content>")
}

const FORMAT: &str = "<ReportFormat>text/csv</ReportFormat>";
const TIME: &str = "<GeneratedTime>2026-11-25T10:00:00Z</GeneratedTime>";

fn report() -> Answer {
    got(FORMAT, &content(), TIME)
}

fn not_present() -> Answer {
    Answer::error(410, "ReportNotPresent", "Unknown")
}

fn expired() -> Answer {
    Answer::error(410, "ReportExpired", "Unknown")
}

fn in_progress() -> Answer {
    Answer::error(404, "ReportInProgress", "Unknown")
}

fn no_capacity() -> Answer {
    Answer::error(409, "LimitExceeded", "No more capacity to launch new report generation tasks")
}

fn throttled() -> Answer {
    Answer::error(400, "Throttling", "Rate exceeded")
}

fn failed() -> Answer {
    Answer::error(500, "ServiceFailure", "Unknown")
}

fn denied(action: &str) -> Answer {
    let message = format!(
        "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:{action} on resource: *"
    );
    Answer::error(403, "AccessDenied", &message)
}

const QUICK: Patience = Patience {
    deadline: Duration::from_secs(20),
    first: Duration::from_millis(1),
    longest: Duration::from_millis(4),
};

async fn run(answers: impl IntoIterator<Item = Answer>) -> (Result<LiveReport>, Vec<String>) {
    within(QUICK.deadline, answers).await
}

async fn within(
    deadline: Duration,
    answers: impl IntoIterator<Item = Answer>,
) -> (Result<LiveReport>, Vec<String>) {
    let script = Script::new(answers);
    let outcome = fetch(&script.access().iam(), &Patience { deadline, ..QUICK }).await;
    assert_no_secret(&format!("{outcome:?}"));
    if let Err(trouble) = &outcome {
        assert_no_secret(&trouble.to_string());
    }
    let short = |name: String| {
        if name.starts_with("Generate") { "generate".to_owned() } else { "get".to_owned() }
    };
    (outcome, script.operations().into_iter().map(short).collect())
}

/// Runs a script that ends with a report, and tells its remarks and what was asked.
async fn good(answers: impl IntoIterator<Item = Answer>) -> (Vec<String>, String) {
    let (outcome, asked) = run(answers).await;
    let report = outcome.expect("a report");
    assert_eq!(report.content, CSV.as_bytes());
    assert_eq!(report.generated_time, 1_795_600_800_000);
    (report.remarks, asked.join(" "))
}

async fn bad(answers: impl IntoIterator<Item = Answer>) -> Trouble {
    run(answers).await.0.expect_err("a trouble")
}

#[tokio::test]
async fn a_report_is_waited_for() {
    let (remarks, asked) = good([
        state("STARTED"),
        state("INPROGRESS"),
        state("INPROGRESS"),
        state("COMPLETE"),
        report(),
    ])
    .await;
    assert_eq!(asked, "generate generate generate generate get");
    assert_eq!(remarks, Vec::<String>::new());
}

#[tokio::test]
async fn a_state_of_the_future_is_waited_for() {
    let (_, asked) = good([state("QUEUED"), state("COMPLETE"), report()]).await;
    assert_eq!(asked, "generate generate get");
}

#[tokio::test]
async fn a_report_that_went_is_made_again() {
    for gone in [not_present(), expired()] {
        let (remarks, asked) =
            good([state("COMPLETE"), gone, state("STARTED"), state("COMPLETE"), report()]).await;
        assert_eq!(asked, "generate get generate generate get");
        assert_eq!(remarks, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_report_in_progress_is_waited_for() {
    let (_, asked) = good([state("COMPLETE"), in_progress(), in_progress(), report()]).await;
    assert_eq!(asked, "generate get get get");
}

#[tokio::test]
async fn without_capacity_the_last_report_is_taken_and_that_is_said() {
    let (remarks, asked) = good([no_capacity(), report()]).await;
    assert_eq!(asked, "generate get");
    assert!(matches!(remarks.as_slice(), [one] if one.contains("No more capacity")), "{remarks:?}");
}

#[tokio::test]
async fn without_capacity_and_report_it_is_tried_again() {
    let (remarks, asked) =
        good([no_capacity(), not_present(), no_capacity(), expired(), state("COMPLETE"), report()])
            .await;
    assert_eq!(asked, "generate get generate get generate get");
    assert_eq!(remarks, Vec::<String>::new(), "a new report is not the last one");
}

#[tokio::test]
async fn failures_that_pass_are_waited_for_in_both_calls() {
    for passing in [throttled, failed, || Answer::error(503, "ServiceUnavailable", "x")] {
        let (_, asked) = good([passing(), passing(), state("COMPLETE"), passing(), report()]).await;
        assert_eq!(asked, "generate generate generate get get");
    }
}

#[tokio::test]
async fn who_may_only_get_gets_what_is_there() {
    let (remarks, asked) =
        good([denied("GenerateCredentialReport"), in_progress(), report()]).await;
    assert_eq!(asked, "generate get get");
    assert!(
        matches!(remarks.as_slice(), [one] if one.contains("iam:GenerateCredentialReport")),
        "{remarks:?}"
    );
}

#[tokio::test]
async fn who_may_only_get_and_finds_nothing_learns_why() {
    for (gone, words) in [(not_present(), "there is no report yet"), (expired(), "has expired")] {
        let trouble = bad([denied("GenerateCredentialReport"), gone]).await;
        assert_eq!(trouble.kind, Kind::Denied);
        assert!(
            trouble.message.contains(words)
                && trouble.message.contains("iam:GenerateCredentialReport"),
            "{trouble}"
        );
    }
}

#[tokio::test]
async fn who_may_not_get_learns_the_action() {
    let trouble = bad([state("COMPLETE"), denied("GetCredentialReport")]).await;
    assert_eq!((trouble.kind, trouble.code.as_deref()), (Kind::Denied, Some("AccessDenied")));
    assert!(
        trouble.message.starts_with(
            "not allowed: iam:GetCredentialReport, for arn:aws:iam::123456789012:user/bob"
        ),
        "{trouble}"
    );
    assert!(!trouble.message.contains("Generate"), "{trouble}");
}

#[tokio::test]
async fn who_may_do_neither_learns_both() {
    let trouble = bad([denied("GenerateCredentialReport"), denied("GetCredentialReport")]).await;
    assert_eq!(trouble.kind, Kind::Denied);
    for action in ["iam:GetCredentialReport", "iam:GenerateCredentialReport"] {
        assert!(trouble.message.contains(action), "{trouble}");
    }
}

#[tokio::test]
async fn what_does_not_pass_is_told_at_once() {
    for (code, kind) in [
        ("ExpiredToken", Kind::Expired),
        ("InvalidClientTokenId", Kind::NoCredentials),
        ("OptInRequired", Kind::Denied),
    ] {
        let (outcome, asked) = run([Answer::error(403, code, "x"), not_present()]).await;
        let trouble = outcome.expect_err("a trouble");
        assert_eq!(trouble.kind, kind, "{code}");
        assert!(asked.len() <= 2, "{code}: {asked:?}");
    }
}

#[tokio::test]
async fn the_deadline_says_how_far_it_came() {
    let short = Duration::from_millis(150);
    for (answers, words) in [
        (vec![state("STARTED"), state("INPROGRESS")], "still making it (INPROGRESS)"),
        (vec![state("COMPLETE"), in_progress()], "still making it (ReportInProgress)"),
        (vec![state("COMPLETE"), Answer::Hangs], "COMPLETE"),
        (vec![Answer::Hangs], "AWS did not answer"),
        (vec![throttled()], "slow down"),
        (vec![[no_capacity(), not_present()]; 400].concat(), "ReportNotPresent"),
        (vec![failed()], "ServiceFailure"),
    ] {
        let (outcome, _) = within(short, answers).await;
        let trouble = outcome.expect_err("a trouble");
        assert_eq!(trouble.kind, Kind::Timeout, "{trouble}");
        assert!(
            trouble.message.starts_with("no report within 150ms: ")
                && trouble.message.contains(words),
            "{trouble}"
        );
        assert!(trouble.hint.is_some_and(|hint| hint.contains("--timeout")));
    }
}

#[tokio::test]
async fn an_answer_that_is_no_report_is_refused() {
    for (answer, words) in [
        (got("<ReportFormat>text/html</ReportFormat>", &content(), TIME), "text/html"),
        (got(FORMAT, "", TIME), "without a report"),
        (got(FORMAT, "<Content></Content>", TIME), "without a report"),
        (got(FORMAT, &content(), ""), "without the time"),
        (got(FORMAT, "<Content>no base64!</Content>", TIME), "cannot be read"),
        (Answer::ok("<html>Please sign in"), "cannot be read"),
    ] {
        let trouble = bad([state("COMPLETE"), answer]).await;
        assert!(trouble.message.contains(words), "{trouble}");
    }
}

#[tokio::test]
async fn a_broken_connection_is_tried_again_by_the_client() {
    let script = Script::new([
        Answer::Breaks(std::io::ErrorKind::ConnectionReset),
        state("COMPLETE"),
        report(),
    ]);
    let access = script.access_with(3, AccessOptions::default());
    let report = fetch(&access.iam(), &QUICK).await.expect("a report");
    assert_eq!(report.content, CSV.as_bytes());
}

#[test]
fn a_fresh_report_is_possible_after_four_hours() {
    assert_eq!(fresh_from(0), 14_400_000);
    assert_eq!(fresh_from(i64::MAX), i64::MAX);
}

#[tokio::test]
async fn a_limit_of_the_client_says_how_far_it_came_too() {
    let script = Script::new([state("STARTED"), Answer::Hangs]);
    let limit =
        aws_config::timeout::TimeoutConfig::builder().operation_timeout(Duration::from_millis(30));
    let config = script.access().iam().config().to_builder().timeout_config(limit.build()).build();
    let trouble = fetch(&Client::from_conf(config), &QUICK).await.expect_err("a trouble");
    assert_eq!(trouble.kind, Kind::Timeout);
    assert_eq!(
        trouble.message,
        "iam:GenerateCredentialReport got no answer within 30ms; AWS was still making it (STARTED)"
    );
}
