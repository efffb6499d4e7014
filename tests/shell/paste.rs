use std::fmt::Write;

use super::{holds, plain};
use crate::terminal::Key;

#[test]
fn a_pasted_script_runs_in_its_order() {
    let mut terminal = plain();
    let mut script = String::new();
    for number in 0..50 {
        writeln!(
            script,
            "-- number {number}; of fifty\nSELECT {number} AS n,\n  'a;b'\n    AS t{number};"
        )
        .expect("strings can be written to");
    }
    assert_eq!(script.lines().count(), 200);
    terminal.paste(&script);
    terminal.wait_for("t49");
    // It ran by itself, or waits for this.
    terminal.key(Key::Enter);
    terminal.wait_prompt();
    holds(&terminal.run("SELECT 'over' AS all_of_it;"), &["all_of_it\nover"]);
    let seen = terminal.seen();
    let mut from = 0;
    for number in 0..50 {
        let result = format!("n,t{number}\n{number},a;b\n");
        let at = seen[from..].find(&result);
        assert!(at.is_some(), "{result:?} is not after {from} in:\n{seen}");
        from += at.unwrap_or(0) + result.len();
    }
}

#[test]
fn pasted_tabs_complete_nothing() {
    let mut terminal = plain();
    terminal.paste("SELECT\t1\tAS mfa_a\t;");
    terminal.key(Key::Enter);
    terminal.wait_prompt();
    holds(&terminal.seen(), &["mfa_a\n1"]);
}

#[test]
fn a_paste_without_its_end_waits_for_enter() {
    let mut terminal = plain();
    terminal.paste("SELECT 40 + 2 AS answer");
    terminal.wait_input("SELECT 40 + 2 AS answer");
    terminal.line(";");
    terminal.wait_prompt();
    holds(&terminal.seen(), &["answer\n42"]);
}

#[test]
fn lines_that_were_typed_ahead_are_kept() {
    let mut terminal = plain();
    for number in 0..20 {
        terminal.line(&format!("SELECT {number} AS n{number};"));
    }
    terminal.wait_until("the last", |screen| screen.contains("\nn19\n19\n"));
    for number in 0..20 {
        holds(&terminal.seen(), &[&format!("\nn{number}\n{number}\n")]);
    }
}
