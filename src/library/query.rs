//! The types of the library.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use crate::decode::time;

/// The columns every control returns, in this order, before any it declares beyond them.
pub const CONTRACT: [&str; 7] =
    ["account_id", "user", "arn", "credential", "status", "reason", "generated_time"];

/// The column by which a control says that no report could tell, with what could: the unknown is
/// not the fault of this one.
pub const NEEDS: &str = "needs";

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, clap::ValueEnum)]
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
    /// Texts, to search in with `IN ($name)`; written with commas between them.
    TextList,
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
            Self::TextList => "texts with commas between them",
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
            Self::TextList => !list(text).is_empty(),
        }
    }

    /// What a text stands for, as JSON.
    #[must_use]
    pub fn json(self, text: &str) -> serde_json::Value {
        match self {
            Self::Integer => text.parse::<i64>().map_or_else(|_| text.into(), Into::into),
            Self::Number => text.parse::<f64>().map_or_else(|_| text.into(), Into::into),
            Self::Boolean => text.parse::<bool>().map_or_else(|_| text.into(), Into::into),
            Self::Text | Self::Timestamp => text.into(),
            Self::TextList => list(text).into(),
        }
    }

    /// The value that a text stands for.
    #[must_use]
    pub fn value(self, text: &str) -> Value {
        match self {
            Self::TextList => Value::List(list(text)),
            _ => Value::One(text.to_owned()),
        }
    }
}

/// The items of a list; empty ones are slips of the comma.
fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// What is bound to a `$name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One value, as text that takes the type of its place.
    One(String),
    /// Texts, for the inside of `IN ($name)`.
    List(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(text) => f.write_str(text),
            Self::List(texts) => f.write_str(&texts.join(",")),
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
    /// The permissions without which it can judge nothing; a credential report is not enough.
    pub needs: Vec<String>,
    /// Benchmarks and the ids in them that this answers.
    pub frameworks: BTreeMap<String, Vec<String>>,
    /// Parameters by name.
    pub params: BTreeMap<String, Param>,
    /// The whole file, which is also the statement: the header is a comment.
    pub sql: String,
    /// Where it was read.
    pub file: PathBuf,
}

/// Why a parameter cannot have a value.
#[derive(Debug, thiserror::Error)]
pub enum ParamError {
    /// The query has no parameter of this name.
    #[error("{query} has no parameter `{name}`: it has {known}")]
    Unknown {
        /// The query.
        query: String,
        /// What was given.
        name: String,
        /// What there is.
        known: String,
    },
    /// The value is of another type.
    #[error("parameter {name} of {query}: `{text}` is not {wanted}")]
    WrongType {
        /// The query.
        query: String,
        /// The parameter.
        name: String,
        /// What was given.
        text: String,
        /// What is allowed.
        wanted: &'static str,
    },
    /// No value was given and there is no default.
    #[error("{query} needs a value for {name}: {doc}")]
    Missing {
        /// The query.
        query: String,
        /// The parameter.
        name: String,
        /// What it means.
        doc: String,
    },
}

impl CannedQuery {
    /// The text of every parameter's value: what is given, otherwise the default.
    ///
    /// # Errors
    /// If a given one does not exist or is of another type, or one without a default is not given.
    pub fn with_defaults(
        &self,
        given: &[(String, String)],
    ) -> Result<Vec<(String, String)>, ParamError> {
        let query = || self.id.clone();
        for (name, text) in given {
            let Some(param) = self.params.get(name) else {
                let names: Vec<&str> = self.params.keys().map(String::as_str).collect();
                let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                return Err(ParamError::Unknown { query: query(), name: name.clone(), known });
            };
            if !param.param_type.accepts(text) {
                return Err(ParamError::WrongType {
                    query: query(),
                    name: name.clone(),
                    text: text.clone(),
                    wanted: param.param_type.words(),
                });
            }
        }
        let value = |(name, param): (&String, &Param)| {
            // Of two values the later counts, as with any option.
            let given = given.iter().rev().find(|(other, _)| other == name);
            let text = given.map(|(_, text)| text).or(param.default.as_ref());
            let missing = || ParamError::Missing {
                query: query(),
                name: name.clone(),
                doc: param.doc.clone(),
            };
            text.map(|text| (name.clone(), text.clone())).ok_or_else(missing)
        };
        self.params.iter().map(value).collect()
    }

    /// Such texts as JSON.
    #[must_use]
    pub fn json(&self, texts: &[(String, String)]) -> serde_json::Map<String, serde_json::Value> {
        let value = |(name, text): &(String, String)| {
            Some((name.clone(), self.params.get(name)?.param_type.json(text)))
        };
        texts.iter().filter_map(value).collect()
    }

    /// The values to bind for such texts.
    #[must_use]
    pub fn values(&self, texts: &[(String, String)]) -> Vec<(String, Value)> {
        let value = |(name, text): &(String, String)| {
            Some((name.clone(), self.params.get(name)?.param_type.value(text)))
        };
        texts.iter().filter_map(value).collect()
    }
}
