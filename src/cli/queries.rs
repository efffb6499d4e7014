//! `credsql queries`: the canned library: what there is, what one does, run one.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;

use super::args::{OutputArgs, QueriesAction, QueriesArgs, QueriesListArgs, RunArgs};
use super::query;
use crate::check::choice;
use crate::error::{Error, Result};
use crate::library::Library;
use crate::library::framework::Requirement;
use crate::library::query::{CannedQuery, Severity};
use crate::output;
use crate::page;
use crate::run::clock::Clock;
use crate::run::destination::Destination;
use crate::run::exit::Exit;
use crate::run::style::stdout_style;
use crate::run::telling;
use crate::shell::{self, Script, find_query};

/// Runs the command.
///
/// # Errors
/// If a file of the library is wrong, an id unknown, or a statement cannot be run.
pub(super) fn run(args: QueriesArgs, clock: Clock) -> Result<Exit> {
    let library = library(&args.queries)?;
    match args.action {
        None => {
            list(&library, &QueriesListArgs { framework: None, tag: None, output: args.output })
        }
        Some(QueriesAction::List(args)) => list(&library, &args),
        Some(QueriesAction::Frameworks(output)) => frameworks(&library, &output),
        Some(QueriesAction::Show { id }) => {
            super::print(page::query(find_query(&library, &id)?).as_bytes())
        }
        Some(QueriesAction::Run { id, sources, run }) => {
            let query = find_query(&library, &id)?.clone();
            run_one(&query, &sources, Arc::new(library), &run, clock)
        }
    }
}

/// The library of a run, with what the user adds to it.
///
/// # Errors
/// If a file of the user's is wrong.
pub(super) fn library(folders: &[PathBuf]) -> Result<Library> {
    let mut library = Library::embedded()?;
    for folder in folders {
        library.add(folder)?;
    }
    for (id, file) in library.overridden() {
        telling::note(&format!("{id} is overridden by {}", file.display()));
    }
    Ok(library)
}

fn list(library: &Library, args: &QueriesListArgs) -> Result<Exit> {
    if let Some(id) = &args.framework {
        return coverage(library, id, args);
    }
    let chosen =
        library.iter().filter(|query| args.tag.as_ref().is_none_or(|tag| query.tags.contains(tag)));
    let rows = chosen.map(|query| {
        let severity = query.severity.map_or("", Severity::word);
        vec![
            query.id.clone(),
            query.purpose.word().to_owned(),
            severity.to_owned(),
            query.title.clone(),
        ]
    });
    write(&output::texts(&["id", "purpose", "severity", "title"], rows)?, &args.output)
}

/// What a framework asks for, and what answers it: a requirement on a line, or several if several
/// controls answer it.
fn coverage(library: &Library, id: &str, args: &QueriesListArgs) -> Result<Exit> {
    let framework = library.framework(id).ok_or_else(|| choice::no_framework(library, id))?;
    let mut rows: Vec<[String; 7]> = Vec::new();
    for requirement in &framework.requirements {
        let controls: Vec<&CannedQuery> = library
            .answering(&framework.id, &requirement.id)
            .filter(|query| args.tag.as_ref().is_none_or(|tag| query.tags.contains(tag)))
            .collect();
        let answer = requirement.answer(&controls);
        let level = requirement.level.map_or_else(String::new, |level| level.to_string());
        let row = |control: &str, severity: &str, needs: &[String]| {
            let needs = needs.join(", ");
            [&requirement.id, answer, &requirement.title, control, severity, &needs, &level]
                .map(str::to_owned)
        };
        if controls.is_empty() && args.tag.is_none() {
            rows.push(row("", "", &requirement.needs));
        }
        for control in controls {
            let needs = if control.needs.is_empty() { &requirement.needs } else { &control.needs };
            rows.push(row(&control.id, control.severity.map_or("", Severity::word), needs));
        }
    }
    // On a terminal the titles are the point, and a table would cut them.
    let is_terminal = stdout_style(args.output.manner.color).width.is_some();
    let is_page = args.output.outputs.is_empty() && args.output.format.is_none();
    let exit = if is_page && is_terminal {
        super::print(coverage_page(&rows).as_bytes())?
    } else {
        let names = ["requirement", "answered", "title", "control", "severity", "needs", "level"];
        let rows = rows.into_iter().map(Vec::from);
        write(&output::texts(&names, rows)?, &args.output)?
    };
    if !args.output.manner.quiet {
        let note = framework.note.as_deref().map_or(String::new(), |note| format!(". {note}"));
        telling::note(&format!("{}: {}{note}", framework.title, framework.source));
    }
    Ok(exit)
}

fn coverage_page(rows: &[[String; 7]]) -> String {
    let mut page = String::new();
    let width = rows.iter().map(|[id, ..]| id.len()).max().unwrap_or(0);
    let mut last = "";
    for [id, answer, title, control, severity, needs, _] in rows {
        // Strings can always be written to.
        if id != last {
            let _ = writeln!(page, "{id:<width$}  {answer:<8}  {title}");
        }
        if !control.is_empty() {
            let _ = writeln!(page, "{:width$}            {control} ({severity})", "");
        }
        for need in needs.split(", ").filter(|need| !need.is_empty()) {
            let _ = writeln!(page, "{:width$}            needs {need}", "");
        }
        last = id;
    }
    page
}

fn frameworks(library: &Library, output: &OutputArgs) -> Result<Exit> {
    let rows = library.frameworks().map(|framework| {
        let all = framework.requirements.len();
        let count = |is_counted: fn(&CannedQuery) -> bool| {
            let is_answered = |requirement: &&Requirement| {
                library.answering(&framework.id, &requirement.id).any(is_counted)
            };
            let answered = framework.requirements.iter().filter(is_answered).count();
            if framework.excerpt {
                format!("{answered} listed")
            } else {
                format!("{answered} of {all}")
            }
        };
        let by_reports = count(|control| control.needs.is_empty());
        vec![framework.id.clone(), by_reports, count(|_| true), framework.title.clone()]
    });
    write(&output::texts(&["framework", "answered", "with_enrich", "title"], rows)?, output)
}

/// Writes rows of our own to wherever they are wanted.
///
/// # Errors
/// If the output cannot be written.
pub(super) fn write(batch: &RecordBatch, output: &OutputArgs) -> Result<Exit> {
    let mut destination = Destination::open(&output.options())?;
    let mut tee = destination.begin(&batch.schema(), false)?;
    tee.write(batch)?;
    for text in tee.finish()? {
        telling::note(&text);
    }
    destination.finish()?;
    Ok(Exit::Done)
}

fn run_one(
    query: &CannedQuery,
    sources: &[OsString],
    library: Arc<Library>,
    args: &RunArgs,
    clock: Clock,
) -> Result<Exit> {
    let texts = query.with_defaults(&args.engine.params).map_err(|error| {
        Error::usage(error.to_string(), format!("`credsql queries show {}`", query.id))
    })?;
    let script = Script { text: query.sql.clone(), file: None };
    let values = query.values(&texts);
    shell::script(&script, query::options(sources, args, values, library, clock)?)
}
