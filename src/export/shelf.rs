//! The rows of files that hold several reports, taken apart: each report's rows can be had by
//! themselves, in any order, and the file is read once. They lie on disk, so that memory stays flat.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::partition;
use arrow::datatypes::{SchemaRef, TimestampMillisecondType};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use super::calendar::Key;
use crate::source::spool::Spool;

/// Taken-apart rows.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    spool: Spool,
    places: Mutex<HashMap<Key, Vec<Range<u64>>>>,
}

/// Where the columns are that make a [`Key`].
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyColumns {
    pub(super) account_id: usize,
    pub(super) partition: usize,
    pub(super) time: usize,
    pub(super) source: usize,
}

impl Shelf {
    /// Puts rows on the shelf, each with those of its report.
    pub(super) fn put(&self, batch: &RecordBatch, columns: KeyColumns) -> Result<(), ArrowError> {
        let KeyColumns { account_id, partition: aws_partition, time, source } = columns;
        let key_columns = [account_id, aws_partition, time, source]
            .map(|position| Arc::clone(batch.column(position)));
        for rows in partition(&key_columns)?.ranges() {
            let key = key(&key_columns, rows.start);
            let rows = compact(&batch.slice(rows.start, rows.len()))?;
            let mut writer = StreamWriter::try_new(Vec::new(), &rows.schema())?;
            writer.write(&rows)?;
            let place = self.spool.keep(&writer.into_inner()?)?;
            self.lock().entry(key).or_default().push(place);
        }
        Ok(())
    }

    /// The rows of one report, in the order in which they were put.
    pub(super) fn take(
        &self,
        key: &Key,
        schema: &SchemaRef,
        emit: &mut dyn FnMut(RecordBatch) -> bool,
    ) -> Result<(), ArrowError> {
        let places = self.lock().get(key).cloned().unwrap_or_default();
        for place in places {
            for batch in StreamReader::try_new(self.spool.open(place), None)? {
                if !emit(batch?.with_schema(Arc::clone(schema))?) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Vec<Range<u64>>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key([account_id, partition, time, source]: &[ArrayRef; 4], row: usize) -> Key {
    let text = |column: &ArrayRef| {
        let column = column.as_string_view();
        column.is_valid(row).then(|| Arc::from(column.value(row)))
    };
    Key {
        account_id: text(account_id),
        partition: text(partition),
        time: time.as_primitive::<TimestampMillisecondType>().value(row),
        source: text(source).unwrap_or_default(),
    }
}

/// A slice of a column of views holds on to the texts of the whole column, which would be written
/// with it.
fn compact(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().map(|column| match column.as_string_view_opt() {
        Some(texts) => Arc::new(texts.gc()) as ArrayRef,
        None => Arc::clone(column),
    });
    RecordBatch::try_new(batch.schema(), columns.collect())
}
