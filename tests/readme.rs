//! What the README shows is what happens.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use credsql::schema::TABLES;

use crate::terminal::Terminal;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// Runs a command line of the README in a shell, both outputs together.
fn run(command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_credsql"));
    let folder = program.parent().expect("the program is in a folder");
    let search = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", &format!("{command} 2>&1")])
        .env("PATH", search)
        .env("NO_COLOR", "1")
        .output()
        .expect("there is a shell");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

/// A session at a terminal: what was entered, each with what came of it.
fn session<'a>(arguments: &str, lines: impl Iterator<Item = &'a str>) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credsql"));
    command.args(arguments.split(' ')).env("NO_COLOR", "1");
    let mut terminal = Terminal::open(command, 40, 80);
    terminal.wait_prompt();
    let mut shown = String::new();
    let mut entry = String::new();
    for line in lines {
        let (prompt, text) = match line.split_once("> ") {
            Some((prompt, text)) if prompt.starts_with("credsql") => (Some(prompt), text),
            _ => (None, line),
        };
        if prompt.is_none() && entry.is_empty() {
            // What came at another time.
            continue;
        }
        writeln!(shown, "{line}").expect("strings can be written to");
        entry.push_str(text);
        if entry.ends_with(';') || entry.starts_with('\\') {
            let answer = terminal.run(&entry);
            for line in answer.lines() {
                writeln!(shown, "{line}").expect("strings can be written to");
            }
            entry.clear();
        } else {
            entry.push('\n');
        }
    }
    shown
}

/// The commands of the shell, as its help tells them.
fn commands() -> String {
    let mut rows = String::from("| command | what it does |\n|---|---|\n");
    let help = run("credsql query '\\?'");
    let mut pending = String::new();
    for line in help.lines().filter(|line| line.starts_with("  ")) {
        let line = line.trim();
        match line.split_once("  ") {
            Some((usage, doc)) => {
                writeln!(rows, "| {} | {} |", cell(usage), doc.trim())
                    .expect("strings can be written to");
            }
            None if pending.is_empty() => line.clone_into(&mut pending),
            None => {
                writeln!(rows, "| {} | {line} |", cell(&pending))
                    .expect("strings can be written to");
                pending.clear();
            }
        }
    }
    rows
}

/// Code in a cell of a table, in which a bar would end it.
fn cell(code: &str) -> String {
    format!("`{}`", code.replace('|', "\\|"))
}

/// The README as it should be: with the output of its commands and the list of tables filled in.
fn written() -> String {
    let text = fs::read_to_string(path()).expect("there is a README");
    let mut result = String::new();
    let mut in_console = false;
    let mut in_tables = false;
    let mut in_commands = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        in_console = (in_console || line == "```console") && line != "```";
        in_tables = line.starts_with("| table |") || (in_tables && line.starts_with('|'));
        in_commands = line.starts_with("| command |") || (in_commands && line.starts_with('|'));
        if let Some(arguments) = line.strip_prefix("$ credsql ").filter(|_| !in_console) {
            let rest = lines.by_ref().take_while(|line| *line != "```");
            write!(result, "{line}\n{}```\n", session(arguments, rest))
                .expect("strings can be written to");
            continue;
        }
        if line == "COMMANDS" || line.starts_with("| command |") {
            result.push_str(&commands());
        }
        if let Some(command) = line.strip_prefix("$ ").filter(|_| in_console) {
            let output = run(command);
            write!(result, "{line}\n{output}").expect("strings can be written to");
        } else if line == "TABLES" || line.starts_with("| table |") {
            result.push_str("| table | rows |\n|---|---|\n");
            for table in TABLES {
                writeln!(result, "| `{}` | {} |", table.name, table.doc)
                    .expect("strings can be written to");
            }
        } else if !(in_tables
            || in_commands
            || line == "COMMANDS"
            || in_console && line != "```console")
        {
            writeln!(result, "{line}").expect("strings can be written to");
        }
    }
    result
}

/// Fails if a command's output or the list of tables has changed; `README=write` puts it right.
#[test]
fn examples_and_tables_are_true() {
    let written = written();
    if std::env::var_os("README").is_some_and(|value| value == "write") {
        fs::write(path(), &written).expect("the README can be written");
    }
    let text = fs::read_to_string(path()).expect("there is a README");
    let differs = text.lines().zip(written.lines()).find(|(text, written)| text != written);
    assert_eq!(differs, None, "`README=write cargo test --test main readme` puts it right");
    assert!(text == written, "the README has more or fewer lines than it should");
    assert!(text.matches("\n$ credsql ").count() >= 5, "there are five examples");
}
