use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::{DEMO, demo, holds, open, program};
use crate::support::Folder;
use crate::terminal::{Key, Terminal};

/// A person who comes back.
struct Person(Folder);

impl Person {
    fn new() -> Self {
        Self(Folder::new(&[]))
    }

    #[track_caller]
    fn comes(&self) -> Terminal {
        let mut command = program(&[DEMO]);
        command.env("XDG_STATE_HOME", self.0.path());
        open(command)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("credsql/history")
    }

    fn kept(&self) -> String {
        fs::read_to_string(self.file()).expect("there is a history")
    }
}

#[track_caller]
fn leaves(mut terminal: Terminal) {
    terminal.key(Key::Ctrl('d'));
    assert_eq!(terminal.ended().code(), Some(0));
}

#[test]
fn the_last_statements_come_back() {
    let person = Person::new();
    let mut terminal = person.comes();
    terminal.run("SELECT 1 AS first;");
    terminal.run("SELECT 2 AS second;");
    leaves(terminal);
    let mut terminal = person.comes();
    terminal.key(Key::Up);
    terminal.wait_input("SELECT 2 AS second;");
    terminal.key(Key::Up);
    terminal.wait_input("SELECT 1 AS first;");
    terminal.key(Key::Down);
    terminal.wait_input("SELECT 2 AS second;");
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
    terminal.key(Key::Ctrl('r'));
    terminal.send("fir");
    terminal.wait_for("SELECT 1 AS first;");
    terminal.key(Key::Enter);
    terminal.wait_prompt();
    let seen = terminal.seen();
    assert!(seen.lines().any(|line| line.trim() == "first"), "{seen}");
    leaves(terminal);
}

#[test]
fn the_file_is_for_its_owner_only() {
    let person = Person::new();
    let mut terminal = person.comes();
    terminal.run("SELECT 1;");
    leaves(terminal);
    let mode =
        |path: PathBuf| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(person.file()), 0o600);
    fs::set_permissions(person.file(), fs::Permissions::from_mode(0o644)).expect("it is ours");
    let mut terminal = person.comes();
    terminal.run("SELECT 2;");
    leaves(terminal);
    assert_eq!(mode(person.file()), 0o600, "whoever opened it");
}

#[test]
fn what_is_not_to_be_kept_is_not() {
    let person = Person::new();
    let mut terminal = person.comes();
    terminal.run("SELECT 1 AS kept;");
    terminal.run(" SELECT 2 AS discreet;");
    // Amazon's own examples.
    terminal.run("SELECT 'AKIAIOSFODNN7EXAMPLE' AS key;");
    terminal.run("SELECT 'ASIAIOSFODNN7EXAMPLE' AS key;");
    terminal.run("SELECT 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' AS key;");
    terminal.run("SELECT 4 AS last;");
    leaves(terminal);
    let kept = person.kept();
    holds(&kept, &["AS kept", "AS last"]);
    for word in ["discreet", "AKIA", "ASIA", "wJalr"] {
        assert!(!kept.contains(word), "{kept}");
    }
}

#[test]
fn a_statement_of_several_lines_comes_back_whole() {
    let person = Person::new();
    let mut terminal = person.comes();
    terminal.line("SELECT 1 AS a,");
    terminal.line("  'x\\y' AS b;");
    terminal.wait_prompt();
    leaves(terminal);
    let mut terminal = person.comes();
    let from = terminal.mark();
    terminal.key(Key::Up);
    terminal.wait_for("'x\\y' AS b;");
    let lines = terminal.since(from);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0], "credsql> SELECT 1 AS a,");
    terminal.key(Key::Enter);
    terminal.wait_prompt();
    holds(&terminal.since(from).join("\n"), &["a │ b"]);
}

#[test]
fn a_killed_shell_loses_nothing() {
    let person = Person::new();
    let mut terminal = person.comes();
    terminal.run("SELECT 1 AS before_the_end;");
    drop(terminal);
    holds(&person.kept(), &["before_the_end"]);
}

#[test]
fn two_shells_share_a_history() {
    let person = Person::new();
    let (mut one, mut two) = (person.comes(), person.comes());
    one.run("SELECT 1 AS of_one;");
    two.run("SELECT 2 AS of_two;");
    leaves(one);
    leaves(two);
    holds(&person.kept(), &["of_one", "of_two"]);
}

#[test]
fn a_history_that_cannot_be_written_is_no_failure() {
    let person = Person::new();
    person.0.write("credsql", b"a file where a folder should be");
    let mut terminal = person.comes();
    holds(&terminal.run("SELECT 1 AS a;"), &["a", "1"]);
    leaves(terminal);
}

#[test]
fn statements_that_were_pasted_together_are_entries_of_their_own() {
    let mut terminal = demo();
    terminal.paste("SELECT 1\nAS a;\n-- a remark\nSELECT 2 AS b;\n\\echo three");
    terminal.key(Key::Enter);
    terminal.wait_prompt();
    let history = terminal.run("\\history");
    for _ in 0..2 {
        terminal.key(Key::Up);
    }
    terminal.wait_input("\\echo three");
    terminal.key(Key::Up);
    terminal.wait_until("the second", |screen| screen.ends_with("SELECT 2 AS b;"));
    assert_eq!(history, "SELECT 1\nAS a;\n-- a remark\nSELECT 2 AS b;\n\\echo three\n\\history");
}
