//! Reads one report, once: its untouched bytes, and what they say of themselves.

use std::io::{Cursor, Read};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::decode::envelope::Input;
use crate::decode::refusal::Refusal;
use crate::decode::{Report, Summary};
use crate::report::{Millis, Origin, Section};

/// Largest report that is kept. An account has at most 5,000 users, which make about 1.5 MB; this
/// bounds the memory of many at once.
pub const LARGEST: u64 = 32 << 20;

/// A report as it was found, and what is known of it.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The bytes, as they came.
    pub bytes: Bytes,
    /// Their SHA-256 in hexadecimal.
    pub sha256: String,
    /// The one account in it, 12 digits.
    pub account_id: Arc<str>,
    /// Its name, if the source knows it.
    pub account_name: Option<Arc<str>>,
    /// Its partition, if there are ARNs.
    pub partition: Option<Arc<str>>,
    /// When it was generated; if only the day is known, its midnight.
    pub generated_time: Millis,
    /// Where it came from.
    pub source: Arc<str>,
}

/// Reads a report to its end. Blocking.
///
/// # Errors
/// A refusal that says why it cannot be kept.
pub fn take(input: Input<'_>, origin: &Origin) -> Result<Taken, Refusal> {
    let mut bytes = Vec::new();
    let read = input.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| Refusal::unreadable(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(too_large());
    }
    let bytes = Bytes::from(bytes);
    let (account_id, section) = only_one(skim(&bytes, origin)?)?;
    Ok(Taken {
        sha256: sha256(&bytes),
        bytes,
        account_id,
        account_name: section.account_name,
        partition: section.partition,
        generated_time: section.time.millis,
        source: Arc::clone(&origin.source),
    })
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn skim(bytes: &Bytes, origin: &Origin) -> Result<Summary, Refusal> {
    let mut report = Report::open(Box::new(Cursor::new(bytes.clone())), origin)?;
    while report.skim()? {}
    Ok(report.finish())
}

/// The account and the section of a report that can be kept: all of it, in AWS's form, is of one
/// account and one time.
fn only_one(summary: Summary) -> Result<(Arc<str>, Section), Refusal> {
    if summary.format != "csv" {
        return Err(Refusal::broken(format!(
            "is not the plain CSV that AWS makes ({}), and only that is kept",
            summary.format
        ))
        .hint("collect from the account itself, or take the CSV out of its wrapping"));
    }
    let mut sections = summary.sections.into_iter().map(|(section, _)| section);
    let (Some(section), others) = (sections.next(), sections.len()) else {
        return Err(Refusal::empty());
    };
    if others > 0 {
        return Err(Refusal::broken(format!("holds {} reports in one file", others + 1))
            .hint("collect from the accounts themselves; a file of one report can be kept"));
    }
    let Some(account) = section.account_id.clone() else {
        let foreign = section.foreign_id.as_deref();
        return Err(Refusal::broken(match foreign {
            Some(id) => format!("is of account `{id}`, which is not 12 digits"),
            None => "does not tell whose it is".to_owned(),
        })
        .hint(
            "the account can stand in the name of the file, as in credential_report_111122223333.csv",
        ));
    };
    if !section.time.basis.is_firm() {
        return Err(Refusal::broken(format!(
            "does not tell when it was generated, only its {}",
            section.time.basis.words()
        ))
        .hint(format!(
            "the time can stand in the name of the file, as in credential_report_{account}_20261125T140300Z.csv"
        )));
    }
    Ok((account, section))
}

fn too_large() -> Refusal {
    Refusal::broken(format!(
        "is larger than {} MiB, which no report of one account is",
        LARGEST >> 20
    ))
    .hint("collect from the accounts themselves; a file of one report can be kept")
}
