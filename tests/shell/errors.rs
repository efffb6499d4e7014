use super::{answers, demo, inside, screen};
use crate::support::{Folder, small};

#[test]
fn a_slip_is_pointed_at_and_put_right() {
    let mut terminal = demo();
    for (sql, words) in [
        (
            "SELECT * FROM credential_reprt;",
            &["there is no table `credential_reprt`", "did you mean `credential_report`?"][..],
        ),
        (
            "SELECT mfa_activ FROM credential_report;",
            &["there is no column `mfa_activ`", "did you mean `mfa_active`?"],
        ),
        ("SELECT cuont(1);", &["there is no function `cuont`", "did you mean `count`?"]),
        ("SELCT 1;", &["SELCT", "did you mean `SELECT`?"]),
        ("SELECT 1 FORM credential_report;", &["error"]),
    ] {
        let said = answers(&mut terminal, sql, words);
        assert!(said.contains("error: "), "{said}");
    }
}

#[test]
fn the_mark_is_under_the_place() {
    let mut terminal = demo();
    let said = terminal.run("SELECT mfa_activ FROM credential_report;");
    let lines: Vec<&str> = said.lines().collect();
    let mark = lines.iter().position(|line| line.trim() == "^");
    assert!(mark.is_some_and(|mark| mark > 0), "{said}");
    let mark = mark.unwrap_or(1);
    assert_eq!(lines[mark].find('^'), lines[mark - 1].find("mfa_activ"), "{said}");
    screen!(terminal);
}

#[test]
fn the_line_of_a_longer_statement_is_told() {
    let mut terminal = demo();
    let from = terminal.mark();
    terminal.line("SELECT 1,");
    terminal.line("  mfa_activ");
    terminal.line("FROM credential_report;");
    terminal.wait_prompt();
    let said = terminal.since(from).join("\n");
    assert!(said.contains("(line 2)"), "{said}");
}

#[test]
fn the_first_error_ends_the_line() {
    let mut terminal = demo();
    let said = terminal.run("SELECT nothing; SELECT 2 AS never;");
    assert!(!said.contains("never"), "{said}");
}

#[test]
fn a_report_that_cannot_be_read_is_told_once() {
    let folder = Folder::new(&[
        ("good.csv", &small("111122223333", "ann")),
        ("bad.csv", "user,arn,user_creation_time\nann,\"arn:aws:iam::1"),
    ]);
    let mut terminal = inside(folder.path(), &["good.csv", "bad.csv"]);
    answers(&mut terminal, "SELECT count(*) AS n FROM credential_report;", &["bad.csv"]);
    let again = terminal.run("SELECT count(*) AS n FROM credential_report;");
    assert!(!again.contains("bad.csv"), "{again}");
}

#[test]
fn nothing_can_be_written_by_sql() {
    let mut terminal = demo();
    answers(&mut terminal, "COPY (SELECT 1) TO 'x.csv';", &["error"]);
    assert!(!terminal.home().join("x.csv").exists());
}
