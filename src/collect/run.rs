//! All reports, many at once, told in the order in which they were found.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde::Serialize;

use super::destination::{self, Destination, Failure};
use super::manifest::{Entry, Fate};
use super::taken::{self, Taken};
use crate::decode::refusal::Refusal;
use crate::decode::time;
use crate::report::Origin;
use crate::source::{Found, Unlisted};
use crate::table::collection::Collection;
use crate::table::journal::Outcome;

/// How many reports are read and written at once: mostly it is disks and networks that are waited
/// for. Each holds one report in memory.
const WORKERS: usize = 16;

/// What became of one report.
#[derive(Debug, Clone)]
pub struct Done {
    /// Where it was looked for.
    pub source: Arc<str>,
    /// Its account, as far as it is known.
    pub account_id: Option<Arc<str>>,
    /// The name of its account.
    pub account_name: Option<Arc<str>>,
    /// What became of it.
    pub what: What,
}

/// What became of a report.
#[derive(Debug, Clone)]
pub enum What {
    /// It is in the destination.
    Kept {
        /// Where, and whether it is new there.
        kept: destination::Kept,
        /// SHA-256 of its bytes in hexadecimal.
        sha256: String,
        /// How many.
        bytes: usize,
        /// When it was generated.
        generated_time: String,
    },
    /// It is not, and should be.
    Failed {
        /// Why, with where it was looked for.
        error: String,
        /// What to do next.
        hint: Option<String>,
    },
    /// The account has none to keep.
    Skipped {
        /// Why, with where it was looked for.
        reason: String,
    },
    /// It is no report, and was only met in a walk.
    Foreign,
}

/// How many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Reports that are new in the destination.
    pub written: usize,
    /// Reports that were there already.
    pub unchanged: usize,
    /// Reports that should be there and are not.
    pub failed: usize,
    /// Accounts that have none to keep.
    pub skipped: usize,
    /// Files that are no reports.
    pub foreign: usize,
    /// Reports that nobody looked at, because the run ended before.
    pub untried: usize,
}

/// What a run left.
#[derive(Debug, Default)]
pub struct Ran {
    /// Everything for the list.
    pub entries: Vec<Entry>,
    /// How many of what.
    pub tally: Tally,
    /// What ended the run before its end.
    pub stopped: Option<Failure>,
}

/// Keeps every report of a collection. Tells each in the order in which they were found. Stops
/// early if the collection is cancelled or the destination can take no more. Blocking.
pub fn collect(
    collection: &Collection,
    destination: &dyn Destination,
    tell: &mut dyn FnMut(Done),
) -> Ran {
    let found = collection.found();
    collection.progress.more(found.len());
    let mut ran = Ran::default();
    for place in &collection.listing().unlisted {
        ran.add(unlisted(place), tell);
    }
    let next = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    let stopped = Mutex::new(None);
    let work = |send: &mpsc::SyncSender<(usize, Done)>| {
        while !is_over.load(Ordering::Relaxed) && !collection.cancelled.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(report) = found.get(index) else { break };
            match one(collection, destination, index, report) {
                Ok(done) => {
                    // The receiver lives until all senders are gone.
                    let _ = send.send((index, done));
                }
                Err(failure) => {
                    // It is one that was not kept, too.
                    let what = What::Failed { error: failure.message.clone(), hint: None };
                    let _ = send.send((index, Done { what, ..of(&report.origin) }));
                    is_over.store(true, Ordering::Relaxed);
                    stopped.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
                }
            }
            collection.progress.done.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel(WORKERS);
        for _ in 0..WORKERS.min(found.len()) {
            let send = send.clone();
            scope.spawn(move || work(&send));
        }
        drop(send);
        in_order(&receive, &mut |done| ran.add(done, tell));
    });
    let tally = &mut ran.tally;
    let told = tally.written + tally.unchanged + tally.failed + tally.skipped + tally.foreign;
    tally.untried = (found.len() + collection.listing().unlisted.len()).saturating_sub(told);
    ran.stopped = stopped.into_inner().unwrap_or_else(PoisonError::into_inner);
    ran
}

/// Hands on in order of number what comes in any order. Those behind a gap, which a stopped run
/// leaves, come at the end.
fn in_order(receive: &Receiver<(usize, Done)>, hand_on: &mut dyn FnMut(Done)) {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (index, done) in receive {
        early.insert(index, done);
        while let Some(done) = early.remove(&next) {
            hand_on(done);
            next += 1;
        }
    }
    early.into_values().for_each(hand_on);
}

/// Keeps one report. An error is one that ends the run.
fn one(
    collection: &Collection,
    destination: &dyn Destination,
    index: usize,
    found: &Found,
) -> Result<Done, Failure> {
    let taken = collection.open(index).and_then(|input| taken::take(input, &found.origin));
    let taken = match taken {
        Ok(taken) => taken,
        Err(refusal) => {
            collection.journal.refused(index, found, refusal);
            return Ok(untaken(collection, index, found));
        }
    };
    let what = match destination::keep(destination, &taken) {
        Ok(kept) => What::Kept {
            kept,
            sha256: taken.sha256.clone(),
            bytes: taken.bytes.len(),
            generated_time: time::format(taken.generated_time),
        },
        Err(failure) if failure.is_final => return Err(failure),
        Err(failure) => What::Failed {
            error: format!("{}: {}", called(&found.origin.source), failure.message),
            hint: failure.hint,
        },
    };
    let Taken { account_id, account_name, .. } = taken;
    let source = Arc::clone(&found.origin.source);
    Ok(Done { source, account_id: Some(account_id), account_name, what })
}

/// A report that the journal says something of.
fn untaken(collection: &Collection, index: usize, found: &Found) -> Done {
    let origin = &found.origin;
    let told = |refusal: &Refusal| format!("{} {}", called(&origin.source), refusal.message);
    let what = match collection.journal.outcome(index) {
        Some(Outcome::Failed(refusal)) => {
            What::Failed { error: told(&refusal), hint: refusal.hint }
        }
        Some(Outcome::Skipped(refusal)) if origin.account_id.is_some() => {
            What::Skipped { reason: told(&refusal) }
        }
        Some(Outcome::Skipped(_)) => What::Foreign,
        Some(Outcome::Read(_)) | None => What::Failed {
            error: format!("{} could not be read", called(&origin.source)),
            hint: None,
        },
    };
    Done { what, ..of(origin) }
}

/// A report of which no more is known than where it is.
fn of(origin: &Origin) -> Done {
    Done {
        source: Arc::clone(&origin.source),
        account_id: origin.account_id.clone(),
        account_name: origin.account_name.clone(),
        what: What::Foreign,
    }
}

fn unlisted(place: &Unlisted) -> Done {
    let error = format!("{}: {}", place.source, place.reason);
    Done {
        source: Arc::from(place.source.as_str()),
        account_id: None,
        account_name: None,
        what: What::Failed { error, hint: place.hint.clone() },
    }
}

/// A source as the user knows it.
fn called(source: &str) -> &str {
    if source == "-" { "standard input" } else { source }
}

impl Ran {
    fn add(&mut self, done: Done, tell: &mut dyn FnMut(Done)) {
        let tally = &mut self.tally;
        let (count, fate) = match &done.what {
            What::Kept { kept, sha256, bytes, generated_time } => {
                let fate = Fate::Kept {
                    key: kept.key.clone(),
                    sha256: sha256.clone(),
                    bytes: *bytes,
                    generated_time: generated_time.clone(),
                };
                (if kept.is_new { &mut tally.written } else { &mut tally.unchanged }, Some(fate))
            }
            What::Failed { error, .. } => {
                (&mut tally.failed, Some(Fate::Failed { error: error.clone() }))
            }
            What::Skipped { reason } => {
                (&mut tally.skipped, Some(Fate::Skipped { reason: reason.clone() }))
            }
            What::Foreign => (&mut tally.foreign, None),
        };
        *count += 1;
        self.entries.extend(fate.map(|fate| Entry {
            account_id: done.account_id.clone(),
            account_name: done.account_name.clone(),
            source: Arc::clone(&done.source),
            fate,
        }));
        tell(done);
    }
}
