//! An export from beginning to end: every day of the reports, one after the other.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::datatypes::SchemaRef;
use datafusion::prelude::SessionContext;
use tokio::runtime::Runtime;

use super::calendar::{self, Piece, Reports, Way};
use super::day::{self, Tried};
use super::destination::Destination;
use super::read::{self, Unusable, Whole, Why};
use super::shelf::Shelf;
use crate::decode::refusal::Refusal;
use crate::decode::time;
use crate::error::{Error, Result};
use crate::schema::{DAY_COLUMN, EXPORTED, Table};
use crate::session;
use crate::source::exported::folder;
use crate::source::{Source, Unlisted};
use crate::table::collection::Collection;
use crate::table::inspect::Inspected;
use crate::table::journal::Outcome;
use crate::table::reports::{ReportRows, Shown};
use crate::table::selection::Scope;

/// How often a day is begun again because somebody else writes it too.
const ATTEMPTS: usize = 5;

/// What to do with a day that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum IfExists {
    /// Keep its reports, but those that are read anew
    Merge,
    /// Write it anew, of these sources alone
    Replace,
    /// End before anything is written
    Error,
}

/// How to export.
#[derive(Debug, Clone)]
pub struct Options {
    /// The tables.
    pub tables: Vec<&'static str>,
    /// Whether each account has a folder within its day.
    pub by_account: bool,
    /// What to do with days that are there.
    pub if_exists: IfExists,
    /// Bytes that sorting may take; beyond it is done on disk.
    pub memory_limit: usize,
}

/// What became of a table's partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    New,
    /// It is in the place of another.
    Rewritten,
    /// What is there is the same, byte for byte.
    Unchanged,
}

/// A table's partition.
#[derive(Debug, Clone)]
pub struct Written {
    /// The table.
    pub table: &'static str,
    /// Where it lies.
    pub place: String,
    /// Its rows.
    pub rows: u64,
    /// The bytes of its files.
    pub bytes: u64,
    /// What became of it.
    pub fate: Fate,
}

/// What an export works with.
pub(super) struct Run<'a> {
    pub(super) destination: &'a dyn Destination,
    pub(super) options: &'a Options,
    pub(super) reports: Arc<Reports>,
    pub(super) history: Shown,
    /// The columns of `reports` before it is exported.
    pub(super) listed: SchemaRef,
    /// The files of several reports, whose rows lie on the shelf.
    shelved: Vec<Whole>,
    /// Which of them have reports of a day.
    shelved_on: BTreeMap<String, Vec<usize>>,
    pub(super) context: SessionContext,
    runtime: Runtime,
    /// Entries that cannot be used as they are.
    unusable: HashSet<usize>,
    /// Of these, those whose paths tell of a day: which, and why they cannot be read.
    refused: Vec<(String, usize, Refusal)>,
    /// Of these, those whose paths tell wrong.
    strays: BTreeSet<usize>,
    /// Places that were read.
    read: BTreeSet<Arc<str>>,
    /// Partitions that this run has put in place.
    written: BTreeSet<String>,
}

/// Exports every report of a collection. Tells each partition when it is in place. Blocking.
///
/// # Errors
/// If something could not be written or merged with what is there, or the run was interrupted. Days
/// that are in place stay so. Reports that cannot be read are no errors: the collection's journal has
/// them, and the table `reports`.
pub fn export(
    collection: &Arc<Collection>,
    destination: &dyn Destination,
    options: &Options,
    tell: &mut dyn FnMut(&Written),
) -> Result<()> {
    let selection = collection.selection(Scope::History);
    let history = Shown::new(&selection);
    let reports = Arc::new(Reports {
        collection: Arc::clone(collection),
        selection,
        shelf: Shelf::default(),
    });
    let days = calendar::days(&reports);
    stop_if_interrupted(collection)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Error::usage(format!("cannot start: {error}"), "are there too many processes?")
    })?;
    let listed =
        Table::named("reports").map_or_else(Default::default, |table| Some(table.arrow_schema()));
    let mut run = Run {
        destination,
        options,
        reports,
        history,
        listed: listed.unwrap_or_else(|| Arc::new(arrow::datatypes::Schema::empty())),
        shelved: Vec::new(),
        shelved_on: BTreeMap::new(),
        context: session::bare(options.memory_limit)?,
        runtime,
        unusable: HashSet::new(),
        refused: Vec::new(),
        strays: BTreeSet::new(),
        read: listed_places(collection),
        written: BTreeSet::new(),
    };
    let mut days = days;
    // Looked into before because something else is the same: its path tells the day all the same.
    for (found, refusal) in failures(collection) {
        let told = collection.found().get(found).filter(|found| found.is_told_by_key());
        if let Some(told) = told {
            let day = time::day(told.origin.time.millis);
            days.entry(day.clone()).or_default();
            run.refused.push((day, found, refusal));
        }
    }
    run.refuse_existing(&days)?;
    run.all_days(days, tell)?;
    let strays = std::mem::take(&mut run.strays);
    if !strays.is_empty() {
        run.unusable.retain(|entry| !strays.contains(entry));
        run.all_days(calendar::skimmed(&run.reports, strays), tell)?;
    }
    run.failures(tell)
}

impl Run<'_> {
    /// Whether the user wants this table.
    pub(super) fn wants(&self, table: usize) -> bool {
        EXPORTED.get(table).is_some_and(|table| self.options.tables.contains(&table.name))
    }

    /// Whether what is there of a partition is kept: what this run has written always is.
    pub(super) fn merges(&self, partition: &str) -> bool {
        self.options.if_exists != IfExists::Replace || self.written.contains(partition)
    }

    /// Files of several reports, some of them of this day.
    pub(super) fn shelved_on(&self, day: &str) -> impl Iterator<Item = &Whole> {
        let numbers = self.shelved_on.get(day).into_iter().flatten();
        numbers.filter_map(|number| self.shelved.get(*number))
    }

    /// Whether a report is one of those to export, rather than one that is there.
    pub(super) fn is_new(&self, piece: &Piece) -> bool {
        Arc::ptr_eq(&piece.reports, &self.reports)
    }

    /// Reports that cannot be read and of which their paths tell that they are of this day.
    pub(super) fn refused_on(&self, day: &str) -> Vec<(usize, Refusal)> {
        let of_day = self.refused.iter().filter(|(of, _, _)| of == day);
        of_day.map(|(_, found, refusal)| (*found, refusal.clone())).collect()
    }

    pub(super) fn read_now(&self) -> Vec<Arc<str>> {
        self.read.iter().cloned().collect()
    }

    /// Waits for DataFusion.
    pub(super) fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.runtime.block_on(work)
    }

    /// Ends before anything is written if that is what the user wants.
    fn refuse_existing(&self, days: &BTreeMap<String, Vec<Piece>>) -> Result<()> {
        if self.options.if_exists != IfExists::Error {
            return Ok(());
        }
        for day in days.keys() {
            let partition = folder(DAY_COLUMN, Some(day));
            for table in EXPORTED.iter().filter(|table| self.options.tables.contains(&table.name)) {
                if self.destination.fetch(table.name, &partition)?.is_some() {
                    let place = self.destination.place(table.name, &partition);
                    return Err(Error::usage(
                        format!("{place} is there already, and nothing was written"),
                        "`--if-exists merge` adds to it, `--if-exists replace` writes it anew",
                    ));
                }
            }
        }
        Ok(())
    }

    fn all_days(
        &mut self,
        days: BTreeMap<String, Vec<Piece>>,
        tell: &mut dyn FnMut(&Written),
    ) -> Result<()> {
        let progress = &self.reports.collection.progress;
        let entries: BTreeSet<usize> = days.values().flatten().map(|piece| piece.entry).collect();
        progress.more(entries.len());
        let written = &self.reports.collection.written;
        written.days.fetch_add(days.len() as u64, Ordering::Relaxed);
        self.shelve(&days)?;
        for (day, pieces) in days {
            self.day(&day, pieces, tell)?;
            self.reports.collection.written.done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Takes files apart that hold several reports.
    fn shelve(&mut self, days: &BTreeMap<String, Vec<Piece>>) -> Result<()> {
        let shelved = days.values().flatten().filter(|piece| piece.way == Way::Shelved);
        let mut pieces: BTreeMap<usize, &Piece> = BTreeMap::new();
        for piece in shelved {
            pieces.entry(piece.entry).or_insert(piece);
        }
        for (entry, piece) in pieces {
            match read::shelve(&self.reports, entry) {
                Ok(whole) => {
                    for (section, _) in
                        whole.inspected.result.iter().flat_map(|read| &read.sections)
                    {
                        let on = self.shelved_on.entry(time::day(section.time.millis)).or_default();
                        if on.last() != Some(&self.shelved.len()) {
                            on.push(self.shelved.len());
                        }
                    }
                    self.shelved.push(whole);
                }
                Err(why) => self.put_aside(Unusable { piece: piece.clone(), why })?,
            }
        }
        Ok(())
    }

    fn day(&mut self, day: &str, pieces: Vec<Piece>, tell: &mut dyn FnMut(&Written)) -> Result<()> {
        let mut pieces = pieces;
        for _ in 0..ATTEMPTS {
            loop {
                stop_if_interrupted(&self.reports.collection)?;
                pieces.retain(|piece| !self.unusable.contains(&piece.entry));
                match day::write(self, day, &pieces)? {
                    Tried::Done(written) => {
                        self.written.insert(folder(DAY_COLUMN, Some(day)));
                        self.note(&pieces, written, tell);
                        return Ok(());
                    }
                    Tried::Without(files) => {
                        files.into_iter().try_for_each(|file| self.put_aside(file))?;
                    }
                    Tried::Raced => break,
                }
            }
        }
        Err(raced(day))
    }

    fn note(&mut self, pieces: &[Piece], written: Vec<Written>, tell: &mut dyn FnMut(&Written)) {
        let collection = &self.reports.collection;
        let found = pieces.iter().filter_map(|piece| collection.found().get(piece.found()));
        self.read.extend(found.map(|found| Arc::clone(&found.origin.source)));
        let totals = &collection.written;
        for table in written {
            totals.rows.fetch_add(table.rows, Ordering::Relaxed);
            totals.bytes.fetch_add(table.bytes, Ordering::Relaxed);
            tell(&table);
        }
    }

    /// Remembers that a file is not to be used.
    fn put_aside(&mut self, Unusable { piece, why }: Unusable) -> Result<()> {
        self.unusable.insert(piece.entry);
        let collection = &self.reports.collection;
        match why {
            Why::Interrupted => return Err(Error::Interrupted),
            Why::Stray => {
                self.strays.insert(piece.entry);
            }
            Why::Refused(refusal) => {
                if let Way::Told(_) = piece.way {
                    let day = time::day(piece.key.time);
                    self.refused.push((day, piece.found(), refusal.clone()));
                }
                collection.refuse(piece.found(), refusal);
            }
            Why::Lost(what) => return Err(Error::usage(what, "is the temporary folder full?")),
        }
        Ok(())
    }

    /// The failures of which nobody knows the day.
    fn failures(&self, tell: &mut dyn FnMut(&Written)) -> Result<()> {
        if !self.wants(2) {
            return Ok(());
        }
        let collection = &self.reports.collection;
        for _ in 0..ATTEMPTS {
            let outcomes = collection.journal.outcomes();
            let mut rows = ReportRows::new(collection, &self.history, &outcomes);
            for (found, refusal) in failures(collection) {
                if !self.refused.iter().any(|(_, known, _)| *known == found) {
                    let sha256 = collection.digest(found);
                    let inspected = Inspected { found, result: Err(refusal) };
                    rows.push(&inspected, sha256.as_deref(), &|_| true, &|_| false);
                }
            }
            rows.push_unlisted(&|place| !is_missing(place));
            match day::write_failures(self, rows.finish(&self.listed)?)? {
                Tried::Done(written) => {
                    written.iter().for_each(&mut *tell);
                    return Ok(());
                }
                // Begun again.
                Tried::Without(_) | Tried::Raced => {}
            }
        }
        Err(raced(&folder(DAY_COLUMN, None)))
    }
}

/// The sources that were listed without trouble, as failures to list them are called.
fn listed_places(collection: &Collection) -> BTreeSet<Arc<str>> {
    let troubles = &collection.listing().unlisted_of_source;
    let sources = collection.options.sources.iter().zip(troubles);
    let listed = sources.filter(|(_, troubles)| **troubles == 0).map(|(source, _)| match source {
        Source::Path(path) => path.display().to_string(),
        Source::Glob(pattern) => pattern.clone(),
        Source::Bucket(location) => location.to_string(),
        Source::Stdin | Source::Demo(_) | Source::Live(_) => String::new(),
    });
    listed.map(Arc::from).collect()
}

/// Whether a place is none: a slip on the command line is no report that is missing.
fn is_missing(place: &Unlisted) -> bool {
    !place.source.contains(':') && !std::path::Path::new(&place.source).exists()
}

/// The reports of a collection that could not be read.
pub(super) fn failures(collection: &Collection) -> Vec<(usize, Refusal)> {
    let outcomes = collection.journal.outcomes().into_iter();
    let failed = outcomes.filter_map(|(found, outcome)| match outcome {
        Outcome::Failed(refusal) => Some((found, refusal)),
        Outcome::Read(_) | Outcome::Skipped(_) => None,
    });
    failed.collect()
}

fn stop_if_interrupted(collection: &Collection) -> Result<()> {
    if collection.cancelled.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
}

fn raced(day: &str) -> Error {
    Error::usage(
        format!("{day} is written by somebody else at the same time, again and again"),
        "run the command again when the other one is done",
    )
}
