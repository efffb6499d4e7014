//! `credsql query`: statements in, results out.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::sql::parser::Statement;
use futures::StreamExt;

use super::args::{QueryArgs, RunArgs};
use super::destination::Destination;
use super::exit::Exit;
use super::progress::ProgressLine;
use super::{Clock, telling};
use crate::error::{Error, Result};
use crate::session::{Session, SessionOptions};
use crate::source::Source;
use crate::table::collection::{Collection, CollectionOptions};

/// The part of the memory limit that decoded columns may take; operators have the rest.
const CACHE_SHARE: usize = 4;

/// Where the statements are.
enum Sql {
    Text(String),
    File(PathBuf),
}

/// Runs the command.
///
/// # Errors
/// If the statements could not be run; failed reports alone are in the exit code.
pub(super) fn run(args: QueryArgs, clock: &Clock) -> Result<Exit> {
    let mut words = args.sql_and_sources.into_iter();
    let sql = match args.file {
        Some(file) => Sql::File(file),
        None => match words.next() {
            Some(word) if word == "-" => Sql::File(PathBuf::from("-")),
            Some(word) => Sql::Text(statement(&word)?),
            None => {
                return Err(Error::usage(
                    "no SQL given",
                    "credsql query 'SELECT * FROM credential_report' demo:",
                ));
            }
        },
    };
    run_sql(sql, &words.collect::<Vec<_>>(), &args.run, clock)
}

/// Runs the SQL on standard input: `credsql SOURCE... < statements.sql`.
///
/// # Errors
/// As [`run`].
pub(super) fn run_stdin(sources: &[OsString], args: &RunArgs, clock: &Clock) -> Result<Exit> {
    run_sql(Sql::File(PathBuf::from("-")), sources, args, clock)
}

/// A source in the place of the statement is the likeliest slip.
fn statement(word: &OsString) -> Result<String> {
    let text = word.to_string_lossy().into_owned();
    if !text.contains(char::is_whitespace)
        && (Path::new(word).exists() || text.starts_with("demo:"))
    {
        return Err(Error::usage(
            format!("`{text}` stands where the SQL should"),
            format!("credsql query 'SELECT * FROM credential_report' {text}"),
        ));
    }
    Ok(text)
}

fn read_sql(sql: Sql, sources: &[OsString]) -> Result<String> {
    let path = match sql {
        Sql::Text(text) => return Ok(text),
        Sql::File(path) => path,
    };
    let mut text = String::new();
    let read = if path == Path::new("-") {
        if sources.iter().any(|source| source == "-") {
            return Err(Error::usage(
                "standard input cannot be both the SQL and a report",
                "give the SQL as an argument: credsql query 'SELECT …' -",
            ));
        }
        std::io::stdin().lock().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(&path).map(|read| text = read)
    };
    read.map_err(|cause| Error::Read { path, cause })?;
    Ok(text)
}

fn run_sql(sql: Sql, sources: &[OsString], args: &RunArgs, clock: &Clock) -> Result<Exit> {
    execute(&read_sql(sql, sources)?, sources, args, clock)
}

/// Runs statements over sources, and tells what happened to the reports.
///
/// # Errors
/// If a statement could not be run; failed reports alone are in the exit code.
pub(super) fn execute(
    sql: &str,
    sources: &[OsString],
    args: &RunArgs,
    clock: &Clock,
) -> Result<Exit> {
    if sources.iter().filter(|source| *source == "-").count() > 1 {
        return Err(Error::usage("standard input can be read but once", "give `-` once"));
    }
    let sources = sources.iter().map(Source::parse).collect::<Result<Vec<_>>>()?;
    // Where nothing exists that was named, there is nothing to ask.
    let missing: Vec<Error> = sources.iter().filter_map(Source::missing).collect();
    let some_missing = !missing.is_empty();
    if let (true, Some(error)) = (missing.len() == sources.len(), missing.into_iter().next()) {
        return Err(error);
    }
    let cache_bytes = args.memory_limit / CACHE_SHARE;
    let collection = Arc::new(Collection::new(CollectionOptions {
        sources,
        run_time: args.as_of.unwrap_or_else(|| clock.now()),
        as_of: args.as_of,
        cache_bytes,
    }));
    let options = SessionOptions {
        memory_limit: args.memory_limit - cache_bytes,
        allow_write: args.allow_write,
        tables: args
            .tables
            .iter()
            .map(|(name, file)| (name.clone(), PathBuf::from(file)))
            .collect(),
    };
    let outcome = super::interruptible(&collection, async {
        let session = Session::new(Arc::clone(&collection), &options).await?;
        run_statements(&session, sql, args).await
    })?;
    if some_missing {
        // Told even if no statement looked at any report.
        collection.listing();
    }
    let told = telling::reports(&collection, args.output.quiet);
    match outcome {
        Err(error) if error.is_closed_pipe() => Ok(told),
        Err(error) => Err(error),
        Ok(()) => Ok(told),
    }
}

async fn run_statements(session: &Session, sql: &str, args: &RunArgs) -> Result<()> {
    let statements = session.parse(sql)?;
    if statements.is_empty() {
        return Err(Error::usage(
            "there is no statement",
            "credsql query 'SELECT * FROM credential_report' demo:",
        ));
    }
    check_parameters(session, sql, &args.params)?;
    let mut destination = Destination::open(&args.output)?;
    if statements.len() > 1 {
        destination.allow_many()?;
    }
    for statement in statements {
        run_statement(session, statement, sql, args, &mut destination).await?;
    }
    destination.finish()
}

/// A parameter that no statement uses is a slip, which is told before anything is written.
fn check_parameters(session: &Session, sql: &str, given: &[(String, String)]) -> Result<()> {
    let used = session.placeholders(sql);
    for (position, (name, _)) in given.iter().enumerate() {
        if !used.contains(name) {
            return Err(Error::usage(
                format!("no statement uses the parameter ${name}"),
                "parameters stand in the SQL as $name; quote it with single quotes so that the shell leaves them alone",
            ));
        }
        if given[..position].iter().any(|(other, _)| other == name) {
            return Err(Error::usage(format!("two values for the parameter ${name}"), "give one"));
        }
    }
    Ok(())
}

async fn run_statement(
    session: &Session,
    statement: Statement,
    sql: &str,
    args: &RunArgs,
    destination: &mut Destination,
) -> Result<()> {
    session.collection().progress.restart();
    let mut progress = ProgressLine::start(Arc::clone(session.collection()), args.output.quiet);
    let frame = session.plan(statement, sql, &args.params).await?;
    let is_plan = matches!(frame.logical_plan(), LogicalPlan::Explain(_) | LogicalPlan::Analyze(_));
    let explain = |error| session.explain(&error, sql);
    let mut stream = stream(frame).await.map_err(explain)?;
    let mut tee = destination.begin(&stream.schema(), is_plan)?;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(explain)?;
        progress.stop();
        tee.write(&batch)?;
    }
    progress.stop();
    let notes = tee.finish()?;
    if !args.output.quiet {
        for text in &notes {
            telling::note(text);
        }
    }
    Ok(())
}

async fn stream(
    frame: DataFrame,
) -> Result<datafusion::execution::SendableRecordBatchStream, datafusion::common::DataFusionError> {
    let context = Arc::new(frame.task_ctx());
    let plan = frame.create_physical_plan().await?;
    execute_stream(plan, context)
}
