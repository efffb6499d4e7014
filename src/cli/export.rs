//! `credsql export`: reports as a Parquet dataset.

use std::io::{self, IsTerminal, Write};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use tokio::sync::mpsc;

use super::export_args::{Ddl, ExportArgs};
use super::{export_ddl, queries};
use crate::aws::s3::Location;
use crate::collect::bucket::Writing;
use crate::collect::folder::refuse_sources;
use crate::error::{Error, Result};
use crate::export::bucket::Bucket;
use crate::export::destination::Destination;
use crate::export::folder::Folder;
use crate::export::run::{self, Fate, Options, Written};
use crate::output::OutputError;
use crate::run::clock::Clock;
use crate::run::exit::Exit;
use crate::run::progress::ProgressLine;
use crate::run::telling;
use crate::run::workspace::{EngineOptions, Workspace};
use crate::schema::{EXPORTED, Table};
use crate::source::Source;
use crate::table::collection::Collection;

/// Partitions that may wait to be told.
const WAITING: usize = 64;

/// Runs the command.
///
/// # Errors
/// If something could not be written, or the run was interrupted; failed reports alone are in the
/// exit code.
pub(super) fn run(args: &ExportArgs, clock: Clock) -> Result<Exit> {
    if let Some(ddl @ (Ddl::Athena | Ddl::Cloudformation)) = args.ddl {
        return export_ddl::run(args, ddl);
    }
    let Some(to) = &args.to else {
        return Err(Error::usage(
            "no place for the dataset was given",
            "name a folder or a bucket: `--to dataset/` or `--to s3://bucket/prefix`",
        ));
    };
    if args.aws.enrich {
        return Err(Error::usage(
            "`export` writes what reports tell, and nothing that stands beside them",
            "leave out `--enrich`",
        ));
    }
    if args.sources.is_empty() {
        return Err(Error::usage(
            "no source given",
            "name where reports come from, for example\n  \
             credsql export aws: --to dataset/\n  credsql export reports/ --to dataset/\n  \
             credsql export demo: --to dataset/",
        ));
    }
    let engine = EngineOptions {
        tables: Vec::new(),
        as_of: args.as_of,
        memory_limit: args.memory_limit,
        aws: Arc::new(args.aws.options()?),
        athena: None,
    };
    let library = Arc::new(queries::library(&[])?);
    let mut workspace = Workspace::open(&args.sources, &engine, library, clock.now())?;
    if args.ddl == Some(Ddl::Quicksight) {
        return export_ddl::quicksight(args, to, workspace);
    }
    let collection = Arc::clone(&workspace.collection);
    let destination = destination(args, to, &collection)?;
    let options = Options {
        tables: if args.tables.is_empty() {
            EXPORTED.iter().map(|table| table.name).collect()
        } else {
            args.tables.clone()
        },
        by_account: args.partition_by.is_some(),
        if_exists: args.if_exists,
        memory_limit: args.memory_limit,
    };
    let mut progress = ProgressLine::start(Arc::clone(&collection), args.manner.quiet);
    let mut places = Places::default();
    let outcome = work(&collection, &destination, options, &mut |written| {
        places.add(written, &mut progress, args.manner.quiet);
    });
    progress.stop();
    workspace.list_missing();
    let told = workspace.tell(args.manner.quiet);
    outcome?;
    if !args.manner.quiet {
        telling::note(&places.summary(&to.to_string_lossy()));
    }
    if places.days == 0 && told == Exit::Done {
        return Err(Error::usage(
            "no credential report was found, and nothing was written",
            "a report comes from `aws:`, or a file of `aws iam get-credential-report`",
        ));
    }
    places.failed.map_or(Ok(told), |error| Err(error.into()))
}

/// Does the work on threads of its own, so that an interruption is heard while it goes on. What is
/// being put in place is put in place, and the rest is left.
fn work(
    collection: &Arc<Collection>,
    destination: &Arc<dyn Destination>,
    options: Options,
    tell: &mut dyn FnMut(&Written),
) -> Result<()> {
    let (send, mut receive) = mpsc::channel(WAITING);
    let worker = thread::spawn({
        let (collection, destination) = (Arc::clone(collection), Arc::clone(destination));
        move || {
            run::export(&collection, &*destination, &options, &mut |written: &Written| {
                // The receiver lives as long as this thread.
                let _ = send.blocking_send(written.clone());
            })
        }
    });
    let outcome = super::interruptible(collection, None, async {
        while let Some(written) = receive.recv().await {
            tell(&written);
        }
        Ok(())
    });
    while let Some(written) = receive.blocking_recv() {
        tell(&written);
    }
    let done = worker.join().unwrap_or_else(|panic| resume_unwind(panic));
    outcome??;
    done
}

/// Where the dataset goes.
///
/// # Errors
/// If it is no place for one, or one that is read.
pub(super) fn destination(
    args: &ExportArgs,
    to: &Path,
    collection: &Arc<Collection>,
) -> Result<Arc<dyn Destination>> {
    let text = to.to_string_lossy();
    let sources = &collection.options.sources;
    if text.starts_with("s3:") {
        let location = Location::parse(&text)?;
        let slash =
            if location.prefix.is_empty() || location.prefix.ends_with('/') { "" } else { "/" };
        let overlaps = |table: &Table| {
            let prefix = format!("{}{slash}{}/", location.prefix, table.name);
            let table = Location { prefix, ..location.clone() };
            let is_it = |from: &Location| table.is_inside(from) || from.is_inside(&table);
            sources.iter().any(|source| matches!(source, Source::Bucket(from) if is_it(from)))
        };
        if EXPORTED.iter().any(overlaps) {
            return Err(read_here(&text));
        }
        let writing = Writing {
            sse_kms_key_id: args.sse_kms_key_id.clone(),
            expected_bucket_owner: args.expected_bucket_owner.clone(),
        };
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
    for table in EXPORTED {
        let table = folder.join(table.name);
        refuse_sources(&table, sources)?;
        let inside = |source: &Source| match (source, table.canonicalize()) {
            (Source::Path(path), Ok(table)) => {
                path.canonicalize().is_ok_and(|path| path.starts_with(table))
            }
            _ => false,
        };
        if sources.iter().any(inside) {
            return Err(read_here(&text));
        }
    }
    Ok(Arc::new(Folder::open(folder)?))
}

fn read_here(to: &str) -> Error {
    Error::usage(
        format!("{to} is read here, and would be written while it is"),
        "name another folder after `--to`",
    )
}

/// Partitions that were written, told on standard output. Its reader may go away: the work is done
/// all the same.
#[derive(Default)]
struct Places {
    days: u64,
    written: u64,
    rows: u64,
    bytes: u64,
    is_closed: bool,
    failed: Option<OutputError>,
}

impl Places {
    fn add(&mut self, written: &Written, progress: &mut ProgressLine, quiet: bool) {
        self.days += 1;
        if written.fate == Fate::Unchanged {
            return;
        }
        self.written += 1;
        self.rows += written.rows;
        self.bytes += written.bytes;
        if self.is_closed {
            return;
        }
        let is_terminal = io::stdout().is_terminal();
        if is_terminal && quiet {
            return;
        }
        let line = if is_terminal {
            progress.stop();
            crate::output::escape_line(&written.place).into_owned()
        } else {
            written.place.clone()
        };
        if let Err(error) = writeln!(io::stdout().lock(), "{line}") {
            self.is_closed = true;
            self.failed = Some(OutputError::from(error)).filter(|error| !error.is_closed());
        }
    }

    fn summary(&self, to: &str) -> String {
        let unchanged = self.days - self.written;
        let bytes = indicatif::HumanBytes(self.bytes);
        let (rows, written) = (self.rows, self.written);
        format!("{to}: {written} folders written ({rows} rows, {bytes}), {unchanged} unchanged")
    }
}
