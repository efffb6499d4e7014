//! Reports in buckets, brought near before they are read: many at a time, each once.
//!
//! A worker that decodes asks for one report after the other, and each answer takes its time to come.
//! So what it is about to read is fetched together, and kept in the spool as long as there is room:
//! choosing a report, reading it and asking the next question cost one request in all.

use std::collections::HashMap;
use std::io::Cursor;
use std::ops::Range;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::aws::calls;
use crate::aws::s3::{Bucket, Object};
use crate::aws::trouble::{Kind, Result, Trouble};
use crate::decode::envelope::Input;
use crate::decode::refusal::Refusal;
use crate::source::spool::Spool;
use crate::source::{Absent, Found, Place};

/// Requests at a time. More gain little: S3 answers in some 20 ms, and 64 such streams bring more
/// reports than two cores decode.
const AT_ONCE: usize = 64;

/// Bytes on their way at a time.
const IN_FLIGHT: u64 = 64 << 20;

/// Larger objects are read piece by piece when their turn comes.
const WHOLE: u64 = 8 << 20;

/// Bytes kept on disk. What comes later is fetched again when it is asked for again.
const ROOM: u64 = 1 << 30;

/// What is near.
#[derive(Debug)]
pub(super) struct Near {
    spool: Arc<Spool>,
    reports: Mutex<HashMap<usize, Brought>>,
    /// Held while something is brought: workers take turns, so that the limits are those of the run
    /// and not of each worker. While one waits for answers the others decode.
    turn: Mutex<()>,
}

/// A report that was brought.
#[derive(Debug, Clone)]
enum Brought {
    /// It is in the spool.
    Kept(Range<u64>),
    /// It is in memory until the one who asked for it is done: the spool is full.
    Held(Bytes),
    /// It could not be had. Where asking again would give the same answer, it is not asked again.
    Failed(Trouble),
}

fn is_lasting(trouble: &Trouble) -> bool {
    matches!(trouble.kind, Kind::Denied | Kind::NotFound | Kind::Changed)
}

/// Reports that were brought for somebody. Those that did not fit on the disk go when this goes.
#[derive(Debug)]
pub struct Ahead {
    near: Arc<Near>,
    held: Vec<usize>,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        let mut reports = self.near.lock();
        for index in &self.held {
            let is_passing = match reports.get(index) {
                Some(Brought::Held(_)) => true,
                Some(Brought::Failed(trouble)) => !is_lasting(trouble),
                Some(Brought::Kept(_)) | None => false,
            };
            if is_passing {
                reports.remove(index);
            }
        }
    }
}

impl Near {
    /// Nothing is near yet.
    #[must_use]
    pub(super) fn new(spool: Arc<Spool>) -> Self {
        Self { spool, reports: Mutex::default(), turn: Mutex::default() }
    }

    /// Brings those of the reports that are in buckets. Blocking. What fails is told by whoever opens
    /// it; an interruption leaves the rest where it is.
    pub(super) fn bring<'a>(
        self: &Arc<Self>,
        reports: impl Iterator<Item = (usize, &'a Found)>,
        cancelled: &AtomicBool,
    ) -> Ahead {
        let mut wanted: Vec<(Bucket, Vec<(usize, Object)>)> = Vec::new();
        for (index, found) in reports {
            if let Place::Object(bucket, object) = &found.place
                && object.size <= WHOLE
                && !self.lock().contains_key(&index)
            {
                let object = (index, object.clone());
                match wanted.iter_mut().find(|(other, _)| other.name() == bucket.name()) {
                    Some((_, objects)) => objects.push(object),
                    None => wanted.push((bucket.clone(), vec![object])),
                }
            }
        }
        let mut ahead = Ahead { near: Arc::clone(self), held: Vec::new() };
        for (bucket, objects) in wanted {
            let (indices, objects): (Vec<usize>, Vec<Object>) = objects.into_iter().unzip();
            ahead.held.extend(&indices);
            let near = Arc::clone(self);
            let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            // Only an interruption ends this early, and that is noticed where it is asked about.
            let _ = calls::wait(cancelled, async move {
                let put = |position: usize, answer: Result<Bytes>| {
                    if let Some(&index) = indices.get(position) {
                        near.put(index, answer);
                    }
                };
                bucket.get_many(&objects, AT_ONCE, IN_FLIGHT, put).await;
                Ok(())
            });
        }
        ahead
    }

    /// Opens a report, from nearby if it is there.
    ///
    /// # Errors
    /// A refusal that says why it cannot be read.
    pub(super) fn open<'a>(
        self: &'a Arc<Self>,
        index: usize,
        found: &'a Found,
        cancelled: &'a AtomicBool,
    ) -> std::result::Result<Input<'a>, Refusal> {
        // Asked for alone, it is brought as one of many: then it is kept.
        let _ahead = self.bring(std::iter::once((index, found)), cancelled);
        let brought = self.lock().get(&index).cloned();
        match brought {
            Some(Brought::Kept(range)) => Ok(Box::new(self.spool.open(range))),
            Some(Brought::Held(bytes)) => Ok(Box::new(Cursor::new(bytes))),
            Some(Brought::Failed(trouble)) => {
                Err(Absent::failed(&found.origin.source, trouble).refusal())
            }
            None => found.open(cancelled),
        }
    }

    fn put(&self, index: usize, answer: Result<Bytes>) {
        let brought = match answer {
            Ok(bytes) if self.spool.bytes() < ROOM => match self.spool.keep(&bytes) {
                Ok(range) => Brought::Kept(range),
                // A full disk makes it slower, not wrong.
                Err(_) => Brought::Held(bytes),
            },
            Ok(bytes) => Brought::Held(bytes),
            Err(trouble) if trouble.kind == Kind::Interrupted => return,
            Err(trouble) => Brought::Failed(trouble),
        };
        self.lock().insert(index, brought);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<usize, Brought>> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
