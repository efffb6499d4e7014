//! `credsql queries`: the canned library: what there is, what one does, run one.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use arrow::array::RecordBatch;

use super::args::{QueriesAction, QueriesArgs, QueriesListArgs, RunArgs};
use super::destination::Destination;
use super::exit::Exit;
use super::{Clock, query, schema, telling};
use crate::error::{Error, Result};
use crate::library::Library;
use crate::library::query::CannedQuery;

/// Runs the command.
///
/// # Errors
/// If a file of the library is wrong, an id unknown, or a statement cannot be run.
pub(super) fn run(args: QueriesArgs, clock: &Clock) -> Result<Exit> {
    let library = library(&args.queries)?;
    match args.action {
        None => {
            list(&library, &QueriesListArgs { framework: None, tag: None, output: args.output })
        }
        Some(QueriesAction::List(args)) => list(&library, &args),
        Some(QueriesAction::Show { id }) => super::print(page(find(&library, &id)?).as_bytes()),
        Some(QueriesAction::Run { id, sources, run }) => {
            run_one(find(&library, &id)?, &sources, &run, clock)
        }
    }
}

fn library(folders: &[PathBuf]) -> Result<Library> {
    let mut library = Library::embedded()?;
    for folder in folders {
        library.add(folder)?;
    }
    for id in library.overridden() {
        if let Some(query) = library.get(id) {
            telling::note(&format!("{id} is overridden by {}", query.file.display()));
        }
    }
    Ok(library)
}

fn find<'a>(library: &'a Library, id: &str) -> Result<&'a CannedQuery> {
    library.get(id).ok_or_else(|| {
        let hint = match library.nearest(id) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`credsql queries list` shows all".to_owned(),
        };
        Error::usage(format!("there is no canned query `{id}`"), hint)
    })
}

fn list(library: &Library, args: &QueriesListArgs) -> Result<Exit> {
    let chosen = library.iter().filter(|query| {
        args.framework.as_ref().is_none_or(|framework| query.frameworks.contains_key(framework))
            && args.tag.as_ref().is_none_or(|tag| query.tags.contains(tag))
    });
    let rows = chosen.map(|query| {
        let ids = args.framework.as_ref().and_then(|framework| query.frameworks.get(framework));
        let mut row = vec![query.id.clone(), query.purpose.word().to_owned()];
        row.push(query.severity.map_or("", |severity| severity.word()).to_owned());
        row.push(ids.map_or_else(String::new, |ids| ids.join(" ")));
        row.push(query.title.clone());
        row
    });
    let batch = schema::texts(&["id", "purpose", "severity", "requirement", "title"], rows)?;
    // Without a framework there is nothing to say of requirements.
    let columns: &[usize] = if args.framework.is_some() { &[0, 1, 2, 3, 4] } else { &[0, 1, 2, 4] };
    let batch = batch.project(columns).map_err(|error| Error::Engine(error.into()))?;
    write(&batch, args)
}

fn write(batch: &RecordBatch, args: &QueriesListArgs) -> Result<Exit> {
    let mut destination = Destination::open(&args.output)?;
    let mut tee = destination.begin(&batch.schema(), false)?;
    tee.write(batch)?;
    for text in tee.finish()? {
        telling::note(&text);
    }
    destination.finish()?;
    Ok(Exit::Done)
}

/// Everything about one query, its text last so that it can be copied.
fn page(query: &CannedQuery) -> String {
    let mut page = String::new();
    let mut line = |label: &str, text: &str| {
        // Strings can always be written to.
        let _ = writeln!(page, "{label:<12} {text}");
    };
    line(query.purpose.word(), &query.id);
    line("title", &query.title);
    if let Some(severity) = query.severity {
        line("severity", severity.word());
    }
    line("description", &query.description);
    if let Some(remediation) = &query.remediation {
        line("remediation", remediation);
    }
    for (framework, ids) in &query.frameworks {
        line("framework", &format!("{framework}: {}", ids.join(", ")));
    }
    for (name, param) in &query.params {
        let default = param
            .default
            .as_ref()
            .map_or("no default".to_owned(), |text| format!("default {text}"));
        line(
            "parameter",
            &format!("{name}: {}; {default}; {}", param.param_type.words(), param.doc),
        );
    }
    line("file", &query.file.display().to_string());
    page.push('\n');
    page.push_str(&query.sql);
    page
}

fn run_one(
    query: &CannedQuery,
    sources: &[OsString],
    args: &RunArgs,
    clock: &Clock,
) -> Result<Exit> {
    let mut params: Vec<(String, String)> = Vec::new();
    for (name, text) in &args.params {
        let Some(param) = query.params.get(name) else {
            let names: Vec<&str> = query.params.keys().map(String::as_str).collect();
            let hint = if names.is_empty() {
                "it has none".to_owned()
            } else {
                format!("it has {}", names.join(", "))
            };
            return Err(Error::usage(format!("{} has no parameter `{name}`", query.id), hint));
        };
        if !param.param_type.accepts(text) {
            let message = format!(
                "parameter {name} of {}: `{text}` is not {}",
                query.id,
                param.param_type.words()
            );
            return Err(Error::usage(message, param.doc.clone()));
        }
        params.push((name.clone(), text.clone()));
    }
    for (name, param) in &query.params {
        if !params.iter().any(|(given, _)| given == name) {
            let default = param.default.clone().ok_or_else(|| {
                Error::usage(
                    format!("{} needs a value for {name}: {}", query.id, param.doc),
                    format!("credsql queries run {} … --param {name}=…", query.id),
                )
            })?;
            params.push((name.clone(), default));
        }
    }
    query::execute(&query.sql, sources, &RunArgs { params, ..args.clone() }, clock)
}
