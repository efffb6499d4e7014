//! The shell as a person at a terminal meets it.

mod completion;
mod display;
mod editing;
mod errors;
mod greeting;
mod history;
mod interrupt;
mod meta;
mod pager;
mod paste;
mod resize;
mod result;
mod script;

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::terminal::Terminal;

/// A small organisation.
const DEMO: &str = "demo:accounts=3,users=4,seed=7";

/// The program with these arguments.
fn program(args: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credsql"));
    command.args(args);
    command
}

/// A program in an ordinary terminal, at its first prompt.
#[track_caller]
fn open(command: Command) -> Terminal {
    let mut terminal = Terminal::open(command, 24, 100);
    terminal.wait_prompt();
    terminal
}

/// The shell on the small organisation.
#[track_caller]
fn demo() -> Terminal {
    open(program(&[DEMO]))
}

/// The shell in a folder of files.
#[track_caller]
fn inside(folder: &Path, args: &[&str]) -> Terminal {
    let mut command = program(args);
    command.current_dir(folder);
    open(command)
}

/// The shell on the small organisation, with results that are CSV.
#[track_caller]
fn plain() -> Terminal {
    let mut terminal = demo();
    terminal.run("\\f csv");
    terminal
}

/// Whether the pager is there that is taken if PAGER names none. Without it results are printed,
/// which this asserts.
#[track_caller]
fn has_less() -> bool {
    let is_there = Command::new("less").arg("--version").output().is_ok();
    if !is_there {
        holds(&demo().run("SELECT * FROM generate_series(1, 100);"), &["\n   50\n", "\n  100\n"]);
    }
    is_there
}

/// Asserts that each of these is in a text.
#[track_caller]
fn holds(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} is not in:\n{text}");
    }
}

/// Asserts that the shell answers a line with each of these.
#[track_caller]
fn answers(terminal: &mut Terminal, line: &str, words: &[&str]) -> String {
    let answer = terminal.run(line);
    for word in words {
        assert!(answer.contains(word), "{word:?} is not in the answer to {line}:\n{answer}");
    }
    answer
}

/// What is on the screen as a snapshot, without what differs from run to run.
macro_rules! screen {
    ($terminal:expr) => {
        insta::with_settings!({
            filters => vec![
                (r"\d+(\.\d+)? ?(ns|µs|ms|s)\b", "[time]"),
                (r"/\S*/\.tmp\w+", "[folder]"),
                (r"credsql \d+\.\d+\.\d+", "credsql [version]"),
            ],
        }, { insta::assert_snapshot!($terminal.screen()) })
    };
}
use screen;
