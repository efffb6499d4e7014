//! Rows of Parquet files: the datasets that credsql exports, and reports others have converted.
//!
//! Values are written back as the text they came from, with the sentinel that `cell_states` tells,
//! and go the way of every other row: one decoder, one meaning.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimestampMillisecondType};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};

use super::cell::State;
use super::layout::Layout;
use super::records::{Records, Rows, Span};
use super::refusal::Refusal;
use super::time;
use super::warning::Warnings;
use crate::schema::{ARN, CLOCK, INTERNAL, Kind, LINEAGE, REPORT_WIDTH, USER};

/// Rows made from Parquet columns.
pub(super) struct ParquetRows {
    bytes: Bytes,
    metadata: ArrowReaderMetadata,
    /// Made when rows are first asked for: then it is known which columns are wanted.
    reader: Option<ParquetRecordBatchReader>,
    /// The columns that are read.
    read: Vec<usize>,
    layout: Layout,
    states: Option<usize>,
}

impl ParquetRows {
    /// Reads the footer.
    ///
    /// # Errors
    /// A refusal if the file is damaged or has not the columns of a report.
    pub(super) fn open(bytes: Bytes, warnings: &mut Warnings) -> Result<Self, Refusal> {
        let metadata = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::default())
            .map_err(|error| damaged(&error))?;
        let names: Vec<String> = metadata
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
        let read = (0..names.len()).collect();
        Ok(Self { bytes, metadata, reader: None, read, layout, states })
    }

    fn reader(&mut self) -> Result<&mut ParquetRecordBatchReader, Refusal> {
        let reader = if let Some(reader) = self.reader.take() {
            reader
        } else {
            let (bytes, metadata) = (self.bytes.clone(), self.metadata.clone());
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, metadata);
            // Columns, not leaves: a column of another tool's may hold others.
            let mask = ProjectionMask::roots(builder.parquet_schema(), self.read.iter().copied());
            builder.with_projection(mask).build().map_err(|error| damaged(&error))?
        };
        Ok(self.reader.insert(reader))
    }

    /// The columns.
    #[must_use]
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    fn push(&self, batch: &RecordBatch, records: &mut Records) -> Result<(), Refusal> {
        let mut columns: Vec<Option<StringArray>> = vec![None; self.layout.width()];
        for (position, column) in self.read.iter().zip(batch.columns()) {
            if let Some(slot) = columns.get_mut(*position) {
                *slot = Some(texts(column)?);
            }
        }
        let states = self.states.and_then(|position| columns.get(position)?.clone());
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
                let Some(values) = values else {
                    records.cells.push(Span::MISSING);
                    continue;
                };
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
    fn only_identities(&mut self) {
        let Layout { report, account_id, account_name, generated_time, source, .. } = &self.layout;
        let of_report = [report[USER], report[ARN]];
        let wanted = [*account_id, *account_name, *generated_time, *source];
        let mut read: Vec<usize> = of_report.into_iter().chain(wanted).flatten().collect();
        read.sort_unstable();
        self.read = read;
    }

    fn next(&mut self, records: &mut Records, _: &mut Warnings) -> Result<bool, Refusal> {
        records.clear();
        records.width = self.layout.width();
        match self.reader()?.next() {
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
