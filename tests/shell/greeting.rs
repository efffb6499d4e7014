use std::process::Command;

use super::{DEMO, answers, demo, holds, inside, open, program, screen};
use crate::support::Folder;
use crate::terminal::{Key, PROMPT, Terminal};

#[test]
fn the_shell_says_where_one_is() {
    let terminal = demo();
    let seen = terminal.seen();
    holds(&seen, &["credsql 0.1.0: ", "\\? for help, \\q to leave"]);
    let lines = seen.lines().count();
    assert!((3..=4).contains(&lines), "two or three lines and a prompt, not {lines}:\n{seen}");
    assert!(seen.ends_with(PROMPT.trim_end()), "{seen}");
    screen!(terminal);
}

#[test]
fn nothing_is_read_before_it_is_asked_for() {
    let folder = Folder::new(&[("broken.csv", "user,arn\nann,\"")]);
    let made = Command::new("mkfifo").arg(folder.path().join("pipe.csv")).status();
    assert!(made.expect("mkfifo runs").success());
    // To open the pipe would be to wait for ever.
    let mut terminal = inside(folder.path(), &["pipe.csv", "broken.csv"]);
    let seen = terminal.seen();
    assert!(!seen.contains("error") && !seen.contains("warning"), "{seen}");
    answers(&mut terminal, "SELECT 1 + 1 AS two;", &["two", "2"]);
    terminal.key(Key::Ctrl('d'));
    assert_eq!(terminal.ended().code(), Some(0));
}

#[test]
fn a_shell_needs_no_source() {
    let mut terminal = open(program(&[""; 0]));
    answers(&mut terminal, "SELECT 1 + 1 AS two;", &["two", "2"]);
    terminal.line("\\q");
    assert_eq!(terminal.ended().code(), Some(0));
}

#[test]
fn statements_typed_for_a_file_are_a_script() {
    let folder = Folder::new(&[]);
    let mut command = Command::new("sh");
    command
        .args(["-c", "exec \"$0\" \"$@\" >out.csv", env!("CARGO_BIN_EXE_credsql"), DEMO])
        .current_dir(folder.path());
    let mut terminal = Terminal::open(command, 24, 100);
    terminal.line("SELECT 1 AS a;");
    terminal.key(Key::Ctrl('d'));
    assert_eq!(terminal.ended().code(), Some(0));
    let out = std::fs::read_to_string(folder.path().join("out.csv")).expect("it was written");
    assert_eq!(out, "a\n1\n");
}
