//! The rows of reports, in the order in which they are to lie, on all cores.

use std::cell::Cell;
use std::io::{Cursor, Read as _};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use sha2::{Digest, Sha256};

use super::calendar::{Key, Piece, Reports, Way};
use super::ordered::{Emit, in_order};
use super::shelf::KeyColumns;
use crate::decode::Report;
use crate::decode::columns::{BATCH_ROWS, Batches, CellSource};
use crate::decode::envelope::{Input, MAX_WRAPPED};
use crate::decode::refusal::Refusal;
use crate::error::{Error, Result};
use crate::report::Section;
use crate::schema::EXPORTED;
use crate::table::collection::Collection;
use crate::table::inspect::Inspected;
use crate::table::selection::USUAL_BYTES;

/// Bytes of reports that a worker takes at a time: enough for full batches.
const TASK_BYTES: u64 = 4 << 20;

/// Most reports that a worker takes at a time.
const TASK_REPORTS: usize = 1024;

/// Files up to this size are held in memory while they are read, so that they are read once for
/// their rows and their checksum.
const HELD: u64 = 8 << 20;

/// A file that was read to its end.
#[derive(Debug)]
pub(super) struct Whole {
    /// Of which reports it is.
    pub(super) reports: Arc<Reports>,
    pub(super) inspected: Inspected,
    pub(super) sha256: Option<String>,
}

/// A file whose rows must not be used.
#[derive(Debug)]
pub(super) struct Unusable {
    /// One of its reports.
    pub(super) piece: Piece,
    pub(super) why: Why,
}

/// Why.
#[derive(Debug)]
pub(super) enum Why {
    /// It cannot be read, or not to its end.
    Refused(Refusal),
    /// Its rows are of another account or time than its path tells.
    Stray,
    /// The run was interrupted.
    Interrupted,
    /// The rows that were put aside cannot be had.
    Lost(String),
}

/// What became of the files.
#[derive(Debug, Default)]
pub(super) struct Readings {
    pub(super) whole: Vec<Whole>,
    pub(super) unusable: Vec<Unusable>,
}

/// The columns of the table of reports, as they lie in files.
pub(super) fn columns() -> (SchemaRef, Vec<CellSource>) {
    (EXPORTED[0].arrow_schema(), CellSource::internal())
}

fn key_columns() -> Option<KeyColumns> {
    let sources = CellSource::internal();
    let position = |wanted| sources.iter().position(|source| *source == wanted);
    Some(KeyColumns {
        account_id: position(CellSource::AccountId)?,
        partition: position(CellSource::Partition)?,
        time: position(CellSource::GeneratedTime)?,
        source: position(CellSource::Source)?,
    })
}

/// Reads reports in their order, and gives their rows to `take`, which is told whether a new part may
/// begin before them. If some turn out to be unusable, the rows that were given are not to be used.
/// Blocking.
///
/// # Errors
/// What `take` refuses with.
pub(super) fn read(
    pieces: &[Piece],
    mut take: impl FnMut(bool, RecordBatch) -> Result<()>,
) -> Result<Readings> {
    let tasks = tasks(pieces);
    let mut last = None;
    let readings = in_order(
        &tasks,
        |task, emit| read_task(task, emit),
        |number, batch| take(last.replace(number) != Some(number), batch),
    )?;
    let mut all = Readings::default();
    for readings in readings {
        all.whole.extend(readings.whole);
        all.unusable.extend(readings.unusable);
    }
    if all.unusable.iter().any(|file| matches!(file.why, Why::Interrupted)) {
        return Err(Error::Interrupted);
    }
    Ok(all)
}

/// Runs of reports that are read by one worker at a time.
fn tasks(pieces: &[Piece]) -> Vec<&[Piece]> {
    let (mut bytes, mut reports) = (0, 0);
    let is_same_task = |_: &Piece, next: &Piece| {
        let found = next.reports.collection.found().get(next.found());
        let size = found.and_then(|found| found.origin.bytes).unwrap_or(USUAL_BYTES);
        let size = if next.way == Way::Shelved { USUAL_BYTES } else { size };
        (bytes, reports) = (bytes + size, reports + 1);
        let fits = bytes <= TASK_BYTES && reports < TASK_REPORTS;
        if !fits {
            (bytes, reports) = (size, 0);
        }
        fits
    };
    pieces.chunk_by(is_same_task).collect()
}

fn read_task(pieces: &[Piece], emit: Emit<'_, RecordBatch>) -> Readings {
    let mut readings = Readings::default();
    let Some(first) = pieces.first() else {
        return readings;
    };
    // What lies in a bucket is fetched together.
    let of_files = pieces.iter().filter(|piece| piece.way != Way::Shelved);
    let of_first = of_files.filter(|piece| Arc::ptr_eq(&piece.reports, &first.reports));
    let _ahead = first.reports.collection.bring(of_first.map(Piece::found));
    let (schema, sources) = columns();
    let mut batches = Batches::new(schema, sources, None);
    for piece in pieces {
        let collection = &piece.reports.collection;
        let read = if collection.cancelled.load(Ordering::Relaxed) {
            Err(Why::Interrupted)
        } else if piece.way == Way::Shelved {
            shelved(piece, &mut batches, emit).map(|()| None)
        } else {
            file(piece, &mut batches, emit).map(Some)
        };
        match read {
            Ok(whole) => readings.whole.extend(whole),
            Err(why) => readings.unusable.push(Unusable { piece: piece.clone(), why }),
        }
    }
    if let Err(why) = flush(&mut batches, emit) {
        readings.unusable.push(Unusable { piece: first.clone(), why });
    }
    readings
}

fn flush(batches: &mut Batches, emit: Emit<'_, RecordBatch>) -> Result<(), Why> {
    if batches.rows() > 0 {
        let batch = batches.take().map_err(|error| Why::Lost(error.to_string()))?;
        if !emit(batch) {
            // Whoever wanted the rows has said why it wants no more.
            return Err(Why::Interrupted);
        }
    }
    Ok(())
}

fn shelved(piece: &Piece, batches: &mut Batches, emit: Emit<'_, RecordBatch>) -> Result<(), Why> {
    flush(batches, emit)?;
    let (schema, _) = columns();
    let taken = piece.reports.shelf.take(&piece.key, &schema, emit);
    taken.map_err(|error| Why::Lost(error.to_string()))
}

/// Reads the one report of a file.
fn file(piece: &Piece, batches: &mut Batches, emit: Emit<'_, RecordBatch>) -> Result<Whole, Why> {
    let reports = &piece.reports;
    let is_stray = Cell::new(false);
    let counts = |section: &Section| match &piece.way {
        Way::Told(account_id) => {
            let is_as_told = section.account_id.as_ref() == Some(account_id)
                && section.time.millis == piece.key.time;
            is_stray.set(is_stray.get() || !is_as_told);
            is_as_told
        }
        Way::Alone | Way::Shelved => Key::of(section) == piece.key,
    };
    let whole = decode(reports, piece.entry, batches, &counts, &mut |batches| {
        if batches.rows() >= BATCH_ROWS { flush(batches, emit) } else { Ok(()) }
    })?;
    reports.collection.progress.done.fetch_add(1, Ordering::Relaxed);
    if is_stray.get() { Err(Why::Stray) } else { Ok(whole) }
}

/// Reads a file of several reports and puts the rows of each on the shelf. Blocking.
///
/// # Errors
/// Why the file cannot be used.
pub(super) fn shelve(reports: &Arc<Reports>, entry: usize) -> Result<Whole, Why> {
    let (schema, sources) = columns();
    let keys = key_columns().ok_or_else(|| Why::Lost("columns are missing".to_owned()))?;
    let mut batches = Batches::new(schema, sources, None);
    let put = |batches: &mut Batches, least: usize| {
        if batches.rows() < least {
            return Ok(());
        }
        let batch = batches.take().map_err(|error| Why::Lost(error.to_string()))?;
        reports.shelf.put(&batch, keys).map_err(|error| Why::Lost(error.to_string()))
    };
    let whole =
        decode(reports, entry, &mut batches, &|_| true, &mut |batches| put(batches, BATCH_ROWS))?;
    put(&mut batches, 1)?;
    Ok(whole)
}

/// Reads a file to its end: of the sections that the selection shows, those that count.
fn decode(
    reports: &Arc<Reports>,
    position: usize,
    batches: &mut Batches,
    counts: &dyn Fn(&Section) -> bool,
    after_chunk: &mut dyn FnMut(&mut Batches) -> Result<(), Why>,
) -> Result<Whole, Why> {
    let Reports { collection, selection, .. } = &**reports;
    let lost = || Why::Lost("the report is not among those found".to_owned());
    let entry = selection.entries.get(position).ok_or_else(lost)?;
    let found = collection.found().get(entry.found).ok_or_else(lost)?;
    let (input, sha256) = open(collection, entry.found).map_err(Why::Refused)?;
    let mut report = Report::open(input, &found.origin).map_err(Why::Refused)?;
    report.check_thoroughly();
    let wanted = |section: &Section| selection.shows(collection, entry, section) && counts(section);
    while report.read(batches, &wanted).map_err(Why::Refused)? {
        after_chunk(batches)?;
        if collection.cancelled.load(Ordering::Relaxed) {
            return Err(Why::Interrupted);
        }
    }
    let summary = report.finish();
    collection.journal.read(entry.found, summary.warnings.clone());
    let inspected = Inspected { found: entry.found, result: Ok(summary) };
    Ok(Whole { reports: Arc::clone(reports), inspected, sha256 })
}

/// Opens a report, with the checksum of its bytes.
fn open(collection: &Collection, found: usize) -> Result<(Input<'_>, Option<String>), Refusal> {
    let size = collection.found().get(found).and_then(crate::source::Found::bytes);
    if size.is_some_and(|size| size > HELD) {
        return Ok((collection.open(found)?, collection.digest(found)));
    }
    let mut bytes = Vec::new();
    let mut input = collection.open(found)?;
    (&mut input)
        .take(MAX_WRAPPED + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Refusal::unreadable(&e))?;
    if bytes.len() as u64 > MAX_WRAPPED {
        return Err(Refusal::broken("grows while it is read"));
    }
    let sha256 = format!("{:x}", Sha256::digest(&bytes));
    Ok((Box::new(Cursor::new(bytes)), Some(sha256)))
}
