use std::thread;
use std::time::Duration;

use super::{DEMO, demo, has_less, holds, open, program};
use crate::terminal::Terminal;

const TALL: &str = "SELECT * FROM generate_series(1, 100);";

/// Waits for a page of less, which fills the screen and asks in its last row.
#[track_caller]
fn wait_pager(terminal: &mut Terminal) {
    terminal.wait_until("the pager", |screen| {
        screen.lines().count() == 24
            && screen
                .lines()
                .last()
                .is_some_and(|row| row.starts_with(':') || row.contains("lines 1"))
    });
}

#[test]
fn a_result_taller_than_the_screen_is_paged() {
    if !has_less() {
        return;
    }
    let mut terminal = demo();
    for _ in 0..3 {
        terminal.line(TALL);
        wait_pager(&mut terminal);
        terminal.send("G");
        terminal.wait_until("the end", |screen| screen.contains("100") && screen.contains("(END)"));
        terminal.send("q");
        terminal.wait_prompt();
        holds(&terminal.run("SELECT 40 + 2 AS works;"), &["works", "42"]);
    }
}

#[test]
fn what_fits_is_not_paged() {
    let mut terminal = demo();
    holds(&terminal.run("SELECT * FROM generate_series(1, 10);"), &["10"]);
    assert!(!terminal.alternate());
}

#[test]
fn an_interrupt_in_the_pager_ends_neither() {
    if !has_less() {
        return;
    }
    let mut terminal = demo();
    terminal.line("SELECT * FROM generate_series(1, 100000000);");
    wait_pager(&mut terminal);
    terminal.send("\u{3}\u{3}\u{3}");
    // less drops what is typed while it attends to the signals, and does not show when it is done.
    while terminal.screen().lines().last().is_some_and(|row| row.starts_with(':')) {
        terminal.send("q");
        thread::sleep(Duration::from_millis(500));
    }
    terminal.wait_prompt();
    holds(&terminal.run("SELECT 40 + 2 AS works;"), &["works", "42"]);
}

#[test]
fn leaving_the_pager_ends_the_statement() {
    if !has_less() {
        return;
    }
    let mut terminal = demo();
    terminal.run("\\rows all");
    terminal.line("SELECT * FROM generate_series(1, 100000000);");
    wait_pager(&mut terminal);
    terminal.send("q");
    terminal.wait_prompt();
    assert!(!terminal.seen().contains("Broken pipe"), "{}", terminal.seen());
    holds(&terminal.run("SELECT 40 + 2 AS works;"), &["works", "42"]);
}

#[test]
fn leaving_the_pager_ends_the_count() {
    if !has_less() {
        return;
    }
    let mut terminal = demo();
    terminal.line("SELECT * FROM generate_series(1, 100000000000);");
    wait_pager(&mut terminal);
    terminal.send("q");
    terminal.wait_prompt();
    terminal.wait_for("(first 1,000 of at least ");
}

#[test]
fn an_error_that_comes_after_the_pager_was_left_is_told() {
    if !has_less() {
        return;
    }
    let mut terminal = demo();
    terminal.run("\\rows all");
    let sql = "SELECT 1 / (value - 50000) AS q FROM generate_series(1, 60000);";
    terminal.line(sql);
    wait_pager(&mut terminal);
    terminal.send("q");
    terminal.wait_prompt();
    terminal.wait_for("Divide by zero");
}

#[test]
fn a_result_that_came_whole_is_whole_though_the_pager_was_left() {
    if !has_less() {
        return;
    }
    let mut terminal = demo();
    terminal.run("\\rows all");
    terminal.line("SELECT * FROM generate_series(1, 60000);");
    wait_pager(&mut terminal);
    terminal.send("q");
    terminal.wait_prompt();
    terminal.wait_for("60,000 rows");
    holds(&terminal.run("SELECT count(*) AS n FROM _;"), &["60000"]);
}

#[test]
fn the_pager_can_be_turned_off_and_on() {
    if !has_less() {
        return;
    }
    let mut terminal = demo();
    terminal.run("\\pager off");
    holds(&terminal.run(TALL), &["\n   50", "  100"]);
    terminal.run("\\pager on");
    terminal.line(TALL);
    wait_pager(&mut terminal);
    terminal.send("q");
    terminal.wait_prompt();
}

#[test]
fn the_pager_of_the_environment_is_taken() {
    let mut command = program(&[DEMO]);
    command.env("PAGER", "sed 's/^/paged /'");
    let mut terminal = open(command);
    let answer = terminal.run(TALL);
    holds(&answer, &["paged ", "100"]);
    let mut command = program(&[DEMO]);
    command.env("PAGER", "cat");
    let mut terminal = open(command);
    holds(&terminal.run(TALL), &["100"]);
}

#[test]
fn a_pager_that_is_not_there_loses_no_result() {
    let mut command = program(&[DEMO]);
    command.env("PAGER", "no-such-pager-anywhere");
    let mut terminal = open(command);
    holds(&terminal.run(TALL), &["\n   50\n", "\n  100\n", "the pager cannot be run"]);
    holds(&terminal.run("SELECT 40 + 2 AS works;"), &["works", "42"]);
}
