//! What a check makes of the exit code.

use super::exit::Exit;
use super::telling;
use crate::check::run::Outcome;
use crate::check::verdict::{Control, Status};
use crate::library::query::Severity;
use crate::output::escape_line;

/// What is accepted.
pub(crate) struct Terms {
    /// Alarms below this severity.
    pub(crate) fail_on: Severity,
    /// Rows that are unknown because of the reports.
    pub(crate) allow_unknown: bool,
}

/// The exit code of a check. Says errors of controls and that nothing was judged, and, unless it is
/// to be quiet, what else is not plain from the summary.
pub(crate) fn conclude(outcome: &Outcome, terms: &Terms, quiet: bool) -> Exit {
    let mut exit = Exit::Done;
    for reason in &outcome.unread {
        telling::fault(&escape_line(reason));
    }
    let counts = |control: &Control| control.severity >= Some(terms.fail_on);
    let mut alarms =
        outcome.checked.iter().filter(|checked| checked.tally.count(Status::Alarm) > 0);
    if alarms.any(|checked| counts(&checked.control)) {
        exit = Exit::Alarm;
    }
    for checked in &outcome.checked {
        if let Some(error) = &checked.failure {
            telling::error(error);
        }
        if checked.tally.count(Status::Error) > 0 {
            exit = Exit::Failed;
        }
    }
    let not_told: u64 = outcome.checked.iter().map(|checked| checked.tally.not_told).sum();
    if not_told > 0 && !terms.allow_unknown {
        let rows = if not_told == 1 { "row is" } else { "rows are" };
        if !quiet {
            let refused = outcome.checked.iter().any(|checked| checked.tally.refused > 0);
            let because = if refused {
                "the reports and of what AWS did not tell beside them"
            } else {
                "the reports"
            };
            telling::note(&format!(
                "{not_told} {rows} unknown because of {because}, hence exit code 2; `credsql check --allow-unknown` accepts that"
            ));
        }
        exit = Exit::Failed;
    }
    if outcome.facts.accounts() == 0 && !outcome.checked.is_empty() {
        telling::note("nothing was judged: there is no report to look at");
        exit = Exit::Failed;
    }
    exit
}
