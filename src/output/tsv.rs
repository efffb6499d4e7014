//! Tab-separated values: nothing is quoted; tabs, line ends and backslashes of a value are escaped.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::cells::Page;
use super::{BatchWriter, Footer, OutputError, Sink};

pub(super) struct Tsv<'a> {
    out: Sink<'a>,
    schema: SchemaRef,
    has_header: bool,
    footer: Footer,
}

impl<'a> Tsv<'a> {
    pub(super) fn new(out: Sink<'a>, schema: SchemaRef) -> Self {
        Self { out, schema, has_header: false, footer: Footer::default() }
    }

    fn header(&mut self) -> Result<(), OutputError> {
        if !self.has_header {
            self.has_header = true;
            let mut line = String::new();
            for (position, field) in self.schema.fields().iter().enumerate() {
                push(&mut line, position, field.name());
            }
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }
}

impl BatchWriter for Tsv<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        self.header()?;
        let page = Page::new(batch)?;
        let cells = page.cells()?;
        let (mut line, mut buffer) = (String::new(), String::new());
        for row in 0..page.rows() {
            line.clear();
            for (position, column) in cells.iter().enumerate() {
                push(&mut line, position, column.read(row, &mut buffer)?.unwrap_or_default());
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

fn push(line: &mut String, position: usize, text: &str) {
    if position > 0 {
        line.push('\t');
    }
    for c in text.chars() {
        match c {
            '\t' => line.push_str("\\t"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\\' => line.push_str("\\\\"),
            other => line.push(other),
        }
    }
}
