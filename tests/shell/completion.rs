use super::{DEMO, demo, holds, inside, screen};
use crate::support::{Folder, small};
use crate::terminal::{Key, PROMPT, Terminal};

/// Types text and Tab, and expects this line.
#[track_caller]
fn completes(terminal: &mut Terminal, typed: &str, line: &str) {
    terminal.send(typed);
    terminal.key(Key::Tab);
    if typed == line {
        // Only the next key shows that this one was heard.
        terminal.send("~");
        terminal.wait_input(&format!("{line}~"));
    } else {
        // A hint may follow what was completed.
        let shown = format!("{PROMPT}{}", line.trim_end());
        terminal.wait_until(line, |screen| {
            let last = screen.lines().last().unwrap_or_default();
            last.strip_prefix(&shown).is_some_and(|hint| hint.is_empty() || hint.starts_with(' '))
        });
    }
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
}

/// Types text and Tab twice, and expects each of these among what is shown.
#[track_caller]
fn offers(terminal: &mut Terminal, typed: &str, words: &[&str]) {
    let from = terminal.mark();
    terminal.send(typed);
    terminal.key(Key::Tab);
    terminal.key(Key::Tab);
    for word in words {
        let last = (*word).to_owned();
        terminal.wait_until(&last, |screen| screen.contains(&last));
    }
    holds(&terminal.since(from).join("\n"), words);
    terminal.key(Key::Ctrl('c'));
    terminal.wait_prompt();
}

#[test]
fn what_can_stand_there_is_completed() {
    let mut terminal = demo();
    for (typed, line) in [
        ("SELE", "SELECT "),
        ("sele", "select "),
        ("SELECT * FROM controls WHE", "SELECT * FROM controls WHERE "),
        ("SELECT * FROM contr", "SELECT * FROM controls "),
        ("SELECT * FROM credential_report_r", "SELECT * FROM credential_report_raw "),
        ("SELECT * FROM reports JOIN contr", "SELECT * FROM reports JOIN controls "),
        ("SELECT password_last_u", "SELECT password_last_used"),
        (
            "SELECT * FROM credential_report WHERE mfa_a",
            "SELECT * FROM credential_report WHERE mfa_active",
        ),
        ("SELECT c.idle_d", "SELECT c.idle_d"),
        ("SELECT regexp_repl", "SELECT regexp_replace("),
        ("SELECT 'mfa_a", "SELECT 'mfa_a"),
        ("SELECT 1 -- mfa_a", "SELECT 1 -- mfa_a"),
        ("\\tim", "\\timing "),
        ("\\hist", "\\history "),
        ("\\f mark", "\\f markdown "),
        ("\\d credential_report_r", "\\d credential_report_raw "),
        ("\\n mfa-lo", "\\n mfa-lost "),
        ("\\n show access-rev", "\\n show access-review "),
        ("\\check cis-aws-5", "\\check cis-aws-5.0.0 "),
        (".tab", ".tables "),
    ] {
        completes(&mut terminal, typed, line);
    }
}

#[test]
fn an_alias_has_the_columns_of_its_table() {
    let mut terminal = demo();
    terminal.send("SELECT c.idle_d FROM credentials c");
    for _ in 0.." FROM credentials c".len() {
        terminal.key(Key::Left);
    }
    terminal.key(Key::Tab);
    terminal.wait_input("SELECT c.idle_days FROM credentials c");
}

#[test]
fn several_are_shown() {
    let mut terminal = demo();
    offers(&mut terminal, "SELECT * FROM credential", &["credential_report", "credentials"]);
    offers(
        &mut terminal,
        "SELECT access_key_1_last_used_",
        &["access_key_1_last_used_date", "access_key_1_last_used_service"],
    );
    offers(&mut terminal, "\\f ", &["csv", "ndjson", "vertical"]);
    let mut terminal = demo();
    terminal.send("SELECT * FROM credential");
    terminal.key(Key::Tab);
    terminal.wait_until("the list and the line", |screen| {
        screen.contains("credentials_history") && screen.ends_with("SELECT * FROM credential")
    });
    screen!(terminal);
}

#[test]
fn files_are_completed_where_files_are_named() {
    let folder = Folder::new(&[
        ("audit.sql", "SELECT 1;"),
        ("october/r.csv", &small("111122223333", "ann")),
        ("a name.sql", "SELECT 2;"),
    ]);
    let mut terminal = inside(folder.path(), &[DEMO]);
    completes(&mut terminal, "\\i aud", "\\i audit.sql");
    completes(&mut terminal, "\\add octo", "\\add october/");
}

#[test]
fn what_nothing_begins_with_is_left_alone() {
    let mut terminal = demo();
    terminal.send("SELECT zzzz");
    terminal.key(Key::Tab);
    // The next key shows that the last one was done with.
    terminal.send("y");
    terminal.wait_input("SELECT zzzzy");
}

#[test]
fn values_are_completed_once_they_were_read() {
    let folder = Folder::new(&[
        ("r.csv", &small("111122223333", "annabel")),
        ("odd.csv", &small("444455556666", "anna\u{1b}[31mred")),
    ]);
    let mut terminal = inside(folder.path(), &["."]);
    terminal.run("SELECT count(*), min(\"user\"), min(account_id) FROM credential_report;");
    // Values are gathered in the background; what acts on a terminal is not offered.
    terminal.send("SELECT * FROM credential_report WHERE \"user\" = 'ann");
    for _ in 0..100 {
        terminal.key(Key::Tab);
        if terminal.screen().contains("'annabel'") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    terminal.wait_input("SELECT * FROM credential_report WHERE \"user\" = 'annabel'");
    assert!(!String::from_utf8_lossy(&terminal.raw()).contains("\u{1b}[31mred"));
}
