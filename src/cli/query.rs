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
use super::workspace::Workspace;
use super::{Clock, telling};
use crate::error::{Error, Result};
use crate::library::Library;
use crate::library::query::Value;
use crate::session::Session;

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
    let sql = read_sql(sql, sources)?;
    let params = args.engine.params.iter();
    let params: Vec<_> =
        params.map(|(name, text)| (name.clone(), Value::One(text.clone()))).collect();
    let library = Arc::new(Library::embedded()?);
    execute(&sql, &params, sources, library, args, clock)
}

/// Runs statements over sources, and tells what happened to the reports.
///
/// # Errors
/// If a statement could not be run; failed reports alone are in the exit code.
pub(super) fn execute(
    sql: &str,
    params: &[(String, Value)],
    sources: &[OsString],
    library: Arc<Library>,
    args: &RunArgs,
    clock: &Clock,
) -> Result<Exit> {
    Workspace::spare_sources(sources, &args.output.outputs)?;
    let mut workspace = Workspace::open(sources, &args.engine, library, clock)?;
    workspace.options.allow_write = args.allow_write;
    let outcome = super::interruptible(&workspace.collection, async {
        let session = Session::new(Arc::clone(&workspace.collection), &workspace.options).await?;
        run_statements(&session, sql, params, args).await
    })?;
    let told = workspace.tell(args.output.manner.quiet);
    match outcome {
        Err(error) if error.is_closed_pipe() => Ok(told),
        Err(error) => Err(error),
        Ok(()) => Ok(told),
    }
}

async fn run_statements(
    session: &Session,
    sql: &str,
    params: &[(String, Value)],
    args: &RunArgs,
) -> Result<()> {
    let statements = session.parse(sql)?;
    if statements.is_empty() {
        return Err(Error::usage(
            "there is no statement",
            "credsql query 'SELECT * FROM credential_report' demo:",
        ));
    }
    check_parameters(session, sql, params)?;
    let mut destination = Destination::open(&args.output)?;
    if statements.len() > 1 {
        destination.allow_many()?;
    }
    for statement in statements {
        run_statement(session, statement, (sql, params), args, &mut destination).await?;
    }
    destination.finish()
}

/// A parameter that no statement uses is a slip, which is told before anything is written.
fn check_parameters(session: &Session, sql: &str, given: &[(String, Value)]) -> Result<()> {
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
    (sql, params): (&str, &[(String, Value)]),
    args: &RunArgs,
    destination: &mut Destination,
) -> Result<()> {
    session.collection().progress.restart();
    let mut progress =
        ProgressLine::start(Arc::clone(session.collection()), args.output.manner.quiet);
    let frame = session.plan(statement, sql, params).await?;
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
    if !args.output.manner.quiet {
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
