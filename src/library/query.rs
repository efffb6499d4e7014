//! The types of the library.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::decode::time;

/// The columns every control returns, in this order, before any it declares beyond them.
pub const CONTRACT: [&str; 7] =
    ["account_id", "user", "arn", "credential", "status", "reason", "generated_time"];

/// What a canned query is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It judges every subject it looks at, and returns the columns of [`CONTRACT`].
    Control,
    /// It shows something; its columns are its own.
    Investigation,
}

impl Purpose {
    /// The word in the header.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Investigation => "query",
        }
    }
}

/// How bad an alarm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Tidy it up.
    Low,
    /// Plan it.
    Medium,
    /// Soon.
    High,
    /// Now.
    Critical,
}

impl Severity {
    /// The word in the header.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParamType {
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A date or time.
    Timestamp,
}

impl ParamType {
    /// The type in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Text => "text",
            Self::Boolean => "true or false",
            Self::Timestamp => "a time such as 2026-10-31 or 2026-10-31T12:00:00Z",
        }
    }

    /// Whether a text is a value of this type.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Integer => text.parse::<i64>().is_ok(),
            Self::Number => text.parse::<f64>().is_ok_and(f64::is_finite),
            Self::Text => true,
            Self::Boolean => matches!(text, "true" | "false"),
            Self::Timestamp => time::parse(text).is_some(),
        }
    }
}

/// A parameter: `$name` in the SQL.
#[derive(Debug, Clone)]
pub struct Param {
    /// What it may be.
    pub param_type: ParamType,
    /// Its value where none is given; without a default one must be given.
    pub default: Option<String>,
    /// What it means.
    pub doc: String,
}

/// A canned query.
#[derive(Debug, Clone)]
pub struct CannedQuery {
    /// Its name: the stem of its file.
    pub id: String,
    /// What it is for.
    pub purpose: Purpose,
    /// What holds when all is well, or what is shown.
    pub title: String,
    /// How bad an alarm is; controls only.
    pub severity: Option<Severity>,
    /// Why it matters, what is judged, where it differs from common practice.
    pub description: String,
    /// What to do about an alarm.
    pub remediation: Option<String>,
    /// Words to choose by.
    pub tags: Vec<String>,
    /// Columns beyond the contract.
    pub columns: Vec<String>,
    /// Benchmarks and the ids in them that this answers.
    pub frameworks: BTreeMap<String, Vec<String>>,
    /// Parameters by name.
    pub params: BTreeMap<String, Param>,
    /// The whole file, which is also the statement: the header is a comment.
    pub sql: String,
    /// Where it was read.
    pub file: PathBuf,
    /// Whether it is built in.
    pub built_in: bool,
}
