//! One line per column and a rule above each record, as psql's `\x` shows it. Values are in full.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use unicode_width::UnicodeWidthStr;

use super::cells::Page;
use super::escape::{escape_control, escape_line};
use super::{BatchWriter, Footer, OutputError, Sink, Style};

/// Columns of a rule, unless the terminal has fewer.
const RULE: usize = 60;

pub(super) struct Vertical<'a> {
    out: Sink<'a>,
    records: Records,
}

impl<'a> Vertical<'a> {
    pub(super) fn new(out: Sink<'a>, schema: &Schema, style: Style) -> Self {
        Self { out, records: Records::new(schema, style) }
    }
}

impl BatchWriter for Vertical<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        self.records.write(&Page::new(batch)?, &mut self.out)?;
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<Footer, OutputError> {
        self.out.flush()?;
        Ok(Footer { rows: self.records.written, ..Footer::default() })
    }
}

/// The records themselves, which a table too wide for its terminal writes as well.
pub(super) struct Records {
    /// The columns' names, padded to one width.
    names: Vec<String>,
    blank: String,
    style: Style,
    written: u64,
}

impl Records {
    pub(super) fn new(schema: &Schema, style: Style) -> Self {
        let names: Vec<_> = schema.fields().iter().map(|field| escape_line(field.name())).collect();
        let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
        let pad = |name: &str| " ".repeat(widest - name.width());
        let names = names.iter().map(|name| format!("{}{}", style.bold(name), pad(name))).collect();
        Self { names, blank: " ".repeat(widest), style, written: 0 }
    }

    pub(super) fn write(&mut self, page: &Page, out: &mut impl Write) -> Result<(), OutputError> {
        let cells = page.cells()?;
        let rule = self.style.width.unwrap_or(RULE).min(RULE);
        let mut buffer = String::new();
        for row in 0..page.rows() {
            self.written += 1;
            writeln!(out, "{:-<rule$}", format!("-[ RECORD {} ]", self.written))?;
            for (name, column) in self.names.iter().zip(&cells) {
                let Some(text) = column.read(row, &mut buffer)? else {
                    writeln!(out, "{name} | {}", self.style.null())?;
                    continue;
                };
                let mut name = name;
                for line in escape_control(text).split('\n') {
                    writeln!(out, "{name} |{}{line}", if line.is_empty() { "" } else { " " })?;
                    name = &self.blank;
                }
            }
        }
        Ok(())
    }
}
