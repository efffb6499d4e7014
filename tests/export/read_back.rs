//! A dataset is a source like any other: the same rows, the same verdicts.

use std::time::{Duration, UNIX_EPOCH};

use super::{ONE, TWO, path};
use crate::support::{Folder, answer, credsql, small};

/// Everything that can be asked, each in an order that depends on nothing but the rows.
const QUESTIONS: [&str; 6] = [
    "SELECT * FROM credential_report ORDER BY account_id, source, arn, \"user\", user_creation_time",
    "SELECT * FROM credential_report_history ORDER BY account_id, generated_time, source, arn, \"user\", user_creation_time",
    "SELECT * FROM credentials ORDER BY account_id, source, arn, \"user\", kind, slot, created_time",
    "SELECT * FROM credentials_history ORDER BY account_id, generated_time, source, arn, \"user\", kind, slot, created_time",
    "SELECT * FROM changes ORDER BY account_id, generated_time, arn, \"user\", change, slot, created_time",
    "SELECT source, account_id, account_name, partition, generated_time, \"rows\", is_latest FROM reports ORDER BY source, account_id, generated_time",
];

#[test]
fn rows_and_verdicts_are_the_same() {
    let folder = Folder::new(&[]);
    let source = "demo:accounts=5,users=30,days=4";
    let ran = folder.run(&["export", source, "--to", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for sql in QUESTIONS {
        let (before, after) = (
            folder.run(&["query", sql, source]).clean(),
            folder.run(&["query", sql, "out"]).clean(),
        );
        assert!(before.lines().count() > 5, "{sql}: {before}");
        assert!(before == after, "{sql}\n{before}\n\n{after}");
    }
    let check = |source: &str| {
        let ran = folder.run(&["check", source, "--format", "csv"]);
        (ran.code, ran.stdout)
    };
    assert!(check(source) == check("out"), "verdicts differ");
}

/// The text of every cell comes back from value and state.
#[test]
fn the_raw_text_is_rebuilt() {
    let folder = Folder::new(&[]);
    let source = "demo:accounts=2,users=30,days=1";
    folder.run(&["export", source, "--to", "out"]).said(0, &[]);
    let names: Vec<String> =
        credsql::schema::REPORT.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let sql = format!(
        "SELECT {}, account_id, generated_time FROM credential_report_raw ORDER BY account_id, arn",
        names.join(", ")
    );
    let of = |source: &str| folder.run(&["query", &sql, source]).clean();
    assert!(of(source) == of("out"), "texts differ");
    let lines = folder.exported("SELECT count(line) AS lines FROM credential_report_raw");
    assert_eq!(lines, "lines\n0\n");
}

/// Every odd shape of report: what could be read of it is the same after it was exported.
#[test]
fn the_corpus_comes_back() {
    let folder = Folder::new(&[]);
    let corpus = "corpus";
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"));
    // Each of another time: files of one time of modification are told apart by nothing but bytes.
    for (number, file) in (0..).zip(files.expect("the corpus is there")) {
        let file = file.expect("the folder can be read");
        let bytes = std::fs::read(file.path()).expect("the file can be read");
        let copy = folder.write(&format!("corpus/{}", file.file_name().display()), &bytes);
        let time = UNIX_EPOCH + Duration::from_secs(1_790_000_000 + number * 60);
        let copy = std::fs::File::options().write(true).open(copy).expect("it is there");
        copy.set_modified(time).expect("times can be set");
    }
    let ran = folder.run(&["export", corpus, "--to", "out", "--quiet"]);
    assert_eq!(ran.code, 2, "some are broken: {}", ran.stderr);
    for sql in QUESTIONS {
        let rows =
            |source: &str| credsql(folder.path(), &["query", sql, source, "--quiet"], "").stdout;
        let (before, after) = (rows(corpus), rows("out"));
        let shown: Vec<&str> = before.lines().filter(|line| !line.contains(",,,,,")).collect();
        if sql.contains("FROM reports") {
            // Of what could not be read the files of the dataset know nothing.
            let known: Vec<&str> = after.lines().collect();
            let missing: Vec<_> = known.iter().filter(|line| !before.contains(**line)).collect();
            assert!(missing.is_empty(), "{missing:#?}");
            continue;
        }
        assert!(shown.len() > 3, "{sql}");
        for (before, after) in before.lines().zip(after.lines()) {
            assert_eq!(before, after, "{sql}");
        }
        assert_eq!(before.lines().count(), after.lines().count(), "{sql}");
    }
}

#[test]
fn newer_reports_beside_a_dataset_count() {
    let folder = Folder::new(&[
        (&path(ONE, "2026-01-02"), &small(ONE, "anna")),
        (&path(TWO, "2026-01-02"), &small(TWO, "bert")),
    ]);
    folder.export(&[]);
    folder.write("new/a.json", answer(&small(ONE, "agnes"), "2026-01-03T04:00:00Z").as_bytes());
    let sql = "SELECT account_id, \"user\" FROM credential_report WHERE is_root = false ORDER BY 1";
    let rows = folder.run(&["query", sql, "out", "new"]).clean();
    assert_eq!(rows, format!("account_id,user\n{ONE},agnes\n{TWO},bert\n"));
    // The untouched report and its copy in the dataset are one report.
    let sql = "SELECT count(*) AS \"rows\" FROM credential_report_history";
    assert_eq!(folder.run(&["query", sql, "in", "out"]).clean(), "rows\n4\n");
}
