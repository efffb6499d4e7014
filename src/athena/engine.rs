//! Runs rendered statements on Athena, a few at a time, and brings their rows.
//!
//! Each query is driven by a task on the threads that speak to AWS, which outlive those that queries
//! of our own run on: when nobody wants the rows any more, the task stops the query on the server.

use std::fmt;
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use arrow::array::RecordBatch;
use datafusion::common::DataFusionError;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{OnceCell, Semaphore, watch};

use super::meter::Meter;
use super::typed::Columns;
use crate::aws::access::{Access, AccessOptions};
use crate::aws::athena::{Athena, AthenaOptions, Pace, State};
use crate::aws::calls;
use crate::aws::trouble::{Kind, Result, Trouble};

/// Queries at a time. An account may have 20 active ones, unless it has asked for more (Athena User
/// Guide, "Service Quotas"), and is not ours alone.
const AT_A_TIME: usize = 8;

/// Batches that wait to be taken.
const AHEAD: usize = 2;

/// How long queries that are to be stopped are waited for, and how often they are looked at.
const FAREWELL: usize = 200;
const LOOK: Duration = Duration::from_millis(20);

/// Athena, as a run uses it.
pub struct Engine {
    options: AthenaOptions,
    access: AccessOptions,
    pace: Pace,
    athena: OnceCell<Athena>,
    turns: Semaphore,
    /// What was asked so far.
    pub meter: Meter,
    /// Queries that are driven.
    driven: AtomicUsize,
    over: watch::Sender<bool>,
}

/// What a query says: rows, and `None` after the last.
pub(super) type Item = Result<Option<RecordBatch>, DataFusionError>;

impl Engine {
    /// An engine that speaks to nobody yet.
    #[must_use]
    pub fn new(options: AthenaOptions, access: AccessOptions, at_a_time: NonZeroUsize) -> Self {
        Self {
            options,
            access,
            pace: Pace::default(),
            athena: OnceCell::new(),
            turns: Semaphore::new(at_a_time.get().min(AT_A_TIME)),
            meter: Meter::default(),
            driven: AtomicUsize::new(0),
            over: watch::Sender::new(false),
        }
    }

    /// An engine on this Athena.
    #[cfg(test)]
    pub(super) fn on(athena: Athena, at_a_time: usize) -> Self {
        let options = AthenaOptions { database: "d".to_owned(), ..AthenaOptions::default() };
        let engine = Self::new(options, AccessOptions::default(), NonZeroUsize::MIN);
        Self { athena: OnceCell::from(athena), turns: Semaphore::new(at_a_time), ..engine }
    }

    /// Where statements run.
    #[must_use]
    pub fn options(&self) -> &AthenaOptions {
        &self.options
    }

    /// Starts a statement as soon as it is its turn, and brings its rows. When the receiver is
    /// dropped, the query is stopped.
    pub(super) fn run(self: &Arc<Self>, sql: &Arc<str>, columns: &Columns) -> Receiver<Item> {
        let (out, rows) = mpsc::channel(AHEAD);
        let driven = Driven::new(self);
        let (sql, mut columns, teller) = (Arc::clone(sql), columns.clone(), out.clone());
        let spawned = calls::spawn(async move {
            let engine = &driven.0;
            // The futures of the SDK are large.
            if let Err(error) = Box::pin(engine.drive(&sql, &mut columns, &out)).await {
                // Nobody may be there to hear it.
                let _ = engine.unless_over(&out, out.send(Err(error))).await;
            }
        });
        if let Err(trouble) = spawned {
            // The channel is new and has room.
            let _ = teller.try_send(Err(external(trouble)));
        }
        rows
    }

    /// Stops every query that still runs, and waits a while until that is done. Blocking.
    pub fn end(&self) {
        self.over.send_replace(true);
        for _ in 0..FAREWELL {
            if self.driven.load(Ordering::SeqCst) == 0 {
                return;
            }
            thread::sleep(LOOK);
        }
    }

    async fn drive(
        &self,
        sql: &str,
        columns: &mut Columns,
        out: &Sender<Item>,
    ) -> Result<(), DataFusionError> {
        let Some(athena) = self.unless_over(out, Box::pin(self.athena())).await else {
            return Ok(());
        };
        let athena = athena.map_err(external)?;
        let Some(turn) = self.unless_over(out, self.turns.acquire()).await else {
            return Ok(());
        };
        // Waited for whatever happens: what has begun must be known, so that it can be stopped.
        let id = athena.start(sql).await.map_err(external)?;
        self.meter.begins(&id);
        let mut scanned = 0;
        let look = athena.wait(&id, |bytes| {
            self.meter.reads(scanned, bytes);
            scanned = scanned.max(bytes);
        });
        let ended = self.unless_over(out, look).await;
        self.meter.ends(scanned, !matches!(ended, Some(Ok(State::Failed(_)))));
        drop(turn);
        match ended {
            Some(Ok(State::Done | State::Running)) => {}
            Some(Ok(State::Failed(trouble) | State::Stopped(trouble))) => {
                return Err(external(trouble));
            }
            Some(Err(trouble)) => {
                // It may run on, for nobody.
                let _ = athena.stop(&id).await;
                return Err(external(trouble));
            }
            None => {
                let _ = athena.stop(&id).await;
                return Ok(());
            }
        }
        let mut after = None;
        loop {
            let Some(page) = self.unless_over(out, athena.page(&id, after)).await else {
                return Ok(());
            };
            let page = page.map_err(external)?;
            after = page.next.clone();
            let rows = columns.read(&page).map_err(external)?;
            if rows.num_rows() > 0
                && !matches!(self.unless_over(out, out.send(Ok(Some(rows)))).await, Some(Ok(())))
            {
                return Ok(());
            }
            if after.is_none() {
                break;
            }
        }
        self.unless_over(out, out.send(Ok(None))).await;
        Ok(())
    }

    async fn athena(&self) -> Result<&Athena> {
        let connect = async || {
            let access = Access::load(self.access.clone()).await?;
            Ok(Athena::new(&access, self.options.clone(), self.pace))
        };
        let connected: Result<&Athena> = self.athena.get_or_try_init(connect).await;
        connected.map_err(|trouble| trouble.for_profile(self.access.profile.as_deref()))
    }

    /// The outcome, unless nobody wants it any more.
    async fn unless_over<T>(&self, out: &Sender<Item>, work: impl Future<Output = T>) -> Option<T> {
        let mut over = self.over.subscribe();
        tokio::select! {
            biased;
            () = out.closed() => None,
            // The sender lives as long as this does.
            _ = over.wait_for(|over| *over) => None,
            done = work => Some(done),
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("options", &self.options).finish_non_exhaustive()
    }
}

/// A query that is driven, until this is dropped.
struct Driven(Arc<Engine>);

impl Driven {
    fn new(engine: &Arc<Engine>) -> Self {
        engine.driven.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(engine))
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.0.driven.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What ended without saying so.
pub(super) fn lost() -> DataFusionError {
    external(Trouble::new(Kind::Other, "the result ended before its last row"))
}

pub(super) fn external(trouble: Trouble) -> DataFusionError {
    DataFusionError::External(Box::new(trouble))
}

#[cfg(test)]
mod tests;
