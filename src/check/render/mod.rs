//! What a check found, on its way out: one file per form.
//!
//! Rows come as they are judged and are not kept; what needs counts first keeps its own buffer, on
//! disk if it is large, and what needs names to differ a few bytes for each.

mod asff;
mod json;
mod junit;
mod markdown;
mod rows;
#[cfg(test)]
mod sample;
mod stamp;
mod summary;
mod unique;

use std::io::Write;
use std::path::Path;

use super::judged::Judged;
use super::run::Outcome;
use super::tally::Tally;
use super::verdict::Control;
use crate::error::{Error, Result};
use crate::output::{Format, OutputError, Style, TerminalGuard};
use crate::report::Millis;

/// What a check is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CheckFormat {
    /// A summary to read: each control, its counts, the worst of its rows
    Summary,
    /// Every row in one table
    Table,
    /// Every row, comma-separated
    Csv,
    /// Every row, tab-separated
    Tsv,
    /// One document: the run, its reports, every row, every control with its counts
    Json,
    /// Every row as a JSON object a line
    Ndjson,
    /// The summary for a comment or a wiki
    Markdown,
    /// Every row, one `name | value` line per column
    Vertical,
    /// Every row as Apache Parquet
    Parquet,
    /// JUnit XML for CI: a suite per control, a case per row
    Junit,
    /// AWS Security Finding Format, for batch-import-findings of Security Hub
    Asff,
}

impl CheckFormat {
    /// The format that a file's suffixes ask for.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        if name.ends_with(".asff.json") {
            return Some(Self::Asff);
        }
        if path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("xml")) {
            return Some(Self::Junit);
        }
        Some(match Format::from_path(path)? {
            Format::Table => Self::Summary,
            Format::Csv => Self::Csv,
            Format::Tsv => Self::Tsv,
            Format::Json => Self::Json,
            Format::Ndjson => Self::Ndjson,
            Format::Markdown => Self::Markdown,
            Format::Vertical => Self::Vertical,
            Format::Parquet => Self::Parquet,
        })
    }

    /// The same format for rows that are no verdicts.
    ///
    /// # Errors
    /// If it is a format for verdicts alone.
    pub fn of_plain_rows(self) -> Result<Format> {
        match self {
            Self::Summary => Ok(Format::Table),
            Self::Json => Ok(Format::Json),
            Self::Ndjson => Ok(Format::Ndjson),
            Self::Markdown => Ok(Format::Markdown),
            other => other.of_rows().ok_or_else(|| {
                Error::usage(
                    "junit and asff are forms for verdicts, of which there are none yet",
                    "choose another `--format`",
                )
            }),
        }
    }

    /// The format of plain rows, if it is one.
    fn of_rows(self) -> Option<Format> {
        match self {
            Self::Table => Some(Format::Table),
            Self::Csv => Some(Format::Csv),
            Self::Tsv => Some(Format::Tsv),
            Self::Vertical => Some(Format::Vertical),
            Self::Parquet => Some(Format::Parquet),
            _ => None,
        }
    }
}

/// Writes what a check finds.
pub trait Render: Send {
    /// Whether every row is wanted, in order and with its details, and not only counts.
    fn wants_rows(&self) -> bool {
        true
    }

    /// A control begins.
    ///
    /// # Errors
    /// If the destination refuses it.
    fn begin(&mut self, control: &Control) -> Result<()>;

    /// Some rows of the control that began last.
    ///
    /// # Errors
    /// If the destination refuses them.
    fn rows(&mut self, control: &Control, rows: &Judged) -> Result<()>;

    /// A control has ended.
    ///
    /// # Errors
    /// If the destination refuses it.
    fn end(&mut self, _: &Control, _: &Tally) -> Result<()> {
        Ok(())
    }

    /// Everything is judged. Returns what should be said about the output.
    ///
    /// # Errors
    /// If the destination refuses it.
    fn finish(self: Box<Self>, outcome: &Outcome) -> Result<Vec<String>>;
}

/// The run, for forms that begin with it.
#[derive(Debug, Clone)]
struct RunInfo {
    version: String,
    run_time: Millis,
}

/// What renderers need to know beforehand.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// The terminal, if it is one.
    pub style: Style,
    /// Whether summaries show every row.
    pub all: bool,
    /// Whether remediations are wanted in summaries.
    pub remediation: bool,
    /// The region of findings.
    pub region: Option<String>,
    /// The time of the run.
    pub run_time: Millis,
}

/// A renderer of `format` to `out`.
///
/// # Errors
/// If the format is not one for the destination.
pub fn renderer<'a>(
    format: CheckFormat,
    out: Box<dyn Write + Send + 'a>,
    look: &Look,
) -> Result<Box<dyn Render + 'a>> {
    if let Some(format) = format.of_rows() {
        return Ok(Box::new(rows::Rows::new(format, out, &look.style)?));
    }
    let run = RunInfo { version: env!("CARGO_PKG_VERSION").to_owned(), run_time: look.run_time };
    Ok(match format {
        CheckFormat::Junit => Box::new(junit::Junit::new(out, &run).map_err(OutputError::from)?),
        CheckFormat::Asff => {
            let region = look.region.as_deref().ok_or_else(|| no_region("no region is given"))?;
            let out = guarded(out, Format::Json, &look.style);
            Box::new(
                asff::Asff::new(out, &run, region)
                    .map_err(|error| no_region(&error.to_string()))?,
            )
        }
        CheckFormat::Json => Box::new(json::Json::document(out, &look.style)),
        CheckFormat::Ndjson => Box::new(json::Json::lines(out, &look.style)),
        CheckFormat::Markdown => Box::new(markdown::Markdown::new(out, look)),
        _ => Box::new(summary::Summary::new(out, look)),
    })
}

/// What is meant for machines has no control characters on a terminal all the same.
fn guarded<'a>(
    out: Box<dyn Write + Send + 'a>,
    format: Format,
    style: &Style,
) -> Box<dyn Write + Send + 'a> {
    if style.width.is_some() { Box::new(TerminalGuard::new(out, format)) } else { out }
}

fn no_region(what: &str) -> Error {
    Error::usage(
        format!("asff needs the region of the Security Hub: {what}"),
        "give it with `--region eu-central-1` or in AWS_REGION",
    )
}

/// Whether there is nothing to read in the text, which AWS refuses: strings match `.*\S.*`.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_text_is_known() {
        for text in ["", " ", "\t\n", "\u{a0}\u{feff}\u{2028}"] {
            assert!(is_blank(text), "{text:?}");
        }
        assert!(!is_blank("\n."));
    }
}
