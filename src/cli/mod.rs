//! The command line: one file per command.

pub mod args;
mod athena_args;
mod aws_args;
mod check;
mod collect;
mod collect_args;
mod doctor;
mod export;
mod export_args;
mod export_ddl;
mod queries;
mod query;
mod schema;

use std::ffi::OsString;
use std::future::Future;
use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::{CommandFactory, Parser};

use self::args::{Cli, Command};
use crate::athena::engine::Engine;
use crate::error::{Error, Result};
use crate::output::OutputError;
pub use crate::run::clock::Clock;
use crate::run::collect_log;
pub use crate::run::exit::Exit;
use crate::run::interrupt::{Interrupts, Manner};
use crate::run::telling;
use crate::table::collection::Collection;

/// How long threads of an interrupted run are waited for.
const GRACE: Duration = Duration::from_millis(100);

/// Runs the program with these arguments, the first of which is its name.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() && collect::wants_json(&args) => {
            collect_log::json_error(&first_line(&error.to_string()), Clock);
            return Exit::Failed;
        }
        Err(error) => {
            // Help goes to standard output, mistakes to standard error; either may be closed.
            let _ = error.print();
            return if error.use_stderr() { Exit::Failed } else { Exit::Done };
        }
    };
    match dispatch(cli, Clock) {
        Ok(exit) => exit,
        Err(Error::Interrupted) => Exit::Interrupted,
        Err(error) if error.is_closed_pipe() => Exit::Done,
        Err(error) => {
            telling::error(&error);
            Exit::Failed
        }
    }
}

fn dispatch(mut cli: Cli, clock: Clock) -> Result<Exit> {
    cli.claim_places()?;
    match cli.command {
        Some(Command::Query(args)) => query::run(*args, clock),
        Some(Command::Check(args)) => check::run(&args, clock),
        Some(Command::Collect(args)) => collect::run(&args, clock),
        Some(Command::Export(args)) => export::run(&args, clock),
        Some(Command::Queries(args)) => queries::run(args, clock),
        Some(Command::Schema(args)) => schema::run(&args),
        Some(Command::Doctor(args)) => doctor::run(&args),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "credsql", &mut script);
            print(&script)
        }
        Some(Command::Man) => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(OutputError::Io)?;
            print(&page)
        }
        None => {
            refuse_slip(&cli.sources)?;
            query::run_bare(&cli, clock)
        }
    }
}

/// What is wrong, without clap's label and its usage.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// The likeliest first word that is no source is a command with a slip in it.
fn refuse_slip(sources: &[OsString]) -> Result<()> {
    let Some(word) = sources.first().filter(|word| !std::path::Path::new(word).exists()) else {
        return Ok(());
    };
    let word = word.to_string_lossy();
    let commands = Cli::command();
    let like = |name: &str| strsim::jaro_winkler(&word, name) > 0.85;
    match commands.get_subcommands().find(|command| like(command.get_name())) {
        None => Ok(()),
        Some(command) if command.get_name() == word => Err(Error::usage(
            "options stand after the command",
            format!("credsql {word} … OPTIONS"),
        )),
        Some(command) => Err(Error::usage(
            format!("there is no command `{word}`"),
            format!("did you mean `credsql {}`?", command.get_name()),
        )),
    }
}

fn print(bytes: &[u8]) -> Result<Exit> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(OutputError::from)?;
    Ok(Exit::Done)
}

/// Runs a future on all cores until it ends or the user interrupts. The outer error is of the
/// runtime or the interruption, the inner result the future's own. Queries that run on Athena when
/// it ends are stopped.
fn interruptible<T>(
    collection: &Collection,
    athena: Option<&Engine>,
    work: impl Future<Output = Result<T>>,
) -> Result<Result<T>> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
            Error::usage(format!("cannot start: {error}"), "are there too many processes?")
        })?;
    let manner = if athena.is_some() { Manner::Remote } else { Manner::Command };
    let interrupts = Interrupts::listen(manner);
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = work => Ok(outcome),
            () = interrupts.wait() => Err(Error::Interrupted),
        }
    });
    if outcome.is_err() {
        collection.cancelled.store(true, Ordering::Relaxed);
    }
    // Threads that still read a report look at the flag above; they are not waited for longer.
    runtime.shutdown_timeout(if outcome.is_ok() { Duration::ZERO } else { GRACE });
    if let Some(athena) = athena {
        athena.end();
    }
    outcome
}
