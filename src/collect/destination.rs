//! What a place for reports can do, and which key a report gets there.

use std::borrow::Cow;

use bytes::Bytes;

use super::taken::Taken;
use super::{facts, layout};

/// A place where reports are kept. Nothing there is ever replaced.
pub trait Destination: Sync {
    /// Puts something new under a key. Either all of it is there afterwards or nothing is. Blocking.
    ///
    /// # Errors
    /// If it cannot be written, or what is there cannot be compared.
    fn put(&self, key: &str, item: &Item<'_>) -> Result<Put, Failure>;

    /// A key as the user would write the place.
    fn place(&self, key: &str) -> String;
}

/// What is to be kept.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// The bytes.
    pub bytes: Bytes,
    /// Their SHA-256 in hexadecimal.
    pub sha256: Cow<'a, str>,
    /// The media type.
    pub media_type: &'static str,
    /// The report that it is, if it is one: its facts are kept with it.
    pub report: Option<&'a Taken>,
}

impl Item<'_> {
    /// The facts as a file to keep beside the report.
    #[must_use]
    pub fn sidecar(&self) -> Option<String> {
        self.report.map(facts::json)
    }

    /// The facts as metadata to keep with the report.
    #[must_use]
    pub fn metadata(&self) -> Vec<(String, String)> {
        let own = || vec![("sha256".to_owned(), self.sha256.to_string())];
        self.report.map_or_else(own, facts::metadata)
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is there now.
    Written,
    /// It was there already, byte for byte.
    Same,
    /// Something else is there, and was left as it is.
    Other,
}

/// Why something could not be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened, lower case, without a final stop.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// Whether nothing else can be kept there either.
    pub is_final: bool,
}

/// A report that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Under this key.
    pub key: String,
    /// Whether it is new there.
    pub is_new: bool,
    /// The key at which something else is, beside which this was put.
    pub beside: Option<String>,
}

/// Keeps a report: under its own key, or, if other bytes are there, beside them. Blocking.
///
/// # Errors
/// If it cannot be written, or cannot be given a key.
pub fn keep(destination: &dyn Destination, taken: &Taken) -> Result<Kept, Failure> {
    let item = Item {
        bytes: taken.bytes.clone(),
        sha256: Cow::Borrowed(&taken.sha256),
        media_type: "text/csv",
        report: Some(taken),
    };
    let no_key = || Failure {
        message: format!(
            "its time {} lies outside of the years 2006 to 2100",
            crate::decode::time::format(taken.generated_time)
        ),
        hint: Some("correct the time in its name or column".to_owned()),
        is_final: false,
    };
    let own = layout::report(&taken.account_id, taken.generated_time).ok_or_else(no_key)?;
    let kept = |key, put, beside| Kept { key, is_new: put == Put::Written, beside };
    let put = destination.put(&own, &item)?;
    if put != Put::Other {
        return Ok(kept(own, put, None));
    }
    let beside = layout::beside(&taken.account_id, taken.generated_time, &taken.sha256);
    let beside = beside.ok_or_else(no_key)?;
    match destination.put(&beside, &item)? {
        Put::Other => Err(Failure {
            message: format!("{} is taken by other bytes", destination.place(&beside)),
            hint: Some("move that file away: its name is the checksum of this report".to_owned()),
            is_final: false,
        }),
        put => Ok(kept(beside, put, Some(own))),
    }
}
