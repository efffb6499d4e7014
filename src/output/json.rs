//! JSON, as one array or as one object a line; NULL is written, and no name comes twice in an object.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{RecordBatch, StructArray};
use arrow::datatypes::{Field, Fields, Schema};

use super::encode::encode;
use super::types::{convert, readable, with_unique_names};
use super::{BatchWriter, Footer, OutputError, Sink};

/// What stands around the objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One array, its objects on lines of their own so that line tools can read it too.
    Array,
    /// One object a line and nothing else.
    Lines,
}

pub(super) struct Json<'a> {
    out: Sink<'a>,
    shape: Shape,
    fields: Fields,
    footer: Footer,
}

impl<'a> Json<'a> {
    pub(super) fn new(out: Sink<'a>, schema: &Schema, shape: Shape) -> Self {
        let (fields, renamed_columns) = with_unique_names(schema);
        Self { out, shape, fields, footer: Footer { renamed_columns, ..Footer::default() } }
    }
}

impl BatchWriter for Json<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        let mut fields = Vec::with_capacity(self.fields.len());
        let mut columns = Vec::with_capacity(self.fields.len());
        for (field, column) in self.fields.iter().zip(batch.columns()) {
            let column = convert(column, &readable(column.data_type()))?;
            fields.push(Field::new(field.name(), column.data_type().clone(), true));
            columns.push(column);
        }
        let fields = Fields::from(fields);
        let rows =
            StructArray::try_new_with_length(fields.clone(), columns, None, batch.num_rows())?;
        encode(&Arc::new(Field::new_struct("", fields, false)), &rows, |object| {
            let before = match (self.shape, self.footer.rows) {
                (Shape::Array, 0) => "[",
                (Shape::Array, _) => ",\n",
                (Shape::Lines, _) => "",
            };
            let after = if self.shape == Shape::Lines { "\n" } else { "" };
            write!(self.out, "{before}{}{after}", object.unwrap_or("null"))?;
            self.footer.rows += 1;
            Ok(())
        })?;
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<Footer, OutputError> {
        if self.shape == Shape::Array {
            let before = if self.footer.rows == 0 { "[" } else { "" };
            writeln!(self.out, "{before}]")?;
        }
        self.out.flush()?;
        Ok(self.footer)
    }
}
