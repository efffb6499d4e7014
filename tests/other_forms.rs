//! Reports that came through other tools: exports of Steampipe and CloudQuery, compacted Parquet.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use credsql::decode::Report;
use credsql::decode::columns::{Batches, CellSource};
use credsql::schema::{INTERNAL, Table};
use credsql::source::{Source, list_paths};
use parquet::arrow::ArrowWriter;

use crate::support::{Folder, Row, answer, report};

const ONE: &str = "111122223333";

const STEAMPIPE: &str = r#"{"columns":[{"name":"user_name"}],"rows":[
 {"generated_time":"2026-10-01T12:00:00Z","account_id":"111122223333","partition":"aws","region":"global",
  "user_name":"<root_account>","user_arn":"arn:aws:iam::111122223333:root","user_creation_time":"2019-01-01T00:00:00Z",
  "password_enabled":true,"password_status":"never_used","password_last_used":null,"password_last_changed":null,
  "mfa_active":true,"access_key_1_active":false,"access_key_1_last_rotated":null,"access_key_1_last_used_date":null},
 {"generated_time":"2026-10-01T12:00:00Z","account_id":"111122223333","partition":"aws","region":"global",
  "user_name":"ann","user_arn":"arn:aws:iam::111122223333:user/ann","user_creation_time":"2020-01-01T00:00:00Z",
  "password_enabled":true,"password_status":"used","password_last_used":"2026-09-30T12:00:00Z",
  "password_last_changed":"2026-09-01T12:00:00Z","mfa_active":false,"access_key_1_active":true,
  "access_key_1_last_rotated":"2026-09-01T12:00:00Z","access_key_1_last_used_date":null}]}"#;

#[test]
fn steampipe_json_is_read_and_its_root_password_is_doubted() {
    let folder = Folder::new(&[("steampipe.json", STEAMPIPE)]);
    let sql = "SELECT \"user\", account_id, password_enabled, mfa_active, generated_time FROM credential_report ORDER BY 1";
    let shown = folder
        .query(sql)
        .said(0, &["columns missing", "password_enabled of root may stand for not_supported"]);
    insta::assert_snapshot!(shown, @r"
    user,account_id,password_enabled,mfa_active,generated_time
    <root_account>,111122223333,,true,2026-10-01T12:00:00Z
    ann,111122223333,true,false,2026-10-01T12:00:00Z
    ");
    let sql = "SELECT kind, slot, active, last_used_status, idle_days FROM credentials WHERE \"user\" = 'ann' AND active ORDER BY 1";
    let shown = folder.query(sql).said(0, &[]);
    insta::assert_snapshot!(shown, @r"
    kind,slot,active,last_used_status,idle_days
    access_key,1,true,never,30
    password,,true,used,1
    ");
}

#[test]
fn an_export_of_many_days_is_many_reports() {
    let day = |day: u32, mfa: bool| {
        format!(
            "2026-10-0{day}T12:00:00Z,111122223333,ann,arn:aws:iam::111122223333:user/ann,{mfa},true"
        )
    };
    let text = format!(
        "generated_time,account_id,user_name,user_arn,mfa_active,password_enabled\n{}\n{}\n{}\n",
        day(1, false),
        day(3, true),
        day(2, false)
    );
    let folder = Folder::new(&[("export.csv", &text)]);
    let latest =
        folder.query("SELECT generated_time, mfa_active FROM credential_report").said(0, &[]);
    assert_eq!(latest, "generated_time,mfa_active\n2026-10-03T12:00:00Z,true\n");
    let count = folder.query("SELECT count(*) AS n FROM credential_report_history").said(0, &[]);
    assert_eq!(count, "n\n3\n");
    let reports = folder
        .query("SELECT generated_time_from, count(*) AS n FROM reports GROUP BY 1")
        .said(0, &[]);
    assert_eq!(reports, "generated_time_from,n\ncolumn,3\n");
}

#[test]
fn cloudquery_csv_is_read() {
    let text = "_cq_id,arn,user,user_creation_time,password_status,password_enabled,mfa_active,access_key1_active,\
                access_key_1_last_rotated,access_key1_last_used_region,cert1_active\n\
                1,arn:aws:iam::111122223333:user/ann,ann,2020-01-01T00:00:00Z,used,true,true,true,2026-09-01 12:00:00Z,eu-west-1,false\n";
    let folder = Folder::new(&[("cloudquery.csv", text)]);
    let sql = "SELECT \"user\", access_key_1_active, access_key_1_last_rotated, access_key_1_last_used_region, cert_1_active FROM credential_report";
    let shown = folder.query(sql).said(0, &["columns missing"]);
    assert!(shown.ends_with("ann,true,2026-09-01T12:00:00Z,eu-west-1,false\n"), "{shown}");
}

#[test]
fn unknown_columns_are_kept_as_they_came() {
    let text = "user,arn,mfa_active,owner,note\nann,arn:aws:iam::111122223333:user/ann,true,Blue,\"a, b\"\n";
    let folder = Folder::new(&[("r.csv", text)]);
    let shown = folder
        .query("SELECT line, extras FROM credential_report_raw")
        .said(0, &["unknown columns", "owner, note"]);
    assert_eq!(
        shown,
        "line,extras\n2,\"{\"\"note\"\":\"\"a, b\"\",\"\"owner\"\":\"\"Blue\"\"}\"\n"
    );
}

#[test]
fn a_broken_row_is_kept_as_it_was_delivered() {
    let text = "user,arn,password_enabled,mfa_active\nann,arn:aws:iam::111122223333:user/ann,true\nbob,arn:aws:iam::111122223333:user/bob,true,true\n";
    let folder = Folder::new(&[("r.csv", text)]);
    let sql = "SELECT \"user\", mfa_active, extras FROM credential_report_raw ORDER BY line";
    let shown = folder.query(sql).said(0, &["line 2: user ann: 3 cells under 4 columns"]);
    assert_eq!(
        shown,
        "user,mfa_active,extras\nann,,\"{\"\"(line)\"\":\"\"ann,arn:aws:iam::111122223333:user/ann,true\"\"}\"\nbob,true,\n"
    );
}

/// The rows of a folder as the dataset that a compaction writes: typed columns with cell_states,
/// plain text instead of views.
fn compact(folder: &Folder, source: &str, to: &str) {
    let path = folder.path().join(source);
    let source = Source::parse(&path).expect("the source is there");
    let columns: Vec<_> = Table::named("credential_report")
        .expect("a table")
        .columns()
        .chain(INTERNAL.iter().filter(|c| c.name == "cell_states"))
        .collect();
    let sources = CellSource::typed().into_iter().chain([CellSource::CellStates]).collect();
    let fields: Vec<Field> =
        columns.iter().map(|c| Field::new(c.name, c.kind.data_type(), true)).collect();
    let mut batches = Batches::new(Arc::new(Schema::new(fields)), sources, None);
    for found in list_paths(&[source], 0).found {
        let cancelled = AtomicBool::new(false);
        let input = found.open(&cancelled).expect("it opens");
        let mut report = Report::open(input, &found.origin).expect("a report");
        while report.read(&mut batches, &|_| true).expect("a whole report") {}
    }
    let batch = batches.take().expect("columns fit");
    let plain: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .map(|column| match column.data_type() {
            DataType::Utf8View => cast(column, &DataType::Utf8).expect("text is text"),
            _ => Arc::clone(column),
        })
        .collect();
    let fields: Vec<Field> = columns
        .iter()
        .zip(&plain)
        .map(|(c, array)| Field::new(c.name, array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), plain).expect("columns fit");
    let file = File::create(folder.path().join(to)).expect("the file can be made");
    let mut writer = ArrowWriter::try_new(file, schema, None).expect("the schema can be written");
    writer.write(&batch).expect("rows can be written");
    writer.close().expect("the file can be closed");
}

#[test]
fn a_compacted_dataset_gives_the_same_rows() {
    let rows = [
        Row::root(ONE)
            .set("password_enabled", "not_supported")
            .set("password_last_changed", "not_supported"),
        Row::user(ONE, "no_information")
            .set("password_enabled", "true")
            .set("password_last_used", "no_information"),
        Row::user(ONE, "broken")
            .set("access_key_1_last_rotated", "2026-02-30T00:00:00Z")
            .set("mfa_active", ""),
    ];
    let cut = "user,arn,mfa_active\nbob,arn:aws:iam::444455556666:user/bob,true\n";
    let folder = Folder::new(&[
        ("csv/a.json", &answer(&report(&rows), "2026-10-01T12:00:00Z")),
        ("csv/b.json", &answer(cut, "2026-10-02T12:00:00Z")),
    ]);
    std::fs::create_dir(folder.path().join("parquet")).expect("a folder can be made");
    compact(&folder, "csv", "parquet/history.parquet");
    for sql in [
        "SELECT * EXCEPT (source) FROM credential_report_history ORDER BY account_id, \"user\"",
        "SELECT * EXCEPT (source) FROM credentials ORDER BY account_id, \"user\", kind, slot",
        "SELECT * EXCEPT (source, line, access_key_1_last_rotated) FROM credential_report_raw ORDER BY account_id, \"user\"",
        "SELECT account_id, generated_time, rows FROM reports ORDER BY 1, 2",
    ] {
        let run = |source: &str| folder.run(&["query", sql, source]).said(0, &[]);
        let (csv, parquet) = (run("csv"), run("parquet"));
        assert!(csv.lines().count() > 2, "{sql}");
        assert_eq!(csv, parquet, "{sql}");
    }
    // Sources are those of the reports, and both together are each report once.
    let sources = folder
        .run(&["query", "SELECT DISTINCT source FROM credential_report ORDER BY 1", "parquet"])
        .said(0, &[]);
    assert!(sources.contains("csv/a.json") && sources.contains("csv/b.json"), "{sources}");
    let both = folder
        .run(&["query", "SELECT count(*) AS n FROM credential_report_history", "csv", "parquet"])
        .said(0, &[]);
    assert_eq!(both, "n\n4\n");
    let shown = folder
        .run(&["query", "SELECT format, status FROM reports ORDER BY 1, 2", "csv", "parquet"])
        .said(0, &[]);
    assert!(shown.ends_with("parquet,superseded\nparquet,superseded\n"), "{shown}");
}
