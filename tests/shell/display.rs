use super::{DEMO, answers, demo, holds, inside, open, program, screen};
use crate::support::{Folder, Row, report};
use crate::terminal::{Key, Terminal};

/// What was written from the first result on, and is no business of the line editor's.
fn colors(terminal: &Terminal) -> usize {
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    raw.split("\x1b[")
        .skip(1)
        .filter(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ';'));
            end.is_some_and(|end| rest[end..].starts_with('m') && !matches!(&rest[..end], "" | "0"))
        })
        .count()
}

const SQL: &str = "SELECT 1 AS a, NULL AS b, 'x' AS c;";

#[test]
fn a_terminal_has_colours() {
    let mut terminal = demo();
    terminal.run(SQL);
    terminal.run("SELECT nothing;");
    assert!(colors(&terminal) > 0);
}

#[test]
fn colours_can_be_declined() {
    let mut command = program(&[DEMO]);
    command.env("NO_COLOR", "1");
    let mut terminal = open(command);
    terminal.run(SQL);
    terminal.run("SELECT nothing;");
    terminal.run("\\d");
    assert_eq!(colors(&terminal), 0, "{:?}", String::from_utf8_lossy(&terminal.raw()));
}

#[test]
fn a_dumb_terminal_gets_no_escape_sequences() {
    let mut command = program(&[DEMO]);
    command.env("TERM", "dumb").env("PAGER", "cat");
    let mut terminal = open(command);
    answers(&mut terminal, SQL, &["a"]);
    answers(&mut terminal, "SELECT nothing;", &["error"]);
    assert!(!terminal.raw().contains(&0x1b), "{:?}", String::from_utf8_lossy(&terminal.raw()));
    terminal.key(Key::Ctrl('d'));
    assert_eq!(terminal.ended().code(), Some(0));
}

#[test]
fn wide_characters_stay_in_their_columns() {
    let mut terminal = demo();
    let sql = "SELECT '山田太郎' AS name, 1 AS n UNION ALL SELECT '👩‍💻 ann', 2 UNION ALL SELECT 'Zoë', 3 ORDER BY n;";
    let answer = terminal.run(sql);
    // The emulator gives wide characters two columns, as a terminal does.
    let screen: Vec<String> = terminal.screen().lines().map(ToOwned::to_owned).collect();
    assert!(screen.iter().any(|row| row.contains("山田太郎")), "{answer}");
    screen!(terminal);
}

#[test]
fn wide_characters_can_be_edited() {
    let mut terminal = demo();
    terminal.send("SELECT '山田' AS x;");
    terminal.wait_input("SELECT '山田' AS x;");
    for _ in 0..7 {
        terminal.key(Key::Left);
    }
    terminal.key(Key::Backspace);
    terminal.wait_input("SELECT '山' AS x;");
    let (_, column) = terminal.cursor();
    assert_eq!(usize::from(column), "credsql> SELECT '".len() + 2);
}

#[test]
fn control_characters_of_data_are_shown_and_not_obeyed() {
    let hostile = report(&[
        Row::user("111122223333", "x").set("user", "bob\u{1b}[31m"),
        Row::user("111122223333", "y").set("user", "\u{1b}]0;title\u{7}eve"),
        Row::user("111122223333", "z").set("user", "a\u{202e}nn\u{9b}2J"),
    ]);
    let folder = Folder::new(&[("r.csv", &hostile)]);
    let mut terminal = inside(folder.path(), &["r.csv"]);
    for format in ["table", "vertical", "csv", "tsv", "json", "markdown"] {
        terminal.run(&format!("\\f {format}"));
        let before = terminal.raw().len();
        terminal.run("SELECT \"user\" FROM credential_report ORDER BY 1;");
        let raw = terminal.raw();
        let after = String::from_utf8_lossy(&raw[before..]);
        for sequence in ["\x1b[31m", "\x1b]0;", "\u{202e}", "\u{9b}"] {
            assert!(!after.contains(sequence), "{sequence:?} in {format}: {after:?}");
        }
        holds(&after, &["bob"]);
    }
    terminal.run("\\f table");
    answers(&mut terminal, "SELECT \"user\" FROM credential_report ORDER BY 1;", &["bob\\x1b[31m"]);
}
