//! Which reports a table shows: all of them once, or the newest of each account.
//!
//! Where path or key tell account and day, they are believed for choosing (never for what the rows
//! say): the newest report of an account is found without reading its older ones. Everything else
//! is skimmed first.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::collection::Collection;
use super::probe::{self, Probe};
use crate::decode::{Summary, time};
use crate::report::{Account, DAY, Millis, Origin, Section, TimeBasis};

/// Which reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The newest of each account.
    Latest,
    /// The newest but one of each account.
    Previous,
    /// All.
    History,
}

/// One account's report at one time: reports of equal identity are the same report.
pub type Identity = (Account, Millis);

/// The identity of a section.
#[must_use]
pub fn identity(section: &Section) -> Identity {
    (section.account(), section.time.millis)
}

/// A report that a table shows, in whole or in part.
#[derive(Debug)]
pub struct Entry {
    /// Its number in the listing.
    pub found: usize,
    /// Which of its sections.
    pub wanted: Wanted,
    /// Its sections, if it was skimmed.
    pub sections: Option<Vec<Section>>,
}

/// Which sections of a report to show.
#[derive(Debug)]
pub enum Wanted {
    /// All, unless another report turns out to be the same.
    All,
    /// These.
    Only(HashSet<Identity>),
}

/// The reports of one scope, cut into units of work.
#[derive(Debug)]
pub struct Selection {
    /// The reports, in the order of the listing.
    pub entries: Vec<Entry>,
    /// Runs of entries that are read by one worker at a time; the unit of the cache.
    pub units: Vec<Range<usize>>,
    /// Accounts and times that paths told, which need not be claimed.
    told: HashSet<(Arc<str>, Millis)>,
    /// The time of each account's report, if there is one of each and reading told it.
    newest: HashMap<Account, Millis>,
    /// Identities that only reading told, with the report that had them first.
    claims: Mutex<HashMap<Identity, usize>>,
    /// Time of the oldest section shown so far of reports whose times only reading tells.
    shown: AtomicI64,
}

/// Bytes of a report whose size is not known: a usual one.
pub const USUAL_BYTES: u64 = 12 << 10;

/// Bytes of reports in a unit: enough that batches are full, and few enough that all workers have
/// something to do to the end.
fn unit_bytes(all: u64) -> u64 {
    (all / 16).clamp(512 << 10, 4 << 20)
}

/// Most reports in a unit.
const UNIT_REPORTS: usize = 1024;

impl Selection {
    fn new(
        collection: &Collection,
        mut entries: Vec<Entry>,
        told: HashSet<(Arc<str>, Millis)>,
    ) -> Self {
        entries.sort_by_key(|entry| entry.found);
        let units = units(collection, &entries);
        Self {
            entries,
            units,
            told,
            newest: HashMap::new(),
            claims: Mutex::default(),
            shown: AtomicI64::new(Millis::MAX),
        }
    }

    /// Tells the time of a report that is read, or the times of those that were, if only reading
    /// tells them.
    pub fn looks_at(&self, collection: &Collection, position: usize) {
        let Some(entry) = self.entries.get(position) else {
            return;
        };
        let is_wanted = |section: &&Section| match &entry.wanted {
            Wanted::All => !collection.hides(section.time.millis),
            Wanted::Only(identities) => identities.contains(&identity(section)),
        };
        let sections = entry.sections.iter().flatten().filter(is_wanted);
        let skimmed = sections.map(|section| section.time.millis).min();
        let told = || told(collection, entry.found).map(|(_, time)| time);
        let read = || self.shown.load(Ordering::Relaxed);
        collection.progress.looks_at(skimmed.or_else(told).unwrap_or_else(read));
    }

    /// Whether this section of the report is to be shown. Decides who has a report that two files
    /// hold where paths told otherwise: the first to ask.
    #[must_use]
    pub fn shows(&self, collection: &Collection, entry: &Entry, section: &Section) -> bool {
        let shows = self.decides(collection, entry, section);
        if shows {
            self.shown.fetch_min(section.time.millis, Ordering::Relaxed);
        }
        shows
    }

    fn decides(&self, collection: &Collection, entry: &Entry, section: &Section) -> bool {
        if collection.hides(section.time.millis) {
            return false;
        }
        if let Wanted::Only(identities) = &entry.wanted {
            return identities.contains(&identity(section));
        }
        let Some(origin) = collection.found().get(entry.found).map(|found| &found.origin) else {
            return false;
        };
        if is_as_told(origin, section) {
            return true;
        }
        if let Some(id) = &section.account_id
            && self.told.contains(&(Arc::clone(id), section.time.millis))
        {
            return false;
        }
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        *claims.entry(identity(section)).or_insert(entry.found) == entry.found
    }
}

/// Nothing to show is worth a word where `--as-of` is the reason.
fn note_if_nothing(collection: &Collection, selection: &Selection) {
    if let (true, false, Some(as_of)) =
        (selection.entries.is_empty(), collection.found().is_empty(), collection.options.as_of)
    {
        let as_of = time::format(as_of);
        collection
            .journal
            .note(format!("no report is as old as --as-of {as_of}: nothing is shown"));
    }
}

fn is_as_told(origin: &Origin, section: &Section) -> bool {
    origin.account_id.is_some()
        && origin.account_id == section.account_id
        && origin.time.millis == section.time.millis
}

fn units(collection: &Collection, entries: &[Entry]) -> Vec<Range<usize>> {
    let size = |entry: &Entry| {
        let found = collection.found().get(entry.found);
        found.and_then(|found| found.origin.bytes).unwrap_or(USUAL_BYTES)
    };
    let most = unit_bytes(entries.iter().map(size).sum());
    let mut units = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (position, entry) in entries.iter().enumerate() {
        let size = size(entry);
        if position > start && (bytes + size > most || position - start >= UNIT_REPORTS) {
            units.push(start..position);
            (start, bytes) = (position, 0);
        }
        bytes += size;
    }
    if start < entries.len() {
        units.push(start..entries.len());
    }
    units
}

/// Reports whose path tells account and time, and the others. Those that `--as-of` hides are left
/// out as far as paths tell.
fn split_by_key(collection: &Collection) -> (Vec<usize>, Vec<usize>) {
    let visible = |index: &usize| {
        let found = &collection.found()[*index];
        // The day of a path is that of the collector; the report may be some hours older.
        !(found.is_told_by_key() && collection.hides(found.origin.time.millis.saturating_sub(DAY)))
    };
    (0..collection.found().len())
        .filter(visible)
        .partition(|&index| collection.found()[index].is_told_by_key())
}

fn told(collection: &Collection, index: usize) -> Option<(Arc<str>, Millis)> {
    let origin = &collection.found().get(index)?.origin;
    Some((Arc::clone(origin.account_id.as_ref()?), origin.time.millis))
}

/// Every report, each once.
#[must_use]
pub fn history(collection: &Collection) -> Selection {
    let (by_key, mut to_probe) = split_by_key(collection);
    if by_key.is_empty() && to_probe.len() == 1 {
        let entries =
            to_probe.into_iter().map(|found| Entry { found, wanted: Wanted::All, sections: None });
        return Selection::new(collection, entries.collect(), HashSet::new());
    }
    let mut holders: BTreeMap<(Arc<str>, Millis), Vec<usize>> = BTreeMap::new();
    for index in by_key {
        if let Some(key) = told(collection, index) {
            holders.entry(key).or_default().push(index);
        }
    }
    let mut entries = Vec::new();
    let mut told = HashMap::new();
    for (key, indices) in holders {
        if let [found] = indices[..] {
            entries.push(Entry { found, wanted: Wanted::All, sections: None });
            told.insert(key, found);
        } else {
            to_probe.extend(indices);
        }
    }
    let mut probed = Probed::new(collection, &to_probe);
    // Where something else holds what a path tells, the path is believed only after a look.
    let doubted: HashSet<usize> = probed
        .summaries()
        .flat_map(|(_, summary)| summary.sections.iter().map(|(section, _)| section))
        .filter_map(|section| told.remove(&(section.account_id.clone()?, section.time.millis)))
        .collect();
    if !doubted.is_empty() {
        entries.retain(|entry| !doubted.contains(&entry.found));
        to_probe.extend(doubted);
        probed = Probed::new(collection, &to_probe);
    }
    let told: HashSet<_> = told.into_keys().collect();
    let chosen = probed.without_doubles(collection, |section| {
        let key = section.account_id.clone().map(|id| (id, section.time.millis));
        section.time.basis.is_firm() && key.is_some_and(|key| told.contains(&key))
    });
    entries.extend(probed.entries(&chosen));
    let selection = Selection::new(collection, entries, told);
    note_if_nothing(collection, &selection);
    selection
}

/// The newest report of each account.
#[must_use]
pub fn latest(collection: &Collection) -> Selection {
    let (by_key, unknown) = split_by_key(collection);
    if let (true, &[found]) = (by_key.is_empty(), &unknown[..])
        && !probe::may_hold_many_times(collection, found)
    {
        let entry = Entry { found, wanted: Wanted::All, sections: None };
        return Selection::new(collection, vec![entry], HashSet::new());
    }
    let selection = newest(collection, by_key, unknown, None);
    note_if_nothing(collection, &selection);
    selection
}

/// The report before the newest of each account. Those that cannot be read are passed over.
#[must_use]
pub fn previous(collection: &Collection) -> Selection {
    let latest = collection.selection(Scope::Latest);
    let (by_key, unknown) = split_by_key(collection);
    newest(collection, by_key, unknown, Some(&latest.newest))
}

/// Whether a report is as new as the one before which reports are looked for.
fn is_bound(before: Option<&HashMap<Account, Millis>>, account: &Account, time: Millis) -> bool {
    before.is_some_and(|before| before.get(account).is_none_or(|bound| time >= *bound))
}

fn newest(
    collection: &Collection,
    by_key: Vec<usize>,
    unknown: Vec<usize>,
    before: Option<&HashMap<Account, Millis>>,
) -> Selection {
    let probed = Probed::new(collection, &newest_by_key(collection, by_key, unknown, before));
    let reports = probed.without_doubles(collection, |section| {
        is_bound(before, &section.account(), section.time.millis)
    });
    let mut newest: HashMap<&Account, Millis> = HashMap::new();
    for (account, time) in reports.keys() {
        let slot = newest.entry(account).or_insert(*time);
        *slot = (*slot).max(*time);
    }
    let chosen: HashMap<Identity, Vec<Holder>> = reports
        .iter()
        .filter(|((account, time), _)| newest.get(account) == Some(time))
        .filter_map(|(identity, holders)| {
            Some((identity.clone(), vec![tie(collection, identity, holders)?]))
        })
        .collect();
    for ((account, time), holders) in &chosen {
        if *time > collection.options.run_time.saturating_add(DAY)
            && let Some(holder) = holders.first()
        {
            collection.journal.note(format!(
                "{}: the report of {account} is dated {}, after this run; is that date right?",
                holder.source(collection),
                time::format(*time)
            ));
        }
    }
    let newest = chosen.keys().cloned().collect();
    let selection = Selection::new(collection, probed.entries(&chosen), HashSet::new());
    Selection { newest, ..selection }
}

/// The reports to read so that the newest of each account is among them: those whose path does not
/// tell, and of the others, per account, back to the newest that can be read and is what its path
/// says.
fn newest_by_key(
    collection: &Collection,
    by_key: Vec<usize>,
    unknown: Vec<usize>,
    before: Option<&HashMap<Account, Millis>>,
) -> Vec<usize> {
    let mut waiting: BTreeMap<Arc<str>, BTreeMap<Millis, Vec<usize>>> = BTreeMap::new();
    for index in by_key {
        if let Some((account, time)) = told(collection, index) {
            waiting.entry(account).or_default().entry(time).or_default().push(index);
        }
    }
    let mut read = unknown;
    let mut failed: BTreeMap<Arc<str>, Millis> = BTreeMap::new();
    while !waiting.is_empty() {
        let mut round: Vec<(Arc<str>, Millis, Vec<usize>)> = Vec::new();
        waiting.retain(|account, times| {
            times.pop_last().is_some_and(|(time, indices)| {
                round.push((Arc::clone(account), time, indices));
                true
            })
        });
        let indices: Vec<usize> =
            round.iter().flat_map(|(_, _, indices)| indices.iter().copied()).collect();
        collection.probe_all(&indices);
        if indices.is_empty() || collection.cancelled.load(Ordering::Relaxed) {
            break;
        }
        for (account, time, indices) in round {
            let probes: Vec<_> = indices.iter().map(|&index| collection.probe(index)).collect();
            let refused = probes.iter().any(|probe| matches!(**probe, Probe::Refused));
            // A file that holds other accounts as well is no report of the account in its path:
            // then older files of that path may hold what this one does not.
            let good = probes.iter().any(|probe| match &**probe {
                Probe::Read(summary) => {
                    let mut sections = summary.sections.iter();
                    !summary.sections.is_empty()
                        && sections
                            .all(|(section, _)| section.account_id.as_ref() == Some(&account))
                        && summary.sections.iter().any(|(section, _)| {
                            let time = section.time.millis;
                            !collection.hides(time) && !is_bound(before, &section.account(), time)
                        })
                }
                Probe::Refused => false,
            });
            read.extend(indices);
            if good {
                waiting.remove(&account);
                // Of the report before the newest this is nobody's concern.
                if let (Some(newest), None) = (failed.get(&account), before) {
                    collection.journal.note(format!(
                        "account {account}: its newest report ({}) cannot be used; the one of {} is shown instead",
                        time::format(*newest),
                        time::format(time)
                    ));
                }
            } else if refused {
                failed.entry(account).or_insert(time);
            }
        }
    }
    read.sort_unstable();
    read
}

/// Reports that were skimmed.
struct Probed {
    reports: Vec<(usize, Arc<Probe>)>,
}

impl Probed {
    fn new(collection: &Collection, indices: &[usize]) -> Self {
        let probes = collection.probe_all(indices);
        Self { reports: indices.iter().copied().zip(probes).collect() }
    }

    fn summaries(&self) -> impl Iterator<Item = (usize, &Summary)> {
        self.reports.iter().filter_map(|(found, probe)| match &**probe {
            Probe::Read(summary) => Some((*found, summary)),
            Probe::Refused => None,
        })
    }

    /// For each identity the reports to take it from: one, unless all that files share is a time of
    /// modification. Copying or cloning gives many files the same; such files are the same report
    /// only if their bytes are.
    fn without_doubles(
        &self,
        collection: &Collection,
        taken: impl Fn(&Section) -> bool,
    ) -> HashMap<Identity, Vec<Holder>> {
        let mut holders: HashMap<Identity, Vec<Holder>> = HashMap::new();
        for (found, summary) in self.summaries() {
            for (section, rows) in &summary.sections {
                if !collection.hides(section.time.millis) && !taken(section) {
                    let holder = Holder::new(found, summary, section.time.basis, *rows);
                    holders.entry(identity(section)).or_default().push(holder);
                }
            }
        }
        for ((account, time), holders) in
            holders.iter_mut().filter(|(_, holders)| holders.len() > 1)
        {
            let of = format!("{account} of {}", time::format(*time));
            drop_doubles(collection, &of, holders);
        }
        holders
    }

    fn entries(&self, chosen: &HashMap<Identity, Vec<Holder>>) -> Vec<Entry> {
        let mut wanted: HashMap<usize, HashSet<Identity>> = HashMap::new();
        for (identity, holders) in chosen {
            for holder in holders {
                wanted.entry(holder.found).or_default().insert(identity.clone());
            }
        }
        self.summaries()
            .filter_map(|(found, summary)| {
                let wanted = wanted.remove(&found)?;
                let sections = summary.sections.iter().map(|(section, _)| section.clone());
                let sections =
                    sections.filter(|section| wanted.contains(&identity(section))).collect();
                Some(Entry { found, wanted: Wanted::Only(wanted), sections: Some(sections) })
            })
            .collect()
    }
}

/// A report that holds some identity. The order of the fields is the order of preference: an
/// untouched report of one account, then a compacted dataset, then any copy; and by how well the
/// time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Holder {
    kind: Kind,
    basis: TimeBasis,
    found: usize,
    rows: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Untouched,
    Compacted,
    Copy,
}

impl Holder {
    fn new(found: usize, summary: &Summary, basis: TimeBasis, rows: u64) -> Self {
        let kind = if summary.untouched {
            Kind::Untouched
        } else if summary.format.ends_with("parquet") {
            Kind::Compacted
        } else {
            Kind::Copy
        };
        Self { kind, basis, found, rows }
    }

    fn source(self, collection: &Collection) -> &str {
        collection.found().get(self.found).map(|found| &*found.origin.source).unwrap_or_default()
    }

    /// The last resort of an order that no order of listing can change.
    fn digest(self, collection: &Collection) -> Option<String> {
        collection.digest(self.found)
    }
}

/// Keeps the best of the holders whose time is firm, and of the others one for each content.
fn drop_doubles(collection: &Collection, of: &str, holders: &mut Vec<Holder>) {
    let mut ranks: Vec<_> = holders.iter().map(|holder| (holder.kind, holder.basis)).collect();
    ranks.sort_unstable();
    let tied = ranks.windows(2).any(|pair| pair[0] == pair[1]);
    // Bytes are read again only where nothing else can tell.
    let needed = tied || holders.iter().any(|holder| !holder.basis.is_firm());
    let mut ranked: Vec<(Holder, Option<String>)> = holders
        .iter()
        .map(|holder| (*holder, if needed { holder.digest(collection) } else { None }))
        .collect();
    ranked.sort_by(|(a, a_digest), (b, b_digest)| {
        (a.kind, a.basis, a_digest, a.found).cmp(&(b.kind, b.basis, b_digest, b.found))
    });
    if let Some((best, _)) = ranked.iter().find(|(holder, _)| holder.basis.is_firm()) {
        let others =
            ranked.iter().filter(|(holder, _)| holder.basis.is_firm() && holder.rows != best.rows);
        for (other, _) in others {
            collection.journal.note(format!(
                "{} and {} both hold the report of {of}, with {} and {} rows: the first is shown",
                best.source(collection),
                other.source(collection),
                best.rows,
                other.rows
            ));
        }
    }
    let mut contents = HashSet::new();
    let mut firm = false;
    holders.clear();
    for (holder, digest) in ranked {
        let new_content = digest.is_none_or(|digest| contents.insert(digest));
        let keep =
            if holder.basis.is_firm() { !std::mem::replace(&mut firm, true) } else { new_content };
        if keep {
            holders.push(holder);
        }
    }
}

/// The one of several different reports of the same time that counts as the latest.
fn tie(collection: &Collection, (account, time): &Identity, holders: &[Holder]) -> Option<Holder> {
    let best = holders.iter().min_by_key(|holder| holder.basis).copied()?;
    if holders.len() > 1 {
        let source = best.source(collection);
        collection.journal.note(format!(
            "{} different reports of {account} have the same modification time ({}); {source} counts as the latest: \
             put dates into the names of the files",
            holders.len(),
            time::format(*time)
        ));
    }
    Some(best)
}
