//! A Markdown table as GitHub reads it. Cells are text: none of them is markup, whatever it holds.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::cells::Page;
use super::escape::escape_control;
use super::types::readable;
use super::{BatchWriter, Footer, OutputError, Sink, Style};

pub(super) struct Markdown<'a> {
    out: Sink<'a>,
    schema: SchemaRef,
    style: Style,
    has_header: bool,
    footer: Footer,
}

impl<'a> Markdown<'a> {
    pub(super) fn new(out: Sink<'a>, schema: SchemaRef, style: Style) -> Self {
        Self { out, schema, style, has_header: false, footer: Footer::default() }
    }

    fn header(&mut self) -> Result<(), OutputError> {
        if !self.has_header {
            self.has_header = true;
            let (mut names, mut rule) = (String::from("|"), String::from("|"));
            for field in self.schema.fields() {
                push(&mut names, field.name());
                rule.push_str(if readable(field.data_type()).is_numeric() {
                    " ---: |"
                } else {
                    " --- |"
                });
            }
            writeln!(self.out, "{names}\n{rule}")?;
        }
        Ok(())
    }
}

impl BatchWriter for Markdown<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        self.header()?;
        let page = Page::new(batch)?;
        let cells = page.cells()?;
        let (mut line, mut buffer) = (String::new(), String::new());
        for row in 0..page.rows() {
            line.clear();
            line.push('|');
            for column in &cells {
                if let Some(text) = column.read(row, &mut buffer)? {
                    push(&mut line, text);
                } else {
                    line.push(' ');
                    line.push_str(self.style.null());
                    line.push_str(" |");
                }
            }
            writeln!(self.out, "{line}")?;
        }
        self.footer.rows += page.rows() as u64;
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<Footer, OutputError> {
        self.header()?;
        self.out.flush()?;
        Ok(self.footer)
    }
}

fn push(line: &mut String, text: &str) {
    line.push(' ');
    line.push_str(&escape_markdown(text));
    line.push_str(" |");
}

/// Text that Markdown shows as it is, on one line and within the cell of a table.
#[must_use]
pub fn escape_markdown(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = escape_control(&text);
    let mut characters = text.chars().peekable();
    let mut before = ' ';
    let mut escaped = String::with_capacity(text.len());
    while let Some(c) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        match c {
            '\n' => escaped.push_str("<br>"),
            '\t' => escaped.push(' '),
            // inside a word, as in `mfa_active`, an underscore is only that
            '_' if before.is_alphanumeric() && next.is_alphanumeric() => escaped.push(c),
            '|' | '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '<' | '&' => {
                escaped.push('\\');
                escaped.push(c);
            }
            other => escaped.push(other),
        }
        before = c;
    }
    escaped
}
