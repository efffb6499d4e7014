//! Where results go: to where the shell was told at its start, or where `\o` sends them.

use crate::error::{Error, Result};
use crate::output::Format;
use crate::run::destination::Destination;

/// Where results go.
pub(super) struct Output {
    /// Where they usually go; `None` is the screen of an interactive shell.
    usual: Option<Usual>,
    redirected: Option<Redirected>,
}

struct Usual {
    destination: Destination,
    /// Results in formats that hold one.
    singles: usize,
}

struct Redirected {
    /// `None` once a file that holds one result has it, and is in its place.
    destination: Option<Destination>,
    /// What the user typed.
    name: String,
    results: usize,
}

impl Redirected {
    /// A file that nothing was written to does not appear: it would be no valid csv or json.
    fn finish(self) -> Result<()> {
        match self.destination {
            Some(destination) if self.results > 0 => destination.finish(),
            // Dropped, a file does not appear.
            Some(_) | None => Ok(()),
        }
    }
}

impl Output {
    /// Results go to the screen.
    pub(super) fn screen() -> Self {
        Self { usual: None, redirected: None }
    }

    /// Results go elsewhere.
    pub(super) fn to(destination: Destination) -> Self {
        Self { usual: Some(Usual { destination, singles: 0 }), redirected: None }
    }

    /// Where the next result goes; `None` is the screen.
    pub(super) fn current(&mut self) -> Option<&mut Destination> {
        match (&mut self.redirected, &mut self.usual) {
            (Some(redirected), _) => redirected.destination.as_mut(),
            (None, Some(usual)) => Some(&mut usual.destination),
            (None, None) => None,
        }
    }

    /// Changes the format of results on standard output. Returns what it was, if they go there.
    pub(super) fn set_format(&mut self, to: Format) -> Option<Format> {
        let usual = self.usual.as_mut().filter(|_| self.redirected.is_none())?;
        let Destination::Stdout { format, .. } = &mut usual.destination else {
            return None;
        };
        let was = std::mem::replace(format, to);
        Some(was)
    }

    /// Refuses a second result where only one has room.
    ///
    /// # Errors
    /// If so.
    pub(super) fn begin_result(&mut self) -> Result<()> {
        match (&self.redirected, &self.usual) {
            (Some(Redirected { destination: None, name, .. }), _) => Err(Error::usage(
                format!("{name} has its result: csv, tsv and parquet hold one"),
                "`\\o` alone sends results to the usual place again",
            )),
            (None, Some(usual)) if usual.singles > 0 => usual.destination.allow_many(),
            _ => Ok(()),
        }
    }

    /// Counts a result that has begun.
    pub(super) fn count_result(&mut self) {
        match (&mut self.redirected, &mut self.usual) {
            (Some(redirected), _) => redirected.results += 1,
            (None, Some(usual)) => usual.singles += usize::from(!usual.destination.allows_many()),
            (None, None) => {}
        }
    }

    /// Whether results were sent elsewhere.
    pub(super) fn is_redirected(&self) -> bool {
        self.redirected.is_some()
    }

    /// Whether results go to standard output.
    pub(super) fn is_stdout(&self) -> bool {
        let usual = self.usual.as_ref().map(|usual| &usual.destination);
        self.redirected.is_none()
            && usual.is_none_or(|usual| matches!(usual, Destination::Stdout { .. }))
    }

    /// Puts a file that holds one result into its place. Returns where the result went, if it was redirected.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn end_result(&mut self) -> Result<Option<String>> {
        let Some(redirected) = &mut self.redirected else {
            return Ok(None);
        };
        if redirected.destination.as_ref().is_some_and(|destination| !destination.allows_many())
            && let Some(destination) = redirected.destination.take()
        {
            destination.finish()?;
        }
        Ok(Some(redirected.name.clone()))
    }

    /// Sends results elsewhere, or to the usual place. What was open is completed.
    ///
    /// # Errors
    /// If it cannot be completed.
    pub(super) fn redirect(&mut self, to: Option<(Destination, String)>) -> Result<()> {
        let before = self.redirected.take();
        self.redirected = to.map(|(destination, name)| Redirected {
            destination: Some(destination),
            name,
            results: 0,
        });
        before.map_or(Ok(()), Redirected::finish)
    }

    /// Takes back what was written of a result that did not come to its end. A file that has results
    /// from before keeps them; anything else is let go. Returns what was let go, if results were
    /// redirected.
    pub(super) fn take_back(&mut self) -> Option<String> {
        let redirected = self.redirected.as_mut()?;
        let destination = redirected.destination.as_mut()?;
        if redirected.results > 0 && destination.take_back() {
            return None;
        }
        self.redirected.take().map(|redirected| redirected.name)
    }

    /// Completes everything.
    ///
    /// # Errors
    /// If something cannot be completed.
    pub(super) fn finish(self) -> Result<()> {
        self.redirected.map_or(Ok(()), Redirected::finish)?;
        self.usual.map_or(Ok(()), |usual| usual.destination.finish())
    }
}
