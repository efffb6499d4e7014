//! One day of a dataset: prepared from the reports at hand and those that are there, and put in place.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::dataframe::DataFrame;
use futures::StreamExt;
use sha2::{Digest, Sha256};

use super::by_account;
use super::calendar::{self, Piece, Reports, Way};
use super::derive;
use super::destination::{Fetched, Published, Staged};
use super::parts::{Footer, Parts};
use super::read::{self, Readings, Unusable, Why};
use super::run::{self, Fate, Run, Written};
use super::shelf::Shelf;
use crate::decode::refusal::Refusal;
use crate::decode::time;
use crate::error::{Error, Result};
use crate::report::Millis;
use crate::schema::{DAY_COLUMN, EXPORTED, Table};
use crate::source::Source;
use crate::source::exported::folder;
use crate::table::collection::{Collection, CollectionOptions};
use crate::table::inspect::Inspected;
use crate::table::reports::ReportRows;
use crate::table::selection::{Identity, Scope};

/// How an attempt ended.
pub(super) enum Tried {
    /// The day is in place.
    Done(Vec<Written>),
    /// These files cannot be used: the day is to be written without them.
    Without(Vec<Unusable>),
    /// Somebody else wrote it in the meantime.
    Raced,
}

/// What is there of a day, table by table.
struct There([Option<Fetched>; 3]);

impl There {
    fn fetch(run: &Run<'_>, partition: &str) -> Result<Self> {
        let [reports, credentials, list] = [0, 1, 2].map(|table| {
            let table: &Table = &EXPORTED[table];
            run.destination.fetch(table.name, partition)
        });
        Ok(Self([reports?, credentials?, list?]))
    }

    /// Refuses to merge with a day that is half written, or divided by account where this is not.
    fn refuse_unlike(&self, run: &Run<'_>, partition: &str) -> Result<()> {
        let by_account = run.options.by_account;
        for (table, fetched) in EXPORTED.iter().zip(&self.0) {
            if fetched.as_ref().is_some_and(|fetched| !fetched.is_whole) {
                return Err(not_merged(
                    run,
                    partition,
                    "it is half written, by a run that was killed or is under way",
                ));
            }
            let mut files = fetched.iter().flat_map(|fetched| &fetched.files);
            if files.any(|(path, _)| (path.components().count() > 1) != by_account) {
                let place = run.destination.place(table.name, partition);
                let (is, option) = if by_account {
                    ("is not divided by account", "leave out `--partition-by account_id`")
                } else {
                    ("is divided by account", "give `--partition-by account_id`")
                };
                return Err(Error::usage(
                    format!("{place} {is}, and a dataset is one or the other"),
                    format!("{option}, or name another folder after `--to`"),
                ));
            }
        }
        Ok(())
    }

    /// The rows of `reports`, if they are to be kept.
    fn list(&self, merges: bool) -> Result<Vec<RecordBatch>> {
        match self.folder(2).filter(|_| merges) {
            Some(folder) => by_account::rows(&EXPORTED[2], folder),
            None => Ok(Vec::new()),
        }
    }

    fn folder(&self, table: usize) -> Option<&Path> {
        self.0.get(table)?.as_ref().map(|fetched| fetched.folder.as_path())
    }
}

/// Writes a day of these reports.
pub(super) fn write(run: &Run<'_>, day: &str, new: &[Piece]) -> Result<Tried> {
    let partition = folder(DAY_COLUMN, Some(day));
    let there = There::fetch(run, &partition)?;
    let mut pieces = new.to_vec();
    if run.merges(&partition) {
        there.refuse_unlike(run, &partition)?;
        pieces.extend(old_pieces(run, &partition, &there, new)?);
        pieces.sort_by(|a, b| a.key.cmp(&b.key));
    }
    let has_reports = !pieces.is_empty();
    if !has_reports && run.refused_on(day).is_empty() && there.folder(2).is_none() {
        return Ok(Tried::Done(Vec::new()));
    }
    let staged = run.destination.stage()?;
    let mut parts = Parts::create(&staged.folder, EXPORTED[0].arrow_schema())?;
    let readings = read::read(&pieces, |begins, batch| {
        if begins {
            parts.may_roll()?;
        }
        parts.write(batch)
    })?;
    if let Some(lost) = readings.unusable.iter().find(|file| !run.is_new(&file.piece)) {
        return Err(not_merged(run, &partition, &lost.why.to_string()));
    }
    if !readings.unusable.is_empty() {
        return Ok(Tried::Without(readings.unusable));
    }
    let found = found_reports(run, day, &readings)?;
    let list = list(run, found, there.list(run.merges(&partition))?)?;
    // Where no table keeps the checksums of all, there is none that every run would find again.
    let sum = if run.wants(2) { digest(&list) } else { digest_of_keys(&pieces) };
    let footer = |table: &'static Table| Footer { table: table.name, sources_sha256: sum.clone() };
    let rows = parts.rows();
    let bytes = parts.finish(&footer(&EXPORTED[0]))?;
    let mut prepared = Vec::new();
    if run.wants(1) && has_reports {
        let staged_credentials = run.destination.stage()?;
        let frame = run.wait(derive::credentials(&run.context, &staged.folder, &EXPORTED[1]))?;
        let written = write_frame(run, frame, &staged_credentials.folder, &footer(&EXPORTED[1]))?;
        prepared.push((1, staged_credentials, written));
    }
    if run.wants(0) && has_reports {
        prepared.insert(0, (0, staged, (rows, bytes)));
    }
    if run.wants(2) {
        let staged = run.destination.stage()?;
        let written = write_batches(&list, &staged.folder, &footer(&EXPORTED[2]))?;
        prepared.push((2, staged, written));
    }
    put_in_place(run, &partition, prepared, &there)
}

/// Writes the failures whose day is not known. There is nothing else in that partition.
pub(super) fn write_failures(run: &Run<'_>, found: RecordBatch) -> Result<Tried> {
    let partition = folder(DAY_COLUMN, None);
    let there = There([None, None, run.destination.fetch(EXPORTED[2].name, &partition)?]);
    // What other sources failed with stays, whatever becomes of days.
    let list = list(run, found, there.list(true)?)?;
    if there.folder(2).is_none() && list.iter().all(|batch| batch.num_rows() == 0) {
        return Ok(Tried::Done(Vec::new()));
    }
    let staged = run.destination.stage()?;
    let footer = Footer { table: EXPORTED[2].name, sources_sha256: digest(&list) };
    let written = write_batches(&list, &staged.folder, &footer)?;
    put_in_place(run, &partition, vec![(2, staged, written)], &there)
}

/// Puts tables in place, the reports first: what is made of them follows.
fn put_in_place(
    run: &Run<'_>,
    partition: &str,
    prepared: Vec<(usize, Staged, (u64, u64))>,
    there: &There,
) -> Result<Tried> {
    let mut all = Vec::new();
    for (number, staged, (rows, bytes)) in prepared {
        let table = &EXPORTED[number];
        let staged =
            if run.options.by_account { by_account::split(run, table, staged)? } else { staged };
        let was = there.0[number].as_ref();
        let place = run.destination.place(table.name, partition);
        let fate = match run.destination.publish(table.name, partition, staged, was)? {
            Published::Raced => return Ok(Tried::Raced),
            Published::Unchanged => Fate::Unchanged,
            Published::Done if was.is_some() => Fate::Rewritten,
            Published::Done => Fate::New,
        };
        all.push(Written { table: table.name, place, rows, bytes, fate });
    }
    Ok(Tried::Done(all))
}

/// The reports that are there and are not read anew.
fn old_pieces(run: &Run<'_>, partition: &str, there: &There, new: &[Piece]) -> Result<Vec<Piece>> {
    let Some(folder) = there.folder(0) else {
        if run.wants(1) && there.folder(1).is_some() {
            let table = EXPORTED[0].name;
            return Err(not_merged(run, partition, &format!("there is no {table} of that day")));
        }
        return Ok(Vec::new());
    };
    let collection = Arc::new(Collection::new(CollectionOptions {
        sources: vec![Source::Path(folder.to_owned())],
        as_of: None,
        ..run.reports.collection.options.clone()
    }));
    let selection = collection.selection(Scope::History);
    let old = Arc::new(Reports { collection, selection, shelf: Shelf::default() });
    let pieces: Vec<Piece> = calendar::days(&old).into_values().flatten().collect();
    let shelved: HashSet<usize> =
        pieces.iter().filter(|piece| piece.way == Way::Shelved).map(|piece| piece.entry).collect();
    for entry in shelved {
        read::shelve(&old, entry).map_err(|why| match why {
            Why::Interrupted => Error::Interrupted,
            why => not_merged(run, partition, &why.to_string()),
        })?;
    }
    if let Some((_, refusal)) = run::failures(&old.collection).into_iter().next() {
        return Err(not_merged(run, partition, &refusal.message));
    }
    let same = Same::new(new);
    Ok(pieces.into_iter().filter(|piece| !same.has(piece)).collect())
}

/// What reports are read anew.
struct Same<'a> {
    identities: HashSet<&'a Identity>,
    /// Of files whose paths tell: accounts, whose ids are unique in all partitions, and times.
    told: HashSet<(&'a str, Millis)>,
}

impl<'a> Same<'a> {
    fn new(pieces: &'a [Piece]) -> Self {
        let told = |piece: &'a Piece| match &piece.way {
            Way::Told(account_id) => Some((&**account_id, piece.key.time)),
            Way::Alone | Way::Shelved => None,
        };
        Self {
            identities: pieces.iter().filter_map(|piece| piece.identity.as_ref()).collect(),
            told: pieces.iter().filter_map(told).collect(),
        }
    }

    fn has(&self, piece: &Piece) -> bool {
        let account_id = piece.key.account_id.as_deref();
        piece.identity.as_ref().is_some_and(|identity| self.identities.contains(identity))
            || account_id.is_some_and(|id| self.told.contains(&(id, piece.key.time)))
    }
}

/// The rows of `reports` of what was read for this day, and of what was to be and could not.
fn found_reports(run: &Run<'_>, day: &str, readings: &Readings) -> Result<RecordBatch> {
    let outcomes = std::collections::BTreeMap::new();
    let mut rows = ReportRows::new(&run.reports.collection, &run.history, &outcomes);
    let of_files = readings.whole.iter().filter(|whole| Arc::ptr_eq(&whole.reports, &run.reports));
    for whole in of_files.chain(run.shelved_on(day)) {
        let is_of_day = |section: &crate::report::Section| time::day(section.time.millis) == day;
        rows.push(&whole.inspected, whole.sha256.as_deref(), &is_of_day, &|_| false);
    }
    for (found, refusal) in run.refused_on(day) {
        let inspected = Inspected { found, result: Err(refusal) };
        let sha256 = run.reports.collection.digest(found);
        rows.push(&inspected, sha256.as_deref(), &|_| true, &|_| false);
    }
    Ok(rows.finish(&run.listed)?)
}

/// The rows of `reports` of a partition.
fn list(run: &Run<'_>, found: RecordBatch, kept: Vec<RecordBatch>) -> Result<Vec<RecordBatch>> {
    let schema = EXPORTED[2].arrow_schema();
    let batches = run.wait(async {
        let frame = derive::reports(&run.context, found, kept, &run.read_now()).await?;
        Ok(frame.collect().await?)
    })?;
    batches.iter().map(|batch| as_stored(batch, &schema)).collect()
}

/// A checksum of the reports in a partition: over the place and the SHA-256 of each, as the table
/// `reports` tells them in its order.
fn digest(list: &[RecordBatch]) -> String {
    let mut digest = Sha256::new();
    for batch in list {
        let text = |name: &str| batch.column_by_name(name).and_then(|c| c.as_string_view_opt());
        let (Some(sources), Some(sums)) = (text("source"), text("sha256")) else {
            continue;
        };
        for row in 0..batch.num_rows() {
            let sum = if sums.is_valid(row) { sums.value(row) } else { "" };
            digest.update(format!("{}  {}\n", sum, sources.value(row)));
        }
    }
    format!("{:x}", digest.finalize())
}

/// A checksum of which reports are in a partition: their accounts, times and places.
fn digest_of_keys(pieces: &[Piece]) -> String {
    let mut digest = Sha256::new();
    for Piece { key, .. } in pieces {
        let account = key.account_id.as_deref().unwrap_or_default();
        digest.update(format!("{account} {} {}\n", time::format(key.time), key.source));
    }
    format!("{:x}", digest.finalize())
}

fn write_frame(
    run: &Run<'_>,
    frame: DataFrame,
    folder: &Path,
    footer: &Footer,
) -> Result<(u64, u64)> {
    let schema = schema_of(footer.table);
    let mut parts = Parts::create(folder, Arc::clone(&schema))?;
    run.wait(async {
        let mut rows = frame.execute_stream().await?;
        while let Some(batch) = rows.next().await {
            if run.reports.collection.cancelled.load(Ordering::Relaxed) {
                return Err(Error::Interrupted);
            }
            parts.may_roll()?;
            parts.write(as_stored(&batch?, &schema)?)?;
        }
        Ok(())
    })?;
    Ok((parts.rows(), parts.finish(footer)?))
}

fn write_batches(batches: &[RecordBatch], folder: &Path, footer: &Footer) -> Result<(u64, u64)> {
    let mut parts = Parts::create(folder, schema_of(footer.table))?;
    batches.iter().try_for_each(|batch| parts.write(batch.clone()))?;
    Ok((parts.rows(), parts.finish(footer)?))
}

/// The columns of a table as they lie in files.
fn schema_of(table: &str) -> SchemaRef {
    let exported = EXPORTED.iter().find(|exported| exported.name == table);
    exported.map_or_else(|| Arc::new(Schema::empty()), Table::arrow_schema)
}

/// A batch in the types of the files.
pub(super) fn as_stored(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns: Result<Vec<_>, _> =
        columns.map(|(column, field)| cast(column, field.data_type())).collect();
    let columns = columns.map_err(datafusion::common::DataFusionError::from)?;
    let batch = RecordBatch::try_new(Arc::clone(schema), columns);
    Ok(batch.map_err(datafusion::common::DataFusionError::from)?)
}

fn not_merged(run: &Run<'_>, partition: &str, why: &str) -> Error {
    let place = run.destination.place(EXPORTED[0].name, partition);
    Error::usage(
        format!("what is in {place} cannot be merged with: {why}"),
        "`--if-exists replace` writes these days anew, and accounts that are not among the sources are dropped",
    )
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(Refusal { message, .. }) => f.write_str(message),
            Self::Stray => {
                f.write_str("its rows are of another account or time than its path tells")
            }
            Self::Interrupted => f.write_str("interrupted"),
            Self::Lost(what) => f.write_str(what),
        }
    }
}
