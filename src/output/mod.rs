//! Result sets on their way out: record batches in, one format's bytes out.
//!
//! Every format is a [`BatchWriter`] made by [`writer`]. Batches are written as they come, so memory is
//! bounded by a batch (a row group for Parquet) whatever the number of rows, and only data goes to the
//! destination: what was hidden or cut comes back as a [`Footer`] for the caller to say elsewhere.
//!
//! A value has the same text in every format: times are RFC 3339, bytes are hex, and a list, a struct or
//! a map is JSON. Control characters of the data never reach a terminal, see [`escape_control`].

mod cells;
mod csv;
mod encode;
mod error;
mod escape;
mod guard;
mod json;
mod layout;
mod line;
mod markdown;
mod parquet;
mod spreadsheet;
mod table;
#[cfg(test)]
mod tests;
mod texts;
mod tsv;
mod types;
mod vertical;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

pub use error::OutputError;
pub use escape::{escape_control, escape_line, is_plain};
pub use guard::TerminalGuard;
pub use line::fit;
pub use markdown::escape_markdown;
pub use spreadsheet::{spreadsheet_safe, spreadsheet_text};
pub use texts::texts;
pub use types::with_unique_names;

/// What a result set is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Columns side by side, for a terminal
    Table,
    /// Comma-separated values (RFC 4180)
    Csv,
    /// Tab-separated values; tabs and line ends of a value as \t and \n
    Tsv,
    /// One JSON array, an object a line
    Json,
    /// One JSON object a line
    Ndjson,
    /// A Markdown table as GitHub reads it
    Markdown,
    /// One `name | value` line per column
    Vertical,
    /// An Apache Parquet file
    Parquet,
}

impl Format {
    /// The format that a file's suffix asks for.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<Format> {
        let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match suffix.as_str() {
            "txt" => Format::Table,
            "csv" => Format::Csv,
            "tsv" => Format::Tsv,
            "json" => Format::Json,
            "ndjson" | "jsonl" => Format::Ndjson,
            "md" => Format::Markdown,
            "parquet" => Format::Parquet,
            _ => return None,
        })
    }

    /// Whether a person can read it: all but Parquet.
    #[must_use]
    pub fn is_text(self) -> bool {
        self != Format::Parquet
    }

    /// Whether the results of several statements can follow one another in one output.
    #[must_use]
    pub fn allows_many(self) -> bool {
        !matches!(self, Format::Csv | Format::Tsv | Format::Parquet)
    }
}

/// Where the output is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal, and `None` if the output is not a terminal: then nothing is shortened or hidden.
    pub width: Option<usize>,
    /// Whether ANSI colours may be used.
    pub color: bool,
}

impl Style {
    fn null(self) -> &'static str {
        if self.color { "\x1b[2mNULL\x1b[0m" } else { "NULL" }
    }

    fn bold(self, text: &str) -> Cow<'_, str> {
        if self.color { Cow::Owned(format!("\x1b[1m{text}\x1b[0m")) } else { Cow::Borrowed(text) }
    }
}

/// What a writer has to say that is not data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footer {
    /// Rows written.
    pub rows: u64,
    /// Columns that did not fit the terminal, in order.
    pub hidden_columns: Vec<String>,
    /// Cells and headers shortened with `…`.
    pub shortened_cells: u64,
    /// The width that was too small for a table, if records were written in its place.
    pub too_narrow: Option<usize>,
    /// Columns renamed because an earlier one has the name, where a format needs names to differ: (was, is).
    pub renamed_columns: Vec<(String, String)>,
    /// Times whose digits below the millisecond were dropped.
    pub rounded_times: u64,
}

impl Footer {
    /// Whether anything of the data is not to be seen.
    #[must_use]
    pub fn leaves_out(&self) -> bool {
        !self.hidden_columns.is_empty() || self.shortened_cells > 0 || self.too_narrow.is_some()
    }

    /// One line that says what was hidden, cut or changed; `None` if nothing was.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let mut note = String::new();
        let mut say = |text: std::fmt::Arguments<'_>| {
            let separator = if note.is_empty() { "" } else { "; " };
            // writing to a string cannot fail
            let _ = write!(note, "{separator}{text}");
        };
        if let Some(width) = self.too_narrow {
            say(format_args!("a table does not fit {width} columns, so records are shown"));
        }
        if !self.hidden_columns.is_empty() {
            let names: Vec<_> = self.hidden_columns.iter().map(|name| escape_line(name)).collect();
            let more = if names.len() > NAMED { ", …" } else { "" };
            say(format_args!(
                "{} hidden: {}{more}",
                count(names.len() as u64, "column"),
                names[..names.len().min(NAMED)].join(", ")
            ));
        }
        if self.shortened_cells > 0 {
            say(format_args!("{} shortened with …", count(self.shortened_cells, "cell")));
        }
        for (was, is) in &self.renamed_columns {
            say(format_args!(
                "a second column `{}` is named `{}`",
                escape_line(was),
                escape_line(is)
            ));
        }
        if self.rounded_times > 0 {
            say(format_args!("{} cut to the millisecond", count(self.rounded_times, "time")));
        }
        (!note.is_empty()).then_some(note)
    }
}

/// Hidden columns named one by one.
const NAMED: usize = 4;

fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Writes the batches of one result set.
pub trait BatchWriter: Send {
    /// Writes one batch.
    ///
    /// # Errors
    ///
    /// If the destination refuses it, or a value has no form in this format.
    fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError>;

    /// Writes what the format needs at its end, also when no batch came, and flushes.
    ///
    /// # Errors
    ///
    /// As for [`write`](BatchWriter::write).
    fn finish(self: Box<Self>) -> Result<Footer, OutputError>;
}

type Sink<'a> = BufWriter<Box<dyn Write + Send + 'a>>;

/// A writer of `format` for batches of `schema`.
///
/// On a terminal (a [`Style`] with a width) the text formats that are meant for machines go through a
/// [`TerminalGuard`].
///
/// # Errors
///
/// If a column's type has no form in any format, or the format is not one for a terminal.
pub fn writer<'a>(
    format: Format,
    schema: SchemaRef,
    out: Box<dyn Write + Send + 'a>,
    style: &Style,
) -> Result<Box<dyn BatchWriter + 'a>, OutputError> {
    types::check(&schema)?;
    let style = *style;
    let guarded = |out| -> Sink<'a> {
        BufWriter::new(if style.width.is_some() {
            Box::new(TerminalGuard::new(out, format))
        } else {
            out
        })
    };
    Ok(match format {
        Format::Table => Box::new(table::Table::new(BufWriter::new(out), &schema, style)),
        Format::Csv => Box::new(csv::Csv::new(guarded(out), schema)),
        Format::Tsv => Box::new(tsv::Tsv::new(guarded(out), schema)),
        Format::Json => Box::new(json::Json::new(guarded(out), &schema, json::Shape::Array)),
        Format::Ndjson => Box::new(json::Json::new(guarded(out), &schema, json::Shape::Lines)),
        Format::Markdown => Box::new(markdown::Markdown::new(BufWriter::new(out), schema, style)),
        Format::Vertical => Box::new(vertical::Vertical::new(BufWriter::new(out), &schema, style)),
        Format::Parquet if style.width.is_some() => return Err(OutputError::Terminal),
        Format::Parquet => Box::new(parquet::Parquet::new(BufWriter::new(out), &schema)?),
    })
}
