//! Reads a report only to learn whose it is and of when, where its path does not tell.

use super::collection::Collection;
use crate::decode::{Report, Summary};

/// What skimming told.
#[derive(Debug)]
pub enum Probe {
    /// The accounts in it.
    Read(Summary),
    /// It cannot be read; the journal has the reason.
    Refused,
}

/// Skims one report. A refusal goes to the journal.
#[must_use]
pub(super) fn probe(collection: &Collection, index: usize) -> Probe {
    let Some(found) = collection.found().get(index) else {
        return Probe::Refused;
    };
    let skim = || {
        let input = collection.open(index)?;
        let mut report = Report::open(input, &found.origin)?;
        while report.skim()? {}
        Ok(report.finish())
    };
    match skim() {
        Ok(summary) => Probe::Read(summary),
        Err(refusal) => {
            collection.refuse(index, refusal);
            Probe::Refused
        }
    }
}

/// Whether a report has a time for each row, so that one file can hold several reports of one
/// account. Reads the header only.
#[must_use]
pub(super) fn may_hold_many_times(collection: &Collection, index: usize) -> bool {
    let Some(found) = collection.found().get(index) else {
        return false;
    };
    let Ok(input) = collection.open(index) else {
        return false;
    };
    Report::open(input, &found.origin).is_ok_and(|report| report.layout().generated_time.is_some())
}
