use std::thread;
use std::time::Duration;

use super::{demo, has_less};
use crate::terminal::{Key, Terminal};

const WIDE: &str = "SELECT repeat('x', 60) AS first, repeat('y', 60) AS second;";

/// The row of the result, as it is on the screen.
fn row(terminal: &mut Terminal) -> String {
    terminal.run(WIDE);
    let screen = terminal.screen();
    screen.lines().rfind(|row| row.starts_with("xx")).expect("a row").to_owned()
}

/// Gives the terminal another width, at the prompt. The editor paints anew at the next key, on a
/// screen that is then empty; a key that comes before it has heard of the resize it takes for one
/// in the old width.
fn resize(terminal: &mut Terminal, columns: u16) {
    terminal.resize(24, columns);
    thread::sleep(Duration::from_millis(300));
    terminal.key(Key::Ctrl('l'));
    terminal.wait_until("an empty screen", |screen| screen == "credsql>");
    terminal.wait_prompt();
}

#[test]
fn the_next_result_fits_the_new_width() {
    let mut terminal = demo();
    // Records would not be cut.
    terminal.run("\\x off");
    assert_eq!(row(&mut terminal), format!("{}… │ {}…", "x".repeat(48), "y".repeat(47)));
    resize(&mut terminal, 60);
    assert_eq!(row(&mut terminal), format!("{}… │ {}…", "x".repeat(28), "y".repeat(27)));
    resize(&mut terminal, 140);
    assert_eq!(row(&mut terminal), format!("{} │ {}", "x".repeat(60), "y".repeat(60)));
}

#[test]
fn a_resize_while_a_line_is_typed_loses_nothing() {
    let mut terminal = demo();
    terminal.send("SELECT 40 + 2");
    terminal.wait_input("SELECT 40 + 2");
    terminal.resize(30, 70);
    terminal.line(" AS answer;");
    terminal.wait_prompt();
    terminal.wait_for("SELECT 40 + 2 AS answer;");
    assert!(terminal.seen().contains("42"), "{}", terminal.seen());
}

#[test]
fn a_resize_in_the_pager_is_known_after_it() {
    if !has_less() {
        return;
    }
    let mut terminal = demo();
    terminal.run("\\x off");
    terminal.line("SELECT * FROM generate_series(1, 100);");
    terminal.wait_until("the pager", |screen| screen.lines().count() == 24);
    terminal.resize(30, 60);
    // A resize between two keys is noticed at the next one at the latest: paint again.
    terminal.send("r");
    terminal.wait_until("a larger page", |screen| screen.lines().count() == 30);
    terminal.send("q");
    terminal.wait_prompt();
    assert_eq!(row(&mut terminal), format!("{}… │ {}…", "x".repeat(28), "y".repeat(27)));
}
