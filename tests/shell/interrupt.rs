use rustix::process::{Signal, kill_process};

use super::{answers, demo, holds, inside, plain};
use crate::support::{Folder, small};
use crate::terminal::{Key, Terminal};

const LONG: &str = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 10000000) b WHERE a.value * b.value % 7 = 3;";

#[track_caller]
fn works(terminal: &mut Terminal) {
    holds(&terminal.run("SELECT 40 + 2 AS works;"), &["works", "42"]);
}

/// A shell that writes as many rows as it is asked for, and has begun to.
#[track_caller]
fn printing() -> Terminal {
    let mut terminal = plain();
    terminal.run("\\rows all");
    terminal.run("\\pager off");
    terminal.line("SELECT * FROM generate_series(1, 10000000);");
    terminal.wait_until("rows", |screen| {
        screen.lines().filter(|line| line.parse::<u32>().is_ok()).count() > 10
    });
    terminal
}

#[test]
fn at_the_prompt_it_takes_the_line_away() {
    let mut terminal = demo();
    terminal.send("SELECT nonsense");
    terminal.wait_input("SELECT nonsense");
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    terminal.line("SELECT 1,");
    terminal.send("2");
    terminal.wait_until("two lines", |screen| screen.ends_with("\n2") || screen.ends_with(" 2"));
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    for _ in 0..5 {
        terminal.key(Key::Ctrl('c'));
        terminal.wait_prompt();
    }
    works(&mut terminal);
    assert!(!terminal.seen().contains("error"), "{}", terminal.seen());
}

#[test]
fn it_ends_a_long_statement_and_not_the_shell() {
    let mut terminal = demo();
    for _ in 0..3 {
        terminal.line(LONG);
        terminal.wait_taken();
        terminal.key(Key::Ctrl('c'));
        terminal.wait_prompt();
        works(&mut terminal);
    }
    holds(&terminal.seen(), &["interrupted"]);
}

#[test]
fn it_ends_the_writing_of_many_rows() {
    let mut terminal = printing();
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    works(&mut terminal);
}

#[test]
fn a_second_one_at_once_does_no_harm_to_a_shell_that_is_back() {
    let mut terminal = demo();
    terminal.line(LONG);
    terminal.wait_taken();
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    works(&mut terminal);
}

/// The second of two may come before the first was heard, and then it means the shell.
#[track_caller]
fn is_back_or_gone(terminal: &mut Terminal) {
    if terminal.wait_prompt_or_end() {
        works(terminal);
    } else {
        assert_eq!(terminal.ended().code(), Some(130), "{}", terminal.screen());
    }
}

#[test]
fn two_at_once_leave_a_prompt_or_end_the_shell() {
    let mut terminal = demo();
    terminal.line(LONG);
    terminal.wait_taken();
    terminal.key(Key::Ctrl('c'));
    terminal.key(Key::Ctrl('c'));
    is_back_or_gone(&mut terminal);
}

#[test]
fn a_shell_that_nobody_reads_hears_too() {
    let mut terminal = printing();
    terminal.hold();
    terminal.key(Key::Ctrl('c'));
    terminal.key(Key::Ctrl('c'));
    terminal.release();
    is_back_or_gone(&mut terminal);
}

#[test]
fn what_was_there_is_there_after_an_interrupt() {
    let folder = Folder::new(&[("r.csv", &small("111122223333", "ann")), ("own.csv", "a\n1\n")]);
    let mut terminal = inside(folder.path(), &["r.csv", "--table", "own=own.csv", "--allow-write"]);
    terminal.run("\\f csv");
    terminal.run("CREATE VIEW v AS SELECT count(*) AS n FROM credential_report;");
    terminal.run("SELECT 41 + 1 AS b;");
    std::fs::remove_file(folder.path().join("own.csv")).expect("it was there");
    terminal.line(LONG);
    terminal.wait_taken();
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    answers(&mut terminal, "SELECT b FROM _;", &["b\n42"]);
    answers(&mut terminal, "SELECT n FROM v;", &["n\n2"]);
    answers(&mut terminal, "SELECT count(*) AS n FROM credential_report;", &["n\n2"]);
}

#[test]
fn an_interrupt_spoils_no_file() {
    let mut terminal = plain();
    terminal.run("\\rows all");
    terminal.run("\\o big.csv");
    terminal.line("SELECT * FROM generate_series(1, 1000000000);");
    terminal.wait_taken();
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    terminal.run("\\o");
    works(&mut terminal);
    assert!(!terminal.home().join("big.csv").exists());
}

#[test]
fn control_d_and_the_command_leave() {
    let mut terminal = demo();
    terminal.key(Key::Ctrl('d'));
    assert_eq!(terminal.ended().code(), Some(0));
    for line in ["\\q", ".quit", "  \\q  "] {
        let mut terminal = demo();
        terminal.line(line);
        assert_eq!(terminal.ended().code(), Some(0), "{line}");
    }
}

#[test]
fn the_system_can_end_it_at_the_prompt_and_in_a_statement() {
    for line in ["", LONG] {
        let mut terminal = demo();
        if !line.is_empty() {
            terminal.line(line);
            terminal.wait_taken();
        }
        kill_process(terminal.process(), Signal::TERM).expect("it runs");
        assert_eq!(terminal.ended().code(), Some(130), "{line}");
    }
}

#[test]
fn results_that_are_whole_are_kept_whoever_ends_it() {
    for signal in [Signal::TERM, Signal::HUP] {
        let mut terminal = demo();
        terminal.run("\\o kept.ndjson");
        terminal.run("SELECT 1 AS a;");
        kill_process(terminal.process(), signal).expect("it runs");
        assert_eq!(terminal.ended().code(), Some(130), "{signal:?}");
        let kept = std::fs::read_to_string(terminal.home().join("kept.ndjson"));
        assert_eq!(kept.expect("it is there"), "{\"a\":1}\n", "{signal:?}");
    }
}

#[test]
fn an_error_is_forgotten_when_one_leaves() {
    let mut terminal = demo();
    terminal.run("SELECT nothing;");
    terminal.key(Key::Ctrl('d'));
    assert_eq!(terminal.ended().code(), Some(0));
}

#[test]
fn the_terminal_is_left_as_it_was() {
    let mut command = std::process::Command::new("sh");
    command.args([
        "-c",
        "trap : INT; stty -g >before; \"$0\" \"$@\"; echo \"code $?\"; stty -g >after",
        env!("CARGO_BIN_EXE_credsql"),
        super::DEMO,
    ]);
    let mut terminal = super::open(command);
    terminal.line(LONG);
    terminal.wait_taken();
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    terminal.line("\\q");
    terminal.ended();
    let read = |name: &str| std::fs::read_to_string(terminal.home().join(name)).expect(name);
    assert_eq!(read("before"), read("after"));
}
