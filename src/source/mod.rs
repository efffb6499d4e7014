//! Where reports are: what the user names, and the reports found there.
//!
//! A source only lists and opens; what the bytes mean is for [`crate::decode`].

pub mod demo;
pub mod file;
pub mod key;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Cursor};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use self::demo::{Demo, DemoReport};
use crate::decode::envelope::Input;
use crate::error::{Error, Result};
use crate::report::{GeneratedTime, Millis, Origin, TimeBasis};

/// What a user can name as a place where reports are.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file, or a directory with everything in it.
    Path(PathBuf),
    /// A pattern of paths.
    Glob(String),
    /// Standard input.
    Stdin,
    /// The synthetic organisation.
    Demo(Arc<Demo>),
}

impl Source {
    /// Reads what the user typed. Looks at the file system only to tell a path from a pattern. A
    /// path that does not exist is a source all the same, which fails when it is listed: it must not
    /// keep others from being read.
    ///
    /// # Errors
    /// If it is of a kind that this version does not read, or options are wrong.
    pub fn parse(typed: impl AsRef<OsStr>) -> Result<Self> {
        let typed = typed.as_ref();
        // Paths need not be UTF-8; everything else a source can be is.
        let text = &*typed.to_string_lossy();
        if text == "-" {
            return Ok(Self::Stdin);
        }
        if let Some(options) = text.strip_prefix("demo:") {
            return Demo::parse(options)
                .map(|demo| Self::Demo(Arc::new(demo)))
                .map_err(Error::Demo);
        }
        if text == "demo" && !PathBuf::from(text).exists() {
            return Err(Error::usage(
                "no such file or directory: demo",
                "the synthetic organisation is `demo:`",
            ));
        }
        if ["s3://", "aws:", "aws-org:"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(Error::UnsupportedSource { source_text: text.to_owned() });
        }
        let path = text.strip_prefix("file://").map_or_else(|| PathBuf::from(typed), PathBuf::from);
        if !path.exists() && text.contains(['*', '?', '[']) {
            return Ok(Self::Glob(text.to_owned()));
        }
        Ok(Self::Path(path))
    }

    /// The error of a path at which there is nothing.
    #[must_use]
    pub fn missing(&self) -> Option<Error> {
        match self {
            Self::Path(path) if !path.exists() => Some(Error::NoSuchPath {
                path: path.display().to_string(),
                nearest: file::nearest(path),
            }),
            _ => None,
        }
    }
}

/// Where the bytes of a report are.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a file.
    File(PathBuf),
    /// Read already: standard input can be read but once.
    Memory(Bytes),
    /// To be generated.
    Demo(Arc<Demo>, DemoReport),
}

/// A report that was found, not yet read.
#[derive(Debug, Clone)]
pub struct Found {
    /// What is known of it.
    pub origin: Origin,
    /// Where its bytes are.
    pub place: Place,
}

impl Found {
    /// Opens it. Blocking.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(&self) -> io::Result<Input<'_>> {
        Ok(match &self.place {
            Place::File(path) => Box::new(File::open(path)?),
            Place::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Place::Demo(demo, report) => {
                let mut bytes = Vec::new();
                demo.render(report, &mut bytes);
                Box::new(Cursor::new(bytes))
            }
        })
    }

    /// Its size, if that can be told without reading it.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        match &self.place {
            Place::File(path) => {
                self.origin.bytes.or_else(|| path.metadata().ok().map(|metadata| metadata.len()))
            }
            Place::Memory(bytes) => u64::try_from(bytes.len()).ok(),
            Place::Demo(..) => None,
        }
    }

    /// Whether path or key tell both account and time, so that the newest report of an account can
    /// be chosen without reading the others. Only of files named as CSV: the answers of AWS and
    /// datasets hold times of their own, which may be others.
    #[must_use]
    pub fn is_told_by_key(&self) -> bool {
        let name = self.origin.source.to_ascii_lowercase();
        self.origin.account_id.is_some()
            && [".csv", ".csv.gz"].iter().any(|suffix| name.ends_with(suffix))
            && matches!(self.origin.time.basis, TimeBasis::FileName | TimeBasis::Key)
    }
}

/// A place that could not be listed.
#[derive(Debug, Clone)]
pub struct Unlisted {
    /// The place.
    pub source: String,
    /// Why.
    pub reason: String,
}

/// What the sources hold.
#[derive(Debug, Default)]
pub struct Listing {
    /// Reports, in the order of the sources and within each in order of name.
    pub found: Vec<Found>,
    /// Places that could not be looked into.
    pub unlisted: Vec<Unlisted>,
    /// Which of the reports each source has, in the order of the sources.
    pub of_source: Vec<Range<usize>>,
}

/// Lists all sources. Blocking; opens no report but standard input.
///
/// `run_time` is the time of reports that have no other.
#[must_use]
pub fn list(sources: &[Source], run_time: Millis) -> Listing {
    let mut listing = Listing::default();
    for source in sources {
        let start = listing.found.len();
        match source {
            Source::Path(path) => file::list(path, run_time, &mut listing),
            Source::Glob(pattern) => file::list_glob(pattern, run_time, &mut listing),
            Source::Stdin => list_stdin(run_time, &mut listing),
            Source::Demo(demo) => list_demo(demo, &mut listing),
        }
        listing.of_source.push(start..listing.found.len());
    }
    listing
}

fn list_stdin(run_time: Millis, listing: &mut Listing) {
    let place = file::read_stream(&mut io::stdin().lock());
    let time = GeneratedTime { millis: run_time, basis: TimeBasis::Run };
    match place {
        Ok(place) => {
            listing.found.push(Found { origin: file::origin("-", true, None, time), place });
        }
        Err(error) => listing
            .unlisted
            .push(Unlisted { source: "standard input".to_owned(), reason: error.to_string() }),
    }
}

fn list_demo(demo: &Arc<Demo>, listing: &mut Listing) {
    for report in demo.reports() {
        let account: Arc<str> = demo.account_id(report.account).into();
        listing.found.push(Found {
            origin: Origin {
                source: format!("demo:{}", report.key(demo)).into(),
                named: false,
                bytes: None,
                account_id: Some(account),
                account_name: Some(demo.account_name(report.account).into()),
                time: GeneratedTime { millis: report.generated_time_ms, basis: TimeBasis::Key },
            },
            place: Place::Demo(Arc::clone(demo), report),
        });
    }
}
