//! Runs statements away from the thread that talks to the user, so that they can be stopped at any
//! point: while they are planned, while reports are read, while rows come.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::sql::parser::Statement;
use futures::StreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{self, error::TryRecvError};
use tokio::task::{JoinError, JoinHandle};

use super::last::{Keeper, NAME};
use crate::error::{Error, Result};
use crate::library::query::Value;
use crate::run::clock::{Clock, Stopwatch};
use crate::run::interrupt::Interrupts;
use crate::run::workspace::Workspace;
use crate::session::Session;
use crate::table::collection::Collection;

/// How long stopped work is waited for. What does not look up by then goes on unseen, in a runtime
/// that nothing else runs on.
const GRACE: Duration = Duration::from_millis(50);

/// Between two looks at something that is waited for.
const TICK: Duration = Duration::from_millis(1);

/// Batches that wait to be shown.
const AHEAD: usize = 2;

/// Reports, a session over them, and threads to run statements on.
pub(super) struct Engine {
    pub(super) workspace: Workspace,
    pub(super) interrupts: Arc<Interrupts>,
    session: Arc<Session>,
    runtime: Runtime,
    clock: Clock,
}

/// A statement, the text it stands in, and values for its parameters.
#[derive(Clone)]
pub(super) struct Job {
    pub(super) statement: Statement,
    pub(super) sql: String,
    pub(super) parameters: Vec<(String, Value)>,
}

/// What a statement says as it runs.
pub(super) enum Event {
    /// Its columns, and whether it is a plan to read rather than rows.
    Begin(SchemaRef, bool),
    /// Some rows.
    Rows(RecordBatch),
}

/// What a statement says within some time.
pub(super) enum Soon {
    Event(Event),
    End,
    NotYet,
}

/// A statement that runs.
pub(super) struct Running {
    events: mpsc::Receiver<Event>,
    task: Option<JoinHandle<Result<()>>>,
}

impl Engine {
    /// Sets up a session. Reads no report.
    ///
    /// # Errors
    /// If threads cannot be started, or a table of the user's own cannot be read.
    pub(super) fn new(
        workspace: Workspace,
        interrupts: Arc<Interrupts>,
        clock: Clock,
    ) -> Result<Self> {
        let runtime = runtime()?;
        let session = Session::new(Arc::clone(&workspace.collection), &workspace.options);
        let session = Arc::new(runtime.block_on(session)?);
        Ok(Self { workspace, interrupts, session, runtime, clock })
    }

    /// The session.
    pub(super) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// The reports.
    pub(super) fn collection(&self) -> &Arc<Collection> {
        &self.workspace.collection
    }

    /// Shows other reports, or the same in another light, from here on.
    pub(super) fn replace(&mut self, collection: Collection) {
        let collection = Arc::new(collection);
        self.session.show(Arc::clone(&collection));
        self.workspace.collection = collection;
    }

    /// Makes a result the table `_`. `false` if it was too large to keep: then it is a view, which
    /// runs the statement again.
    ///
    /// # Errors
    /// If the session refuses it.
    pub(super) fn remember(&mut self, keeper: Keeper, job: Job) -> Result<bool> {
        if let Some(kept) = keeper.finish() {
            kept.offer(&self.session)?;
            return Ok(true);
        }
        let plan = self.session.plan(job.statement, &job.sql, &job.parameters);
        let planned = self.runtime.block_on(plan)?;
        self.session.keep_statement(NAME, planned)?;
        Ok(false)
    }

    /// Forgets the last result: what it was made from has changed. Tells whether there was one.
    pub(super) fn forget_last(&self) -> bool {
        self.session.forget(NAME)
    }

    /// Begins a statement.
    pub(super) fn start(&self, job: &Job) -> Running {
        self.set_time();
        let (sender, events) = mpsc::channel(AHEAD);
        let session = Arc::clone(&self.session);
        let Job { statement, sql, parameters } = job.clone();
        let task = self.runtime.spawn(async move {
            let frame = session.plan(statement, &sql, &parameters).await?;
            let plan = frame.logical_plan();
            // What Athena is given is explained by rows of the same form.
            let is_plan = matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_))
                || **plan.schema().inner() == *LogicalPlan::explain_schema();
            let explain = |error: DataFusionError| session.explain(&error, &sql);
            let context = Arc::new(frame.task_ctx());
            let plan = frame.create_physical_plan().await.map_err(explain)?;
            let mut rows = execute_stream(plan, context).map_err(explain)?;
            // Nobody receives any more: the statement was stopped.
            if sender.send(Event::Begin(rows.schema(), is_plan)).await.is_err() {
                return Ok(());
            }
            while let Some(batch) = rows.next().await {
                if sender.send(Event::Rows(batch.map_err(explain)?)).await.is_err() {
                    break;
                }
            }
            Ok(())
        });
        Running { events, task: Some(task) }
    }

    /// Waits for what a statement says next; `None` at its end.
    ///
    /// # Errors
    /// Whatever stopped the statement, an interruption among it.
    pub(super) fn next(&mut self, running: &mut Running) -> Result<Option<Event>> {
        let interrupts = Arc::clone(&self.interrupts);
        let event = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = interrupts.wait() => Err(Error::Interrupted),
                event = running.events.recv() => Ok(event),
            }
        });
        match event {
            Ok(Some(event)) => Ok(Some(event)),
            Ok(None) => self.ended(running).map(|()| None),
            Err(error) => {
                self.stop(running)?;
                Err(error)
            }
        }
    }

    /// As [`Self::next`], if it comes within this time.
    ///
    /// # Errors
    /// Whatever stopped the statement.
    pub(super) fn next_within(&mut self, running: &mut Running, time: Duration) -> Result<Soon> {
        let mut event = Err(TryRecvError::Empty);
        within(time, || {
            event = running.events.try_recv();
            !matches!(event, Err(TryRecvError::Empty))
        });
        match event {
            Ok(event) => Ok(Soon::Event(event)),
            Err(TryRecvError::Empty) => Ok(Soon::NotYet),
            Err(TryRecvError::Disconnected) => self.ended(running).map(|()| Soon::End),
        }
    }

    /// How a statement ended that says no more.
    fn ended(&self, running: &mut Running) -> Result<()> {
        match running.task.take() {
            Some(task) => self.runtime.block_on(task).unwrap_or_else(lost),
            None => Ok(()),
        }
    }

    /// Stops a statement and what it started; does nothing if it has ended.
    ///
    /// # Errors
    /// If a table of the user's own cannot be read any more.
    pub(super) fn stop(&mut self, running: &mut Running) -> Result<()> {
        running.events.close();
        match running.task.take() {
            Some(task) => self.abandon(&task),
            None => Ok(()),
        }
    }

    /// Runs something that is not a statement.
    ///
    /// # Errors
    /// Its own, or an interruption.
    pub(super) fn run<T: Send + 'static>(
        &mut self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.set_time();
        let interrupts = Arc::clone(&self.interrupts);
        let mut task = self.runtime.spawn(work);
        let outcome = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = interrupts.wait() => None,
                done = &mut task => Some(done),
            }
        });
        if let Some(done) = outcome {
            return done.unwrap_or_else(lost);
        }
        self.abandon(&task)?;
        Err(Error::Interrupted)
    }

    /// Stops a task, and makes a new start on the same reports.
    fn abandon<T>(&mut self, task: &JoinHandle<T>) -> Result<()> {
        self.collection().cancelled.store(true, Ordering::SeqCst);
        task.abort();
        let has_ended = within(GRACE, || task.is_finished());
        self.replace(self.collection().resumed());
        if !has_ended {
            std::mem::replace(&mut self.runtime, runtime()?).shutdown_background();
        }
        Ok(())
    }

    /// Every statement has its own now, unless the clock is set.
    fn set_time(&self) {
        let as_of = self.collection().options.as_of;
        self.session.set_run_time(as_of.unwrap_or_else(|| self.clock.now()));
    }

    /// Ends without waiting for what still runs here, as dropping it would. What runs on Athena is
    /// stopped.
    pub(super) fn end(self) {
        self.runtime.shutdown_background();
        if let Some(athena) = &self.workspace.options.athena {
            athena.end();
        }
    }
}

/// Waits until something is so; tells whether it became so in this time. Not with a timer of the
/// runtime, which stands still while all its threads compute.
fn within(time: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let watch = Stopwatch::start();
    while !is_so() {
        if watch.elapsed() > time {
            return false;
        }
        std::thread::sleep(TICK);
    }
    true
}

fn runtime() -> Result<Runtime> {
    Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Error::usage(format!("cannot start: {error}"), "are there too many processes?")
    })
}

/// A task that panicked has failed; the shell goes on.
fn lost<T>(error: JoinError) -> Result<T> {
    Err(Error::Engine(DataFusionError::ExecutionJoin(Box::new(error))))
}
