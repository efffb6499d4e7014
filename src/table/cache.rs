//! Decoded columns kept for the next query of the run, within a budget of bytes.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow::array::ArrayRef;

use super::selection::Scope;
use crate::decode::columns::CellSource;

/// What is kept of one unit of work: the rows of each of its batches, and any columns decoded.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Rows per batch.
    pub rows: Vec<usize>,
    /// Columns, each with one array per batch.
    pub columns: HashMap<CellSource, Vec<ArrayRef>>,
}

impl Kept {
    /// Whether all these columns are there.
    #[must_use]
    pub fn has(&self, sources: &[CellSource]) -> bool {
        sources.iter().all(|source| self.columns.contains_key(source))
    }

    fn bytes(&self) -> usize {
        self.columns.values().flatten().map(arrow::array::Array::get_array_memory_size).sum()
    }
}

/// The cache. When the budget is spent nothing more is kept; nothing is thrown out, since a query
/// that did not fit once will not fit the second time either.
#[derive(Debug)]
pub struct Cache {
    budget: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bytes: usize,
    /// Columns that later statements of the run are known to read.
    expected: HashMap<Scope, BTreeSet<CellSource>>,
    units: HashMap<(Scope, usize), Kept>,
    /// Something did not fit.
    is_full: bool,
}

impl Cache {
    /// A cache of at most `budget` bytes.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self { budget, state: Mutex::default() }
    }

    /// Announces columns that statements to come will read: whoever decodes a unit first decodes
    /// them with its own.
    pub fn expect(&self, scope: Scope, sources: impl IntoIterator<Item = CellSource>) {
        self.lock().expected.entry(scope).or_default().extend(sources);
    }

    /// Announced columns beyond these; none once the budget is spent, since they would be decoded
    /// for nothing.
    #[must_use]
    pub fn expected_beyond(&self, scope: Scope, sources: &[CellSource]) -> Vec<CellSource> {
        let state = self.lock();
        let expected = state.expected.get(&scope).filter(|_| !state.is_full);
        expected.into_iter().flatten().filter(|source| !sources.contains(source)).copied().collect()
    }

    /// What is kept of a unit. Arrays are shared, not copied.
    #[must_use]
    pub fn get(&self, scope: Scope, unit: usize) -> Option<Kept> {
        self.lock().units.get(&(scope, unit)).cloned()
    }

    /// Bytes that are kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// All arrays that are kept of a column. Arrays are shared, not copied.
    #[must_use]
    pub fn arrays(&self, source: CellSource) -> Vec<ArrayRef> {
        let state = self.lock();
        state
            .units
            .values()
            .filter_map(|kept| kept.columns.get(&source))
            .flatten()
            .cloned()
            .collect()
    }

    /// Whether something of this size would still fit.
    #[must_use]
    pub fn has_room(&self, bytes: usize) -> bool {
        let mut state = self.lock();
        let has_room = state.bytes.saturating_add(bytes) <= self.budget;
        state.is_full |= !has_room;
        has_room
    }

    /// Adds columns of a unit, if they fit. Columns of other batch sizes replace what was there:
    /// the report changed under us.
    pub fn put(&self, scope: Scope, unit: usize, kept: Kept) {
        let bytes = kept.bytes();
        let mut state = self.lock();
        if state.bytes.saturating_add(bytes) > self.budget {
            state.is_full = true;
            return;
        }
        let slot = state.units.entry((scope, unit)).or_default();
        let old = slot.bytes();
        if slot.rows == kept.rows {
            slot.columns.extend(kept.columns);
        } else {
            *slot = kept;
        }
        let now = slot.bytes();
        state.bytes = state.bytes.saturating_sub(old).saturating_add(now);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
