//! Reports to test with, and the program to run on them.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use credsql::schema::{ADDITIONAL_CREDENTIALS_INFO, REPORT};

/// What a run of the program left.
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Ran {
    /// The run, if it ended well and said nothing.
    #[track_caller]
    pub(crate) fn clean(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// What the run said, if it ended with this code.
    #[track_caller]
    pub(crate) fn stderr_of(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self.stderr
    }

    /// The run, if it ended with this code and said each of these.
    #[track_caller]
    pub(crate) fn said(self, code: i32, words: &[&str]) -> String {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in:\n{}", self.stderr);
        }
        self.stdout
    }
}

/// Runs the program in a folder.
pub(crate) fn credsql(folder: &Path, args: &[&str], stdin: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_credsql"))
        .args(args)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("standard input is a pipe");
    // A program that does not read its input may have closed it.
    let _ = input.write_all(stdin.as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("the program ends");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
    }
}

/// A folder that goes away, with files in it.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary folder"));
        for (name, content) in files {
            folder.write(name, content.as_bytes());
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("folders can be made");
        fs::write(&path, content).expect("files can be written");
        path
    }

    /// Runs one statement over everything in the folder, as CSV.
    pub(crate) fn query(&self, sql: &str) -> Ran {
        self.run(&["query", sql, "."])
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        credsql(self.path(), args, "")
    }
}

/// A row in AWS's own form; everything that is not set is as for a user without credentials.
#[derive(Clone)]
pub(crate) struct Row(Vec<String>);

impl Row {
    pub(crate) fn user(account: &str, name: &str) -> Self {
        let mut row = Self(vec!["N/A".to_owned(); ADDITIONAL_CREDENTIALS_INFO])
            .set("user", name)
            .set("arn", &format!("arn:aws:iam::{account}:user/{name}"))
            .set("user_creation_time", "2020-01-01T00:00:00Z");
        for column in
            REPORT.iter().filter(|c| c.name.ends_with("_active") || c.name == "password_enabled")
        {
            row = row.set(column.name, "false");
        }
        row
    }

    pub(crate) fn root(account: &str) -> Self {
        Self::user(account, "x")
            .set("user", "<root_account>")
            .set("arn", &format!("arn:aws:iam::{account}:root"))
    }

    pub(crate) fn set(mut self, column: &str, value: &str) -> Self {
        let position = REPORT.iter().position(|c| c.name == column).expect("a report column");
        value.clone_into(&mut self.0[position]);
        self
    }
}

/// A report as AWS writes it: no line end after the last row.
pub(crate) fn report(rows: &[Row]) -> String {
    let names: Vec<&str> =
        REPORT[..ADDITIONAL_CREDENTIALS_INFO].iter().map(|column| column.name).collect();
    let mut text = names.join(",");
    for row in rows {
        write!(text, "\n{}", row.0.join(",")).expect("strings can be written to");
    }
    text
}

/// A report of one account with root and one user of this name.
pub(crate) fn small(account: &str, name: &str) -> String {
    report(&[Row::root(account), Row::user(account, name)])
}

/// The answer of get-credential-report, which tells the time.
pub(crate) fn answer(report: &str, generated_time: &str) -> String {
    serde_json::json!({ "Content": report, "GeneratedTime": generated_time, "ReportFormat": "text/csv" }).to_string()
}
