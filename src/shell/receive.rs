//! The rows of a statement on their way to the screen, a file or a command.

use std::sync::Arc;
use std::time::Duration;

use super::engine::{Engine, Event, Running, Soon};
use super::last::Keeper;
use super::screen::{Look, Screen};
use crate::error::{Error, Result};
use crate::output::Footer;
use crate::run::clock::Stopwatch;
use crate::run::destination::{Destination, Tee};
use crate::run::progress::ProgressLine;

/// Between two looks at whether the user has left the pager.
const LOOK: Duration = Duration::from_millis(50);

/// How long a statement may take to its end when the user has left the pager: most are at it.
const SOON: Duration = Duration::from_millis(200);

/// What came of a statement.
#[derive(Default)]
pub(super) struct Received {
    pub(super) rows: u64,
    /// Of these, the rows on the screen.
    pub(super) shown: Option<u64>,
    /// Whether the statement was stopped before all rows had come.
    pub(super) stopped: bool,
    /// Whether a command that read them has ended before.
    pub(super) left: bool,
    /// How long it took, without the time that the user spent in a pager.
    pub(super) took: Duration,
    pub(super) footer: Footer,
    pub(super) notes: Vec<String>,
    pub(super) has_columns: bool,
}

/// A statement as it runs.
pub(super) struct Receive<'a> {
    pub(super) engine: &'a mut Engine,
    pub(super) running: &'a mut Running,
    pub(super) look: Look,
    pub(super) progress: ProgressLine,
    pub(super) quiet: bool,
    pub(super) watch: Stopwatch,
}

impl Receive<'_> {
    /// Takes all rows to where they go.
    ///
    /// # Errors
    /// Whatever stopped the statement, or if its rows cannot be written.
    pub(super) fn all(
        mut self,
        to: Option<&mut Destination>,
        keeper: &mut Keeper,
    ) -> Result<Received> {
        let Some(Event::Begin(schema, is_plan)) = self.engine.next(self.running)? else {
            return Ok(Received::default());
        };
        keeper.begin(Arc::clone(&schema));
        let has_columns = !schema.fields().is_empty();
        let mut received = if let Some(destination) = to {
            let is_command = destination.is_command();
            // A plan is text of many lines, which a table would squeeze into a cell.
            let as_records = is_plan || self.look.as_records();
            let tee = destination.begin(&schema, as_records)?;
            let received = self.write_out(tee, is_command, keeper)?;
            Received { took: self.watch.elapsed(), ..received }
        } else {
            let interrupts = Arc::clone(&self.engine.interrupts);
            let look = self.look.clone();
            let progress = std::mem::replace(&mut self.progress, ProgressLine::none());
            let screen = Screen::begin(look, schema, is_plan, interrupts, progress);
            self.on_screen(screen, keeper)?
        };
        received.has_columns = has_columns;
        Ok(received)
    }

    /// To files, standard output or a command, which may end before it has read all.
    fn write_out(
        &mut self,
        mut tee: Tee<'_>,
        is_command: bool,
        keeper: &mut Keeper,
    ) -> Result<Received> {
        let mut rows = 0;
        let has_left = |error: &Error| is_command && error.is_closed_pipe();
        while let Some(event) = self.engine.next(self.running)? {
            let Event::Rows(batch) = event else {
                continue;
            };
            self.progress.stop();
            rows += batch.num_rows() as u64;
            keeper.push(&batch);
            match tee.write(&batch) {
                Err(error) if has_left(&error) => {
                    return Ok(Received { rows, stopped: true, left: true, ..Received::default() });
                }
                written => written?,
            }
        }
        match tee.finish() {
            Err(error) if has_left(&error) => {
                Ok(Received { rows, left: true, ..Received::default() })
            }
            notes => Ok(Received { rows, notes: notes?, ..Received::default() }),
        }
    }

    fn on_screen(&mut self, mut screen: Screen, keeper: &mut Keeper) -> Result<Received> {
        let mut stopped = false;
        let mut counting: Option<ProgressLine> = None;
        let mut left: Option<Stopwatch> = None;
        let mut read_for = Duration::ZERO;
        loop {
            let event = match self.next(&screen, left) {
                Ok(Soon::Event(event)) => event,
                Ok(Soon::End) => break,
                Ok(Soon::NotYet) => {
                    stopped = true;
                    break;
                }
                Err(error) => return Err(error),
            };
            let Event::Rows(batch) = event else {
                continue;
            };
            keeper.push(&batch);
            let writing = Stopwatch::start();
            if (!screen.write(&batch)? || screen.has_left()) && left.is_none() {
                left = Some(Stopwatch::start());
            }
            if screen.is_paged() {
                read_for += writing.elapsed();
            }
            if screen.is_full() && !screen.is_paged() && counting.is_none() {
                screen.flush()?;
                counting = Some(self.engine.workspace.progress(self.quiet));
            }
        }
        drop(counting);
        let took = self.watch.elapsed().saturating_sub(read_for);
        let shown = screen.finish()?;
        Ok(Received {
            rows: shown.rows,
            shown: Some(shown.visible),
            stopped,
            took,
            footer: shown.footer,
            ..Received::default()
        })
    }

    /// What comes next. When the user has left the pager, only what comes soon is waited for.
    fn next(&mut self, screen: &Screen, left: Option<Stopwatch>) -> Result<Soon> {
        let Some(left) = left else {
            if screen.is_full() && screen.is_paged() {
                return self.next_while_read(screen);
            }
            return match self.engine.next(self.running) {
                Ok(event) => Ok(event.map_or(Soon::End, Soon::Event)),
                // What was to be shown is shown: only the count is cut short.
                Err(Error::Interrupted) if screen.is_full() => {
                    self.engine.interrupts.clear();
                    Ok(Soon::NotYet)
                }
                Err(error) => Err(error),
            };
        };
        match SOON.checked_sub(left.elapsed()) {
            Some(time) => self.engine.next_within(self.running, time),
            None => Ok(Soon::NotYet),
        }
    }

    /// What comes next while the user reads all that is shown, and the rest is counted.
    fn next_while_read(&mut self, screen: &Screen) -> Result<Soon> {
        loop {
            let soon = self.engine.next_within(self.running, LOOK)?;
            if self.engine.interrupts.pressed() {
                self.engine.interrupts.clear();
                return Ok(Soon::NotYet);
            }
            if !matches!(soon, Soon::NotYet) || screen.has_left() {
                return Ok(soon);
            }
        }
    }
}
