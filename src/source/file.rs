//! Reports in files and directories.

use std::fs::Metadata;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use walkdir::WalkDir;

use super::exported;
use super::kept;
use super::key::{self, KeyPlace};
use super::{Found, Listing, Place, Unlisted};
use crate::decode::envelope::MAX_WRAPPED;
use crate::report::{GeneratedTime, Millis, Origin, TimeBasis};

/// Lists a file the user named, or a directory with all that is in it.
pub fn list(path: &Path, run_time: Millis, listing: &mut Listing) {
    if path.is_dir() {
        return walk(path, run_time, listing);
    }
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => {
            listing.found.push(found(path, true, Some(&metadata), run_time));
        }
        // A named pipe, such as the shell's <(command), can be read but once.
        Ok(_) => match std::fs::File::open(path).and_then(|mut file| read_stream(&mut file)) {
            Ok(place) => {
                let time = GeneratedTime { millis: run_time, basis: TimeBasis::Run };
                let origin = origin(&path.to_string_lossy(), true, None, time);
                listing.found.push(Found { origin, place });
            }
            Err(error) => unlisted(path, &error, listing),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let nearest = nearest(path).map(|name| format!("; did you mean `{name}`?"));
            let reason = format!("no such file or directory{}", nearest.unwrap_or_default());
            listing.unlisted.push(Unlisted::new(path.display().to_string(), reason));
        }
        Err(error) => unlisted(path, &error, listing),
    }
}

/// Lists what a pattern matches: files as named ones, directories with all that is in them. Nobody
/// means what `collect` and `export` keep beside reports by a pattern that matches it as well.
pub fn list_glob(pattern: &str, run_time: Millis, listing: &mut Listing) {
    let mut matched = false;
    match glob::glob(pattern) {
        Ok(paths) => {
            for path in paths {
                matched = true;
                match path {
                    Ok(path) if is_beside_reports(&path) => {}
                    Ok(path) => list(&path, run_time, listing),
                    Err(error) => unlisted(error.path(), error.error(), listing),
                }
            }
        }
        Err(error) => {
            let reason = format!("is not a pattern: {error}");
            return listing.unlisted.push(Unlisted::new(pattern, reason));
        }
    }
    if !matched {
        listing.unlisted.push(Unlisted::new(pattern, "matches no file"));
    }
}

/// Symbolic links are followed, as in every tool people keep folders of reports with; a link that
/// leads back up is reported by the walk and not followed again. Hidden files are none of ours, nor
/// are pipes and devices, which could block for ever, nor what `collect` and `export` keep beside
/// reports.
fn walk(path: &Path, run_time: Millis, listing: &mut Listing) {
    let visible = |name: &std::ffi::OsStr| !name.as_encoded_bytes().starts_with(b".");
    let entries =
        WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter().filter_entry(
            |entry| {
                entry.depth() == 0 || (visible(entry.file_name()) && !is_evidence(entry.path()))
            },
        );
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_file() && !is_beside_reports(entry.path()) => {
                listing.found.push(found(entry.path(), false, None, run_time));
            }
            Ok(_) => {}
            Err(error) => {
                let source = error.path().unwrap_or(path).display().to_string();
                let reason =
                    error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                listing.unlisted.push(Unlisted::new(source, reason));
            }
        }
    }
}

fn unlisted(path: &Path, error: &io::Error, listing: &mut Listing) {
    listing.unlisted.push(Unlisted::new(path.display().to_string(), error.to_string()));
}

/// What the name and, if it tells no time, the modification time say of a file.
fn found(path: &Path, named: bool, metadata: Option<&Metadata>, run_time: Millis) -> Found {
    let text = path.to_string_lossy();
    let facts = key::facts(&text);
    let time = match facts.time {
        Some(time) => GeneratedTime {
            millis: time.millis,
            basis: match time.place {
                KeyPlace::FileName => TimeBasis::FileName,
                KeyPlace::Folder => TimeBasis::Key,
            },
        },
        None => match metadata
            .map_or_else(|| path.metadata().ok().as_ref().and_then(modified), modified)
        {
            Some(millis) => GeneratedTime { millis, basis: TimeBasis::Modified },
            None => GeneratedTime { millis: run_time, basis: TimeBasis::Run },
        },
    };
    let mut origin = origin(&text, named, metadata.map(Metadata::len), time);
    origin.account_id = facts.account_id.map(Arc::from);
    Found { origin, place: Place::File(path.to_owned()) }
}

/// An origin of which only the place is known.
#[must_use]
pub fn origin(source: &str, named: bool, bytes: Option<u64>, time: GeneratedTime) -> Origin {
    Origin { source: source.into(), named, bytes, account_id: None, account_name: None, time }
}

/// Whole seconds: finer digits of a modification time say nothing about a report.
fn modified(metadata: &Metadata) -> Option<Millis> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Millis::try_from(since.as_secs()).ok()?.checked_mul(1000)
}

/// Takes in what can be read but once.
///
/// # Errors
/// If the stream breaks, or holds more than may be held in memory.
pub fn read_stream(stream: &mut dyn Read) -> io::Result<Place> {
    let mut bytes = Vec::new();
    stream.take(MAX_WRAPPED + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_WRAPPED) {
        let message =
            format!("more than {} MiB; save it to a file and name that", MAX_WRAPPED >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(Place::Memory(Bytes::from(bytes)))
}

/// A name in the same directory that the user may have meant.
#[must_use]
pub fn nearest(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_string_lossy();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    entries
        .take(10_000)
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().to_string_lossy().into_owned();
            let likeness = strsim::jaro_winkler(&wanted, &name);
            (likeness > 0.85 && name != wanted).then_some((likeness, name))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| {
            folder.map_or(name.clone(), |folder| folder.join(name).display().to_string())
        })
}

/// Whether a file is what `collect` or `export` keep beside reports.
fn is_beside_reports(path: &Path) -> bool {
    let path = path.to_string_lossy();
    kept::is_beside_reports(&path) || exported::is_beside_reports(&path)
}

/// Whether a directory is what `check --evidence` leaves: results, not reports.
fn is_evidence(path: &Path) -> bool {
    ["manifest.json", "SHA256SUMS", "results.csv"].iter().all(|name| path.join(name).is_file())
}
