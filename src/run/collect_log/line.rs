//! The log of `collect` as JSON: one object per line, with the time first.

use std::io::Write;

use serde::Serialize;

use super::Ending;
use crate::collect::run::{Done, Tally, What};
use crate::decode::time;
use crate::report::Millis;

/// What can be a line.
pub(super) trait Levelled: Serialize {
    /// How grave it is.
    fn level(&self) -> &'static str;
}

/// Writes an object on one line. Standard error being closed is no reason to fail.
pub(super) fn write(now: Millis, line: &impl Levelled) {
    #[derive(Serialize)]
    struct Timed<'a, T> {
        time: String,
        #[serde(flatten)]
        line: &'a T,
    }
    if let Ok(text) = serde_json::to_string(&Timed { time: time::format(now), line }) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

impl Levelled for Line<'_> {
    fn level(&self) -> &'static str {
        self.level
    }
}

impl Levelled for Summary<'_> {
    fn level(&self) -> &'static str {
        self.level
    }
}

/// What is said of one account. Every line has every name.
#[derive(Default, Serialize)]
pub(super) struct Line<'a> {
    pub(super) level: &'static str,
    pub(super) event: &'static str,
    pub(super) account_id: Option<&'a str>,
    pub(super) account_name: Option<&'a str>,
    pub(super) source: Option<&'a str>,
    pub(super) status: Option<&'static str>,
    pub(super) key: Option<&'a str>,
    pub(super) generated_time: Option<&'a str>,
    pub(super) bytes: Option<usize>,
    pub(super) sha256: Option<&'a str>,
    pub(super) error: Option<&'a str>,
    pub(super) note: Option<&'a str>,
    pub(super) hint: Option<&'a str>,
}

/// What is said at the end.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    level: &'static str,
    event: &'static str,
    #[serde(flatten)]
    tally: &'a Tally,
    interrupted: bool,
    to: &'a str,
    manifest: Option<&'a str>,
}

impl<'a> Line<'a> {
    /// What became of one report.
    pub(super) fn of(done: &'a Done) -> Self {
        let line = Self {
            level: "info",
            event: "report",
            account_id: done.account_id.as_deref(),
            account_name: done.account_name.as_deref(),
            source: Some(&done.source),
            ..Self::default()
        };
        match &done.what {
            What::Kept { kept, sha256, bytes, generated_time } => {
                let (level, status) = match (kept.is_new, &kept.beside) {
                    (true, None) => ("info", "written"),
                    (true, Some(_)) => ("warning", "beside"),
                    (false, _) => ("info", "unchanged"),
                };
                Self {
                    level,
                    status: Some(status),
                    key: Some(&kept.key),
                    generated_time: Some(generated_time),
                    bytes: Some(*bytes),
                    sha256: Some(sha256),
                    ..line
                }
            }
            What::Failed { error, hint } => Self {
                level: "error",
                status: Some("failed"),
                error: Some(error),
                hint: hint.as_deref(),
                ..line
            },
            What::Skipped { reason } => {
                Self { status: Some("skipped"), error: Some(reason), ..line }
            }
            What::Foreign => Self { status: Some("foreign"), ..line },
        }
    }

    /// Something worth knowing that is no failure.
    pub(super) fn note(text: &'a str) -> Self {
        Self { level: "info", event: "note", note: Some(text), ..Self::default() }
    }

    /// An error that ended the run.
    pub(super) fn error(text: &'a str, hint: Option<&'a str>) -> Self {
        Self { level: "error", event: "error", error: Some(text), hint, ..Self::default() }
    }
}

impl<'a> Summary<'a> {
    /// How many.
    pub(super) fn of(tally: &'a Tally, ending: Ending<'a>) -> Self {
        let Ending { to, manifest, interrupted } = ending;
        let is_good = tally.failed + tally.untried == 0 && !interrupted;
        let level = if is_good { "info" } else { "error" };
        Self { level, event: "summary", tally, interrupted, to, manifest }
    }
}
