//! Rows of Parquet files: the datasets that credsql exports, and reports others have converted.
//!
//! Values are written back as the text they came from, with the sentinel that `cell_states` tells,
//! and go the way of every other row: one decoder, one meaning.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimestampMillisecondType};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::cell::State;
use super::layout::Layout;
use super::records::{Records, Rows, Span};
use super::refusal::Refusal;
use super::time;
use super::warning::Warnings;
use crate::schema::{CLOCK, INTERNAL, Kind, LINEAGE, REPORT_WIDTH};

/// Rows made from Parquet columns.
pub(super) struct ParquetRows {
    reader: ParquetRecordBatchReader,
    layout: Layout,
    states: Option<usize>,
}

impl ParquetRows {
    /// Reads the footer.
    ///
    /// # Errors
    /// A refusal if the file is damaged or has not the columns of a report.
    pub(super) fn open(bytes: Bytes, warnings: &mut Warnings) -> Result<Self, Refusal> {
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|error| damaged(&error))?;
        let names: Vec<String> = builder
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().to_ascii_lowercase())
            .collect();
        let mut layout = Layout::new(names.iter().map(String::as_str))?;
        let position = |wanted: &str| names.iter().position(|name| name == wanted);
        layout.source = position("source");
        let states = position("cell_states");
        if states.is_some() {
            // A dataset of ours: its own columns are not extras of the reports in it.
            let ours = |name: &str| {
                LINEAGE.iter().chain(&CLOCK).chain(&INTERNAL).any(|column| column.name == name)
            };
            layout.extras.retain(|(_, name)| !ours(name));
        }
        layout.describe(warnings);
        let reader = builder.build().map_err(|error| damaged(&error))?;
        Ok(Self { reader, layout, states })
    }

    /// The columns.
    #[must_use]
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    fn push(&self, batch: &RecordBatch, records: &mut Records) -> Result<(), Refusal> {
        let states = self.states.map(|position| texts(batch.column(position))).transpose()?;
        let columns = batch.columns().iter().map(texts).collect::<Result<Vec<_>, _>>()?;
        let mut column_at = vec![None; self.layout.width()];
        for column in 0..REPORT_WIDTH {
            if let Some(position) = self.layout.report[column] {
                column_at[position] = Some(column);
            }
        }
        for row in 0..batch.num_rows() {
            let states = states
                .as_ref()
                .filter(|states| states.is_valid(row))
                .map(|states| states.value(row));
            for (values, column) in columns.iter().zip(&column_at) {
                if values.is_valid(row) {
                    records.push_text(values.value(row));
                    continue;
                }
                let letter = column.and_then(|column| states?.as_bytes().get(column).copied());
                match letter.and_then(State::from_letter) {
                    Some(State::Sentinel(sentinel)) => records.push_text(sentinel.text()),
                    Some(State::Missing) => records.cells.push(Span::MISSING),
                    Some(State::Unreadable) => records.cells.push(Span::UNREADABLE),
                    Some(State::Value | State::Empty) | None => records.push_text(""),
                }
            }
            records.lines.push(0);
        }
        Ok(())
    }
}

impl Rows for ParquetRows {
    fn next(&mut self, records: &mut Records, _: &mut Warnings) -> Result<bool, Refusal> {
        records.clear();
        records.width = self.layout.width();
        match self.reader.next() {
            None => Ok(false),
            Some(Err(error)) => Err(damaged(&error)),
            Some(Ok(batch)) => self.push(&batch, records).map(|()| true),
        }
    }
}

/// The values as a report would spell them.
fn texts(column: &ArrayRef) -> Result<StringArray, Refusal> {
    if matches!(column.data_type(), DataType::Timestamp(..)) {
        let millis = cast(column, &Kind::Timestamp.data_type()).map_err(|error| damaged(&error))?;
        let millis = millis.as_primitive::<TimestampMillisecondType>();
        return Ok(millis.iter().map(|value| value.map(time::format)).collect());
    }
    let texts = cast(column, &DataType::Utf8).map_err(|error| damaged(&error))?;
    Ok(texts.as_string::<i32>().clone())
}

fn damaged(error: &dyn std::error::Error) -> Refusal {
    Refusal::broken(format!("is a Parquet file that cannot be read: {error}"))
}
