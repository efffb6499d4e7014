//! What is said on standard error: errors with their cure, and at the end of a run what happened
//! to its reports.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{IsTerminal, Write};

use super::exit::Exit;
use super::style::may_color;
use crate::error::Error;
use crate::output::{escape_control, escape_line};
use crate::source::Listing;
use crate::table::collection::Collection;
use crate::table::journal::Outcome;

/// Reports named one by one; the rest are counted.
const NAMED: usize = 20;

/// Remarks shown one by one; the rest are counted.
const REMARKS: usize = 10;

/// Says one line, with a label in colour on a terminal. Standard error being closed is no reason
/// to fail.
fn say(label: &str, color: u8, text: &str) {
    let mut stderr = std::io::stderr().lock();
    let colored = stderr.is_terminal() && may_color();
    let _ = if colored {
        writeln!(stderr, "\x1b[1;{color}m{label}:\x1b[0m {text}")
    } else {
        writeln!(stderr, "{label}: {text}")
    };
}

/// Says an error and what to do.
pub(crate) fn error(error: &Error) {
    say("error", 31, &escape_control(&error.to_string()));
    if let Some(hint) = error.hint() {
        self::hint(&hint);
    }
}

/// Says what to do next.
pub(crate) fn hint(text: &str) {
    say("hint", 36, &escape_control(text));
}

/// Says something worth knowing that is no failure.
pub(crate) fn note(text: &str) {
    say("note", 36, &escape_control(text));
}

/// Says something beside the result.
pub(crate) fn aside(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let text = escape_control(text);
    let _ = if stderr.is_terminal() && may_color() {
        writeln!(stderr, "\x1b[2m{text}\x1b[0m")
    } else {
        writeln!(stderr, "{text}")
    };
}

/// Says something that may be wrong.
pub(crate) fn warning(text: &str) {
    say("warning", 33, &escape_control(text));
}

/// What was said already. In a shell, where something is said after every statement, nothing is
/// said twice.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Reports, by number, and how many remarks were made on each.
    reports: HashMap<usize, usize>,
    notes: HashSet<String>,
    listing: bool,
    /// Faults told so far.
    pub(crate) faults: usize,
}

impl Told {
    /// Whether an outcome has something that was not said.
    fn is_new(&mut self, index: usize, outcome: &Outcome) -> bool {
        let remarks = match outcome {
            Outcome::Read(warnings) => warnings.len(),
            Outcome::Failed(_) | Outcome::Skipped(_) => 0,
        };
        self.reports.insert(index, remarks) != Some(remarks)
    }
}

/// Says what happened to the reports of a run, as far as it is not told yet; tells whether any of
/// them failed, now or before.
pub(crate) fn reports(collection: &Collection, quiet: bool, told: &mut Told) -> Exit {
    let Some(listing) = collection.listed() else {
        return Exit::Done;
    };
    let outcomes = collection.journal.outcomes();
    let is_failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed(_));
    let is_skipped = |outcome: &Outcome| matches!(outcome, Outcome::Skipped(_));
    let skipped = outcomes.values().filter(|outcome| is_skipped(outcome)).count();
    let is_empty = listing.unlisted.is_empty()
        && skipped == listing.found.len()
        && !collection.options.sources.is_empty();
    let exit = if is_empty || !listing.unlisted.is_empty() || outcomes.values().any(is_failed) {
        Exit::Failed
    } else {
        Exit::Done
    };
    if !std::mem::replace(&mut told.listing, true) {
        told.faults += listing.unlisted.len();
        for place in &listing.unlisted {
            let source = place.source.trim_end_matches(':');
            fault(&format!("{}: {}", escape_line(source), escape_line(&place.reason)));
            if let Some(text) = &place.hint {
                hint(text);
            }
        }
        for remark in listing.remarks.iter().filter(|_| !quiet) {
            note(remark);
        }
    }
    let new: Vec<(String, &Outcome)> = outcomes
        .iter()
        .filter(|(index, outcome)| told.is_new(**index, outcome))
        .map(|(index, outcome)| (name(listing, *index), outcome))
        .collect();
    told.faults += new.iter().filter(|(_, outcome)| is_failed(outcome)).count();
    failures(&new);
    if is_empty {
        if told.notes.insert(String::new()) {
            told.faults += 1;
            nothing_found(skipped);
        }
        return exit;
    }
    if !quiet {
        for text in collection.journal.notes() {
            if told.notes.insert(text.clone()) {
                warning(&text);
            }
        }
        remarks(&new);
        lacks(collection, told);
        skips(&new);
    }
    exit
}

/// A report as the user knows it.
fn name(listing: &Listing, index: usize) -> String {
    let source = listing.found.get(index).map(|found| &*found.origin.source).unwrap_or_default();
    if source == "-" { "standard input".to_owned() } else { escape_line(source).into_owned() }
}

/// Says a failure that is one of many.
pub(crate) fn fault(text: &str) {
    say("error", 31, text);
}

fn failures(outcomes: &[(String, &Outcome)]) {
    let failed: Vec<_> = outcomes
        .iter()
        .filter_map(|(name, outcome)| match outcome {
            Outcome::Failed(refusal) => Some((name, refusal)),
            Outcome::Read(_) | Outcome::Skipped(_) => None,
        })
        .collect();
    for (name, refusal) in failed.iter().take(NAMED) {
        fault(&format!("{name} {}", escape_line(&refusal.message)));
        if let Some(text) = &refusal.hint
            && failed.len() <= 3
        {
            hint(text);
        }
    }
    if failed.len() > NAMED {
        fault(&format!(
            "and {} more reports; see SELECT source, error FROM reports WHERE status = 'failed'",
            failed.len() - NAMED
        ));
    }
}

fn nothing_found(skipped: usize) {
    let what = match skipped {
        0 => String::new(),
        1 => " among 1 file".to_owned(),
        files => format!(" among {files} files"),
    };
    fault(&format!("no credential report was found{what}"));
    hint("a report comes from `aws iam get-credential-report`; `demo:` shows what it looks like");
}

fn remarks(outcomes: &[(String, &Outcome)]) {
    let all: Vec<String> = outcomes
        .iter()
        .filter_map(|(name, outcome)| match outcome {
            Outcome::Read(warnings) => Some((name, warnings)),
            Outcome::Failed(_) | Outcome::Skipped(_) => None,
        })
        .flat_map(|(name, warnings)| {
            warnings.iter().map(move |w| format!("{name}: {}", escape_line(&w.to_string())))
        })
        .collect();
    for text in all.iter().take(REMARKS) {
        warning(text);
    }
    if all.len() > REMARKS {
        warning(&format!(
            "and {} more remarks; see SELECT source, warnings FROM reports",
            all.len() - REMARKS
        ));
    }
}

/// What was asked for beside the reports and could not be had.
fn lacks(collection: &Collection, told: &mut Told) {
    let extras = collection.extras();
    let new: Vec<String> = extras
        .iter()
        .flat_map(|extras| extras.remarks())
        .filter(|text| told.notes.insert(text.clone()))
        .collect();
    for text in new.iter().take(REMARKS) {
        warning(text);
    }
    if new.len() > REMARKS {
        let more = new.len() - REMARKS;
        warning(&format!("and {more} more tables without rows of an account"));
    }
}

fn skips(outcomes: &[(String, &Outcome)]) {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut skipped = Vec::new();
    for (name, outcome) in outcomes {
        match outcome {
            Outcome::Skipped(refusal) if refusal.report_like => {
                reasons.entry(&refusal.message).or_default().push(name.clone());
            }
            Outcome::Skipped(_) => skipped.push(name.clone()),
            Outcome::Read(_) | Outcome::Failed(_) => {}
        }
    }
    // Left out on purpose, and not for what was read.
    for (reason, names) in reasons {
        note(&format!("{} skipped, {}: {}", names.len(), escape_line(reason), list(&names)));
    }
    foreign(&skipped, skipped.len());
}

/// Says that so many files, of which these are some, are no reports.
pub(crate) fn foreign(names: &[String], count: usize) {
    let verb = match count {
        0 => return,
        1 => "file is no credential report and was",
        _ => "files are no credential reports and were",
    };
    note(&format!("{count} {verb} skipped: {}", list(names)));
}

fn list(names: &[String]) -> String {
    let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{shown}, …") } else { shown }
}
