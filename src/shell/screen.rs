//! A result on the terminal: as a table if it fits, as records if few rows would not, in a pager if
//! it is long, and no more rows than the user asked for.

use std::io;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::outlet::{Outlet, Screenful};
use super::settings::Expanded;
use crate::error::Result;
use crate::output::{self, BatchWriter, Footer, Format, OutputError, Style};
use crate::run::interrupt::Interrupts;
use crate::run::progress::ProgressLine;

/// Rows that are few: they are shown as records if a table had to leave something out.
const FEW: u64 = 3;

/// How results look.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) format: Format,
    pub(super) expanded: Expanded,
    pub(super) style: Style,
    /// Lines of the terminal.
    pub(super) height: usize,
    /// Most rows to show.
    pub(super) most_rows: Option<u64>,
    /// Whether a pager may be used.
    pub(super) pages: bool,
}

impl Look {
    /// Whether the user wants records and no tables.
    pub(super) fn as_records(&self) -> bool {
        self.expanded == Expanded::On || self.format == Format::Vertical
    }
}

/// A result as it comes to the terminal.
pub(super) struct Screen {
    look: Look,
    schema: SchemaRef,
    outlet: Opening,
    state: State,
    /// Rows that came.
    rows: u64,
    /// Of these, the rows that are shown.
    shown: u64,
}

/// What an outlet is opened with.
struct Opening {
    interrupts: Arc<Interrupts>,
    progress: Option<ProgressLine>,
}

enum State {
    /// Few rows yet: how they are shown is open.
    Waiting(Vec<RecordBatch>),
    Writing(Box<dyn BatchWriter>, Outlet),
    /// As many rows are written as were asked for.
    Full(Footer, Outlet),
    /// The user has left the pager, or the terminal is gone.
    Left(Outlet),
}

/// What was shown.
pub(super) struct Shown {
    /// Rows that came.
    pub(super) rows: u64,
    /// Of these, the rows that can be seen.
    pub(super) visible: u64,
    /// What a table had to leave out.
    pub(super) footer: Footer,
}

impl Screen {
    /// Begins with a result.
    pub(super) fn begin(
        mut look: Look,
        schema: SchemaRef,
        is_plan: bool,
        interrupts: Arc<Interrupts>,
        progress: ProgressLine,
    ) -> Self {
        if look.format == Format::Table && (is_plan || look.expanded == Expanded::On) {
            look.format = Format::Vertical;
        }
        if is_plan {
            look.most_rows = None;
        }
        Self {
            look,
            schema,
            outlet: Opening { interrupts, progress: Some(progress) },
            state: State::Waiting(Vec::new()),
            rows: 0,
            shown: 0,
        }
    }

    /// Shows some rows, as far as they are wanted. `false` if nobody reads any more.
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<bool> {
        self.rows += batch.num_rows() as u64;
        let room = self.look.most_rows.map_or(u64::MAX, |most| most.saturating_sub(self.shown));
        let taken = usize::try_from(room).unwrap_or(usize::MAX).min(batch.num_rows());
        if taken > 0 {
            self.show(batch.slice(0, taken))?;
            self.shown += taken as u64;
        }
        if self.rows > self.shown {
            self.fill()?;
        }
        Ok(!matches!(self.state, State::Left(_)))
    }

    fn show(&mut self, batch: RecordBatch) -> Result<()> {
        match &mut self.state {
            State::Waiting(held) => {
                held.push(batch);
                if self.shown + held.last().map_or(0, |batch| batch.num_rows() as u64) > FEW {
                    self.choose()?;
                }
                Ok(())
            }
            State::Writing(writer, outlet) => {
                let written = writer.write(&batch);
                let outlet = outlet.clone();
                self.unless_left(written, outlet)
            }
            State::Full(..) | State::Left(_) => Ok(()),
        }
    }

    /// Chooses how to show the rows, and shows those that wait.
    fn choose(&mut self) -> Result<()> {
        let State::Waiting(held) = &mut self.state else {
            return Ok(());
        };
        let held = std::mem::take(held);
        let mut format = self.look.format;
        let rows = held.iter().map(RecordBatch::num_rows).sum::<usize>() as u64;
        if format == Format::Table
            && self.look.expanded == Expanded::Auto
            && (1..=FEW).contains(&rows)
            && leaves_out(&self.schema, &held, self.look.style)?
        {
            format = Format::Vertical;
        }
        let screen = Screenful {
            height: self.look.height,
            width: self.look.style.width.unwrap_or(80),
            pages: self.look.pages,
            cuts: format != Format::Vertical,
        };
        let interrupts = Arc::clone(&self.outlet.interrupts);
        let outlet = Outlet::new(screen, interrupts, self.outlet.progress.take());
        let out = Box::new(outlet.clone());
        let writer = output::writer(format, Arc::clone(&self.schema), out, &self.look.style)?;
        self.state = State::Writing(writer, outlet);
        held.into_iter().try_for_each(|batch| self.show(batch))
    }

    /// Writes to the end what is wanted, and waits for the rows that are only counted.
    fn fill(&mut self) -> Result<()> {
        self.choose()?;
        match std::mem::replace(&mut self.state, State::Waiting(Vec::new())) {
            State::Writing(writer, outlet) => match writer.finish() {
                Ok(footer) => {
                    outlet.end_input();
                    self.state = State::Full(footer, outlet);
                    Ok(())
                }
                Err(error) => self.unless_left(Err(error), outlet),
            },
            other => {
                self.state = other;
                Ok(())
            }
        }
    }

    /// That the reader has gone is no failure.
    fn unless_left(&mut self, written: Result<(), OutputError>, outlet: Outlet) -> Result<()> {
        match written {
            Err(error) if error.is_closed() && outlet.is_paged() => {
                self.state = State::Left(outlet);
                Ok(())
            }
            written => Ok(written?),
        }
    }

    /// Whether all is shown that was asked for, and further rows are only counted.
    pub(super) fn is_full(&self) -> bool {
        matches!(self.state, State::Full(..))
    }

    /// Whether the user reads in a pager.
    pub(super) fn is_paged(&self) -> bool {
        match &self.state {
            State::Writing(_, outlet) | State::Full(_, outlet) | State::Left(outlet) => {
                outlet.is_paged()
            }
            State::Waiting(_) => false,
        }
    }

    /// Whether the user has left the pager that shows all that was asked for.
    pub(super) fn has_left(&self) -> bool {
        matches!(&self.state, State::Full(_, outlet) if outlet.is_paged() && outlet.has_ended())
    }

    /// Writes what is held back.
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    pub(super) fn flush(&self) -> Result<()> {
        match &self.state {
            State::Full(_, outlet) => Ok(outlet.close().map_err(OutputError::from)?),
            _ => Ok(()),
        }
    }

    /// Writes all to its end, and waits until the user leaves the pager.
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    pub(super) fn finish(mut self) -> Result<Shown> {
        self.fill()?;
        let (footer, outlet) = match self.state {
            State::Full(footer, outlet) => (footer, Some(outlet)),
            State::Left(outlet) => (Footer::default(), Some(outlet)),
            State::Waiting(_) | State::Writing(..) => (Footer::default(), None),
        };
        if let Some(outlet) = outlet {
            outlet.close().map_err(OutputError::from)?;
        }
        Ok(Shown { rows: self.rows, visible: self.shown, footer })
    }
}

/// Whether a table of these rows would leave something out.
fn leaves_out(schema: &SchemaRef, rows: &[RecordBatch], style: Style) -> Result<bool> {
    let out = Box::new(io::sink());
    let mut table = output::writer(Format::Table, Arc::clone(schema), out, &style)?;
    rows.iter().try_for_each(|batch| table.write(batch))?;
    let footer = table.finish()?;
    Ok(footer.leaves_out())
}
