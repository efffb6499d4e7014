//! `credsql export --ddl`: what makes a dataset known to Athena and QuickSight.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::export::destination;
use super::export_args::{Ddl, ExportArgs};
use super::queries;
use crate::athena::cloudformation;
use crate::athena::ddl::{self, Dataset, Script};
use crate::decode::time;
use crate::error::{Error, Result};
use crate::export::destination::{Destination, Staged};
use crate::export::quicksight::{self, CsvOptions, DEFAULT_TABLES};
use crate::run::exit::Exit;
use crate::run::new_file::NewFile;
use crate::run::progress::ProgressLine;
use crate::run::telling;
use crate::run::workspace::Workspace;
use crate::session::Session;
use crate::source::exported::QUICKSIGHT;

/// The name that a database gets unless one is given.
const DATABASE: &str = "credsql";

/// The first day of a dataset unless it is given: there were no credential reports before. A later
/// one spares Athena looking for days that are not there.
const FIRST_DAY: &str = "2014-01-01";

/// Prints or writes the scripts.
///
/// # Errors
/// If what they need was not given, or they cannot be written.
pub(super) fn run(args: &ExportArgs, ddl: Ddl) -> Result<Exit> {
    if !args.sources.is_empty() {
        return Err(Error::usage(
            format!("`--ddl {}` reads no report", ddl.word()),
            "leave the sources out, or the option: each is a run of its own",
        ));
    }
    let library = queries::library(&args.queries)?;
    let dataset = Dataset {
        database: args.database.clone().unwrap_or_else(|| DATABASE.to_owned()),
        location: location(args)?,
        by_account: args.partition_by.is_some(),
        first_day: first_day(args)?,
    };
    let scripts = match ddl {
        Ddl::Athena => ddl::scripts(&dataset, &library)?,
        Ddl::Cloudformation | Ddl::Quicksight => vec![Script {
            name: "template.json".to_owned(),
            text: cloudformation::template(&dataset, &library)?,
        }],
    };
    let Some(folder) = &args.ddl_dir else {
        let text = match (ddl, &scripts[..]) {
            (Ddl::Athena, _) => ddl::joined(&scripts),
            (_, scripts) => scripts.iter().map(|script| script.text.as_str()).collect(),
        };
        return super::print(text.as_bytes());
    };
    fs::create_dir_all(folder).map_err(|cause| Error::Write { path: folder.clone(), cause })?;
    for script in &scripts {
        write(&folder.join(&script.name), &script.text)?;
    }
    if !args.manner.quiet {
        let files = if scripts.len() == 1 { "file" } else { "files" };
        telling::note(&format!("{}: {} {files} written", folder.display(), scripts.len()));
    }
    Ok(Exit::Done)
}

/// Writes CSV and manifests for QuickSight, which reads no Parquet from S3.
///
/// # Errors
/// If there is no place for them, or something cannot be read or written.
pub(super) fn quicksight(args: &ExportArgs, to: &Path, mut workspace: Workspace) -> Result<Exit> {
    let location = location(args)?;
    let collection = Arc::clone(&workspace.collection);
    let destination = destination(args, to, &collection)?;
    let staged = destination.stage()?;
    let unwritten = |cause| Error::Write { path: staged.folder.clone(), cause };
    fs::create_dir_all(&staged.folder).map_err(unwritten)?;
    let options = CsvOptions { spreadsheet_safe: args.spreadsheet_safe, ..CsvOptions::default() };
    let files = Mutex::new(Vec::new());
    let mut progress = ProgressLine::start(Arc::clone(&collection), args.manner.quiet);
    let outcome = super::interruptible(&collection, None, async {
        let session = Session::new(Arc::clone(&collection), &workspace.options).await?;
        let at = format!("{}/{QUICKSIGHT}", location.trim_end_matches('/'));
        let open = |name: &str| {
            let path = staged.folder.join(name);
            path.parent().map_or(Ok(()), fs::create_dir_all).map_err(unwritten)?;
            let file = File::create(&path).map_err(unwritten)?;
            files.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
            Ok(Box::new(BufWriter::new(file)) as Box<dyn Write + Send>)
        };
        quicksight::write_all(&session, &DEFAULT_TABLES, &at, options, open).await
    });
    progress.stop();
    let told = workspace.tell(args.manner.quiet);
    let written = outcome??;
    let files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut places = String::new();
    for name in &files {
        let place = put(&*destination, &staged, name)?;
        places.push_str(&place);
        places.push('\n');
    }
    super::print(places.as_bytes())?;
    if !args.manner.quiet {
        let rows: u64 = written.iter().map(|table| table.rows).sum();
        telling::note(&format!("{} files written ({rows} rows)", files.len()));
    }
    Ok(told)
}

fn put(destination: &dyn Destination, staged: &Staged, name: &str) -> Result<String> {
    destination.put_file(&format!("{QUICKSIGHT}/{name}"), &staged.folder.join(name))
}

/// Where the dataset lies in S3.
fn location(args: &ExportArgs) -> Result<String> {
    let to = args.to.as_ref().map(|to| to.to_string_lossy().into_owned());
    let in_s3 = to.filter(|to| to.starts_with("s3://"));
    args.location.clone().or(in_s3).ok_or_else(|| {
        Error::usage(
            "where the dataset lies in S3 was not given",
            "say so with `--location s3://bucket/prefix`",
        )
    })
}

fn first_day(args: &ExportArgs) -> Result<String> {
    let text = args.first_day.as_deref().unwrap_or(FIRST_DAY);
    match time::parse(text) {
        Some(parsed) if parsed.date_only => Ok(text.to_owned()),
        _ => Err(Error::usage(format!("`{text}` is no day"), "write it as 2026-10-31")),
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    let mut file = NewFile::create(path)?;
    let (_, mut out) = file.writer();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    drop(out);
    written.map_err(|cause| Error::Write { path: path.to_owned(), cause })?;
    file.commit()
}
