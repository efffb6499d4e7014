use serde_json::{Value, json};

use super::*;
use crate::aws::scripted::{Answer, Script, assert_no_secret};

const QUICK: Pace = Pace { first: Duration::from_millis(1), longest: Duration::from_millis(4) };

const ID: &str = "b7b3a1f0-0000-4000-8000-000000000001";

fn says(answer: &Value) -> Answer {
    Answer::ok(answer.to_string())
}

fn refuses(status: u16, code: &str, message: &str) -> Answer {
    Answer::Says(status, json!({ "__type": code, "Message": message }).to_string(), Vec::new())
}

fn is(state: &str, scanned: u64, reason: &str) -> Answer {
    says(&json!({ "QueryExecution": {
        "QueryExecutionId": ID,
        "Status": { "State": state, "StateChangeReason": reason },
        "Statistics": { "DataScannedInBytes": scanned },
    }}))
}

fn on(script: &Script, options: AthenaOptions) -> Athena {
    Athena::new(&script.access(), options, QUICK)
}

fn named() -> AthenaOptions {
    AthenaOptions { database: "iam".to_owned(), ..AthenaOptions::default() }
}

/// What was asked for, and the body of the request.
fn asked(script: &Script) -> Vec<(String, Value)> {
    let apart = |text: String| {
        let (target, body) = text.split_at(text.find('{').expect("a body"));
        let action = target.strip_prefix("AmazonAthena.").expect("Athena is asked").to_owned();
        (action, serde_json::from_str(body).expect("JSON"))
    };
    script.asked().into_iter().map(apart).collect()
}

#[tokio::test]
async fn a_statement_starts_where_it_is_told_to() {
    let script = Script::new([says(&json!({ "QueryExecutionId": ID }))]);
    let options = AthenaOptions {
        database: "iam".to_owned(),
        workgroup: Some("audit".to_owned()),
        output: Some("s3://results/a/".to_owned()),
        catalog: Some("other".to_owned()),
    };
    assert_eq!(on(&script, options).start("SELECT 1").await.as_deref(), Ok(ID));
    let (action, body) = asked(&script).remove(0);
    assert_eq!(action, "StartQueryExecution");
    assert_eq!(body["QueryString"], "SELECT 1");
    assert_eq!(body["WorkGroup"], "audit");
    assert_eq!(body["QueryExecutionContext"], json!({ "Database": "iam", "Catalog": "other" }));
    assert_eq!(body["ResultConfiguration"]["OutputLocation"], "s3://results/a/");
    let token = body["ClientRequestToken"].as_str().expect("a token");
    assert!((32..=128).contains(&token.len()), "{token}");
}

#[tokio::test]
async fn what_is_not_told_is_left_to_the_workgroup() {
    let script = Script::new([says(&json!({ "QueryExecutionId": ID }))]);
    on(&script, named()).start("SELECT 1").await.expect("an id");
    let (_, body) = asked(&script).remove(0);
    assert_eq!(body["QueryExecutionContext"], json!({ "Database": "iam" }));
    assert_eq!((body.get("WorkGroup"), body.get("ResultConfiguration")), (None, None));
}

#[tokio::test]
async fn a_lost_answer_starts_nothing_twice() {
    let broken = Answer::Breaks(std::io::ErrorKind::ConnectionReset);
    let throttled = refuses(400, "TooManyRequestsException", "Rate exceeded");
    let script = Script::new([broken, throttled, says(&json!({ "QueryExecutionId": ID }))]);
    let access = script.access_with(3, crate::aws::access::AccessOptions::default());
    let athena = Athena::new(&access, named(), QUICK);
    assert_eq!(athena.start("SELECT 1").await.as_deref(), Ok(ID));
    let asked = asked(&script);
    let tokens: Vec<&Value> = asked.iter().map(|(_, body)| &body["ClientRequestToken"]).collect();
    assert_eq!(tokens.len(), 3);
    assert!(tokens.iter().all(|token| token.is_string() && *token == tokens[0]), "{tokens:?}");
}

#[tokio::test]
async fn a_query_is_waited_for_whatever_its_states_are_called() {
    let script = Script::new([
        is("QUEUED", 0, ""),
        is("RUNNING", 5, ""),
        is("PONDERING", 5, ""),
        is("SUCCEEDED", 12, ""),
    ]);
    let mut seen = Vec::new();
    let ended = on(&script, named()).wait(ID, |bytes| seen.push(bytes)).await;
    assert_eq!(ended, Ok(State::Done));
    assert_eq!(seen, [0, 5, 5, 12]);
    assert!(
        asked(&script).iter().all(|(action, body)| {
            action == "GetQueryExecution" && body["QueryExecutionId"] == ID
        })
    );
}

#[tokio::test]
async fn why_a_query_failed_is_told_with_a_cure() {
    for (reason, kind, hint) in [
        (
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.iam.reports' does not exist",
            Kind::NotFound,
            "credsql export --ddl athena",
        ),
        (
            "SCHEMA_NOT_FOUND: line 1:15: Schema 'iam' does not exist",
            Kind::NotFound,
            "--athena-database",
        ),
        (
            "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved",
            Kind::NotFound,
            "another version",
        ),
        ("SYNTAX_ERROR: line 3:7: mismatched input 'ILIKE'", Kind::Other, "EXPLAIN"),
        ("FUNCTION_NOT_FOUND: line 1:8: Function 'nvl' not registered", Kind::Other, "EXPLAIN"),
        (
            "HIVE_FILESYSTEM_ERROR: Incorrect fileSize 1 for file (s3://b/k, offset: 0, length: 2)",
            Kind::Changed,
            "run it again",
        ),
        (
            "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://b/k: Access Denied",
            Kind::Denied,
            "to read the bucket of the dataset",
        ),
        (
            "Insufficient permissions to execute the query. User: arn:aws:iam::1:user/b",
            Kind::Denied,
            "glue:GetDatabase",
        ),
        (
            "Access denied when writing output to url: s3://r/a.csv",
            Kind::Denied,
            "where results are put",
        ),
        ("Query exhausted resources at this scale factor", Kind::Service, "fewer"),
        ("GENERIC_INTERNAL_ERROR: io.trino", Kind::Service, "try again"),
    ] {
        let script = Script::new([is("FAILED", 7, reason)]);
        let look = on(&script, named()).look(ID).await.expect("a look");
        let State::Failed(trouble) = look.state else { panic!("{:?}", look.state) };
        assert_eq!((trouble.kind, look.scanned), (kind, 7), "{reason}");
        let start: String = reason.chars().take(12).collect();
        assert!(trouble.message.starts_with(&format!("Athena: {start}")), "{trouble}");
        assert!(trouble.message.ends_with(&format!("(query {ID})")), "{trouble}");
        let told = trouble.hint.unwrap_or_default();
        assert!(told.contains(hint), "{reason}: {told}");
    }
    let script = Script::new([is("FAILED", 0, "")]);
    let look = on(&script, named()).look(ID).await.expect("a look");
    assert!(
        matches!(look.state, State::Failed(trouble) if trouble.message.contains("did not say why"))
    );
}

#[tokio::test]
async fn a_query_that_was_stopped_says_by_what() {
    for (reason, words) in [
        ("Bytes scanned limit was exceeded", "more than the workgroup allows"),
        (
            "Query cancelled by user",
            "somebody stopped the query on Athena: Query cancelled by user",
        ),
        ("", "somebody stopped the query on Athena (query"),
    ] {
        let script = Script::new([is("CANCELLED", 3, reason)]);
        let look = on(&script, named()).look(ID).await.expect("a look");
        assert_eq!(look.scanned, 3);
        assert!(
            matches!(&look.state, State::Stopped(trouble) if trouble.message.contains(words)),
            "{look:?}"
        );
    }
}

#[tokio::test]
async fn what_keeps_a_statement_from_starting_is_told_with_a_cure() {
    let invalid = "InvalidRequestException";
    for (status, code, message, kind, words) in [
        (400, invalid, "WorkGroup audit is not found.", Kind::NotFound, "list-work-groups"),
        (
            400,
            invalid,
            "Unable to verify/create output bucket results",
            Kind::Other,
            "--athena-output",
        ),
        (
            400,
            invalid,
            "No output location provided. An output location is required",
            Kind::Other,
            "--athena-output",
        ),
        (400, "TooManyRequestsException", "Rate exceeded", Kind::Throttled, "others use Athena"),
        (
            400,
            "AccessDeniedException",
            "User: arn:aws:iam::1:user/b is not authorized to perform: athena:StartQueryExecution on resource: \
             arn:aws:athena:eu-central-1:1:workgroup/primary because no identity-based policy allows the \
             athena:StartQueryExecution action",
            Kind::Denied,
            "glue:GetDatabase",
        ),
        (500, "InternalServerException", "", Kind::Service, "try again"),
    ] {
        let script = Script::new([refuses(status, code, message)]);
        let options = AthenaOptions { workgroup: Some("audit".to_owned()), ..named() };
        let trouble = on(&script, options).start("SELECT 1").await.expect_err("a trouble");
        assert_eq!(trouble.kind, kind, "{message}: {trouble}");
        assert_eq!(trouble.code.as_deref(), Some(code));
        let told = trouble.hint.clone().unwrap_or_default();
        assert!(told.contains(words), "{message}: {told}");
        assert_no_secret(&format!("{trouble:?}"));
    }
}

#[tokio::test]
async fn a_denial_names_the_action() {
    for (action, deny) in
        [("GetQueryExecution", 0), ("GetQueryResults", 1), ("StopQueryExecution", 2)]
    {
        let script = Script::new([refuses(400, "AccessDeniedException", "no")]);
        let athena = on(&script, named());
        let trouble = match deny {
            0 => athena.look(ID).await.map(drop),
            1 => athena.page(ID, None).await.map(drop),
            _ => athena.stop(ID).await,
        };
        let trouble = trouble.expect_err("a trouble");
        assert_eq!(trouble.message, format!("not allowed: athena:{action}"));
    }
}

#[tokio::test]
async fn pages_tell_null_from_empty() {
    let columns = json!([{ "Name": "a", "Type": "varchar" }, { "Name": "b", "Label": "B", "Type": "bigint" }]);
    let page = |rows: Value, next: Option<&str>| {
        says(&json!({
            "ResultSet": { "Rows": rows, "ResultSetMetadata": { "ColumnInfo": columns } },
            "NextToken": next,
        }))
    };
    let first = json!([{ "Data": [{ "VarCharValue": "a" }, { "VarCharValue": "B" }] }]);
    let second = json!([{ "Data": [{ "VarCharValue": "" }, {}] }]);
    let script = Script::new([page(first, Some("more")), page(second, None)]);
    let athena = on(&script, named());
    let page = athena.page(ID, None).await.expect("a page");
    assert_eq!(page.columns, ["a", "B"]);
    assert_eq!(page.next.as_deref(), Some("more"));
    let page = athena.page(ID, page.next).await.expect("a page");
    assert_eq!(page.rows, [[Some(String::new()), None]]);
    assert_eq!(page.next, None);
    let asked = asked(&script);
    assert_eq!(asked[0].1["MaxResults"], 1000);
    assert_eq!((asked[0].1.get("NextToken"), &asked[1].1["NextToken"]), (None, &json!("more")));
}

#[tokio::test]
async fn something_else_that_answers_is_no_athena() {
    let script = Script::new([says(&json!({}))]);
    let athena = on(&script, named());
    for trouble in [
        athena.start("SELECT 1").await.map(drop),
        athena.look(ID).await.map(drop),
        athena.page(ID, None).await.map(drop),
    ] {
        let hint = trouble.expect_err("a trouble").hint;
        assert!(hint.is_some_and(|hint| hint.contains("AWS_ENDPOINT_URL")));
    }
}
