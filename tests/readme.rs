//! What the README shows is what happens.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use credsql::schema::TABLES;

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

/// The README as it should be: with the output of its commands and the list of tables filled in.
fn written() -> String {
    let text = fs::read_to_string(path()).expect("there is a README");
    let mut result = String::new();
    let mut in_console = false;
    let mut in_tables = false;
    for line in text.lines() {
        in_console = (in_console || line == "```console") && line != "```";
        in_tables = line.starts_with("| table |") || (in_tables && line.starts_with('|'));
        if let Some(command) = line.strip_prefix("$ ").filter(|_| in_console) {
            let output = run(command);
            write!(result, "{line}\n{output}").expect("strings can be written to");
        } else if line == "TABLES" || line.starts_with("| table |") {
            result.push_str("| table | rows |\n|---|---|\n");
            for table in TABLES {
                writeln!(result, "| `{}` | {} |", table.name, table.doc)
                    .expect("strings can be written to");
            }
        } else if !(in_tables || in_console && line != "```console") {
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
    assert_eq!(text, written);
    assert!(text.matches("\n$ credsql ").count() >= 5, "there are five examples");
}
