//! Commands on what is looked at: which reports, as of when.

use std::ffi::OsString;
use std::sync::Arc;

use datafusion::common::DataFusionError;

use super::Shell;
use super::command::{Call, Next};
use crate::decode::time;
use crate::error::{Error, Result};
use crate::output::texts;
use crate::report::TimeBasis;
use crate::run::telling::Told;
use crate::run::workspace;
use crate::source::Source;
use crate::table::collection::{Collection, CollectionOptions};
use crate::table::journal::Outcome;

/// `\l`: where reports come from, and what became of them.
pub(super) fn list(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    if let Some(word) = call.word()? {
        return Err(call.usage(&format!("`{word}` is one word too many")));
    }
    shell.refuse_on_athena()?;
    if shell.sources.is_empty() {
        return Err(Error::NoSource);
    }
    let collection = Arc::clone(shell.engine.collection());
    let states = shell.engine.run(async move {
        let states = tokio::task::spawn_blocking(move || states(&collection)).await;
        states.map_err(|error| Error::Engine(DataFusionError::ExecutionJoin(Box::new(error))))
    })?;
    let typed: Vec<String> =
        shell.sources.iter().map(|source| source.to_string_lossy().into_owned()).collect();
    let rows = typed.into_iter().zip(states).map(|(source, state)| {
        let mut row = vec![source];
        row.extend(state);
        row
    });
    let columns = ["source", "files", "failed", "not reports", "with remarks", "newest by name"];
    shell.show_rows(&texts(&columns, rows)?)?;
    Ok(Next::Continue)
}

/// A line for each source: how many files, how many of them failed, were skipped, gave rise to
/// remarks so far, and the newest time that names tell.
fn states(collection: &Collection) -> Vec<Vec<String>> {
    let listing = collection.listing();
    let outcomes = collection.journal.outcomes();
    let state = |(files, unlisted): (&std::ops::Range<usize>, &usize)| {
        let count = |is: fn(&Outcome) -> bool| {
            outcomes.range(files.clone()).filter(|(_, outcome)| is(outcome)).count()
        };
        let found = listing.found.get(files.clone()).unwrap_or_default();
        let by_name = found
            .iter()
            .map(|found| found.origin.time)
            .filter(|time| matches!(time.basis, TimeBasis::FileName | TimeBasis::Key));
        let newest = by_name.map(|time| time.millis).max();
        vec![
            files.len().to_string(),
            (count(|outcome| matches!(outcome, Outcome::Failed(_))) + unlisted).to_string(),
            count(|outcome| matches!(outcome, Outcome::Skipped(_))).to_string(),
            count(|outcome| matches!(outcome, Outcome::Read(_))).to_string(),
            newest.map_or_else(String::new, time::format),
        ]
    };
    listing.of_source.iter().zip(&listing.unlisted_of_source).map(state).collect()
}

/// `\add`: more reports.
pub(super) fn add(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let words = call.words()?;
    shell.refuse_on_athena()?;
    if words.is_empty() {
        return Err(call.usage("give a source"));
    }
    let mut parsed = shell.engine.collection().options.sources.clone();
    for (position, word) in words.iter().enumerate() {
        if words[..position].contains(word) {
            return Err(call.usage(&format!("{word} is given twice")));
        }
        if word == "-" {
            return Err(call.usage("`-` is standard input, which is taken"));
        }
        if shell.sources.iter().any(|source| source == word.as_str()) {
            return Err(
                call.usage(&format!("{word} is there already; `\\refresh` looks at it anew"))
            );
        }
        let source = Source::parse(word)?;
        if let Some(error) = source.missing() {
            return Err(error);
        }
        parsed.push(source);
    }
    if shell.is_interactive {
        shell.note(&format!("{} added; `\\l` lists all", words.join(", ")));
    }
    shell.sources.extend(words.into_iter().map(OsString::from));
    let options =
        CollectionOptions { sources: parsed, ..shell.engine.collection().options.clone() };
    renew(shell, options);
    Ok(Next::Continue)
}

/// `\refresh`: everything is listed and read again.
pub(super) fn refresh(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    if call.word()?.is_some() {
        return Err(call.usage("it takes no word"));
    }
    shell.refuse_on_athena()?;
    if shell.sources.is_empty() {
        return Err(Error::NoSource);
    }
    let options = shell.engine.collection().options.clone();
    if options.sources.iter().any(|source| matches!(source, Source::Live(_))) {
        shell.note("the next statement asks AWS again, and says when AWS makes new reports");
    }
    renew(shell, options);
    Ok(Next::Continue)
}

/// Begins anew with these sources.
fn renew(shell: &mut Shell, options: CollectionOptions) {
    let now = shell.now();
    let run_time = options.as_of.unwrap_or(now);
    let collection = Collection::new(CollectionOptions { run_time, now, ..options });
    // What happened to the reports so far is told before it is forgotten.
    shell.tell();
    shell.engine.workspace.told = Told::default();
    shell.forget_last();
    shell.engine.replace(collection);
    shell.list_ahead();
}

/// `\asof`: hides later reports, and measures ages at this time.
pub(super) fn as_of(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let as_of = match call.word()?.as_deref() {
        None => {
            let text = match shell.engine.collection().options.as_of {
                None => "reports are shown as of now".to_owned(),
                Some(time) => format!("reports are shown as of {}", time::format(time)),
            };
            shell.note(&text);
            return Ok(Next::Continue);
        }
        Some("off" | "now") => None,
        Some(text) => Some(workspace::as_of(text).ok_or_else(|| {
            call.usage(&format!("`{text}` is no time; write 2026-10-31 or 2026-10-31T12:00:00Z"))
        })?),
    };
    shell.tell();
    let collection = shell.engine.collection().as_of(as_of);
    shell.forget_last();
    shell.engine.replace(collection);
    Ok(Next::Continue)
}

impl Shell {
    /// Refuses what is about sources where there are none.
    fn refuse_on_athena(&self) -> Result<()> {
        if self.engine.workspace.options.athena.is_none() {
            return Ok(());
        }
        Err(Error::usage(
            "statements run on Athena, which reads its own tables",
            "`SELECT * FROM reports` lists its reports; for others open another shell: `credsql SOURCE…`",
        ))
    }

    /// Forgets the last result: it would not come out the same again.
    fn forget_last(&mut self) {
        if self.engine.forget_last() {
            self.note("`_`, the last result, is forgotten: it was made from other reports");
        }
    }

    /// Lists the sources in the background, so that the first statement need not wait for it.
    pub(super) fn list_ahead(&self) {
        let sources = &self.engine.collection().options.sources;
        // Elsewhere nobody is asked before somebody wants to know.
        let is_local = sources.iter().all(Source::is_local);
        if self.is_interactive && is_local && !sources.is_empty() {
            let collection = Arc::clone(self.engine.collection());
            std::thread::spawn(move || {
                collection.listing();
            });
        }
    }

    /// Refuses a file that is one of the reports.
    ///
    /// # Errors
    /// If it is.
    pub(super) fn spare_sources(&self, file: &std::path::Path) -> Result<()> {
        self.engine.workspace.spare(&[file.to_owned()])
    }
}
