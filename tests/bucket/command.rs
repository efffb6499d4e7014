//! The program on buckets.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::support::s3_server::{ACCESS_KEY, Fault, SECRET_KEY, Seen, Server};
use super::support::{BUCKET, server, write};
use crate::support::{Ran, Row, report};

/// The program, where nothing but this store is to be found.
pub(super) fn run(server: &Server, args: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_credsql"))
        .args(args)
        .env_clear()
        .env("NO_COLOR", "1")
        .env("AWS_ENDPOINT_URL", &server.endpoint)
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent/config")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials")
        .current_dir(Path::new("/"))
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let ran = Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
    };
    assert!(!ran.stderr.contains(SECRET_KEY), "a credential is shown:\n{}", ran.stderr);
    ran
}

/// A report of so many rows, root's the first.
fn reports(account: &str, rows: usize) -> String {
    let users = (1..rows).map(|number| Row::user(account, &format!("user-{number}")));
    report(&std::iter::once(Row::root(account)).chain(users).collect::<Vec<_>>())
}

fn account(number: usize) -> String {
    format!("{:012}", 100_000_000_000 + number)
}

fn day(number: usize) -> String {
    format!("2026-{:02}-{:02}", 1 + number / 28, 1 + number % 28)
}

/// Reports of so many accounts on so many days.
fn archive(directory: &TempDir, accounts: usize, days: usize) {
    for account in (1..=accounts).map(account) {
        for day in (0..days).map(day) {
            let key = format!("iam/date={day}/account_id={account}/credential_report.csv");
            write(directory, &key, reports(&account, 2));
        }
    }
}

fn fetched(server: &Server) -> Vec<Seen> {
    server.seen().into_iter().filter(Seen::is_get).collect()
}

#[test]
fn latest_fetches_one_object_for_each_account() {
    let (directory, server) = server();
    archive(&directory, 5, 60);
    let sql = "SELECT count(DISTINCT account_id) AS accounts, count(*) AS \"rows\", min(generated_time) AS since FROM credential_report";
    let ran = run(&server, &["query", sql, &format!("s3://{BUCKET}/iam")]);
    assert_eq!(ran.clean(), "accounts,rows,since\n5,10,2026-03-04T00:00:00Z\n");
    let fetched = fetched(&server);
    assert_eq!(fetched.len(), 5, "{fetched:#?}");
    assert!(fetched.iter().all(|seen| seen.path.contains("2026-03-04")), "{fetched:#?}");
    assert!(fetched.iter().all(|seen| seen.header("if-match").is_some()), "{fetched:#?}");
}

#[test]
fn a_filter_on_time_leaves_objects_where_they_are() {
    let (directory, server) = server();
    archive(&directory, 2, 84);
    let sql = "SELECT count(*) AS \"rows\" FROM credential_report_history WHERE generated_time >= '2026-03-20'";
    let ran = run(&server, &["query", sql, &format!("s3://{BUCKET}/iam/")]);
    assert_eq!(ran.clean(), "rows\n36\n");
    // A day's room: a collector's day need not be that of the report.
    let fetched = fetched(&server);
    assert!((18..=2 * 11).contains(&fetched.len()), "{}", fetched.len());
}

#[test]
fn every_report_is_fetched_once_whatever_is_asked() {
    let (directory, server) = server();
    archive(&directory, 3, 4);
    write(&directory, "iam/unknown.csv", reports("100000000009", 3));
    let sql = "SELECT count(*) FROM credential_report; SELECT count(*) FROM credential_report_history; \
               SELECT count(*) FROM reports WHERE sha256 IS NOT NULL; SELECT count(*) FROM changes";
    let ran = run(&server, &["query", sql, &format!("s3://{BUCKET}/iam"), "--format", "json"]);
    ran.said(0, &[]);
    let mut paths: Vec<String> = fetched(&server).into_iter().map(|seen| seen.path).collect();
    let requests = paths.len();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!((requests, paths.len()), (13, 13));
}

#[test]
fn what_is_no_report_is_left_alone_and_said() {
    let (directory, server) = server();
    for name in ["a.csv", "b.csv.gz", "c.json"] {
        let report = reports("111122223333", 2);
        let bytes = match name {
            "b.csv.gz" => {
                let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
                gzip.write_all(reports("111122224444", 3).as_bytes()).expect("memory");
                gzip.finish().expect("memory")
            }
            "c.json" => {
                use base64::Engine as _;
                let content =
                    base64::engine::general_purpose::STANDARD.encode(reports("111122225555", 4));
                format!("{{\"Content\":\"{content}\",\"ReportFormat\":\"text/csv\",\"GeneratedTime\":\"2026-05-01T10:00:00+00:00\"}}").into_bytes()
            }
            _ => report.into_bytes(),
        };
        write(&directory, &format!("mixed/{name}"), bytes);
    }
    for number in 0..400 {
        write(&directory, &format!("mixed/other/{number}.png"), "no report");
    }
    let sql = "SELECT account_id, count(*) AS users FROM credential_report GROUP BY account_id ORDER BY 1";
    let ran = run(&server, &["query", sql, &format!("s3://{BUCKET}/mixed")]);
    let stdout = ran.said(0, &["400 skipped, no report by its name"]);
    assert_eq!(stdout, "account_id,users\n111122223333,2\n111122224444,3\n111122225555,4\n");
    assert_eq!(fetched(&server).len(), 3);
}

#[test]
fn an_object_is_named_and_so_is_nothing() {
    let (directory, server) = server();
    let key = "odd names/credential report + ä %41.png";
    write(&directory, key, reports("111122223333", 2));
    let sql = "SELECT count(*) AS users FROM credential_report";
    let ask = |place: &str| run(&server, &["query", sql, place]);
    assert_eq!(ask(&format!("s3://{BUCKET}/{key}")).clean(), "users\n2\n");
    ask(&format!("s3://{BUCKET}/nothing")).said(2, &["there is nothing of this name", "aws s3 ls"]);
    ask("s3://no-such-bucket/x").said(2, &["there is no such bucket", "hint: "]);
    ask("s3:/bucket/x").said(2, &["s3://"]);
}

#[test]
fn an_object_that_changes_meanwhile_is_refused_and_the_others_are_read() {
    let (directory, server) = server();
    archive(&directory, 3, 1);
    let changed = account(2);
    let precondition = Fault::Answer {
        status: 412,
        code: "PreconditionFailed",
        message: "At least one of the pre-conditions you specified did not hold",
        headers: Vec::new(),
    };
    server
        .fault(usize::MAX, precondition, move |seen| seen.is_get() && seen.path.contains(&changed));
    let sql = "SELECT count(*) AS \"rows\" FROM credential_report";
    let ran = run(&server, &["query", sql, &format!("s3://{BUCKET}/iam")]);
    let stdout = ran.said(2, &["changed while it was read"]);
    assert_eq!(stdout, "rows\n4\n");
}

#[test]
fn bursts_of_refusals_and_broken_bodies_are_survived() {
    let (directory, server) = server();
    archive(&directory, 40, 1);
    let slow_down = Fault::answer(503, "SlowDown", "Please reduce your request rate.");
    server.fault(60, slow_down, Seen::is_get);
    server.fault(5, Fault::Cut(100), Seen::is_get);
    server.fault(5, Fault::Close, Seen::is_get);
    server.latency(Duration::from_millis(5));
    let sql = "SELECT count(*) AS \"rows\" FROM credential_report";
    let ran = run(&server, &["query", sql, &format!("s3://{BUCKET}/iam")]);
    assert_eq!(ran.clean(), "rows\n80\n");
}

#[test]
fn large_objects_are_read_piece_by_piece() {
    let (directory, server) = server();
    let report = reports("111122223333", 80_000);
    assert!(report.len() > 10 << 20, "{}", report.len());
    write(&directory, "large/2026-05-01/credentialReport_111122223333.csv", &report);
    let sql = "SELECT count(*) AS users, count(DISTINCT \"user\") AS names FROM credential_report_history";
    let ran = run(&server, &["query", sql, &format!("s3://{BUCKET}/large"), "-q"]);
    assert_eq!(ran.clean(), "users,names\n80000,80000\n");
    let fetched = fetched(&server);
    assert!(fetched.len() > 1 && fetched.iter().all(|seen| seen.header("range").is_some()));
}

#[test]
fn nothing_is_read_without_a_signature_unless_it_is_said() {
    let (directory, server) = server();
    archive(&directory, 1, 1);
    server.allow_anonymous();
    let sql = "SELECT count(*) AS \"rows\" FROM credential_report";
    let place = format!("s3://{BUCKET}/iam");
    assert_eq!(run(&server, &["query", sql, &place, "--no-sign-request"]).clean(), "rows\n2\n");
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
    server.forget();
    assert_eq!(run(&server, &["query", sql, &place]).clean(), "rows\n2\n");
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_some()));
}
