//! The nouns of a check.

use serde_json::{Map, Value};

use crate::library::query::Severity;
use crate::report::Millis;

/// What was found of one subject, in rising order of precedence: the status of a whole control is
/// the greatest of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// An alarm that somebody has accepted.
    Exempt,
    /// Does not apply.
    Skip,
    /// Worth knowing, nothing to do.
    Info,
    /// As it should be.
    Ok,
    /// Cannot be told.
    Unknown,
    /// Not as it should be.
    Alarm,
    /// The report could not be read.
    Error,
}

impl Status {
    /// All, in rising order.
    pub const ALL: [Self; 7] =
        [Self::Exempt, Self::Skip, Self::Info, Self::Ok, Self::Unknown, Self::Alarm, Self::Error];

    /// The word in results.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exempt => "exempt",
            Self::Skip => "skip",
            Self::Info => "info",
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Alarm => "alarm",
            Self::Error => "error",
        }
    }

    /// The status a control returned; `exempt` and `error` are not a control's to say.
    #[must_use]
    pub fn of_control(word: &str) -> Option<Self> {
        match word {
            "ok" => Some(Self::Ok),
            "alarm" => Some(Self::Alarm),
            "info" => Some(Self::Info),
            "skip" => Some(Self::Skip),
            "unknown" => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// A control as it is run.
#[derive(Debug, Clone)]
pub struct Control {
    /// Its id; for a requirement that no control answers, framework and requirement.
    pub id: String,
    /// What holds when all is well.
    pub title: String,
    /// How bad an alarm is; `None` where there can be none.
    pub severity: Option<Severity>,
    /// Why it matters.
    pub description: String,
    /// What to do about an alarm.
    pub remediation: String,
    /// Framework and requirement, for each it answers to in this run.
    pub requirements: Vec<(String, String)>,
    /// Name and value of each parameter.
    pub parameters: Vec<(String, String)>,
    /// The same as JSON, numbers as numbers.
    pub values: Map<String, Value>,
}

impl Control {
    /// The requirements in words, as in `cis-aws-7.0.0 2.10`.
    #[must_use]
    pub fn requirement(&self) -> String {
        let words = self.requirements.iter().map(|(framework, id)| format!("{framework} {id}"));
        words.collect::<Vec<_>>().join(", ")
    }

    /// The parameters as a JSON object; the empty text without any.
    #[must_use]
    pub fn parameters_json(&self) -> String {
        if self.values.is_empty() {
            return String::new();
        }
        Value::Object(self.values.clone()).to_string()
    }
}

/// One row of a control's result.
#[derive(Debug, Clone, Copy)]
pub struct Verdict<'a> {
    /// The account; `None` if it is not known.
    pub account_id: Option<&'a str>,
    /// The user; `None` if the account is judged.
    pub user: Option<&'a str>,
    /// The ARN of the user.
    pub arn: Option<&'a str>,
    /// `password`, `access_key_1`, …; `None` if the whole user or account is judged.
    pub credential: Option<&'a str>,
    /// What was found.
    pub status: Status,
    /// In words.
    pub reason: &'a str,
    /// When AWS made the report.
    pub generated_time: Option<Millis>,
    /// The control's further columns, as a JSON object.
    pub details: Option<&'a str>,
    /// Whether no report could tell: the unknown is not the fault of this one.
    pub unanswerable: bool,
}

impl<'a> Verdict<'a> {
    /// One of nobody in particular.
    #[must_use]
    pub fn bare(status: Status, reason: &'a str) -> Self {
        Self {
            account_id: None,
            user: None,
            arn: None,
            credential: None,
            status,
            reason,
            generated_time: None,
            details: None,
            unanswerable: false,
        }
    }
}
