use super::{answers, plain};

#[test]
fn the_last_result_is_a_table() {
    let mut terminal = plain();
    terminal.run("SELECT 1 AS a;");
    answers(&mut terminal, "SELECT a + 1 AS b FROM _;", &["b\n2"]);
    answers(&mut terminal, "SELECT b + 1 AS c FROM _;", &["c\n3"]);
}

#[test]
fn an_error_leaves_the_last_result() {
    let mut terminal = plain();
    terminal.run("SELECT 1 AS a;");
    terminal.run("SELECT nothing;");
    terminal.run("\\echo between");
    answers(&mut terminal, "SELECT a + 1 AS b FROM _;", &["b\n2"]);
}

#[test]
fn it_is_whole_though_not_all_was_shown() {
    let mut terminal = plain();
    terminal.run("\\pager off");
    terminal.run("\\rows 5");
    terminal.run("SELECT * FROM generate_series(1, 1000);");
    answers(&mut terminal, "SELECT count(*) AS n FROM _;", &["n\n1000"]);
}

#[test]
fn there_is_none_at_first() {
    let mut terminal = plain();
    answers(&mut terminal, "SELECT * FROM _;", &["error", "_"]);
    answers(&mut terminal, "SELECT 1 AS a;", &["a\n1"]);
}
