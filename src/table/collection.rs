//! All reports of a run: found once, chosen once, each read as seldom as possible.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::thread;

use datafusion::common::DataFusionError;

use super::cache::Cache;
use super::inspect::Inspected;
use super::journal::Journal;
use super::probe::{self, Probe};
use super::selection::{self, Scope, Selection};
use crate::report::Millis;
use crate::source::{self, Found, Listing, Source};

/// What a run is asked to look at.
#[derive(Debug, Clone)]
pub struct CollectionOptions {
    /// Where reports are.
    pub sources: Vec<Source>,
    /// The time of this run, the only wall clock there is.
    pub run_time: Millis,
    /// Hides later reports, and is the clock of the latest ones.
    pub as_of: Option<Millis>,
    /// Bytes of decoded columns to keep for the next query.
    pub cache_bytes: usize,
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
    /// Set when the run is interrupted: blocking work looks at it and stops.
    pub cancelled: AtomicBool,
    /// Something was chosen or read in part, because of an interruption.
    is_partial: AtomicBool,
    listing: Arc<OnceLock<Listing>>,
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
        Self {
            cache: Arc::new(Cache::new(options.cache_bytes)),
            options,
            journal: Arc::default(),
            progress: Progress::default(),
            cancelled: AtomicBool::new(false),
            is_partial: AtomicBool::new(false),
            listing: Arc::default(),
            probes: Arc::default(),
            latest: OnceLock::new(),
            previous: OnceLock::new(),
            history: OnceLock::new(),
            inspected: OnceLock::new(),
            digests: Arc::default(),
        }
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
        self.listing.get_or_init(|| source::list(&self.options.sources, self.options.run_time))
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
        match slots.get(index) {
            Some(slot) => Arc::clone(slot.get_or_init(|| Arc::new(probe::probe(self, index)))),
            None => Arc::new(probe::probe(self, index)),
        }
    }

    /// SHA-256 of a report's bytes; `None` if they cannot be read. Blocking at the first call for
    /// each.
    pub fn digest(&self, index: usize) -> Option<String> {
        let lock = || self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&index) {
            return known.clone();
        }
        let digest = self.found().get(index).and_then(|found| super::inspect::digest(found).ok());
        lock().insert(index, digest.clone());
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
