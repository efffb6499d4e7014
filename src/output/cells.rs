//! Batches read cell by cell, for the formats that lay out text themselves.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringBuilder};
use arrow::buffer::NullBuffer;
use arrow::datatypes::FieldRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::OutputError;
use super::encode::encode;
use super::types::{convert, readable};

/// Times as RFC 3339, which is what all arrow formatters do unless told otherwise.
static OPTIONS: FormatOptions<'static> = FormatOptions::new();

/// A batch whose columns have one text per cell.
pub(super) struct Page {
    columns: Vec<ArrayRef>,
    rows: usize,
}

impl Page {
    pub(super) fn new(batch: &RecordBatch) -> Result<Self, OutputError> {
        let columns = batch
            .schema_ref()
            .fields()
            .iter()
            .zip(batch.columns())
            .map(|(field, column)| {
                let column = convert(column, &readable(column.data_type()))?;
                if column.data_type().is_nested() { json_text(field, &column) } else { Ok(column) }
            })
            .collect::<Result<_, OutputError>>()?;
        Ok(Self { columns, rows: batch.num_rows() })
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The columns, none of them of a nested type.
    pub(super) fn into_columns(self) -> Vec<ArrayRef> {
        self.columns
    }

    pub(super) fn cells(&self) -> Result<Vec<Cells<'_>>, OutputError> {
        self.columns
            .iter()
            .map(|column| {
                let formatter = ArrayFormatter::try_new(column, &OPTIONS)?;
                Ok(Cells { formatter, nulls: column.logical_nulls() })
            })
            .collect()
    }
}

/// The cells of one column.
pub(super) struct Cells<'a> {
    formatter: ArrayFormatter<'a>,
    nulls: Option<NullBuffer>,
}

impl Cells<'_> {
    /// The text of a cell, held in `buffer`; `None` is NULL.
    pub(super) fn read<'b>(
        &self,
        row: usize,
        buffer: &'b mut String,
    ) -> Result<Option<&'b str>, OutputError> {
        buffer.clear();
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(None);
        }
        self.formatter.value(row).write(buffer)?;
        Ok(Some(buffer))
    }
}

/// A list, struct or map column as JSON texts, the same as in the JSON formats.
fn json_text(field: &FieldRef, column: &ArrayRef) -> Result<ArrayRef, OutputError> {
    let mut texts = StringBuilder::with_capacity(column.len(), column.len() * 16);
    encode(field, column, |json| {
        texts.append_option(json);
        Ok(())
    })?;
    Ok(Arc::new(texts.finish()))
}
