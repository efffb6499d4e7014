//! Reads every report whole, to tell in table `reports` all that is to be told of it.

use std::io;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use sha2::{Digest, Sha256};

use super::collection::Collection;
use crate::decode::columns::{BATCH_ROWS, Batches, CellSource};
use crate::decode::envelope::Input;
use crate::decode::refusal::Refusal;
use crate::decode::{Report, Summary};
use crate::schema::{CLOCK, INTERNAL, LINEAGE, REPORT};

/// One report, read whole.
#[derive(Debug)]
pub struct Inspected {
    /// Its number in the listing.
    pub found: usize,
    /// What it holds, or why it cannot be read.
    pub result: Result<Summary, Refusal>,
}

/// Reads all reports, every column of every row, and keeps what is remarkable. Blocking.
#[must_use]
pub(super) fn inspect_all(collection: &Collection) -> Vec<Inspected> {
    let indices: Vec<usize> = (0..collection.found().len()).collect();
    collection.in_parallel(&indices, |found| {
        let result = inspect(collection, found);
        match &result {
            Ok(summary) => collection.journal.read(found, summary.warnings.clone()),
            Err(refusal) => collection.refuse(found, refusal.clone()),
        }
        Inspected { found, result }
    })
}

fn inspect(collection: &Collection, found: usize) -> Result<Summary, Refusal> {
    let input = collection.open(found)?;
    let mut report = Report::open(input, &collection.found()[found].origin)?;
    report.check_thoroughly();
    let columns = REPORT.iter().chain(&LINEAGE).chain(&CLOCK).chain(&INTERNAL);
    let fields: Vec<Field> =
        columns.map(|column| Field::new(column.name, column.kind.data_type(), true)).collect();
    let mut batches = Batches::new(Arc::new(Schema::new(fields)), CellSource::internal(), None);
    while report.read(&mut batches, &|_| true)? {
        if batches.rows() >= BATCH_ROWS {
            // Only the remarks are wanted.
            batches.take().map_err(|error| Refusal::broken(error.to_string()))?;
        }
    }
    Ok(report.finish())
}

/// SHA-256 of the bytes as found, in hexadecimal. Blocking.
///
/// # Errors
/// If they cannot be read to their end.
pub(super) fn digest(mut input: Input<'_>) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => hasher.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(format!("{:x}", hasher.finalize()))
}
