//! `credsql export --to s3://…`.

use std::collections::BTreeMap;
use std::fs;

use super::command::run;
use super::support::s3_server::{Fault, Seen, Server};
use super::support::{BUCKET, server, write};
use crate::support::{Folder, Row, report, small};

const ONE: &str = "111111111111";
const TWO: &str = "222222222222";
const DAY: &str = "2026-01-02";

fn key(account: &str) -> String {
    format!("iam/date={DAY}/account_id={account}/credential_report.csv")
}

/// The objects of the dataset, with their bytes.
fn objects(directory: &tempfile::TempDir) -> BTreeMap<String, Vec<u8>> {
    let root = directory.path().join(BUCKET).join("data");
    walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(&root).expect("below it").display().to_string();
            (name, fs::read(entry.path()).expect("it can be read"))
        })
        .collect()
}

fn export(server: &Server, from: &str) -> crate::support::Ran {
    let to = format!("s3://{BUCKET}/data");
    run(server, &["export", &format!("s3://{BUCKET}/{from}"), "--to", &to])
}

fn changes(server: &Server) -> Vec<Seen> {
    server
        .seen()
        .into_iter()
        .filter(|seen| matches!(seen.method.as_str(), "PUT" | "DELETE" | "POST"))
        .collect()
}

#[test]
fn the_same_keys_every_time_and_nothing_twice() {
    let (directory, server) = server();
    write(&directory, &key(ONE), small(ONE, "anna"));
    write(&directory, &key(TWO), small(TWO, "bert"));
    let ran = export(&server, "iam");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains(&format!("s3://{BUCKET}/data/reports/dt={DAY}\n")),
        "{}",
        ran.stdout
    );
    let first = objects(&directory);
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["credential_report_history", "credentials_history", "reports"]
            .iter()
            .flat_map(|table| ["_manifest.json", "part-00000.parquet"]
                .map(|name| format!("{table}/dt={DAY}/{name}")))
            .collect::<Vec<_>>()
    );
    let before = changes(&server).len();
    let ran = export(&server, "iam");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert_eq!(changes(&server).len(), before, "nothing is written");
    // The same bytes as in a folder.
    let folder = Folder::new(&[]);
    let local = run(
        &server,
        &["export", &format!("s3://{BUCKET}/iam"), "--to", &folder.path().display().to_string()],
    );
    assert_eq!(local.code, 0, "{}", local.stderr);
    for (name, bytes) in first.iter().filter(|(name, _)| name.ends_with(".parquet")) {
        assert!(fs::read(folder.path().join(name)).expect("it is there") == *bytes, "{name}");
    }
}

#[test]
fn an_account_is_added_and_the_dataset_read_back() {
    let (directory, server) = server();
    write(&directory, &key(ONE), small(ONE, "anna"));
    export(&server, "iam").said(0, &[]);
    write(&directory, &format!("more/{}", key(TWO)), small(TWO, "bert"));
    export(&server, "more").said(0, &[]);
    let sql = "SELECT account_id, \"user\" FROM credential_report WHERE is_root = false ORDER BY 1";
    let ran = run(&server, &["query", sql, &format!("s3://{BUCKET}/data")]);
    assert_eq!(ran.clean(), format!("account_id,user\n{ONE},anna\n{TWO},bert\n"));
    // What is in a place is only written over as it was read.
    let puts = changes(&server).into_iter().filter(|seen| seen.path.contains("part-00000"));
    let conditions: Vec<bool> = puts.map(|seen| seen.header("if-match").is_some()).collect();
    assert_eq!(conditions, [false, false, false, true, true, true]);
}

#[test]
fn a_run_that_was_cut_short_is_completed() {
    let (directory, server) = server();
    write(&directory, &key(ONE), small(ONE, "anna"));
    export(&server, "iam").said(0, &[]);
    let whole = objects(&directory);
    // Killed after the list, with a file of an earlier, larger day still there.
    let history = format!("data/credential_report_history/dt={DAY}");
    write(
        &directory,
        &format!("{history}/part-00001.parquet"),
        &whole[&format!("credential_report_history/dt={DAY}/part-00000.parquet")],
    );
    let ran = export(&server, "iam");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(objects(&directory) == whole, "{:?}", objects(&directory).keys());
}

#[test]
fn two_at_a_time_lose_nothing() {
    let (directory, server) = server();
    write(&directory, &key(ONE), small(ONE, "anna"));
    export(&server, "iam").said(0, &[]);
    write(&directory, &format!("more/{}", key(TWO)), small(TWO, "bert"));
    // Somebody else was faster once.
    server.fault(
        1,
        Fault::answer(
            412,
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
        ),
        |seen| seen.method == "PUT" && seen.header("if-match").is_some(),
    );
    let ran = export(&server, "more");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let sql = "SELECT count(*) AS \"rows\" FROM credential_report";
    assert_eq!(run(&server, &["query", sql, &format!("s3://{BUCKET}/data")]).clean(), "rows\n4\n");
}

#[test]
fn denials_name_what_is_needed() {
    let (directory, server) = server();
    write(&directory, &key(ONE), report(&[Row::root(ONE)]));
    server.fault(usize::MAX, Fault::answer(403, "AccessDenied", "Access Denied"), |seen| {
        seen.method == "PUT"
    });
    let ran = export(&server, "iam");
    ran.said(2, &["s3:PutObject"]);
    assert!(objects(&directory).is_empty());
    let inside = run(
        &server,
        &[
            "export",
            &format!("s3://{BUCKET}/data/reports/dt={DAY}"),
            "--to",
            &format!("s3://{BUCKET}/data"),
        ],
    );
    inside.said(2, &["is read here"]);
}
