//! What a reader should know about a report that could be read all the same.

use serde::Serialize;

use crate::schema::Column;

/// More warnings than this are counted, not kept: one broken export must not fill memory.
const KEPT: usize = 100;

/// Longest piece of a cell that a warning repeats.
const LONGEST_VALUE: usize = 80;

/// One remark about a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Line in the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The user of the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The column of the cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What stood there, shortened if long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is odd about it, and what becomes of it.
    pub message: String,
}

impl Warning {
    /// A remark about the whole report.
    #[must_use]
    pub fn report(message: impl Into<String>) -> Self {
        Self { line: None, user: None, column: None, value: None, message: message.into() }
    }

    /// A remark about one line; 0 where rows have no lines.
    #[must_use]
    pub fn line(line: u64, message: impl Into<String>) -> Self {
        Self { line: Some(line).filter(|&line| line > 0), ..Self::report(message) }
    }

    /// Adds the user of the row.
    #[must_use]
    pub fn user(mut self, user: Option<&str>) -> Self {
        self.user = user.map(shorten);
        self
    }

    /// Adds the cell: its column and its text.
    #[must_use]
    pub fn cell(mut self, column: &Column, value: &str) -> Self {
        self.column = Some(column.name.to_owned());
        self.value = Some(shorten(value));
        self
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(user) = &self.user {
            write!(f, "user {user}: ")?;
        }
        if let Some(column) = &self.column {
            write!(f, "{column} ")?;
        }
        if let Some(value) = &self.value {
            write!(f, "`{value}` ")?;
        }
        f.write_str(&self.message)
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
    }
}

/// The warnings of one report, in order of discovery, bounded.
#[derive(Debug, Clone, Default)]
pub struct Warnings {
    kept: Vec<Warning>,
    dropped: usize,
}

impl Warnings {
    /// Adds one; beyond a hundred they are only counted.
    pub fn add(&mut self, warning: Warning) {
        if self.kept.len() < KEPT {
            self.kept.push(warning);
        } else {
            self.dropped += 1;
        }
    }

    /// The warnings, the last of which tells how many more there were.
    #[must_use]
    pub fn into_list(mut self) -> Vec<Warning> {
        if self.dropped > 0 {
            self.kept.push(Warning::report(format!("and {} more such remarks", self.dropped)));
        }
        self.kept
    }
}
