//! What happened to the reports of a run: remembered as it happens, told at the end.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::decode::refusal::Refusal;
use crate::decode::warning::Warning;
use crate::source::{Found, Place};

/// Most remarks kept for one report over all queries of a run.
const REMARKS: usize = 200;

/// What became of one report.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was read, with these remarks.
    Read(Vec<Warning>),
    /// It could not be read.
    Failed(Refusal),
    /// It is no report, and was only met in a walk.
    Skipped(Refusal),
}

/// The memory of a run. Every report has one outcome, however many queries read it.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    outcomes: BTreeMap<usize, Outcome>,
    notes: Vec<String>,
}

impl Journal {
    /// Notes that report number `index` could not be read.
    pub fn refused(&self, index: usize, found: &Found, refusal: Refusal) {
        let outcome = if is_failure(found, &refusal) {
            Outcome::Failed(refusal)
        } else {
            Outcome::Skipped(refusal)
        };
        self.lock().outcomes.insert(index, outcome);
    }

    /// Notes remarks on report number `index`, each once.
    pub fn read(&self, index: usize, warnings: Vec<Warning>) {
        if warnings.is_empty() {
            return;
        }
        let mut entries = self.lock();
        if let Outcome::Read(known) =
            entries.outcomes.entry(index).or_insert_with(|| Outcome::Read(Vec::new()))
        {
            for warning in warnings {
                if known.len() < REMARKS && !known.contains(&warning) {
                    known.push(warning);
                }
            }
        }
    }

    /// Notes something about the run as a whole, once.
    pub fn note(&self, note: String) {
        let mut entries = self.lock();
        if !entries.notes.contains(&note) {
            entries.notes.push(note);
        }
    }

    /// Forgets the notes: what made them is done again.
    pub fn forget_notes(&self) {
        self.lock().notes.clear();
    }

    /// What became of report number `index`, if that deserves a word.
    #[must_use]
    pub fn outcome(&self, index: usize) -> Option<Outcome> {
        self.lock().outcomes.get(&index).cloned()
    }

    /// All outcomes that deserve a word, by number of the report.
    #[must_use]
    pub fn outcomes(&self) -> BTreeMap<usize, Outcome> {
        self.lock().outcomes.clone()
    }

    /// All notes.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.lock().notes.clone()
    }

    /// A panic elsewhere does not make what is written here untrue.
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that was meant to be a report is a failure wherever it is met: its bytes or its path say
/// so. Anything else is a failure only if the user named it.
fn is_failure(found: &Found, refusal: &Refusal) -> bool {
    if let Place::Absent(absent) = &found.place {
        return !absent.is_skipped;
    }
    let name =
        found.origin.source.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    // No collector gives a report such a suffix, but our own queries have names like theirs.
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    let named_like_one = name.contains("credential") && !matches!(suffix, "sql" | "md" | "toml");
    found.origin.named || refusal.report_like || found.origin.account_id.is_some() || named_like_one
}
