//! What goes wrong on the way, and what is left then.

use std::fs;

use super::{ONE, TWO, path, tree};
use crate::support::{Folder, Row, report, small};

const BROKEN: &str =
    "An error occurred (ReportNotPresent) when calling the GetCredentialReport operation";

fn reports(folder: &Folder, day: &str) -> String {
    let table = format!("listed=out/reports/dt={day}/part-00000.parquet");
    let sql = "SELECT source, account_id, status, error IS NULL AS good FROM listed ORDER BY 1";
    folder.run(&["query", sql, "--table", &table, "demo:accounts=1"]).clean()
}

#[test]
fn a_report_that_fails_is_a_row_until_it_can_be_read() {
    let folder = Folder::new(&[
        (&path(ONE, "2026-01-02"), &small(ONE, "anna")),
        (&path(TWO, "2026-01-02"), BROKEN),
        ("in/credential_report_x.csv", BROKEN),
    ]);
    let ran = folder.run(&["export", "in", "--to", "out"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let (one, two) = (path(ONE, "2026-01-02"), path(TWO, "2026-01-02"));
    assert_eq!(
        reports(&folder, "2026-01-02"),
        format!("source,account_id,status,good\n{one},{ONE},ok,true\n{two},{TWO},failed,false\n")
    );
    let unknown = "__HIVE_DEFAULT_PARTITION__";
    assert_eq!(
        reports(&folder, unknown),
        "source,account_id,status,good\nin/credential_report_x.csv,,failed,false\n"
    );
    let before = tree(&folder.path().join("out"));
    assert_eq!(folder.run(&["export", "in", "--to", "out"]).code, 2);
    assert!(tree(&folder.path().join("out")) == before, "the same once more");
    // Mended.
    folder.write(&two, small(TWO, "bert").as_bytes());
    folder.write("in/credential_report_x.csv", small("333333333333", "carl").as_bytes());
    folder.export(&[]);
    assert_eq!(
        reports(&folder, "2026-01-02"),
        format!("source,account_id,status,good\n{one},{ONE},ok,true\n{two},{TWO},ok,true\n")
    );
    assert_eq!(reports(&folder, unknown), "source,account_id,status,good\n");
}

#[test]
fn a_report_that_breaks_later_leaves_what_was_exported() {
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &small(ONE, "anna"))]);
    folder.export(&[]);
    let before = tree(&folder.path().join("out"));
    folder.write(&path(ONE, "2026-01-02"), BROKEN.as_bytes());
    assert_eq!(folder.run(&["export", "in", "--to", "out"]).code, 2);
    assert!(tree(&folder.path().join("out")) == before, "the rows of before are gone");
}

#[test]
fn a_path_that_lies_is_not_believed() {
    // The rows are of account TWO; an earlier export knows ONE.
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &small(ONE, "anna"))]);
    folder.export(&[]);
    folder.write(&path(ONE, "2026-01-02"), small(TWO, "bert").as_bytes());
    let ran = folder.run(&["export", "in", "--to", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let sql = "SELECT account_id, \"user\" FROM credential_report_history WHERE is_root = false ORDER BY 1";
    assert_eq!(folder.exported(sql), format!("account_id,user\n{ONE},anna\n{TWO},bert\n"));
}

#[test]
fn what_others_put_there_is_not_taken_away() {
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &small(ONE, "anna"))]);
    folder.export(&[]);
    folder.write("out/reports/dt=2026-01-02/mine.parquet", b"mine");
    folder.write(&path(TWO, "2026-01-02"), small(TWO, "bert").as_bytes());
    let before = tree(&folder.path().join("out"));
    let ran = folder.run(&["export", "in", "--to", "out"]);
    ran.said(2, &["out/reports/dt=2026-01-02/mine.parquet was not written by an export"]);
    assert!(tree(&folder.path().join("out")) == before, "something was written");
}

#[test]
fn what_cannot_be_read_is_not_merged_with() {
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &small(ONE, "anna"))]);
    folder.export(&[]);
    let part = "out/credential_report_history/dt=2026-01-02/part-00000.parquet";
    let whole = fs::read(folder.path().join(part)).expect("it is there");
    fs::write(folder.path().join(part), &whole[..whole.len() / 2]).expect("it can be cut");
    let ran = folder.run(&["export", "in", "--to", "out"]);
    ran.said(2, &["cannot be merged with", "--if-exists replace"]);
    folder.export(&["--if-exists", "replace"]);
    assert!(fs::read(folder.path().join(part)).expect("it is there") == whole, "it is whole again");
}

#[test]
fn what_killed_runs_left_goes_and_what_others_work_on_stays() {
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &small(ONE, "anna"))]);
    for name in ["out/.credsql-dead", "out/.credsql-alive"] {
        folder.write(&format!("{name}/lock"), b"");
        folder.write(&format!("{name}/x/part-00000.parquet"), b"half");
    }
    let alive = fs::File::open(folder.path().join("out/.credsql-alive/lock")).expect("it is there");
    alive.try_lock().expect("nobody else holds it");
    folder.export(&[]);
    assert!(!folder.path().join("out/.credsql-dead").exists());
    assert!(folder.path().join("out/.credsql-alive/x/part-00000.parquet").exists());
    let hidden = fs::read_dir(folder.path().join("out")).expect("it is there");
    let hidden: Vec<_> = hidden
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert_eq!(hidden, [".credsql-alive"], "and nothing of this run is left");
}

#[test]
fn wrong_destinations_are_refused_before_the_work() {
    let folder = Folder::new(&[
        (&path(ONE, "2026-01-02"), &small(ONE, "anna")),
        ("file", "x"),
        ("reports/a.csv", &small(ONE, "anna")),
    ]);
    folder.run(&["export", "in"]).said(2, &["no place for the dataset was given", "--to dataset/"]);
    folder.run(&["export", "--to", "out"]).said(2, &["no source given"]);
    folder.run(&["export", "in", "--to", "file"]).said(2, &["file is a file"]);
    folder.run(&["export", "in", "--to", "in"]).said(2, &["which is read here"]);
    // The table `reports` would lie among the reports.
    folder.run(&["export", "reports", "--to", "."]).said(2, &["which is read here"]);
    folder
        .run(&["export", "in", "--to", "out", "--sse-kms-key-id", "k"])
        .said(2, &["is for buckets"]);
    folder.export(&[]);
    let day = "out/credential_report_history/dt=2026-01-02";
    folder.run(&["export", day, "--to", "out"]).said(2, &["is read here"]);
    folder.write("empty/readme.md", b"# nothing");
    let ran = folder.run(&["export", "empty", "--to", "out2"]);
    ran.said(2, &["no credential report was found"]);
}

#[test]
fn a_day_with_users_without_credentials_has_all_tables() {
    let text = report(&[Row::user(ONE, "anna")]);
    let folder = Folder::new(&[(&path(ONE, "2026-01-02"), &text)]);
    folder.export(&[]);
    assert_eq!(tree(&folder.path().join("out")).len(), 3);
    assert_eq!(folder.exported("SELECT count(*) AS n FROM credentials"), "n\n0\n");
}
