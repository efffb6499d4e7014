//! Choosing among what could stand somewhere by what was typed.

use std::collections::HashSet;

use super::{Candidate, MOST};

/// Something that could stand here.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// What is compared with what was typed.
    pub(crate) key: String,
    /// What is put in.
    pub(crate) replacement: String,
    /// How it is listed.
    pub(crate) display: String,
    /// One line about it.
    pub(crate) doc: String,
}

impl Entry {
    /// An entry that is listed by its key.
    pub(crate) fn new(key: &str, replacement: String, doc: &str) -> Self {
        Self { key: key.to_owned(), display: key.to_owned(), replacement, doc: doc.to_owned() }
    }
}

/// The entries that fit: those that begin with what was typed; if there are none, the spare ones
/// that do; if there are none either, those that have it somewhere, or its letters in order.
pub(crate) fn choose(entries: Vec<Entry>, spare: Vec<Entry>, typed: &str) -> Vec<Candidate> {
    let typed = typed.to_lowercase();
    let begins = |entry: &Entry| entry.key.to_lowercase().starts_with(&typed);
    if entries.iter().any(begins) {
        return candidates(entries.into_iter().filter(begins));
    }
    if spare.iter().any(begins) {
        return candidates(spare.into_iter().filter(begins));
    }
    let mut loose: Vec<_> = entries
        .into_iter()
        .filter_map(|entry| Some((looseness(&entry.key.to_lowercase(), &typed)?, entry)))
        .collect();
    loose.sort_by_key(|(looseness, _)| *looseness);
    candidates(loose.into_iter().map(|(_, entry)| entry))
}

/// How far a key is from what was typed; none if it is something else.
fn looseness(key: &str, typed: &str) -> Option<usize> {
    if key.contains(typed) {
        return Some(0);
    }
    // Letters in order fit too much unless the beginning is right.
    if key.chars().next() != typed.chars().next() || typed.chars().count() < 2 {
        return None;
    }
    let mut rest = key.chars();
    let is_in_order = typed.chars().all(|wanted| rest.any(|c| c == wanted));
    is_in_order.then(|| 1 + key.len() - rest.as_str().len())
}

/// Each replacement once, and not too many.
fn candidates(entries: impl Iterator<Item = Entry>) -> Vec<Candidate> {
    let mut seen = HashSet::new();
    entries
        .filter(|entry| seen.insert(entry.replacement.clone()))
        .take(MOST)
        .map(|Entry { replacement, display, doc, .. }| Candidate { replacement, display, doc })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(keys: &[&str], typed: &str) -> Vec<String> {
        let entries = keys.iter().map(|key| Entry::new(key, (*key).to_owned(), "")).collect();
        choose(entries, Vec::new(), typed).into_iter().map(|found| found.replacement).collect()
    }

    #[test]
    fn beginnings_go_before_parts_and_parts_before_letters() {
        let keys = ["credential_report", "reports", "is_report", "credentials"];
        assert_eq!(chosen(&keys, "CRED"), ["credential_report", "credentials"]);
        assert_eq!(chosen(&keys, "rep"), ["reports"]);
        assert_eq!(chosen(&keys, "report"), ["reports"]);
        assert_eq!(chosen(&keys, "_report"), ["credential_report", "is_report"]);
        assert_eq!(chosen(&keys, "cred_rep"), ["credential_report"]);
        assert_eq!(chosen(&keys, "xyz"), [""; 0]);
        assert_eq!(chosen(&keys, "cz"), [""; 0]);
        assert_eq!(chosen(&keys, ""), keys);
    }

    #[test]
    fn there_is_an_end_to_choices() {
        let many: Vec<String> = (0..10_000).map(|n| format!("c{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(chosen(&many, "c").len(), MOST);
    }
}
