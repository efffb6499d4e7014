//! All reports of a run: found once, chosen once, each read as seldom as possible.

use std::collections::{BTreeMap, HashMap};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::thread;

use datafusion::common::DataFusionError;

use super::cache::Cache;
use super::inspect::Inspected;
use super::journal::Journal;
use super::near::{Ahead, Near};
use super::probe::{self, Probe};
use super::selection::{self, Scope, Selection};
use crate::aws::options::AwsOptions;
use crate::beside::Extras;
use crate::decode::envelope::Input;
use crate::decode::refusal::Refusal;
use crate::report::Millis;
use crate::source::spool::Spool;
use crate::source::{self, Asking, Found, Listing, Place, Reach, Source};

/// What a run is asked to look at.
#[derive(Debug, Clone)]
pub struct CollectionOptions {
    /// Where reports are.
    pub sources: Vec<Source>,
    /// The time of this run, as of which it looks at reports.
    pub run_time: Millis,
    /// The wall clock: when live sources are asked, whatever the run looks at.
    pub now: Millis,
    /// Hides later reports, and is the clock of the latest ones.
    pub as_of: Option<Millis>,
    /// Bytes of decoded columns to keep for the next query.
    pub cache_bytes: usize,
    /// How to speak to AWS.
    pub aws: Arc<AwsOptions>,
}

/// How far a dataset is that is being written.
#[derive(Debug, Default)]
pub struct Written {
    /// Days to write; 0 if none is written in this run.
    pub days: AtomicU64,
    /// Of these, how many are there.
    pub done: AtomicU64,
    /// Rows of their tables.
    pub rows: AtomicU64,
    /// Bytes of their files.
    pub bytes: AtomicU64,
}

/// How far the reading is, for a progress line, and what was read.
#[derive(Debug)]
pub struct Progress {
    /// Reports to read in the statement that runs, by all its scans.
    pub reports: AtomicU64,
    /// Of these, how many were read.
    pub done: AtomicU64,
    /// Time of the oldest report that the statement looks at.
    oldest: AtomicI64,
}

/// Bytes of reports fetched together for work on all cores, a small report counted as so many: they
/// are in memory at one time if the disk cannot take them.
const BROUGHT: u64 = 32 << 20;
const BROUGHT_AT_LEAST: u64 = 16 << 10;

/// No time: later than all.
const NONE: Millis = Millis::MAX;

impl Default for Progress {
    fn default() -> Self {
        Self { reports: AtomicU64::new(0), done: AtomicU64::new(0), oldest: AtomicI64::new(NONE) }
    }
}

impl Progress {
    /// Begins with the next statement.
    pub fn restart(&self) {
        self.reports.store(0, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        self.oldest.store(NONE, Ordering::Relaxed);
    }

    /// The statement looks at a report of this time.
    pub fn looks_at(&self, time: Millis) {
        self.oldest.fetch_min(time, Ordering::Relaxed);
    }

    /// Time of the oldest report that the statement has looked at so far.
    #[must_use]
    pub fn oldest(&self) -> Option<Millis> {
        Some(self.oldest.load(Ordering::Relaxed)).filter(|&time| time != NONE)
    }

    /// A scan will read so many reports.
    pub fn more(&self, reports: usize) {
        self.reports.fetch_add(u64::try_from(reports).unwrap_or(0), Ordering::Relaxed);
    }
}

/// The reports of a run. Listing and choosing are done at the first query that needs them.
#[derive(Debug)]
pub struct Collection {
    /// What was asked for.
    pub options: CollectionOptions,
    /// What happened.
    pub journal: Arc<Journal>,
    /// Decoded columns.
    pub cache: Arc<Cache>,
    /// How far.
    pub progress: Progress,
    /// How far the asking of accounts is.
    pub asking: Arc<Asking>,
    /// How far the writing of a dataset is.
    pub written: Written,
    /// Set when the run is interrupted: blocking work looks at it and stops.
    pub cancelled: AtomicBool,
    /// Something was chosen or read in part, because of an interruption.
    is_partial: AtomicBool,
    listing: Arc<OnceLock<Listing>>,
    spool: Arc<Spool>,
    near: Arc<Near>,
    probes: Arc<OnceLock<Vec<OnceLock<Arc<Probe>>>>>,
    latest: OnceLock<Arc<Selection>>,
    previous: OnceLock<Arc<Selection>>,
    history: OnceLock<Arc<Selection>>,
    inspected: OnceLock<Arc<Vec<Inspected>>>,
    digests: Arc<Mutex<HashMap<usize, Option<String>>>>,
}

impl Collection {
    /// A collection of which nothing is read yet.
    #[must_use]
    pub fn new(options: CollectionOptions) -> Self {
        let spool = Arc::new(Spool::default());
        Self {
            cache: Arc::new(Cache::new(options.cache_bytes)),
            options,
            journal: Arc::default(),
            progress: Progress::default(),
            asking: Arc::default(),
            written: Written::default(),
            cancelled: AtomicBool::new(false),
            is_partial: AtomicBool::new(false),
            listing: Arc::default(),
            near: Arc::new(Near::new(Arc::clone(&spool))),
            spool,
            probes: Arc::default(),
            latest: OnceLock::new(),
            previous: OnceLock::new(),
            history: OnceLock::new(),
            inspected: OnceLock::new(),
            digests: Arc::default(),
        }
    }

    /// A collection whose sources were listed already.
    #[must_use]
    pub fn listed_as(options: CollectionOptions, listing: Listing) -> Self {
        Self { listing: Arc::new(OnceLock::from(listing)), ..Self::new(options) }
    }

    /// The same reports as of another time. What is known of each is kept; which are shown is
    /// chosen anew, and remarked upon anew.
    #[must_use]
    pub fn as_of(&self, as_of: Option<Millis>) -> Self {
        self.journal.forget_notes();
        self.renewed(CollectionOptions { as_of, ..self.options.clone() })
    }

    /// The collection that takes the place of this one when it was interrupted. What still works
    /// for this one stops; what was finished is kept.
    #[must_use]
    pub fn resumed(&self) -> Self {
        // What is still being listed for this one stops half way.
        if self.listing.get().is_none_or(|listing| listing.is_partial) {
            return Self::new(self.options.clone());
        }
        let resumed = Self {
            cache: Arc::clone(&self.cache),
            latest: self.latest.clone(),
            previous: self.previous.clone(),
            history: self.history.clone(),
            inspected: self.inspected.clone(),
            ..self.renewed(self.options.clone())
        };
        // Asked after the copies are made: what is only partly there is marked before it is there.
        if self.is_partial.load(Ordering::SeqCst) {
            return self.renewed(self.options.clone());
        }
        resumed
    }

    /// The same reports, of which nothing is chosen or decoded yet.
    fn renewed(&self, options: CollectionOptions) -> Self {
        Self {
            journal: Arc::clone(&self.journal),
            listing: Arc::clone(&self.listing),
            spool: Arc::clone(&self.spool),
            near: Arc::clone(&self.near),
            probes: Arc::clone(&self.probes),
            digests: Arc::clone(&self.digests),
            ..Self::new(options)
        }
    }

    /// Refuses to go on with what is only a part, because of an interruption.
    ///
    /// # Errors
    /// If the run was interrupted.
    pub fn go_on(&self) -> Result<(), DataFusionError> {
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(DataFusionError::Execution("interrupted".to_owned()));
        }
        Ok(())
    }

    /// Remembers whether what was just made is whole.
    fn finished<T>(&self, made: T) -> T {
        if self.cancelled.load(Ordering::SeqCst) {
            self.is_partial.store(true, Ordering::SeqCst);
        }
        made
    }

    /// What the sources hold. Blocking at the first call.
    pub fn listing(&self) -> &Listing {
        self.listing.get_or_init(|| {
            let reach = Reach {
                run_time: self.options.run_time,
                now: self.options.now,
                aws: Arc::clone(&self.options.aws),
                spool: Arc::clone(&self.spool),
                asking: Arc::clone(&self.asking),
                cancelled: &self.cancelled,
            };
            let listing = source::list(&self.options.sources, &reach);
            // That an account gave nothing is to be told even if no statement opens its report.
            for (index, found) in listing.found.iter().enumerate() {
                if let Place::Absent(absent) = &found.place {
                    self.journal.refused(index, found, absent.refusal());
                }
            }
            listing
        })
    }

    /// Notes that a report cannot be read, unless it is the interruption that kept it from being read.
    pub fn refuse(&self, index: usize, refusal: Refusal) {
        if self.cancelled.load(Ordering::SeqCst) {
            self.is_partial.store(true, Ordering::SeqCst);
        } else if let Some(found) = self.found().get(index) {
            self.journal.refused(index, found, refusal);
        }
    }

    /// Opens a report. Blocking.
    ///
    /// # Errors
    /// A refusal that says why it cannot be read.
    pub fn open(&self, index: usize) -> Result<Input<'_>, Refusal> {
        match self.found().get(index) {
            Some(found) => self.near.open(index, found, &self.cancelled),
            None => Err(Refusal::broken("is not among the reports")),
        }
    }

    /// Fetches reports that lie elsewhere, many at once, for somebody who is about to read them one
    /// by one. Blocking.
    pub fn bring(&self, indices: impl IntoIterator<Item = usize>) -> Ahead {
        let found = self.found();
        let reports = indices.into_iter().filter_map(|index| Some((index, found.get(index)?)));
        self.near.bring(reports, &self.cancelled)
    }

    /// Whether any report has to be fetched to be read.
    fn has_distant(&self, indices: &[usize]) -> bool {
        let is_distant = |found: &Found| matches!(found.place, Place::Object(..));
        indices.iter().filter_map(|&index| self.found().get(index)).any(is_distant)
    }

    /// What the sources hold, if anything has asked for it yet.
    #[must_use]
    pub fn listed(&self) -> Option<&Listing> {
        self.listing.get()
    }

    /// The reports found. Blocking at the first call.
    pub fn found(&self) -> &[Found] {
        &self.listing().found
    }

    /// What is known beside the reports: of each account what was fetched last, unless it is
    /// hidden by `--as-of`. Blocking at the first call.
    pub fn extras(&self) -> Vec<&Extras> {
        let mut newest: BTreeMap<&str, &Extras> = BTreeMap::new();
        for extras in &self.listing().extras {
            if self.hides(extras.collected_time) {
                continue;
            }
            let known = newest.entry(&extras.account_id).or_insert(extras);
            if extras.collected_time > known.collected_time {
                *known = extras;
            }
        }
        newest.into_values().collect()
    }

    /// The reports a table shows. Blocking at the first call of each scope.
    pub fn selection(&self, scope: Scope) -> Arc<Selection> {
        let (slot, select): (_, fn(&Self) -> Selection) = match scope {
            Scope::Latest => (&self.latest, selection::latest),
            Scope::Previous => (&self.previous, selection::previous),
            Scope::History => (&self.history, selection::history),
        };
        Arc::clone(slot.get_or_init(|| Arc::new(self.finished(select(self)))))
    }

    /// Every report, read whole. Blocking at the first call.
    pub fn inspected(&self) -> Arc<Vec<Inspected>> {
        Arc::clone(
            self.inspected
                .get_or_init(|| Arc::new(self.finished(super::inspect::inspect_all(self)))),
        )
    }

    /// What one report holds, as far as skimming tells. Blocking at the first call for each.
    pub fn probe(&self, index: usize) -> Arc<Probe> {
        let slots =
            self.probes.get_or_init(|| (0..self.found().len()).map(|_| OnceLock::new()).collect());
        let Some(slot) = slots.get(index) else {
            return Arc::new(probe::probe(self, index));
        };
        if let Some(known) = slot.get() {
            return Arc::clone(known);
        }
        let probe = Arc::new(probe::probe(self, index));
        if self.cancelled.load(Ordering::SeqCst) {
            // It may be the interruption that made it fail.
            return probe;
        }
        Arc::clone(slot.get_or_init(|| probe))
    }

    /// SHA-256 of a report's bytes; `None` if they cannot be read. Blocking at the first call for
    /// each.
    pub fn digest(&self, index: usize) -> Option<String> {
        let lock = || self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&index) {
            return known.clone();
        }
        let digest = self.open(index).ok().and_then(|input| super::inspect::digest(input).ok());
        if digest.is_some() || !self.cancelled.load(Ordering::SeqCst) {
            lock().insert(index, digest.clone());
        }
        digest
    }

    /// Probes many reports at once.
    pub fn probe_all(&self, indices: &[usize]) -> Vec<Arc<Probe>> {
        self.in_parallel(indices, |index| self.probe(index))
    }

    /// Runs a blocking function for each report on all cores, results in order. Stops starting new
    /// ones when the run is interrupted.
    pub fn in_parallel<T: Send>(
        &self,
        indices: &[usize],
        work: impl Fn(usize) -> T + Sync,
    ) -> Vec<T> {
        self.progress.more(indices.len());
        if !self.has_distant(indices) {
            return self.on_all_cores(indices, &work);
        }
        let mut results = Vec::with_capacity(indices.len());
        let bytes = |index: &usize| self.found().get(*index).and_then(Found::bytes).unwrap_or(0);
        let mut total = 0;
        // A new chunk begins where the last has its fill.
        let fits = |_: &usize, next: &usize| {
            total += bytes(next) + BROUGHT_AT_LEAST;
            let fits = total <= BROUGHT;
            total = if fits { total } else { 0 };
            fits
        };
        for some in indices.chunk_by(fits) {
            let _ahead = self.bring(some.iter().copied());
            results.extend(self.on_all_cores(some, &work));
        }
        results
    }

    fn on_all_cores<T: Send>(
        &self,
        indices: &[usize],
        work: &(impl Fn(usize) -> T + Sync),
    ) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let run = || {
            let mut results = Vec::new();
            while !self.cancelled.load(Ordering::Relaxed) {
                let position = next.fetch_add(1, Ordering::Relaxed);
                let Some(&index) = indices.get(position) else {
                    break;
                };
                results.push((position, work(index)));
                self.progress.done.fetch_add(1, Ordering::Relaxed);
            }
            results
        };
        let workers = thread::available_parallelism().map_or(1, usize::from).min(indices.len());
        let mut results = if workers <= 1 {
            run()
        } else {
            thread::scope(|scope| {
                let handles: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
                handles
                    .into_iter()
                    // A lost result would shift all after it: a panic goes on instead.
                    .flat_map(|handle| handle.join().unwrap_or_else(|panic| resume_unwind(panic)))
                    .collect()
            })
        };
        results.sort_by_key(|(position, _)| *position);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// Whether a report of this time is hidden by `--as-of`.
    #[must_use]
    pub fn hides(&self, time: Millis) -> bool {
        self.options.as_of.is_some_and(|as_of| time > as_of)
    }
}

/// The collection that tables show. Another can take its place while sessions and views stand.
#[derive(Debug)]
pub struct Current(RwLock<Arc<Collection>>);

impl Current {
    /// Shows this collection.
    #[must_use]
    pub fn new(collection: Arc<Collection>) -> Self {
        Self(RwLock::new(collection))
    }

    /// The collection that is shown now.
    #[must_use]
    pub fn get(&self) -> Arc<Collection> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shows another collection to the statements that are planned from here on.
    pub fn set(&self, collection: Arc<Collection>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = collection;
    }
}
