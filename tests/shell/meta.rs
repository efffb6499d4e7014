use std::fs;

use super::{DEMO, answers, demo, inside, open, plain, program, screen};
use crate::support::{Folder, answer, small};
use crate::terminal::Key;

const ONE: &str = "111122223333";

#[test]
fn help_names_every_command() {
    let mut terminal = demo();
    terminal.run("\\pager off");
    let help = terminal.run("\\?");
    for command in [
        "\\?",
        "\\q",
        "\\d",
        "\\df",
        "\\l",
        "\\n",
        "\\check",
        "\\f",
        "\\x",
        "\\o",
        "\\i",
        "\\timing",
        "\\set",
        "\\asof",
        "\\add",
        "\\refresh",
        "\\last",
        "\\export",
        "\\history",
        "\\e",
        "\\rows",
        "\\pager",
        "\\g",
        "\\gx",
        "\\echo",
    ] {
        assert!(help.contains(command), "{command} is not in:\n{help}");
    }
    answers(&mut terminal, "\\? asof", &["\\asof"]);
    answers(&mut terminal, "\\? credentials", &["credentials"]);
    insta::assert_snapshot!(help);
}

#[test]
fn tables_and_columns_are_described() {
    let mut terminal = demo();
    terminal.run("\\pager off");
    let tables = answers(&mut terminal, "\\d", &["credential_report", "credentials", "changes"]);
    assert!(!tables.contains("error"), "{tables}");
    screen!(terminal);
    answers(&mut terminal, "\\d controls", &["severity"]);
    answers(&mut terminal, "\\d credentials", &["idle_days", "integer"]);
    answers(&mut terminal, "\\d+ credentials", &["idle_days", "Whole days since last use"]);
    answers(&mut terminal, "\\d+ credential_report", &["no_information (NULL): never used"]);
    answers(&mut terminal, "\\d credential", &["there is no table `credential`", "did you mean"]);
    answers(&mut terminal, "\\df", &["regexp_replace"]);
    assert_eq!(terminal.run(".tables"), tables);
}

#[test]
fn sources_are_listed() {
    let mut terminal = demo();
    answers(&mut terminal, "\\l", &[DEMO]);
}

#[test]
fn canned_queries_are_listed_shown_and_run() {
    let mut terminal = demo();
    terminal.run("\\pager off");
    answers(&mut terminal, "\\n", &["access-review", "mfa-lost"]);
    answers(&mut terminal, "\\n show mfa-coverage-by-account", &["SELECT", "FROM"]);
    let ran = answers(&mut terminal, "\\n mfa-coverage-by-account", &["account_id"]);
    assert!(!ran.contains("SELECT"), "{ran}");
    answers(&mut terminal, "\\n mfa-los", &["did you mean", "mfa-lost"]);
}

#[test]
fn a_canned_query_can_be_changed_before_it_runs() {
    let mut terminal = demo();
    terminal.line("\\n edit report-age");
    terminal.wait_for("$max_hours is ");
    terminal.wait_for("WHEN finding = 'old' THEN 'alarm'");
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
}

#[test]
fn controls_are_judged() {
    let mut terminal = demo();
    terminal.run("\\pager off");
    answers(&mut terminal, "\\check", &["alarm"]);
    answers(&mut terminal, "\\check cis-aws-5.0.0", &["cis-aws-5.0.0"]);
    answers(
        &mut terminal,
        "\\check cis-aws-9",
        &["there is no framework and no control `cis-aws-9`", "did you mean"],
    );
}

#[test]
fn the_format_can_be_chosen() {
    let mut terminal = demo();
    let sql = "SELECT 1 AS a, 'x' AS b;";
    for (format, shown) in [
        ("csv", "a,b\n1,x"),
        ("tsv", "a"),
        ("json", "[{\"a\":1,\"b\":\"x\"}]"),
        ("ndjson", "{\"a\":1,\"b\":\"x\"}"),
        ("markdown", "| a | b |"),
        ("vertical", "a | 1"),
        ("table", "a │ b"),
    ] {
        terminal.run(&format!("\\f {format}"));
        answers(&mut terminal, sql, &[shown]);
        answers(&mut terminal, "\\f", &[format]);
    }
    terminal.run(".mode csv");
    answers(&mut terminal, sql, &["a,b\n1,x"]);
    answers(&mut terminal, "\\f cvs", &["csv"]);
    answers(&mut terminal, sql, &["a,b\n1,x"]);
}

#[test]
fn records_can_be_stood_on_end() {
    let mut terminal = demo();
    let sql = "SELECT 1 AS a, 'x' AS b;";
    terminal.run("\\x");
    answers(&mut terminal, sql, &["a | 1", "b | x"]);
    terminal.run("\\x");
    answers(&mut terminal, sql, &["a │ b"]);
    terminal.run("\\x auto");
    answers(&mut terminal, sql, &["a │ b"]);
    let wide: Vec<String> = (0..15).map(|n| format!("'long enough to be cut' AS c{n}")).collect();
    answers(&mut terminal, &format!("SELECT {};", wide.join(", ")), &["c14 | long enough"]);
}

#[test]
fn a_statement_can_be_ended_by_how_to_show_it() {
    let mut terminal = demo();
    answers(&mut terminal, "SELECT 1 AS a, 'x' AS b \\gx", &["a | 1", "b | x"]);
    answers(&mut terminal, "SELECT 1 AS a, 'x' AS b \\g", &["a │ b"]);
    answers(&mut terminal, "\\g", &["a │ b"]);
}

#[test]
fn output_can_go_to_a_file_or_a_command() {
    let mut terminal = plain();
    terminal.run("\\o out.csv");
    let said = terminal.run("SELECT 1 AS a;");
    assert!(!said.contains("a\n1"), "{said}");
    terminal.run("\\o");
    answers(&mut terminal, "SELECT 2 AS b;", &["b\n2"]);
    let out = fs::read_to_string(terminal.home().join("out.csv")).expect("it was written");
    assert_eq!(out, "a\n1\n");
    terminal.run("\\o | sed 's/^/piped /' >piped.txt");
    terminal.run("SELECT 3 AS c;");
    terminal.run("\\o");
    let out = fs::read_to_string(terminal.home().join("piped.txt")).expect("it was written");
    assert_eq!(out, "piped c\npiped 3\n");
}

#[test]
fn a_file_of_statements_is_run() {
    let folder = Folder::new(&[
        ("good.sql", "SELECT 1 AS a;\n-- two\nSELECT 2\n  AS b;\n\\echo between\nSELECT 3 AS c"),
        ("bad.sql", "SELECT 1 AS a;\n\nSELECT nothing;\nSELECT 2 AS never;"),
    ]);
    let mut terminal = inside(folder.path(), &[DEMO]);
    terminal.run("\\f csv");
    let ran = answers(&mut terminal, "\\i good.sql", &["a\n1", "b\n2", "between", "c\n3"]);
    assert!(!ran.contains("error"), "{ran}");
    let ran = answers(&mut terminal, "\\i bad.sql", &["bad.sql:3:"]);
    assert!(!ran.contains("never"), "{ran}");
    answers(&mut terminal, "\\i missing.sql", &["missing.sql"]);
}

#[test]
fn times_are_shown_when_wished() {
    let mut terminal = plain();
    terminal.run("\\timing off");
    let without = terminal.run("SELECT 1 AS a;");
    terminal.run("\\timing on");
    let with = terminal.run("SELECT 1 AS a;");
    assert!(!without.contains(" ms") && !without.contains("µs"), "{without}");
    assert!(with.contains("ms") || with.contains("µs") || with.contains(" s"), "{with}");
    let toggled = terminal.run("\\timing");
    assert!(toggled.to_lowercase().contains("off"), "{toggled}");
}

#[test]
fn values_can_be_set() {
    let mut terminal = plain();
    terminal.run("\\set days 90");
    answers(&mut terminal, "SELECT $days + 1 AS n;", &["n\n91"]);
    terminal.run("\\set name 'ann bee'");
    answers(&mut terminal, "SELECT $name AS n;", &["n\nann bee"]);
    answers(&mut terminal, "\\set", &["days", "90", "name"]);
    answers(&mut terminal, "SELECT $dayz AS n;", &["dayz"]);
}

#[test]
fn the_time_can_be_chosen() {
    let folder = Folder::new(&[
        ("old.json", &answer(&small(ONE, "ann"), "2026-09-01T00:00:00Z")),
        ("new.json", &answer(&small(ONE, "bob"), "2026-10-01T00:00:00Z")),
    ]);
    let mut terminal = inside(folder.path(), &["."]);
    terminal.run("\\f csv");
    let sql = "SELECT \"user\" FROM credential_report WHERE NOT is_root;";
    answers(&mut terminal, sql, &["user\nbob"]);
    terminal.run("\\asof 2026-09-15");
    answers(&mut terminal, sql, &["user\nann"]);
    answers(&mut terminal, "SELECT now() AS t;", &["t\n2026-09-15T23:59:59"]);
    answers(&mut terminal, "\\asof never", &["never"]);
    terminal.run("\\asof now");
    answers(&mut terminal, sql, &["user\nbob"]);
}

#[test]
fn sources_can_be_added_and_looked_at_again() {
    let folder = Folder::new(&[
        ("in/a.csv", &small(ONE, "ann")),
        ("later.csv", &small("444455556666", "bob")),
    ]);
    let mut terminal = inside(folder.path(), &["in"]);
    terminal.run("\\f csv");
    let sql = "SELECT \"user\" FROM credential_report WHERE NOT is_root ORDER BY 1;";
    answers(&mut terminal, sql, &["user\nann"]);
    terminal.run("\\add later.csv");
    answers(&mut terminal, sql, &["user\nann\nbob"]);
    answers(&mut terminal, "\\l", &["later.csv"]);
    folder.write("in/c.csv", small("777788889999", "cid").as_bytes());
    terminal.run("\\refresh");
    answers(&mut terminal, sql, &["user\nann\nbob\ncid"]);
    answers(&mut terminal, "\\add nowhere.csv", &["nowhere.csv"]);
}

#[test]
fn the_last_result_is_shown_again_and_exported() {
    let mut terminal = plain();
    terminal.run("SELECT 1 AS a, 'x' AS b;");
    answers(&mut terminal, "\\last", &["a,b\n1,x"]);
    terminal.run("\\f table");
    answers(&mut terminal, "\\last", &["a │ b"]);
    terminal.run("\\export out.json");
    terminal.run("\\export out.csv");
    let read = |name: &str| fs::read_to_string(terminal.home().join(name)).expect("a file");
    assert_eq!(read("out.csv"), "a,b\n1,x\n");
    assert_eq!(read("out.json"), "[{\"a\":1,\"b\":\"x\"}]\n");
}

#[test]
fn nothing_is_last_at_first() {
    let mut terminal = demo();
    let said = terminal.run("\\last") + &terminal.run("\\export out.csv");
    assert!(said.contains("no result") || said.contains("nothing"), "{said}");
    assert!(!terminal.home().join("out.csv").exists());
}

#[test]
fn the_history_is_shown() {
    let mut terminal = demo();
    terminal.run("SELECT 1 AS remembered;");
    answers(&mut terminal, "\\history", &["SELECT 1 AS remembered;"]);
}

#[test]
fn a_statement_can_be_written_in_an_editor() {
    let folder = Folder::new(&[]);
    let editor = folder.write("editor.sh", b"#!/bin/sh\necho 'SELECT 40 + 2 AS edited;' >\"$1\"\n");
    let mut command = program(&[DEMO]);
    command.env("EDITOR", format!("sh {}", editor.display()));
    let mut terminal = open(command);
    terminal.line("\\e");
    // It runs, or is there to be run.
    terminal.wait_for("edited");
    if !terminal.seen().contains("42") {
        terminal.key(Key::Enter);
    }
    terminal.wait_for("42");
    terminal.wait_prompt();
}

#[test]
fn rows_are_shown_up_to_a_number() {
    let mut terminal = plain();
    terminal.run("\\pager off");
    terminal.run("\\rows 5");
    let shown = answers(&mut terminal, "SELECT * FROM generate_series(1, 20);", &["\n5"]);
    assert!(!shown.contains("\n6\n"), "{shown}");
    terminal.run("\\rows all");
    answers(&mut terminal, "SELECT * FROM generate_series(1, 20);", &["\n6\n", "\n20"]);
    answers(&mut terminal, "\\rows few", &["few"]);
}

#[test]
fn text_is_repeated() {
    let mut terminal = demo();
    assert_eq!(terminal.run("\\echo one  two"), "one two");
    assert_eq!(terminal.run("\\echo 'one  two'"), "one  two");
}

#[test]
fn a_slip_is_told_the_nearest_command() {
    let mut terminal = demo();
    answers(&mut terminal, "\\dd", &["\\dd", "did you mean"]);
    answers(&mut terminal, "\\tming", &["\\timing"]);
    answers(&mut terminal, ".tabels", &[".tables"]);
    answers(&mut terminal, "\\zzzzzz", &["\\?"]);
    screen!(terminal);
}

#[test]
fn a_command_in_the_middle_of_a_statement_is_told_apart() {
    let mut terminal = plain();
    answers(&mut terminal, "SELECT '\\q' AS a;", &["a\n\\q"]);
    answers(&mut terminal, "SELECT .5 AS a;", &["a\n0.5"]);
}
