//! `credsql query`: statements in, results out.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Cli, QueryArgs, RunArgs};
use super::queries;
use crate::error::{Error, Result};
use crate::library::Library;
use crate::library::query::Value;
use crate::run::clock::Clock;
use crate::run::exit::Exit;
use crate::shell::{self, Script, ShellOptions};

/// Where the statements are.
enum Sql {
    Text(String),
    File(PathBuf),
}

/// Runs the command.
///
/// # Errors
/// If the statements could not be run; failed reports alone are in the exit code.
pub(super) fn run(args: QueryArgs, clock: Clock) -> Result<Exit> {
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

/// Opens the shell, or runs the script of a file or a pipe: `credsql SOURCE...`.
///
/// # Errors
/// If the shell cannot be opened, or as [`run`].
pub(super) fn run_bare(cli: &Cli, clock: Clock) -> Result<Exit> {
    let (sources, args) = (&cli.sources, &cli.run);
    let library = Arc::new(queries::library(&cli.queries)?);
    // Where one of the two is no terminal, prompts would be in the way.
    let interacts = io::stdin().is_terminal() && io::stdout().is_terminal();
    if cli.file.is_none() && interacts {
        return shell::interactive(options(sources, args, parameters(args)?, library, clock)?);
    }
    let file = cli.file.clone().unwrap_or_else(|| PathBuf::from("-"));
    let script = read_sql(Sql::File(file), sources)?;
    shell::script(&script, options(sources, args, parameters(args)?, library, clock)?)
}

/// A source in the place of the statement is the likeliest slip.
fn statement(word: &OsString) -> Result<String> {
    let text = word.to_string_lossy().into_owned();
    if !text.contains(char::is_whitespace)
        && (Path::new(word).exists()
            || ["demo:", "aws:", "aws-org:", "s3://"].iter().any(|scheme| text.starts_with(scheme)))
    {
        return Err(Error::usage(
            format!("`{text}` stands where the SQL should"),
            format!("credsql query 'SELECT * FROM credential_report' {text}"),
        ));
    }
    Ok(text)
}

fn read_sql(sql: Sql, sources: &[OsString]) -> Result<Script> {
    let path = match sql {
        Sql::Text(text) => return Ok(Script { text, file: None }),
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
        io::stdin().lock().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(&path).map(|read| text = read)
    };
    let file = Some(path.display().to_string());
    read.map_err(|cause| Error::Read { path, cause })?;
    Ok(Script { text, file })
}

fn run_sql(sql: Sql, sources: &[OsString], args: &RunArgs, clock: Clock) -> Result<Exit> {
    let script = read_sql(sql, sources)?;
    let library = Arc::new(Library::embedded()?);
    shell::script(&script, options(sources, args, parameters(args)?, library, clock)?)
}

/// What `--param` says, each name once.
fn parameters(args: &RunArgs) -> Result<Vec<(String, Value)>> {
    let given = &args.engine.params;
    for (position, (name, _)) in given.iter().enumerate() {
        if given[..position].iter().any(|(other, _)| other == name) {
            return Err(Error::usage(format!("two values for the parameter ${name}"), "give one"));
        }
    }
    Ok(given.iter().map(|(name, text)| (name.clone(), Value::One(text.clone()))).collect())
}

/// What a shell is opened with for these arguments.
///
/// # Errors
/// If the list of accounts cannot be read.
pub(super) fn options(
    sources: &[OsString],
    args: &RunArgs,
    parameters: Vec<(String, Value)>,
    library: Arc<Library>,
    clock: Clock,
) -> Result<ShellOptions> {
    Ok(ShellOptions {
        sources: sources.to_vec(),
        library,
        engine: args.engine.options()?,
        output: args.output.options(),
        parameters,
        allow_write: args.allow_write,
        keep_going: args.keep_going,
        clock,
    })
}
