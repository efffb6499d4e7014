//! A folder for an auditor: what was judged, by which text, with which result.
//!
//! | file | what it holds |
//! |---|---|
//! | `summary.md` | the summary |
//! | `results.csv` | every row |
//! | `check.json` | every row, every control with its text, parameters and counts |
//! | `reports.csv` | every report that was judged, compared with or could not be read: where it lies, its time, its SHA-256 when the evidence was written |
//! | `controls/*.sql` | the controls as they were run |
//! | `exemptions.toml` | the accepted alarms, if there are any |
//! | `SHA256SUMS` | of all these, for `sha256sum -c` |
//! | `manifest.json` | program, what was asked, and when by the wall clock; the queries on Athena |
//!
//! The same inputs and the same `--as-of` give the same bytes, the manifest aside.

mod remote;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::facts;
use super::render::CheckFormat;
use super::run::Check;
use crate::athena::engine::Engine;
use crate::decode::time;
use crate::error::{Error, Result};
use crate::output::{self, Format, Style};
use crate::report::Millis;
use crate::session::Session;
use crate::table::collection::Collection;
use crate::table::probe::Probe;
use crate::table::selection::Scope;

const MANIFEST: &str = "manifest.json";

/// What lies in such a folder besides controls. One with anything else in it is not replaced.
const FILES: [&str; 7] = [
    "summary.md",
    "results.csv",
    "check.json",
    "reports.csv",
    "exemptions.toml",
    "SHA256SUMS",
    MANIFEST,
];

/// What was asked, for the manifest.
#[derive(Debug)]
pub struct Request {
    /// The arguments of the program.
    pub arguments: Vec<String>,
    /// The text of the file of exemptions.
    pub exemptions: Option<String>,
    /// The wall clock.
    pub made_at: Millis,
}

/// A folder that is made beside its name and renamed when it is whole.
#[derive(Debug)]
pub struct Evidence {
    target: PathBuf,
    work: TempDir,
    /// The rows of `reports.csv`, if Athena told them.
    reports: Option<Vec<Vec<String>>>,
}

impl Evidence {
    /// Begins a folder.
    ///
    /// # Errors
    /// If it cannot be made, or something else has its name.
    pub fn create(target: &Path) -> Result<Self> {
        // A link stays a link: what it points at is replaced.
        let target = &target.canonicalize().unwrap_or_else(|_| target.to_owned());
        let write_error = |cause| Error::Write { path: target.clone(), cause };
        if let Some(stranger) = stranger(target).map_err(write_error)? {
            return Err(Error::usage(
                format!(
                    "{} holds {}, which is not evidence of this program",
                    target.display(),
                    stranger.display()
                ),
                "name a folder that does not exist yet",
            ));
        }
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let work =
            tempfile::Builder::new().prefix(".credsql-").tempdir_in(parent).map_err(write_error)?;
        fs::create_dir(work.path().join("controls")).map_err(write_error)?;
        Ok(Self { target: target.to_owned(), work, reports: None })
    }

    /// What renderers write to.
    ///
    /// # Errors
    /// If a file cannot be created.
    pub fn outputs(&self) -> Result<Vec<(CheckFormat, Box<dyn Write + Send>)>> {
        let output = |(format, name): (CheckFormat, &str)| {
            let file = File::create(self.work.path().join(name));
            let out: Box<dyn Write + Send> =
                Box::new(BufWriter::new(file.map_err(|cause| self.error(cause))?));
            Ok((format, out))
        };
        [
            (CheckFormat::Markdown, "summary.md"),
            (CheckFormat::Csv, "results.csv"),
            (CheckFormat::Json, "check.json"),
        ]
        .into_iter()
        .map(output)
        .collect()
    }

    /// Asks Athena, if statements run there, for the reports that were judged and compared with.
    ///
    /// # Errors
    /// If it does not tell.
    pub async fn look_up(&mut self, session: &Session, previous: Option<&Session>) -> Result<()> {
        if session.athena().is_some() {
            self.reports = Some(remote::reports(session, previous).await?);
        }
        Ok(())
    }

    /// Adds the rest and puts the folder into its place. Blocking; reads every report again.
    ///
    /// # Errors
    /// If something cannot be written.
    pub fn finish(
        self,
        collection: &Collection,
        athena: Option<&Engine>,
        check: &Check<'_>,
        request: &Request,
    ) -> Result<()> {
        for chosen in &check.choice.controls {
            self.add(&format!("controls/{}.sql", chosen.control.id), chosen.query.sql.as_bytes())?;
        }
        if let Some(text) = &request.exemptions {
            self.add("exemptions.toml", text.as_bytes())?;
        }
        let rows = match &self.reports {
            Some(rows) => rows.clone(),
            None => reports(collection, check.only_new),
        };
        self.add("reports.csv", &table(rows)?)?;
        let sums = sums(self.work.path()).map_err(|cause| self.error(cause))?;
        self.add("SHA256SUMS", sums.as_bytes())?;
        let manifest = manifest(collection, athena, check, request);
        self.add(MANIFEST, manifest.as_bytes())?;
        self.replace()
    }

    fn add(&self, name: &str, content: &[u8]) -> Result<()> {
        fs::write(self.work.path().join(name), content).map_err(|cause| self.error(cause))
    }

    fn error(&self, cause: io::Error) -> Error {
        Error::Write { path: self.target.clone(), cause }
    }

    /// A folder cannot be renamed onto another one that is not empty: the old one is moved out of
    /// the way, and back if the new one cannot take its place.
    fn replace(self) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let Self { target, work, .. } = self;
        let error = |cause| Error::Write { path: target.clone(), cause };
        // Temporary folders are for their owner alone; this one is to be read by others.
        fs::set_permissions(work.path(), fs::Permissions::from_mode(0o755)).map_err(error)?;
        let old = work.path().with_extension("old");
        let had_one = target.exists();
        if had_one {
            fs::rename(&target, &old).map_err(error)?;
        }
        if let Err(cause) = fs::rename(work.path(), &target) {
            if had_one {
                fs::rename(&old, &target).map_err(error)?;
            }
            return Err(error(cause));
        }
        if had_one { fs::remove_dir_all(&old).map_err(error) } else { Ok(()) }
    }
}

/// Something in a folder that we did not put there, if there is such a thing.
fn stranger(folder: &Path) -> io::Result<Option<PathBuf>> {
    if !folder.exists() {
        return Ok(None);
    }
    let is_ours = fs::read_to_string(folder.join(MANIFEST))
        .ok()
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        .is_some_and(|manifest| manifest.get("credsql").is_some());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if is_ours && FILES.contains(&name.as_str()) {
            continue;
        }
        if !(is_ours && name == "controls" && path.is_dir()) {
            return Ok(Some(path));
        }
        for entry in fs::read_dir(&path)? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "sql") {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// The reports that were judged, compared with, or should have been.
fn reports(collection: &Collection, only_new: bool) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut add = |found: Option<usize>, told: [&str; 6]| {
        let bytes = found.and_then(|index| collection.found().get(index)?.bytes());
        let bytes = bytes.map_or_else(String::new, |bytes| bytes.to_string());
        let digest = found.and_then(|index| collection.digest(index)).unwrap_or_default();
        rows.push(told.into_iter().map(str::to_owned).chain([bytes, digest]).collect());
    };
    let compared = only_new.then_some((Scope::Previous, "compared"));
    for (scope, status) in [(Scope::Latest, "judged")].into_iter().chain(compared) {
        let selection = collection.selection(scope);
        for entry in &selection.entries {
            let probe = collection.probe(entry.found);
            let Probe::Read(summary) = &*probe else { continue };
            let shown = summary
                .sections
                .iter()
                .filter(|(section, _)| selection.shows(collection, entry, section));
            for (section, rows) in shown {
                let account = section.account_id.as_deref().unwrap_or_default();
                let time = time::format(section.time.millis);
                let (basis, rows) = (section.time.basis.words(), rows.to_string());
                add(Some(entry.found), [&section.source, account, &time, basis, status, &rows]);
            }
        }
    }
    for failure in facts::failures_here(collection) {
        let account = failure.account_id.as_deref().unwrap_or_default();
        let status = format!("failed: {}", failure.reason);
        add(failure.found, [&failure.source, account, "", "", &status, ""]);
    }
    rows
}

/// Reports as CSV.
fn table(mut rows: Vec<Vec<String>>) -> Result<Vec<u8>> {
    rows.sort();
    let names = [
        "source",
        "account_id",
        "generated_time",
        "generated_time_from",
        "status",
        "rows",
        "bytes",
        "sha256",
    ];
    let batch = output::texts(&names, rows.into_iter())?;
    let mut csv = Vec::new();
    let mut writer =
        output::writer(Format::Csv, batch.schema(), Box::new(&mut csv), &Style::default())?;
    writer.write(&batch)?;
    writer.finish()?;
    Ok(csv)
}

/// The checksum of every file, in the form of `sha256sum`.
fn sums(folder: &Path) -> io::Result<String> {
    let mut files: Vec<PathBuf> = Vec::new();
    for part in [folder.to_owned(), folder.join("controls")] {
        for entry in fs::read_dir(part)? {
            let path = entry?.path();
            if path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut sums = String::new();
    for file in files {
        let mut digest = Sha256::new();
        io::copy(&mut File::open(&file)?, &mut digest)?;
        let name = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
        // Strings can always be written to.
        let _ = writeln!(sums, "{:x}  {name}", digest.finalize());
    }
    Ok(sums)
}

fn manifest(
    collection: &Collection,
    athena: Option<&Engine>,
    check: &Check<'_>,
    request: &Request,
) -> String {
    let options = &collection.options;
    let mut manifest = json!({
        "credsql": env!("CARGO_PKG_VERSION"),
        "made_at": time::format(request.made_at),
        "arguments": request.arguments,
        "as_of": options.as_of.map(time::format),
        "checked": check.choice.title,
        "frameworks": check.choice.frameworks.iter().map(|f| &f.id).collect::<Vec<_>>(),
        "only_new": check.only_new,
        "max_age_seconds": check.rules.max_age.map(|age| age / 1000),
    });
    if let (Some(athena), Some(manifest)) = (athena, manifest.as_object_mut()) {
        let options = athena.options();
        let told = json!({
            "database": options.database,
            "catalog": options.catalog,
            "workgroup": options.workgroup,
            "queries": athena.meter.ids(),
        });
        manifest.insert("athena".to_owned(), told);
    }
    format!("{manifest:#}\n")
}
