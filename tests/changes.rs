//! Table `changes`: what differs between consecutive reports.

use std::fs;
use std::path::PathBuf;

use crate::support::{Folder, Row, credsql, report};

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Reports whose users say the case they are, and what must come out, written by hand.
#[test]
fn every_case_gives_the_changes_that_were_thought_out() {
    let order = "account_id, generated_time, arn, change, created_time";
    let sql = format!("SELECT * FROM changes ORDER BY {order}");
    let args = ["query", &sql, "changes", "--quiet"];
    let shown = credsql(&fixtures(), &args, "").said(0, &[]);
    let expected = fs::read_to_string(fixtures().join("changes.csv")).expect("it is there");
    assert_eq!(shown, expected);
}

#[test]
fn changes_of_one_account_read_only_its_reports() {
    const ONE: &str = "111122223333";
    const OTHER: &str = "444455556666";
    let folder = Folder::new(&[]);
    for (day, mfa) in [("2026-10-01", "false"), ("2026-10-05", "true")] {
        for account in [ONE, OTHER] {
            let row = Row::user(account, "ann").set("mfa_active", mfa);
            let name = format!("{day}/credentialReport_{account}.csv");
            folder.write(&name, report(&[row]).as_bytes());
        }
    }
    let sql = |what: &str| format!("{what} FROM changes WHERE account_id = '{ONE}'");
    let shown = folder.query(&sql("SELECT \"user\", change, days_between")).clean();
    assert_eq!(shown, "user,change,days_between\nann,mfa_enabled,4\n");
    let plan = folder.query(&sql("EXPLAIN SELECT *")).clean();
    assert!(plan.contains("reports=2 of 4") && !plan.contains("reports=4 of 4"), "{plan}");
}
