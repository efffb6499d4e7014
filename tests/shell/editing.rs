use super::{demo, holds, plain, screen};
use crate::terminal::Key;

#[test]
fn a_statement_ends_with_its_semicolon() {
    let mut terminal = plain();
    let from = terminal.mark();
    terminal.line("SELECT 1 AS a,");
    terminal.line("  2 AS b");
    terminal.line(";");
    terminal.wait_prompt();
    holds(&terminal.since(from).join("\n"), &["\na,b\n1,2\n"]);
}

#[test]
fn a_semicolon_in_quotes_ends_nothing() {
    for (first, second, shown) in [
        ("SELECT 'one;", "two' AS a;", "\"one;\ntwo\""),
        ("SELECT 1 AS \"one;", "two\";", "\"one;\ntwo\"\n1"),
        ("SELECT 1 -- one;", "AS a;", "\na\n1"),
        ("SELECT 1 /* one;", "two; */ AS a;", "\na\n1"),
        ("SELECT $$one;", "two$$ AS a;", "\"one;\ntwo\""),
        ("SELECT $x$one;$$", "two$x$ AS a;", "\"one;$$\ntwo\""),
        ("SELECT 'it''s;", "so' AS a;", "\"it's;\nso\""),
    ] {
        let mut terminal = plain();
        let from = terminal.mark();
        terminal.line(first);
        terminal.line(second);
        terminal.wait_prompt();
        holds(&terminal.since(from).join("\n"), &[shown]);
    }
}

#[test]
fn one_line_may_hold_several_statements() {
    let mut terminal = plain();
    holds(&terminal.run("SELECT 1 AS a; SELECT 2 AS b;"), &["a\n1", "b\n2"]);
    assert_eq!(terminal.run(""), "");
    assert_eq!(terminal.run(";"), "");
    assert_eq!(terminal.run("-- nothing").trim(), "");
}

#[test]
fn an_earlier_line_of_the_statement_can_be_changed() {
    let mut terminal = plain();
    let from = terminal.mark();
    terminal.line("SELECT 1 AS a,");
    terminal.send("2 AS b");
    terminal.wait_until("both lines", |screen| screen.ends_with("2 AS b"));
    terminal.key(Key::Up);
    terminal.key(Key::Home);
    for _ in 0.."SELECT ".len() {
        terminal.key(Key::Right);
    }
    terminal.send("4");
    terminal.wait_for("SELECT 41 AS a,");
    terminal.key(Key::Down);
    terminal.key(Key::End);
    terminal.line(";");
    terminal.wait_prompt();
    holds(&terminal.since(from).join("\n"), &["\na,b\n41,2"]);
}

#[test]
fn a_result_is_a_table_with_its_size() {
    let mut terminal = demo();
    terminal.run("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 20, NULL ORDER BY 1;");
    screen!(terminal);
}

#[test]
fn keys_of_every_editor_work() {
    let mut terminal = plain();
    terminal.send("xELECT 1 AS a;");
    terminal.key(Key::Ctrl('a'));
    terminal.key(Key::Delete);
    terminal.send("S");
    terminal.wait_input("SELECT 1 AS a;");
    terminal.key(Key::End);
    terminal.key(Key::Backspace);
    // Alt and b: to the beginning of the word.
    terminal.key(Key::Esc);
    terminal.send("bz");
    terminal.wait_input("SELECT 1 AS za");
    terminal.key(Key::Ctrl('w'));
    terminal.wait_input("SELECT 1 AS a");
    terminal.key(Key::Ctrl('e'));
    terminal.key(Key::Ctrl('u'));
    terminal.wait_input("");
}

#[test]
fn a_statement_goes_on_after_a_command_in_the_midst_of_it() {
    let mut terminal = demo();
    terminal.paste("SELECT 1 AS a,\n\\timing\n2 AS b; SELECT 33 AS c;");
    terminal.key(Key::Enter);
    terminal.wait_for("timing is off");
    terminal.wait_for("2 AS b; SELECT 33 AS c;");
    terminal.key(Key::Enter);
    terminal.wait_prompt();
    holds(&terminal.screen(), &["a │ b", "33"]);
}
