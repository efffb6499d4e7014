//! `credsql collect`: reports kept as they are.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use tokio::sync::mpsc;

use super::collect_args::CollectArgs;
use super::queries;
use crate::aws::s3::Location;
use crate::collect::bucket::{Bucket, Writing};
use crate::collect::destination::{Destination, Failure};
use crate::collect::folder::Folder;
use crate::collect::manifest;
use crate::collect::run::{self, Done, Ran, What};
use crate::error::{Error, Result};
use crate::output::OutputError;
use crate::run::clock::Clock;
use crate::run::collect_log::{Ending, Log};
use crate::run::exit::Exit;
use crate::run::progress::ProgressLine;
use crate::run::workspace::{EngineOptions, Workspace};
use crate::source::Source;
use crate::table::collection::Collection;

/// Reports that may wait to be told.
const WAITING: usize = 64;

/// Memory for decoded reports, of which there are none here.
const NO_QUERIES: usize = 1 << 20;

/// Where reports are kept.
type Place = Arc<dyn Destination + Send>;

/// Runs the command. Says its own errors, in the form that is asked for.
///
/// # Errors
/// If it was interrupted, or the template cannot be printed.
pub(super) fn run(args: &CollectArgs, clock: Clock) -> Result<Exit> {
    if let Some(template) = args.print_template {
        return super::print(template.text().as_bytes());
    }
    let mut log = Log::new(args.log, args.manner.quiet, clock);
    match collect(args, clock, &mut log) {
        Err(Error::Interrupted) => Err(Error::Interrupted),
        Err(error) => {
            log.error(&error);
            Ok(Exit::Failed)
        }
        Ok(exit) => Ok(exit),
    }
}

/// Whether these arguments, which clap refused, ask for a log in JSON.
pub(super) fn wants_json(args: &[OsString]) -> bool {
    let is_json =
        |pair: &[OsString]| matches!(pair, [log, json] if log == "--log" && json == "json");
    args.get(1).is_some_and(|command| command == "collect")
        && (args.iter().any(|arg| arg == "--log=json") || args.windows(2).any(is_json))
}

fn collect(args: &CollectArgs, clock: Clock, log: &mut Log) -> Result<Exit> {
    let Some(to) = &args.to else {
        return Err(Error::usage(
            "no place to keep reports was given",
            "name a folder or a bucket: `--to kept/` or `--to s3://bucket/prefix`",
        ));
    };
    if args.aws.enrich {
        return Err(Error::usage(
            "`collect` keeps reports, and nothing that stands beside them",
            "leave out `--enrich`",
        ));
    }
    if args.sources.is_empty() {
        return Err(Error::usage(
            "no source given",
            "name where reports come from, for example\n  \
             credsql collect aws: --to kept/\n  credsql collect report.csv --to kept/\n  \
             credsql collect demo: --to kept/",
        ));
    }
    let library = Arc::new(queries::library(&[])?);
    let engine = EngineOptions {
        tables: Vec::new(),
        as_of: None,
        memory_limit: NO_QUERIES,
        aws: Arc::new(args.aws.options()?),
        athena: None,
    };
    let workspace = Workspace::open(&args.sources, &engine, library, clock.now())?;
    let collection = workspace.collection;
    let place = destination(args, to, &collection)?;
    log.show(|| ProgressLine::start(Arc::clone(&collection), args.manner.quiet));
    let mut places = Places::new();
    let (ran, interrupted) = work(&collection, &place, &mut |done: &Done| {
        places.add(done, &*place, log);
        log.done(done, &|key| place.place(key));
    });
    // An interrupted listing is not there.
    for remark in collection.listed().iter().flat_map(|listing| &listing.remarks) {
        log.note(remark);
    }
    let ending = Ending { to: &to.to_string_lossy(), manifest: None, interrupted };
    if interrupted {
        log.end(&ran.tally, ending);
        return Err(Error::Interrupted);
    }
    let exit = conclude(args, &collection, &place, ran, ending, log)?;
    places.failed.map_or(Ok(exit), |error| Err(error.into()))
}

/// Does the work on threads of its own, so that an interruption is heard while it goes on. Then what
/// is begun is finished; a run that does not come to its end by that is ended all the same.
fn work(collection: &Arc<Collection>, place: &Place, tell: &mut dyn FnMut(&Done)) -> (Ran, bool) {
    let (send, mut receive) = mpsc::channel(WAITING);
    let worker = thread::spawn({
        let (collection, place) = (Arc::clone(collection), Arc::clone(place));
        move || {
            run::collect(&collection, &*place, &mut |done| {
                // The receiver lives as long as this thread.
                let _ = send.blocking_send(done);
            })
        }
    });
    let outcome = super::interruptible(collection, None, async {
        while let Some(done) = receive.recv().await {
            tell(&done);
        }
        Ok(())
    });
    while let Some(done) = receive.blocking_recv() {
        tell(&done);
    }
    let ran = worker.join().unwrap_or_else(|panic| resume_unwind(panic));
    (ran, outcome.is_err())
}

/// Keeps the list, says how many, and makes the exit code of it.
fn conclude(
    args: &CollectArgs,
    collection: &Collection,
    place: &Place,
    ran: Ran,
    ending: Ending<'_>,
    log: &mut Log,
) -> Result<Exit> {
    let Ran { entries, tally, stopped } = ran;
    if let Some(failure) = stopped {
        log.error(&failure.into());
        log.end(&tally, ending);
        return Ok(Exit::Failed);
    }
    if entries.is_empty() {
        log.end(&tally, ending);
        return Err(Error::usage(
            "no credential report was found",
            "a report comes from `aws:`, or a file of `aws iam get-credential-report`",
        ));
    }
    let sources: Vec<String> =
        args.sources.iter().map(|source| source.to_string_lossy().into_owned()).collect();
    let manifest = manifest::keep(&**place, entries, &sources, collection.options.run_time);
    let at = manifest.as_ref().ok().map(|key| place.place(key));
    log.end(&tally, Ending { manifest: at.as_deref(), ..ending });
    manifest?;
    Ok(if tally.failed > 0 { Exit::Failed } else { Exit::Done })
}

fn destination(args: &CollectArgs, to: &Path, collection: &Arc<Collection>) -> Result<Place> {
    let text = to.to_string_lossy();
    if text.starts_with("s3:") {
        let writing = Writing {
            sse_kms_key_id: args.sse_kms_key_id.clone(),
            expected_bucket_owner: args.expected_bucket_owner.clone(),
        };
        let location = Location::parse(&text)?;
        let is_inside =
            |source: &Source| matches!(source, Source::Bucket(from) if location.is_inside(from));
        if collection.options.sources.iter().any(is_inside) {
            return Err(Error::usage(
                format!("{text} is read here, and would be read again as it grows"),
                "name another folder after `--to`",
            ));
        }
        let options = &collection.options.aws;
        return Ok(Arc::new(Bucket::open(location, options, writing, Arc::clone(collection))?));
    }
    let for_buckets = [
        ("--sse-kms-key-id", &args.sse_kms_key_id),
        ("--expected-bucket-owner", &args.expected_bucket_owner),
    ];
    if let Some((option, _)) = for_buckets.iter().find(|(_, value)| value.is_some()) {
        return Err(Error::usage(
            format!("{option} is for buckets, and {text} is a folder"),
            "leave it out, or give `--to s3://bucket/prefix`",
        ));
    }
    let folder = text.strip_prefix("file://").map_or(to, Path::new);
    Ok(Arc::new(Folder::open(folder, &collection.options.sources)?))
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Usage { message: failure.message, hint: failure.hint }
    }
}

/// Places of new reports, on standard output. Its reader may go away: the work is done all the same.
struct Places {
    is_terminal: bool,
    is_closed: bool,
    failed: Option<OutputError>,
}

impl Places {
    fn new() -> Self {
        Self { is_terminal: io::stdout().is_terminal(), is_closed: false, failed: None }
    }

    fn add(&mut self, done: &Done, place: &dyn Destination, log: &mut Log) {
        let What::Kept { kept, .. } = &done.what else { return };
        if !kept.is_new || self.is_closed {
            return;
        }
        if self.is_terminal {
            log.make_way();
        }
        let mut line = place.place(&kept.key);
        if self.is_terminal {
            line = crate::output::escape_line(&line).into_owned();
        }
        if let Err(error) = writeln!(io::stdout().lock(), "{line}") {
            self.is_closed = true;
            self.failed = Some(OutputError::from(error)).filter(|error| !error.is_closed());
        }
    }
}
