//! Rows of text that come from nowhere but ourselves, as a batch.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::OutputError;

/// A table of text.
///
/// # Errors
/// Never for rows as long as there are names.
pub fn texts(
    names: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<RecordBatch, OutputError> {
    let rows: Vec<Vec<String>> = rows.collect();
    let columns = (0..names.len()).map(|column| {
        let values = rows.iter().map(|row| row.get(column));
        Arc::new(values.collect::<StringArray>()) as ArrayRef
    });
    let fields: Vec<Field> =
        names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.collect())?)
}
