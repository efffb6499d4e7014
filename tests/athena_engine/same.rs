//! The same statements and checks, here and there.

use std::path::Path;

use super::fake_athena::{self, DATABASE, Fake, Manners};
use crate::support::{Folder, Ran, Row, answer, credsql, report};

const DEMO: &str = "demo:accounts=3,users=8,days=30";

/// A dataset of reports, and what they were read from.
struct Both {
    folder: Folder,
    source: String,
    fake: Fake,
}

impl Both {
    fn of(source: &str, manners: Manners) -> Self {
        Self::within(Folder::new(&[]), source, manners)
    }

    fn within(folder: Folder, source: &str, manners: Manners) -> Self {
        let dataset = folder.path().join("dataset");
        let export = ["export", source, "--to", "dataset", "--quiet"];
        let exported = credsql(folder.path(), &export, "");
        assert!(matches!(exported.code, 0 | 2), "{}", exported.stderr);
        let fake = fake_athena::start(&dataset, manners);
        Self { folder, source: source.to_owned(), fake }
    }

    fn here(&self, args: &[&str]) -> Ran {
        let args: Vec<&str> = args.iter().copied().chain([self.source.as_str()]).collect();
        credsql(self.folder.path(), &args, "")
    }

    fn there(&self, args: &[&str]) -> Ran {
        self.fake.run(self.folder.path(), args)
    }

    /// Runs the program here and there. Returns what it wrote.
    #[track_caller]
    fn same(&self, args: &[&str]) -> String {
        let (here, there) = (self.here(args), self.there(args));
        let mut lines = here.stdout.lines().zip(there.stdout.lines());
        assert!(
            here.stdout == there.stdout,
            "{args:?}: {} lines here, {} there; the first that differ: {:#?}\n{}",
            here.stdout.lines().count(),
            there.stdout.lines().count(),
            lines.find(|(here, there)| here != there),
            there.stderr
        );
        assert_eq!(here.code, there.code, "{args:?}: {}\n{}", here.stderr, there.stderr);
        here.stdout
    }
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("the file was written")
}

#[test]
fn a_check_says_what_it_says_here() {
    let both = Both::of(DEMO, Manners::default());
    assert!(both.same(&["check"]).lines().count() > 300);
    both.same(&["check", "--as-of", "2026-10-20", "--format", "json", "--control", "keys-rotated"]);
    let new = both.same(&["check", "--only-new", "--tag", "hygiene"]);
    assert!(new.lines().count() > 20, "{new}");
    both.same(&["check", "--control", "root-mfa-enabled", "--format", "summary"]);
}

#[test]
fn every_table_has_the_rows_that_it_has_here() {
    let both = Both::of(DEMO, Manners { page: 7, ..Manners::default() });
    // One report cannot be read: here that is a failure of this run, there of the export.
    let rows = |sql: &str| {
        let (here, there) = (both.here(&["query", sql]), both.there(&["query", sql]));
        assert!(matches!((here.code, there.code), (0 | 2, 0)), "{}{}", here.stderr, there.stderr);
        assert!(here.stdout == there.stdout, "{sql}\n{}\n\n{}", here.stdout, there.stdout);
        here.stdout
    };
    let reports = rows("SELECT * FROM reports ORDER BY source, account_id");
    assert!(reports.contains(",failed,"), "{reports}");
    for (table, order) in [
        ("credential_report", "arn"),
        ("credentials", "arn, kind, slot"),
        ("changes", "account_id, generated_time, arn, change, kind, created_time"),
        ("access_key_ids", "1, 2, 3"),
        ("password_policy", "1"),
    ] {
        let sql = format!("SELECT * FROM {table} ORDER BY {order}");
        let rows = rows(&sql);
        let is_exported = !matches!(table, "access_key_ids" | "password_policy");
        assert_eq!(rows.lines().count() > 1, is_exported, "{table}");
    }
    for history in ["credential_report_history", "credential_report_raw", "credentials_history"] {
        // Lines of a file are not exported.
        let sql = format!(
            "SELECT account_id, generated_time, arn, count(*) AS n FROM {history} \
             WHERE generated_time > TIMESTAMP '2026-10-28T00:00:00Z' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        );
        assert!(rows(&sql).lines().count() > 10, "{history}");
    }
}

#[test]
fn statements_with_parameters_and_times_say_the_same() {
    let both = Both::of(DEMO, Manners::default());
    let sql = "SELECT kind, count(*), max(created_time), avg(age_days) AS age FROM credentials \
        WHERE age_days > $days AND created_time < now() GROUP BY kind ORDER BY kind";
    both.same(&["query", sql, "--param", "days=30"]);
    both.same(&["query", sql, "--param", "days=30", "--as-of", "2026-10-20", "--format", "json"]);
    let joined = "SELECT a.arn, b.arn, b.\"user\" AS \"User\" FROM credential_report a \
        JOIN credential_report b ON a.arn = b.arn WHERE NOT a.is_root ORDER BY a.arn LIMIT 5";
    assert_eq!(both.same(&["query", joined]).lines().count(), 6);
    let script = "SELECT count(*) AS n FROM credential_report; SELECT id FROM controls ORDER BY id LIMIT 3; \
        SELECT n + 1 AS more FROM _";
    both.same(&["query", script, "--format", "json"]);
    // A control is in no order.
    let control = ["queries", "run", "keys-rotated", "--param", "max_age_days=45"];
    let sorted = |ran: Ran| {
        let mut lines: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let (here, there) = (both.here(&control), both.there(&control));
    assert_eq!((here.code, there.code), (0, 0), "{}{}", here.stderr, there.stderr);
    let (here, there) = (sorted(here), sorted(there));
    assert!(here.len() > 20 && here == there, "{here:#?}\n{there:#?}");
}

#[test]
fn a_report_that_failed_fails_the_check_there_too() {
    let row = |account: &str| report(&[Row::root(account), Row::user(account, "alice")]);
    let folder = Folder::new(&[
        ("in/a.json", &answer(&row("111111111111"), "2026-10-01T00:00:00Z")),
        ("in/b.json", &answer(&row("222222222222"), "2026-10-01T00:00:00Z")),
        ("in/broken.csv", "user,arn,user_creation_time\nx,y,z,too,many\n"),
    ]);
    let both = Both::within(folder, "in", Manners::default());
    let rows = both.same(&["check", "--control", "keys-rotated"]);
    assert!(rows.contains("error"), "{rows}");
    assert_eq!(both.there(&["check", "--control", "keys-rotated"]).code, 2);
}

#[test]
fn evidence_names_the_same_reports_and_the_queries() {
    let both = Both::of(DEMO, Manners::default());
    let args = |name: &'static str| {
        ["check", "--control", "keys-rotated", "--only-new", "--quiet", "--evidence", name]
    };
    let (here, there) = (both.here(&args("here")), both.there(&args("there")));
    assert_eq!(here.code, there.code, "{}", there.stderr);
    let folder = both.folder.path();
    for file in ["reports.csv", "results.csv", "summary.md"] {
        let (here, there) = (read(&folder.join("here"), file), read(&folder.join("there"), file));
        assert_eq!(here, there, "{file}");
    }
    let manifest = read(&folder.join("there"), "manifest.json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(manifest["athena"]["database"], DATABASE);
    let queries = manifest["athena"]["queries"].as_array().expect("a list").len();
    assert!(queries >= 5, "{manifest}");
}

#[test]
fn the_cost_is_told_at_the_end() {
    let both = Both::of("demo:accounts=1,users=1,days=1", Manners::default());
    let sql = "SELECT count(*) AS n FROM credential_report";
    let told =
        both.there(&["query", sql, "--athena-output", "s3://results/a/", "--workgroup", "w"]);
    assert_eq!(
        told.stderr_of(0),
        "note: Athena ran 1 query and read 1.00 MB: about $0.00005 at $5 per TB, 10 MB at least for each query\n"
    );
    assert_eq!(
        both.there(&["query", sql, "--quiet", "--output", "s3://results/b/"]).clean(),
        "n\n2\n"
    );
    let starts: Vec<_> = both
        .fake
        .asked()
        .into_iter()
        .filter(|(action, _)| action == "StartQueryExecution")
        .collect();
    assert_eq!(starts[0].1["WorkGroup"], "w");
    let places: Vec<_> =
        starts.iter().map(|(_, asked)| &asked["ResultConfiguration"]["OutputLocation"]).collect();
    assert_eq!(places, ["s3://results/a/", "s3://results/b/"]);
}
