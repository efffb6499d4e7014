//! Statements that come through a pipe or from a file.

use super::DEMO;
use crate::support::{Folder, Ran, credsql, small};

const ONE: &str = "111122223333";

#[test]
fn one_result_is_csv_and_several_are_not() {
    let folder = Folder::new(&[]);
    // The last statement needs no end.
    for sql in ["SELECT 'x;y' AS a;\n-- a comment; no statement\n", "SELECT 'x;y' AS a"] {
        assert_eq!(credsql(folder.path(), &[DEMO], sql).clean(), "a\nx;y\n");
    }
    let two = "SELECT 1 AS a;\nSELECT 2 AS b";
    let stdout = credsql(folder.path(), &[DEMO], two).said(2, &["cannot share one csv"]);
    assert_eq!(stdout, "");
    let stdout = credsql(folder.path(), &["--format", "ndjson", DEMO], two).clean();
    assert_eq!(stdout, "{\"a\":1}\n{\"b\":2}\n");
}

#[test]
fn a_second_result_in_csv_is_refused_where_it_comes() {
    let folder = Folder::new(&[]);
    let script = "SELECT 1 AS a;\n\\echo then\nSELECT 2 AS b;\n";
    let stdout = credsql(folder.path(), &[DEMO], script).said(2, &["stdin:3: several"]);
    assert_eq!(stdout, "a\n1\nthen\n");
}

/// A script whose results are lines of JSON.
fn run(folder: &Folder, script: &str) -> Ran {
    credsql(folder.path(), &["--format", "ndjson", DEMO], script)
}

#[test]
fn a_script_stops_at_its_first_error() {
    let folder = Folder::new(&[]);
    let sql = "SELECT 1 AS a;\n\nSELECT nothing;\nSELECT 2 AS b;\n";
    let stdout = run(&folder, sql).said(2, &["stdin:3:", "there is no column `nothing`"]);
    assert_eq!(stdout, "{\"a\":1}\n");
}

#[test]
fn a_script_can_go_on_after_errors() {
    let folder = Folder::new(&[]);
    let sql = "SELECT 1 AS a;\n\nSELECT nothing;\nSELECT 2 AS b;\nSELECT cuont(1);\nSELECT 3 AS c";
    let stdout = credsql(folder.path(), &["--keep-going", "--format", "ndjson", DEMO], sql)
        .said(2, &["stdin:3:", "stdin:5:", "did you mean `count`?"]);
    assert_eq!(stdout, "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
}

#[test]
fn commands_work_in_a_script() {
    let folder = Folder::new(&[]);
    let script = "\\f json\nSELECT 1 AS a;\n\\f ndjson\n\\set n 41\nSELECT $n + 1 AS b;\n\\echo said\nSELECT b FROM _;\n.mode vertical\nSELECT 1 AS a \\g\n\\export a.csv\n";
    let stdout = credsql(folder.path(), &[DEMO], script).clean();
    let record = "-[ RECORD 1 ]-----------------------------------------------\na | 1\n";
    assert_eq!(stdout, format!("[{{\"a\":1}}]\n{{\"b\":42}}\nsaid\n{{\"b\":42}}\n{record}"));
    let exported = std::fs::read_to_string(folder.path().join("a.csv")).expect("it was written");
    assert_eq!(exported, "a\n1\n");
}

#[test]
fn leaving_leaves_the_rest() {
    let folder = Folder::new(&[]);
    let stdout = credsql(folder.path(), &[DEMO], "SELECT 1 AS a;\n\\q\nSELECT 2 AS b;\n").clean();
    assert_eq!(stdout, "a\n1\n");
}

#[test]
fn an_unknown_command_is_an_error_with_its_line() {
    let folder = Folder::new(&[]);
    let stdout = credsql(folder.path(), &[DEMO], "SELECT 1 AS a;\n\\timng\nSELECT 2 AS b;\n")
        .said(2, &["stdin:2:", "\\timing"]);
    assert_eq!(stdout, "a\n1\n");
}

#[test]
fn a_statement_of_several_lines_is_one() {
    let folder = Folder::new(&[]);
    let sql = "SELECT\n  1 AS a,\n  'x\n;y' AS b\n;\nSELECT $$;$$ AS c /* ; */;\n";
    let stdout = run(&folder, sql).clean();
    assert_eq!(stdout, "{\"a\":1,\"b\":\"x\\n;y\"}\n{\"c\":\";\"}\n");
}

#[test]
fn an_error_on_a_later_line_of_a_statement_is_told_there() {
    let folder = Folder::new(&[]);
    let sql = "SELECT 1 AS a;\nSELECT 1,\n  nothing\nFROM credential_report;\n";
    run(&folder, sql).said(2, &["stdin:3: there is no column `nothing`"]);
}

#[test]
fn a_file_of_another_file_is_named_in_its_errors() {
    let folder = Folder::new(&[("inner.sql", "SELECT 1 AS a;\nSELECT nothing;\n")]);
    let stdout = credsql(folder.path(), &[DEMO], "\\i inner.sql\nSELECT 2 AS b;\n")
        .said(2, &["inner.sql:2:"]);
    assert_eq!(stdout, "a\n1\n");
}

#[test]
fn a_file_that_runs_itself_ends() {
    let folder = Folder::new(&[("again.sql", "\\i again.sql\n")]);
    credsql(folder.path(), &[DEMO], "\\i again.sql\n").said(2, &["again.sql:1:"]);
}

#[test]
fn a_script_writes_no_history_and_greets_nobody() {
    let folder = Folder::new(&[]);
    let ran = credsql(folder.path(), &[DEMO], "SELECT 1 AS a;\n");
    assert_eq!(ran.clean(), "a\n1\n");
    assert!(std::fs::read_dir(folder.path()).expect("the folder is there").next().is_none());
}

#[test]
fn alarms_of_a_check_are_in_the_exit_code() {
    let folder = Folder::new(&[]);
    let summary = credsql(folder.path(), &[DEMO], "\\check users-have-mfa\n").said(1, &[]);
    assert!(summary.contains("users-have-mfa"), "{summary}");
}

#[test]
fn what_failed_before_other_sources_came_is_not_forgotten() {
    let folder = Folder::new(&[("bad.csv", "user,arn\n"), ("good.csv", &small(ONE, "ann"))]);
    let script = "SELECT count(*) AS n FROM credential_report;\n\\add good.csv\n\\echo end\n";
    let stdout = credsql(folder.path(), &["bad.csv"], script).said(2, &["bad.csv"]);
    assert_eq!(stdout, "n\n0\nend\n");
}

#[test]
fn a_command_that_reads_a_part_ends_nothing() {
    let folder = Folder::new(&[]);
    let script = "SELECT * FROM generate_series(1, 1000000) \\g |head -2\nSELECT 1 AS a;\n";
    assert_eq!(credsql(folder.path(), &[DEMO], script).clean(), "value\n1\na\n1\n");
}

#[test]
fn a_statement_that_failed_takes_no_ones_place() {
    let folder = Folder::new(&[]);
    let script = "SELECT nothing;\n\\echo then\nSELECT 1 AS a;\n";
    let stdout = credsql(folder.path(), &["--keep-going", DEMO], script).said(2, &["stdin:1:"]);
    assert_eq!(stdout, "then\na\n1\n");
}

#[test]
fn what_needs_a_person_is_refused() {
    let folder = Folder::new(&[]);
    for (script, words) in [
        ("\\n edit report-age\nSELECT 1;\n", "needs a terminal"),
        ("\\e\nSELECT 1;\n", "needs a terminal"),
        ("\\history\nSELECT 1;\n", "in a script"),
        ("SELECT 1,\n\\timing\n2;\n", "has no end"),
    ] {
        let stdout = credsql(folder.path(), &[DEMO], script).said(2, &["stdin:", words]);
        assert_eq!(stdout, "", "{script}");
    }
}

#[test]
fn no_report_is_replaced_by_a_result() {
    let report = small(ONE, "ann");
    let folder = Folder::new(&[("in/r.csv", &report), ("own.csv", "a\n1\n")]);
    for script in
        ["SELECT 1 AS a;\n\\export in/r.csv\n", "\\o in/r.csv\n", "SELECT 1 \\g own.csv\n"]
    {
        let args = ["in", "--table", "own=own.csv", "--format", "ndjson"];
        credsql(folder.path(), &args, script).said(2, &["is read here, and would be replaced"]);
    }
    let kept = std::fs::read_to_string(folder.path().join("in/r.csv")).expect("it is there");
    assert_eq!(kept, report);
}

#[test]
fn a_file_that_holds_one_result_takes_no_second() {
    let folder = Folder::new(&[]);
    let script = "\\o x.csv\nSELECT 1 AS a;\nSELECT 2 AS b;\n";
    let stdout = run(&folder, script).said(2, &["stdin:3: x.csv has its result", "`\\o` alone"]);
    assert_eq!(stdout, "");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    assert_eq!(read("x.csv"), "a\n1\n");
    let script = "\\o y.csv\nSELECT 1 AS a;\n\\o\nSELECT 2 AS b;\n\\o z.ndjson\nSELECT 3 AS c;\nSELECT 4 AS d;\n";
    assert_eq!(run(&folder, script).clean(), "{\"b\":2}\n");
    assert_eq!(read("y.csv"), "a\n1\n");
    assert_eq!(read("z.ndjson"), "{\"c\":3}\n{\"d\":4}\n");
}

#[test]
fn a_mark_before_the_text_is_no_part_of_it() {
    let folder = Folder::new(&[("marked.sql", "\u{feff}SELECT 2 AS b;\r\n")]);
    let script = "\u{feff}SELECT 1 AS a;\r\n\\i marked.sql\r\n";
    assert_eq!(run(&folder, script).clean(), "{\"a\":1}\n{\"b\":2}\n");
    let args = ["-f", "marked.sql", DEMO];
    assert_eq!(credsql(folder.path(), &args, "").clean(), "b\n2\n");
}

#[test]
fn a_command_says_how_one_result_looks() {
    let folder = Folder::new(&[]);
    let script = "SELECT 1 AS a \\gx\nSELECT 2 AS b;\n\\last json\n\\x on\nSELECT 3 AS c;\n";
    let stdout = credsql(folder.path(), &["--format", "table", DEMO], script).clean();
    let rule = "-".repeat(47);
    let record = |text: &str| format!("-[ RECORD 1 ]{rule}\n{text}\n");
    let wanted = [&record("a | 1"), "b\n─\n2\n", "[{\"b\":2}]\n", &record("c | 3")].concat();
    assert_eq!(stdout, wanted);
}

#[test]
fn values_are_taken_as_they_are_meant() {
    let folder = Folder::new(&[]);
    let script = "\\set name 'it''s'\nSELECT $name AS a, :name AS b;\n";
    assert_eq!(run(&folder, script).clean(), "{\"a\":\"it's\",\"b\":\"it's\"}\n");
}

#[test]
fn canned_queries_of_ones_own_are_known() {
    let folder = Folder::new(&[(
        "own/answer.sql",
        "-- /// query\n-- title = \"The answer\"\n-- description = \"It is known.\"\n-- ///\nSELECT 42 AS answer\n",
    )]);
    let args = ["--queries", "own", "--format", "ndjson", DEMO];
    let stdout = credsql(folder.path(), &args, "\\n answer\n").clean();
    assert_eq!(stdout, "{\"answer\":42}\n");
}

#[test]
fn results_that_are_whole_stay_when_a_later_one_is_not() {
    let folder = Folder::new(&[]);
    let script = "\\o w.ndjson\nSELECT 1 AS a;\nSELECT 1 / (value - 20000) AS q FROM generate_series(1, 30000);\nSELECT 2 AS b;\n\\o\n";
    credsql(folder.path(), &["--keep-going", DEMO], script).said(2, &["stdin:3:"]);
    let kept = std::fs::read_to_string(folder.path().join("w.ndjson")).expect("it is there");
    assert_eq!(kept, "{\"a\":1}\n{\"b\":2}\n");
}

#[test]
fn a_listing_for_a_command_that_has_ended_ends_nothing() {
    let folder = Folder::new(&[]);
    let script = "\\o |true\n\\df\n\\df\n\\o\nSELECT 1 AS a;\n";
    let stdout = run(&folder, script).said(0, &["the command has ended"]);
    assert!(stdout.ends_with("{\"a\":1}\n"), "{stdout}");
}
