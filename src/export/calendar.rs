//! Which reports go to which day, in the order in which their rows are to lie.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::shelf::Shelf;
use crate::decode::time;
use crate::report::{Millis, Section};
use crate::table::collection::Collection;
use crate::table::probe::Probe;
use crate::table::selection::{Entry, Identity, Selection, Wanted, identity};

/// Reports to export, each once.
#[derive(Debug)]
pub(super) struct Reports {
    /// All that was found.
    pub(super) collection: Arc<Collection>,
    /// Which of it counts.
    pub(super) selection: Arc<Selection>,
    /// The rows of files that hold several reports, taken apart.
    pub(super) shelf: Shelf,
}

/// What the rows of one report have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) account_id: Option<Arc<str>>,
    pub(super) partition: Option<Arc<str>>,
    pub(super) time: Millis,
    pub(super) source: Arc<str>,
}

impl Key {
    pub(super) fn of(section: &Section) -> Self {
        Self {
            account_id: section.account_id.clone(),
            partition: section.partition.clone(),
            time: section.time.millis,
            source: Arc::clone(&section.source),
        }
    }

    /// Accounts ascending, those not known last.
    fn order(&self) -> impl Ord + '_ {
        (self.account_id.is_none(), &self.account_id, self.time, &self.partition, &self.source)
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// How the rows of a report are had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// They are those of a file that nobody has looked into: its path tells whose they are.
    Told(Arc<str>),
    /// They are those of a file that was skimmed.
    Alone,
    /// They lie on the shelf, since their file holds those of other reports as well.
    Shelved,
}

/// One report.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) reports: Arc<Reports>,
    /// Its entry in the selection.
    pub(super) entry: usize,
    pub(super) key: Key,
    /// What makes it the same as another; nothing if only its path tells.
    pub(super) identity: Option<Identity>,
    pub(super) way: Way,
}

impl Piece {
    /// Its number in the listing.
    pub(super) fn found(&self) -> usize {
        // Pieces are made of entries.
        self.reports.selection.entries.get(self.entry).map_or(usize::MAX, |entry| entry.found)
    }
}

/// The reports of each day. Blocking: skims files whose path does not tell.
pub(super) fn days(reports: &Arc<Reports>) -> BTreeMap<String, Vec<Piece>> {
    of_entries(reports, 0..reports.selection.entries.len(), false)
}

/// The reports of these entries, whatever their paths tell.
pub(super) fn skimmed(
    reports: &Arc<Reports>,
    entries: impl IntoIterator<Item = usize>,
) -> BTreeMap<String, Vec<Piece>> {
    of_entries(reports, entries, true)
}

fn of_entries(
    reports: &Arc<Reports>,
    entries: impl IntoIterator<Item = usize>,
    doubted: bool,
) -> BTreeMap<String, Vec<Piece>> {
    let mut days: BTreeMap<String, Vec<Piece>> = BTreeMap::new();
    for entry in entries {
        for piece in pieces(reports, entry, doubted) {
            days.entry(time::day(piece.key.time)).or_default().push(piece);
        }
    }
    for pieces in days.values_mut() {
        pieces.sort_by(|a, b| a.key.cmp(&b.key));
    }
    days
}

fn pieces(reports: &Arc<Reports>, position: usize, doubted: bool) -> Vec<Piece> {
    let collection = &reports.collection;
    let Some(entry) = reports.selection.entries.get(position) else {
        return Vec::new();
    };
    let piece = |key, identity, way| Piece {
        reports: Arc::clone(reports),
        entry: position,
        key,
        identity,
        way,
    };
    if let (None, false, Some(found)) =
        (&entry.sections, doubted, collection.found().get(entry.found))
        && found.is_told_by_key()
        && let Some(account_id) = &found.origin.account_id
    {
        let key = Key {
            account_id: Some(Arc::clone(account_id)),
            partition: None,
            time: found.origin.time.millis,
            source: Arc::clone(&found.origin.source),
        };
        return vec![piece(key, None, Way::Told(Arc::clone(account_id)))];
    }
    let sections = sections(collection, entry);
    let way = if sections.len() > 1 { Way::Shelved } else { Way::Alone };
    let of = |section: &Section| piece(Key::of(section), Some(identity(section)), way.clone());
    let mut pieces: Vec<Piece> = sections.iter().map(of).collect();
    // What differs in nothing that rows show lies on the shelf as one.
    pieces.sort_by(|a, b| a.key.cmp(&b.key));
    pieces.dedup_by(|a, b| a.key == b.key);
    pieces
}

/// The sections of a report that count.
pub(super) fn sections(collection: &Collection, entry: &Entry) -> Vec<Section> {
    let known = match &entry.sections {
        Some(sections) => sections.clone(),
        None => match &*collection.probe(entry.found) {
            Probe::Read(summary) => {
                summary.sections.iter().map(|(section, _)| section.clone()).collect()
            }
            Probe::Refused => Vec::new(),
        },
    };
    let counts = |section: &Section| match &entry.wanted {
        Wanted::All => !collection.hides(section.time.millis),
        Wanted::Only(identities) => identities.contains(&identity(section)),
    };
    known.into_iter().filter(counts).collect()
}
