//! Comma-separated values: RFC 4180, LF line ends, a header always, NULL as nothing.

use std::io::Write;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::csv::WriterBuilder;
use arrow::datatypes::{Field, Schema, SchemaRef};

use super::cells::Page;
use super::{BatchWriter, Footer, OutputError, Sink};

pub(super) struct Csv<'a> {
    out: Sink<'a>,
    schema: SchemaRef,
    has_header: bool,
    footer: Footer,
}

impl<'a> Csv<'a> {
    pub(super) fn new(out: Sink<'a>, schema: SchemaRef) -> Self {
        Self { out, schema, has_header: false, footer: Footer::default() }
    }

    /// Encodes into memory first: arrow's writer turns an I/O error into mere text, and a closed pipe
    /// has to be told from a full disk.
    fn encode(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        let page = Page::new(batch)?;
        let options = RecordBatchOptions::new().with_row_count(Some(page.rows()));
        let columns = page.into_columns();
        let fields = self.schema.fields().iter().zip(&columns);
        let flat = Schema::new(
            fields
                .map(|(field, column)| Field::new(field.name(), column.data_type().clone(), true))
                .collect::<Vec<_>>(),
        );
        let flat = RecordBatch::try_new_with_options(flat.into(), columns, &options)?;
        let mut bytes = Vec::new();
        WriterBuilder::new().with_header(!self.has_header).build(&mut bytes).write(&flat)?;
        self.has_header = true;
        Ok(self.out.write_all(&bytes)?)
    }
}

impl BatchWriter for Csv<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        self.encode(batch)?;
        self.footer.rows += batch.num_rows() as u64;
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<Footer, OutputError> {
        if !self.has_header {
            self.encode(&RecordBatch::new_empty(std::sync::Arc::clone(&self.schema)))?;
        }
        self.out.flush()?;
        Ok(self.footer)
    }
}
