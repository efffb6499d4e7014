//! Where reports are: what the user names, and the reports found there.
//!
//! A source only lists and opens; what the bytes mean is for [`crate::decode`].

mod bucket;
pub mod demo;
pub mod exported;
pub mod file;
pub mod kept;
pub mod key;
pub mod live;
pub mod spool;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Cursor};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use bytes::Bytes;

use self::demo::{Demo, DemoReport};
use self::live::Live;
use self::spool::Spool;
use crate::aws::calls;
use crate::aws::options::AwsOptions;
use crate::aws::s3::{Bucket, Location, Object, RangedReader};
use crate::aws::trouble::Trouble;
use crate::beside::Extras;
use crate::decode::envelope::Input;
use crate::decode::refusal::Refusal;
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
    /// A bucket, a folder in it, or an object.
    Bucket(Location),
    /// AWS itself.
    Live(Live),
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
        if let Some(live) = Live::parse(text) {
            return live.map(Self::Live);
        }
        if is_bucket(text) {
            return Location::parse(text).map(Self::Bucket).map_err(Error::Aws);
        }
        if ["aws", "aws-org"].contains(&text) && !PathBuf::from(text).exists() {
            return Err(Error::usage(
                format!("no such file or directory: {text}"),
                "AWS itself is `aws:`, `aws:PROFILE` or `aws-org:ROLE`, with the colon",
            ));
        }
        let path = text.strip_prefix("file://").map_or_else(|| PathBuf::from(typed), PathBuf::from);
        if !path.exists() && text.contains(['*', '?', '[']) {
            return Ok(Self::Glob(text.to_owned()));
        }
        Ok(Self::Path(path))
    }

    /// Whether it is a place in the file system that can be listed again and again.
    #[must_use]
    pub fn is_path(&self) -> bool {
        matches!(self, Self::Path(_) | Self::Glob(_))
    }

    /// Whether it can be listed without asking anybody elsewhere.
    #[must_use]
    pub fn is_local(&self) -> bool {
        !matches!(self, Self::Bucket(_) | Self::Live(_))
    }

    /// The folders that are read with all that is in them.
    #[must_use]
    pub fn folders(&self) -> Vec<PathBuf> {
        match self {
            Self::Path(path) if path.is_dir() => vec![path.clone()],
            Self::Glob(pattern) => glob::glob(pattern)
                .map(|paths| paths.filter_map(Result::ok).filter(|path| path.is_dir()).collect())
                .unwrap_or_default(),
            _ => Vec::new(),
        }
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

/// Whether the user means a bucket, however it is written: a slip in it is told as one.
fn is_bucket(text: &str) -> bool {
    let web = text.starts_with("https://") || text.starts_with("http://");
    let slips = ["s3:", "s3a:", "s3n:", "arn:aws:s3:", "arn:aws-cn:s3:", "arn:aws-us-gov:s3:"];
    slips.iter().any(|scheme| text.starts_with(scheme)) || (web && text.contains("s3"))
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
    /// Fetched already.
    Kept(Arc<Spool>, Range<u64>),
    /// In a bucket.
    Object(Bucket, Object),
    /// Nowhere: there is an account or an object, and no report to be had of it.
    Absent(Absent),
}

/// Why there is no report where one could have been.
#[derive(Debug, Clone)]
pub struct Absent {
    /// Whether that is as it should be, rather than a failure.
    pub is_skipped: bool,
    /// The reason, as the end of a sentence that begins with the name.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Absent {
    /// Left out on purpose.
    #[must_use]
    pub fn skipped(message: impl Into<String>) -> Self {
        Self { is_skipped: true, message: message.into(), hint: None }
    }

    /// It could not be had.
    #[must_use]
    pub fn failed(source: &str, trouble: Trouble) -> Self {
        let message = format!("could not be fetched: {}", without_place(&trouble.message, source));
        Self { is_skipped: false, message, hint: trouble.hint }
    }

    /// In the words of whoever opens it.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let refusal = Refusal::broken(self.message.clone());
        self.hint.iter().fold(refusal, Refusal::hint)
    }
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
    /// Opens it. Blocking; what is in a bucket is fetched piece by piece as it is read, until the run
    /// is cancelled.
    ///
    /// # Errors
    /// A refusal that says why there is nothing to read.
    pub fn open<'a>(&'a self, cancelled: &'a AtomicBool) -> Result<Input<'a>, Refusal> {
        let unreadable = |error: io::Error| Refusal::unreadable(&error);
        Ok(match &self.place {
            Place::File(path) => Box::new(File::open(path).map_err(unreadable)?),
            Place::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Place::Demo(demo, report) => {
                let mut bytes = Vec::new();
                demo.render(report, &mut bytes);
                Box::new(Cursor::new(bytes))
            }
            Place::Kept(spool, range) => Box::new(spool.open(range.clone())),
            Place::Object(bucket, object) => {
                let wait = |piece| calls::wait(cancelled, piece);
                Box::new(RangedReader::new(bucket.clone(), object.clone(), wait))
            }
            Place::Absent(absent) => return Err(absent.refusal()),
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
            Place::Kept(_, range) => Some(range.end - range.start),
            Place::Object(_, object) => Some(object.size),
            Place::Demo(..) | Place::Absent(_) => None,
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
    /// What to do next.
    pub hint: Option<String>,
}

impl Unlisted {
    fn of(source: String, trouble: Trouble) -> Self {
        let reason = without_place(&trouble.message, &source).to_owned();
        Self { source, reason, hint: trouble.hint }
    }

    fn new(source: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { source: source.into(), reason: reason.into(), hint: None }
    }
}

/// A reason that begins with the place it is about, without that place.
fn without_place<'a>(reason: &'a str, source: &str) -> &'a str {
    let rest = reason.strip_prefix(source).map(|rest| rest.strip_prefix('/').unwrap_or(rest));
    rest.and_then(|rest| rest.strip_prefix(": ")).unwrap_or(reason)
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
    /// How many of the places that could not be looked into each source has.
    pub unlisted_of_source: Vec<usize>,
    /// What is known of accounts beside their reports, if it was asked for.
    pub extras: Vec<Extras>,
    /// Things to know that are no faults.
    pub remarks: Vec<String>,
    /// The run was interrupted before all was listed.
    pub is_partial: bool,
}

/// How far the asking of accounts is, for a progress line.
#[derive(Debug, Default)]
pub struct Asking {
    /// Accounts to ask.
    pub total: AtomicU64,
    /// Of these, how many have answered, or failed to.
    pub done: AtomicU64,
}

/// What listing needs beside the sources.
#[derive(Debug)]
pub struct Reach<'a> {
    /// The time of reports that have no other.
    pub run_time: Millis,
    /// The wall clock, when live sources are asked.
    pub now: Millis,
    /// How to speak to AWS.
    pub aws: Arc<AwsOptions>,
    /// Where fetched reports are put.
    pub spool: Arc<Spool>,
    /// How far.
    pub asking: Arc<Asking>,
    /// Set when the run is interrupted.
    pub cancelled: &'a AtomicBool,
}

/// Lists all sources. Blocking; of what is in files, folders and buckets it opens nothing but
/// standard input, and of live sources it fetches every report.
#[must_use]
pub fn list(sources: &[Source], reach: &Reach<'_>) -> Listing {
    let run_time = reach.run_time;
    let mut listing = Listing::default();
    for source in sources {
        let (start, unlisted) = (listing.found.len(), listing.unlisted.len());
        match source {
            Source::Path(path) => file::list(path, run_time, &mut listing),
            Source::Glob(pattern) => file::list_glob(pattern, run_time, &mut listing),
            Source::Stdin => list_stdin(run_time, &mut listing),
            Source::Demo(demo) => list_demo(demo, &mut listing),
            Source::Bucket(location) => bucket::list(location, reach, &mut listing),
            Source::Live(live) => live::list(live, reach, &mut listing),
        }
        listing.of_source.push(start..listing.found.len());
        listing.unlisted_of_source.push(listing.unlisted.len() - unlisted);
    }
    listing
}

/// Lists what is in the file system, and nothing else. Blocking.
#[must_use]
pub fn list_paths(sources: &[Source], run_time: Millis) -> Listing {
    let mut listing = Listing::default();
    for source in sources {
        match source {
            Source::Path(path) => file::list(path, run_time, &mut listing),
            Source::Glob(pattern) => file::list_glob(pattern, run_time, &mut listing),
            Source::Stdin | Source::Demo(_) | Source::Bucket(_) | Source::Live(_) => {}
        }
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
        Err(error) => {
            listing.unlisted.push(Unlisted::new("standard input", error.to_string()));
        }
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
    listing.extras.extend(demo.extras());
}
