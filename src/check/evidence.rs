//! A folder for an auditor: what was judged, by which text, with which result.
//!
//! | file | what it holds |
//! |---|---|
//! | `summary.md` | the summary |
//! | `results.csv` | every row |
//! | `check.json` | every row, every control with its text, parameters and counts |
//! | `reports.csv` | every report that was judged: where it was read, its time, its SHA-256 |
//! | `controls/*.sql` | the controls as they were run |
//! | `exemptions.toml` | the accepted alarms, if there are any |
//! | `SHA256SUMS` | of all these, for `sha256sum -c` |
//! | `manifest.json` | the run: program, time, what was asked |
//!
//! The same inputs and the same `--as-of` give the same bytes, the manifest aside.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::render::CheckFormat;
use super::run::Check;
use crate::decode::time;
use crate::error::{Error, Result};
use crate::output::{self, Format, Style};
use crate::table::collection::Collection;
use crate::table::journal;
use crate::table::probe::Probe;
use crate::table::selection::Scope;

/// What only such a folder has: an older one may be replaced, anything else may not.
const MANIFEST: &str = "manifest.json";

/// A folder that is made beside its name and renamed when it is whole.
#[derive(Debug)]
pub struct Evidence {
    target: PathBuf,
    work: TempDir,
}

impl Evidence {
    /// Begins a folder.
    ///
    /// # Errors
    /// If it cannot be made, or something else has its name.
    pub fn create(target: &Path) -> Result<Self> {
        let write_error = |cause| Error::Write { path: target.to_owned(), cause };
        if target.exists() {
            let is_empty = fs::read_dir(target).map_err(write_error)?.next().is_none();
            if !is_empty && !target.join(MANIFEST).is_file() {
                return Err(Error::usage(
                    format!("{} holds something that is not evidence", target.display()),
                    "name a folder that does not exist yet",
                ));
            }
        }
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let work =
            tempfile::Builder::new().prefix(".credsql-").tempdir_in(parent).map_err(write_error)?;
        fs::create_dir(work.path().join("controls")).map_err(write_error)?;
        Ok(Self { target: target.to_owned(), work })
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

    /// Adds the rest and puts the folder into its place. Blocking.
    ///
    /// # Errors
    /// If something cannot be written.
    pub fn finish(
        self,
        collection: &Collection,
        check: &Check<'_>,
        sources: &[String],
        exemptions: Option<&str>,
    ) -> Result<()> {
        for chosen in &check.choice.controls {
            self.add(&format!("controls/{}.sql", chosen.control.id), chosen.query.sql.as_bytes())?;
        }
        if let Some(text) = exemptions {
            self.add("exemptions.toml", text.as_bytes())?;
        }
        self.add("reports.csv", &reports(collection)?)?;
        let sums = sums(self.work.path()).map_err(|cause| self.error(cause))?;
        self.add("SHA256SUMS", sums.as_bytes())?;
        let manifest = manifest(collection, check, sources);
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
    /// the way first, and goes with the temporary folder it was moved to.
    fn replace(self) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let error = |cause| Error::Write { path: self.target.clone(), cause };
        let old = self.work.path().with_extension("old");
        let had_one = self.target.exists();
        if had_one {
            fs::rename(&self.target, &old).map_err(error)?;
        }
        let work = self.work.keep();
        // Temporary folders are for their owner alone; this one is to be read by others.
        fs::set_permissions(&work, fs::Permissions::from_mode(0o755)).map_err(error)?;
        fs::rename(&work, &self.target).map_err(error)?;
        if had_one { fs::remove_dir_all(&old).map_err(error) } else { Ok(()) }
    }
}

/// The reports that were judged, or should have been, as CSV.
fn reports(collection: &Collection) -> Result<Vec<u8>> {
    let mut rows = Vec::new();
    let mut add = |index: usize, told: [&str; 6]| {
        let bytes = collection.found().get(index).and_then(crate::source::Found::bytes);
        let bytes = bytes.map_or_else(String::new, |bytes| bytes.to_string());
        let digest = collection.digest(index).unwrap_or_default();
        rows.push(told.into_iter().map(str::to_owned).chain([bytes, digest]).collect());
    };
    for entry in &collection.selection(Scope::Latest).entries {
        if let Probe::Read(summary) = &*collection.probe(entry.found) {
            for (section, rows) in summary.sections.iter().filter(|(s, _)| entry.wants(s)) {
                let account = section.account_id.as_deref().unwrap_or_default();
                let time = time::format(section.time.millis);
                let (basis, rows) = (section.time.basis.words(), rows.to_string());
                add(entry.found, [&section.source, account, &time, basis, "judged", &rows]);
            }
        }
    }
    for (index, outcome) in collection.journal.outcomes() {
        if let (journal::Outcome::Failed(refusal), Some(found)) =
            (outcome, collection.found().get(index))
        {
            let account = found.origin.account_id.as_deref().unwrap_or_default();
            let status = format!("failed: {}", refusal.message);
            add(index, [&found.origin.source, account, "", "", &status, ""]);
        }
    }
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

fn manifest(collection: &Collection, check: &Check<'_>, sources: &[String]) -> String {
    let options = &collection.options;
    let manifest = json!({
        "credsql": env!("CARGO_PKG_VERSION"),
        "run_time": time::format(options.run_time),
        "as_of": options.as_of.map(time::format),
        "sources": sources,
        "checked": check.choice.title,
        "frameworks": check.choice.frameworks.iter().map(|f| &f.id).collect::<Vec<_>>(),
        "only_new": check.only_new,
        "max_age_hours": check.rules.max_age.map(|age| age / 3_600_000),
    });
    format!("{manifest:#}\n")
}
