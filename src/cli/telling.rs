//! What is said on standard error: errors with their cure, and at the end of a run what happened
//! to its reports.

use std::io::{IsTerminal, Write};

use super::exit::Exit;
use crate::error::Error;
use crate::output::{escape_control, escape_line};
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
    let colored =
        stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let _ = if colored {
        writeln!(stderr, "\x1b[1;{color}m{label}:\x1b[0m {text}")
    } else {
        writeln!(stderr, "{label}: {text}")
    };
}

/// Says an error and what to do.
pub(super) fn error(error: &Error) {
    say("error", 31, &escape_control(&error.to_string()));
    if let Some(hint) = error.hint() {
        self::hint(&hint);
    }
}

fn hint(text: &str) {
    say("hint", 36, &escape_control(text));
}

/// Says something worth knowing that is no failure.
pub(super) fn note(text: &str) {
    say("note", 36, &escape_control(text));
}

/// Says something that may be wrong.
pub(super) fn warning(text: &str) {
    say("warning", 33, &escape_control(text));
}

/// Says what happened to the reports of a run; tells whether any of them failed.
pub(super) fn reports(collection: &Collection, quiet: bool) -> Exit {
    let Some(listing) = collection.listed() else {
        return Exit::Done;
    };
    let outcomes = collection.journal.outcomes();
    let name = |index: usize| {
        let source =
            listing.found.get(index).map(|found| &*found.origin.source).unwrap_or_default();
        if source == "-" { "standard input".to_owned() } else { escape_line(source).into_owned() }
    };
    let mut exit = Exit::Done;
    for place in &listing.unlisted {
        say(
            "error",
            31,
            &format!("{}: {}", escape_line(&place.source), escape_line(&place.reason)),
        );
        exit = Exit::Failed;
    }
    let failed: Vec<_> = outcomes
        .iter()
        .filter_map(|(index, outcome)| match outcome {
            Outcome::Failed(refusal) => Some((name(*index), refusal)),
            Outcome::Read(_) | Outcome::Skipped(_) => None,
        })
        .collect();
    for (name, refusal) in failed.iter().take(NAMED) {
        say("error", 31, &format!("{name} {}", escape_line(&refusal.message)));
        if let Some(text) = &refusal.hint
            && failed.len() <= 3
        {
            hint(text);
        }
    }
    if failed.len() > NAMED {
        let rest = failed.len() - NAMED;
        say(
            "error",
            31,
            &format!(
                "and {rest} more reports; see SELECT source, error FROM reports WHERE status = 'failed'"
            ),
        );
    }
    if !failed.is_empty() {
        exit = Exit::Failed;
    }
    let skipped: Vec<String> = outcomes
        .iter()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Skipped(_)))
        .map(|(index, _)| name(*index))
        .collect();
    if listing.unlisted.is_empty()
        && skipped.len() == listing.found.len()
        && !collection.options.sources.is_empty()
    {
        let what = if skipped.is_empty() {
            String::new()
        } else {
            format!(
                " among {} {}",
                skipped.len(),
                if skipped.len() == 1 { "file" } else { "files" }
            )
        };
        say("error", 31, &format!("no credential report was found{what}"));
        hint(
            "a report comes from `aws iam get-credential-report`; `demo:` shows what it looks like",
        );
        return Exit::Failed;
    }
    if !quiet {
        remarks(collection, &outcomes, &name);
        if !skipped.is_empty() {
            let verb = if skipped.len() == 1 {
                "file is no credential report and was"
            } else {
                "files are no credential reports and were"
            };
            note(&format!("{} {verb} skipped: {}", skipped.len(), list(&skipped)));
        }
    }
    exit
}

fn remarks(
    collection: &Collection,
    outcomes: &std::collections::BTreeMap<usize, Outcome>,
    name: &dyn Fn(usize) -> String,
) {
    for text in collection.journal.notes() {
        warning(&text);
    }
    let all: Vec<String> = outcomes
        .iter()
        .filter_map(|(index, outcome)| match outcome {
            Outcome::Read(warnings) => Some((name(*index), warnings)),
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

fn list(names: &[String]) -> String {
    let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{shown}, …") } else { shown }
}
