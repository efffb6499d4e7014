//! What a run of `collect` says on standard error: for a person, or as lines of JSON for whoever
//! keeps the logs of a schedule.

mod line;

use std::collections::HashSet;

use clap::ValueEnum;

use self::line::{Levelled, Line, Summary};
use super::clock::Clock;
use super::progress::ProgressLine;
use super::telling;
use crate::collect::run::{Done, Tally, What};
use crate::error::Error;
use crate::output::escape_line;

/// Lines of one kind that are said one by one; the rest are counted.
const NAMED: usize = 20;

/// How to talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines to read: what failed, and how many were kept
    Text,
    /// One JSON object per account, and one at the end
    Json,
}

/// How a run ended, beside the counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending<'a> {
    /// The destination, as the user would write it.
    pub(crate) to: &'a str,
    /// The list of what was kept and what failed, if one was made.
    pub(crate) manifest: Option<&'a str>,
    /// Whether the user ended it.
    pub(crate) interrupted: bool,
}

/// The log of one run.
pub(crate) struct Log {
    format: LogFormat,
    quiet: bool,
    clock: Clock,
    /// Shown until the first word.
    progress: ProgressLine,
    failures: usize,
    remarks: usize,
    hints: HashSet<String>,
    foreign: Vec<String>,
}

impl Log {
    /// A log of which nothing is said yet.
    #[must_use]
    pub(crate) fn new(format: LogFormat, quiet: bool, clock: Clock) -> Self {
        Self {
            format,
            quiet,
            clock,
            progress: ProgressLine::none(),
            failures: 0,
            remarks: 0,
            hints: HashSet::new(),
            foreign: Vec::new(),
        }
    }

    /// Shows how far the run is until something else is to be said. Never among lines of JSON.
    pub(crate) fn show(&mut self, progress: impl FnOnce() -> ProgressLine) {
        if self.format == LogFormat::Text {
            self.progress = progress();
        }
    }

    /// Leaves the terminal to others.
    pub(crate) fn make_way(&mut self) {
        self.progress.stop();
    }

    /// Says what became of one report. `place` makes a key what the user would write.
    pub(crate) fn done(&mut self, done: &Done, place: &dyn Fn(&str) -> String) {
        match self.format {
            LogFormat::Json => self.line(&Line::of(done)),
            LogFormat::Text => self.say(done, place),
        }
    }

    /// Says something worth knowing that is no failure.
    pub(crate) fn note(&mut self, text: &str) {
        match self.format {
            LogFormat::Text => self.remark(telling::note, text),
            LogFormat::Json => self.line(&Line::note(text)),
        }
    }

    /// Says an error that ended the run.
    pub(crate) fn error(&mut self, error: &Error) {
        self.make_way();
        match self.format {
            LogFormat::Text => telling::error(error),
            LogFormat::Json => {
                self.line(&Line::error(&error.to_string(), error.hint().as_deref()));
            }
        }
    }

    /// Says how many.
    pub(crate) fn end(&mut self, tally: &Tally, ending: Ending<'_>) {
        self.make_way();
        if self.format == LogFormat::Json {
            self.line(&Summary::of(tally, ending));
            return;
        }
        let Ending { to, manifest, interrupted } = ending;
        if self.failures > NAMED {
            let rest = self.failures - NAMED;
            let list = manifest.map_or(String::new(), |manifest| format!("; see {manifest}"));
            telling::fault(&format!("and {rest} more reports{list}"));
        }
        if self.quiet {
            return;
        }
        if self.remarks > NAMED {
            telling::note(&format!("and {} more remarks", self.remarks - NAMED));
        }
        telling::foreign(&self.foreign, tally.foreign);
        let Tally { written, unchanged, failed, skipped, untried, .. } = tally;
        let untried = if *untried > 0 { format!(", {untried} not tried") } else { String::new() };
        let interrupted = if interrupted { "interrupted: " } else { "" };
        telling::aside(&format!(
            "{interrupted}{written} written, {unchanged} unchanged, {failed} failed, {skipped} skipped{untried} to {}",
            escape_line(to)
        ));
    }

    fn say(&mut self, done: &Done, place: &dyn Fn(&str) -> String) {
        match &done.what {
            What::Failed { error, hint } => {
                self.make_way();
                self.failures += 1;
                if self.failures > NAMED {
                    return;
                }
                telling::fault(&escape_line(error));
                if let Some(hint) = hint.as_ref().filter(|hint| self.hints.insert((*hint).clone()))
                {
                    telling::hint(hint);
                }
            }
            What::Skipped { reason } => self.remark(telling::note, reason),
            What::Kept { kept, .. } => {
                if let (Some(own), true) = (&kept.beside, kept.is_new) {
                    let text = format!(
                        "{} holds other bytes of this account and time; {} was put beside it",
                        place(own),
                        place(&kept.key)
                    );
                    self.remark(telling::warning, &text);
                }
            }
            What::Foreign if self.foreign.len() < NAMED => {
                self.foreign.push(escape_line(&done.source).into_owned());
            }
            What::Foreign => {}
        }
    }

    fn remark(&mut self, say: fn(&str), text: &str) {
        if self.quiet {
            return;
        }
        self.make_way();
        self.remarks += 1;
        if self.remarks <= NAMED {
            say(&escape_line(text));
        }
    }

    fn line(&self, line: &impl Levelled) {
        if !self.quiet || line.level() == "error" {
            line::write(self.clock.now(), line);
        }
    }
}

/// Says what is wrong with the command line as a line of JSON.
pub(crate) fn json_error(message: &str, clock: Clock) {
    Log::new(LogFormat::Json, false, clock).error(&Error::Usage {
        message: message.to_owned(),
        hint: Some("`credsql collect --help` tells what can be given".to_owned()),
    });
}
