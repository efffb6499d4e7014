//! One statement, from its text to the line below its result.

use std::sync::Arc;

use super::Shell;
use super::engine::Job;
use super::last::Keeper;
use super::receive::{Receive, Received};
use super::screen::Look;
use crate::error::{Error, Result};
use crate::library::query::Value;
use crate::output::Format;
use crate::run::clock::Stopwatch;
use crate::run::destination::Destination;
use crate::run::progress::ProgressLine;

/// What is different this one time.
#[derive(Default)]
pub(super) struct Once {
    /// The format in the place of the one that is set.
    pub(super) format: Option<Format>,
    /// Where the result goes in the place of where results go.
    pub(super) to: Option<Destination>,
    /// Whether all rows are shown, however many.
    pub(super) all_rows: bool,
    /// Whether the result is that of the statement before in another form, and is not kept again.
    pub(super) is_last: bool,
}

impl Shell {
    /// Runs a text of SQL.
    ///
    /// # Errors
    /// If it is no SQL, or a statement fails or is interrupted.
    pub(super) fn run_sql(
        &mut self,
        sql: &str,
        parameters: &[(String, Value)],
        mut once: Once,
    ) -> Result<()> {
        for statement in self.engine.session().parse(sql)? {
            let job = Job { statement, sql: sql.to_owned(), parameters: parameters.to_vec() };
            self.run_job(job, std::mem::take(&mut once))?;
        }
        Ok(())
    }

    fn run_job(&mut self, job: Job, once: Once) -> Result<()> {
        let format = once.format.filter(|_| once.to.is_none());
        let usual = format.and_then(|format| self.output.set_format(format));
        let ran = self.run_as_set(job, once);
        if let Some(usual) = usual {
            self.output.set_format(usual);
        }
        ran
    }

    fn run_as_set(&mut self, job: Job, mut once: Once) -> Result<()> {
        if once.to.is_none() {
            self.output.begin_result()?;
        }
        let collection = Arc::clone(self.engine.collection());
        collection.progress.restart();
        let keeps = self.keeps && !once.is_last;
        let mut keeper = Keeper::new(if keeps { self.keep_bytes } else { 0 });
        let received = match self.receive(&job, &mut once, &mut keeper) {
            Ok(received) => received,
            Err(error) => {
                if once.to.is_none() && keeper.has_begun() {
                    self.take_back_output(&error);
                }
                return Err(error);
            }
        };
        if once.to.is_none() {
            self.output.count_result();
        }
        let place = self.end_result(once.to.take(), &received);
        // Whatever became of the file or command: the result is there.
        if keeps && received.has_columns {
            self.remember(keeper, job, received.stopped)?;
        }
        let oldest = collection.progress.oldest();
        self.say_footer(&received, oldest, place?.as_deref());
        Ok(())
    }

    /// Makes a result the table `_`.
    fn remember(&mut self, keeper: Keeper, job: Job, stopped: bool) -> Result<()> {
        let (keeper, why) = if stopped {
            (Keeper::new(0), "not all rows came")
        } else {
            (keeper, "the result is too large to keep")
        };
        if !self.engine.remember(keeper, job)? && self.is_interactive {
            self.note(&format!("{why}: `_` runs the statement again"));
        }
        Ok(())
    }

    /// Runs a statement, with its rows to where they go.
    fn receive(&mut self, job: &Job, once: &mut Once, keeper: &mut Keeper) -> Result<Received> {
        let look = self.look(once);
        let progress = self.progress();
        let interrupts = Arc::clone(&self.engine.interrupts);
        let to = once.to.as_mut().or(self.output.current());
        // A command that reads the result may ask the user something, as a pager does.
        let lends = to.as_ref().is_some_and(|to| to.is_command());
        interrupts.lend_terminal(lends);
        let mut running = self.engine.start(job);
        let receive = Receive {
            engine: &mut self.engine,
            running: &mut running,
            look,
            progress,
            quiet: self.settings.quiet,
            watch: Stopwatch::start(),
        };
        let received = receive.all(to, keeper);
        let pressed = interrupts.pressed();
        interrupts.lend_terminal(false);
        self.engine.stop(&mut running)?;
        received.map_err(|error| if pressed { Error::Interrupted } else { error })
    }

    /// Ends a result in a file or command. Returns where it went, if results were redirected.
    pub(super) fn end_result(
        &mut self,
        to: Option<Destination>,
        received: &Received,
    ) -> Result<Option<String>> {
        let interrupts = Arc::clone(&self.engine.interrupts);
        interrupts.lend_terminal(true);
        let ended = match to {
            Some(to) => to.finish().map(|()| None),
            None if received.left && self.output.is_redirected() => {
                self.note("the command has ended; results go to the usual place again");
                self.output.redirect(None).map(|()| None)
            }
            None => self.output.end_result(),
        };
        interrupts.lend_terminal(false);
        ended.map_err(|error| if interrupts.pressed() { Error::Interrupted } else { error })
    }

    /// A file with half a result in it is worth nothing. On standard output the half stays, and
    /// nothing may follow it that a reader could take for its rest.
    pub(super) fn take_back_output(&mut self, error: &Error) {
        if !self.output.is_redirected() {
            self.output.count_result();
        } else if let Some(name) = self.output.take_back()
            && !error.is_closed_pipe()
        {
            self.note(&format!("{name} is not written; results go to the usual place again"));
        }
    }

    /// How results look now: the terminal may have another size than before.
    pub(super) fn look(&self, once: &Once) -> Look {
        let (style, height) = self.settings.terminal();
        Look {
            format: once.format.or(self.settings.format).unwrap_or(Format::Table),
            expanded: self.settings.expanded,
            style,
            height,
            most_rows: self.settings.most_rows.filter(|_| !once.all_rows),
            pages: self.settings.pager,
        }
    }

    fn progress(&self) -> ProgressLine {
        self.engine.workspace.progress(self.settings.quiet)
    }
}
