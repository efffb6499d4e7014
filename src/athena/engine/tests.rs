use std::collections::BTreeSet;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Field, Int64Type};
use datafusion::common::{Column, DFSchema, TableReference};
use datafusion::dataframe::DataFrame;
use datafusion::prelude::{Expr, SessionContext};
use serde_json::{Value, json};

use super::*;
use crate::athena::rows::{self, start_ahead};
use crate::aws::scripted::{Answer, Script};
use crate::error::Error;
use crate::sql_error::{Names, explain};

const QUICK: Pace = Pace { first: Duration::from_millis(1), longest: Duration::from_millis(2) };

fn started() -> Answer {
    Answer::ok(json!({ "QueryExecutionId": "q-1" }).to_string())
}

fn is(state: &str, reason: &str) -> Answer {
    let status = json!({ "State": state, "StateChangeReason": reason });
    let query = json!({ "Status": status, "Statistics": { "DataScannedInBytes": 2_000_000 } });
    Answer::ok(json!({ "QueryExecution": query }).to_string())
}

fn page(rows: &[[&str; 2]], next: Option<&str>) -> Answer {
    let row = |row: &[&str; 2]| json!({ "Data": row.map(|text| json!({ "VarCharValue": text })) });
    let columns = json!([{ "Name": "n", "Type": "bigint" }, { "Name": "n", "Type": "varchar" }]);
    let rows: Vec<Value> = rows.iter().map(row).collect();
    let set = json!({ "Rows": rows, "ResultSetMetadata": { "ColumnInfo": columns } });
    Answer::ok(json!({ "ResultSet": set, "NextToken": next }).to_string())
}

fn engine(script: &Script, at_a_time: usize) -> Arc<Engine> {
    let options = AthenaOptions { database: "d".to_owned(), ..AthenaOptions::default() };
    Arc::new(Engine::on(Athena::new(&script.access(), options, QUICK), at_a_time))
}

/// Two columns of one name, as in a join.
fn frame(engine: &Arc<Engine>) -> DataFrame {
    let field = |data_type| Arc::new(Field::new("n", data_type, true));
    let fields = vec![
        (Some(TableReference::bare("a")), field(DataType::Int64)),
        (Some(TableReference::bare("b")), field(DataType::Utf8)),
    ];
    let schema = DFSchema::new_with_metadata(fields, std::collections::HashMap::default());
    let state = SessionContext::new().state();
    rows::frame(engine, state, &schema.expect("a schema"), "SELECT …").expect("a frame")
}

fn named(table: &str) -> Expr {
    Expr::Column(Column::new(Some(table), "n"))
}

struct NoNames;

impl Names for NoNames {
    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn functions(&self) -> Vec<String> {
        Vec::new()
    }
}

fn operations(script: &Script) -> Vec<String> {
    let name = |text: String| {
        let target = text.split('{').next().unwrap_or_default();
        target.trim_start_matches("AmazonAthena.").to_owned()
    };
    script.asked().into_iter().map(name).collect()
}

fn count(script: &Script, operation: &str) -> usize {
    operations(script).iter().filter(|asked| *asked == operation).count()
}

/// Waits until something is so, which it will be: what runs here runs on threads of its own.
async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn rows_come_page_by_page_with_the_schema_of_the_statement() {
    let script = Script::new([
        started(),
        is("QUEUED", ""),
        is("SUCCEEDED", ""),
        page(&[["n", "n"], ["1", "x"]], Some("more")),
        page(&[["2", "y"], ["3", "z"]], None),
    ]);
    let engine = engine(&script, 1);
    let frame = frame(&engine);
    let names: Vec<String> =
        frame.schema().iter().map(|(q, f)| format!("{q:?} {}", f.name())).collect();
    assert_eq!(names, ["Some(Bare { table: \"a\" }) n", "Some(Bare { table: \"b\" }) n"]);
    assert!(script.asked().is_empty(), "planning asks nobody");
    let batches = frame.collect().await.expect("rows");
    let numbers: Vec<i64> = batches
        .iter()
        .flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec())
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
    let words = engine.meter.bill().words().expect("a bill");
    assert!(words.starts_with("Athena ran 1 query and read 2.00 MB: about $0.00005"), "{words}");
    assert_eq!(count(&script, "StopQueryExecution"), 0);
    engine.end();
}

#[tokio::test]
async fn columns_that_nobody_wants_and_rows_beyond_a_limit_are_dropped() {
    let script = Script::new([
        started(),
        is("SUCCEEDED", ""),
        page(&[["n", "n"], ["1", "x"], ["2", "y"]], None),
    ]);
    let engine = engine(&script, 1);
    let only = frame(&engine).limit(0, Some(1)).and_then(|frame| frame.select(vec![named("b")]));
    let batches = only.expect("a frame").collect().await.expect("rows");
    let texts: Vec<&str> = batches
        .iter()
        .flat_map(|batch| batch.column(0).as_string::<i32>().iter().flatten())
        .collect();
    assert_eq!(texts, ["x"]);
}

#[tokio::test]
async fn a_query_that_fails_is_no_empty_result_and_costs_nothing() {
    let script = Script::new([started(), is("FAILED", "SYNTAX_ERROR: line 1:1: no")]);
    let engine = engine(&script, 1);
    let error = frame(&engine).collect().await.expect_err("it failed");
    let told = explain(&error, "", &NoNames);
    assert!(matches!(told, Error::Aws(_)), "{told:?}");
    assert_eq!(told.to_string(), "Athena: SYNTAX_ERROR: line 1:1: no (query q-1)");
    let words = engine.meter.bill().words().expect("a bill");
    assert!(words.contains("about $0.00 "), "{words}");
}

#[tokio::test]
async fn a_query_whose_rows_nobody_wants_any_more_is_stopped() {
    let script = Script::new([started(), is("RUNNING", "")]);
    let engine = engine(&script, 1);
    let stream = frame(&engine).execute_stream().await.expect("a stream");
    // The physical plan asks when it is first looked at.
    let waiting =
        tokio::spawn(async move { datafusion::physical_plan::common::collect(stream).await });
    until(|| count(&script, "GetQueryExecution") > 2).await;
    assert_eq!((engine.meter.running(), count(&script, "StopQueryExecution")), (1, 0));
    waiting.abort();
    until(|| count(&script, "StopQueryExecution") == 1).await;
    until(|| engine.driven.load(Ordering::SeqCst) == 0).await;
    assert_eq!(engine.meter.running(), 0);
    assert!(script.asked().last().is_some_and(|asked| asked.contains("q-1")));
}

#[tokio::test]
async fn the_end_of_a_run_stops_what_runs_and_leaves_no_result_that_looks_whole() {
    let script = Script::new([started(), is("RUNNING", "")]);
    let engine = engine(&script, 2);
    let waiting = tokio::spawn(frame(&engine).collect());
    until(|| count(&script, "GetQueryExecution") > 0).await;
    let ending = Arc::clone(&engine);
    tokio::task::spawn_blocking(move || ending.end()).await.expect("it ends");
    assert_eq!(count(&script, "StopQueryExecution"), 1);
    let error = waiting.await.expect("it ends").expect_err("no rows came");
    assert!(error.to_string().contains("before its last row"), "{error}");
}

#[tokio::test]
async fn a_query_that_cannot_be_looked_at_is_stopped() {
    let denied = json!({ "__type": "AccessDeniedException", "Message": "no" }).to_string();
    let script = Script::new([started(), Answer::Says(400, denied, Vec::new())]);
    let error = frame(&engine(&script, 1)).collect().await.expect_err("it is denied");
    assert!(error.to_string().contains("athena:GetQueryExecution"), "{error}");
    assert_eq!(count(&script, "StopQueryExecution"), 1);
}

#[tokio::test]
async fn queries_started_ahead_wait_for_their_turn_and_run_once() {
    let script = Script::new([started(), is("RUNNING", "")]);
    let engine = engine(&script, 1);
    let frames = [frame(&engine), frame(&engine)];
    start_ahead(&frames).expect("plans to walk");
    start_ahead(&frames).expect("plans to walk");
    until(|| count(&script, "GetQueryExecution") > 3).await;
    assert_eq!(count(&script, "StartQueryExecution"), 1, "one at a time");
    drop(frames);
    until(|| engine.driven.load(Ordering::SeqCst) == 0).await;
    // Of the second nobody wanted anything before it was its turn.
    let asked: BTreeSet<String> = operations(&script).into_iter().collect();
    assert!(asked.contains("StopQueryExecution"));
    assert_eq!(count(&script, "StartQueryExecution"), 1);
}

#[tokio::test]
async fn what_was_started_ahead_is_what_is_read() {
    let script =
        Script::new([started(), is("SUCCEEDED", ""), page(&[["n", "n"], ["1", "x"]], None)]);
    let engine = engine(&script, 1);
    let frame = frame(&engine);
    start_ahead([&frame]).expect("a plan to walk");
    until(|| count(&script, "GetQueryResults") == 1).await;
    let sorted = frame.sort(vec![named("a").sort(true, false)]).expect("a frame");
    assert_eq!(sorted.collect().await.expect("rows").len(), 1);
    assert_eq!(count(&script, "StartQueryExecution"), 1);
}
