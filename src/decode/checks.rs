//! Remarks on rows that can be read but are odd.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::layout::Layout;
use super::records::Records;
use super::sections::Arn;
use super::warning::{Warning, Warnings};
use crate::schema::{ARN, USER};

/// Longest name IAM permits.
const LONGEST_NAME: usize = 64;

/// Looks at users and ARNs as rows go by.
#[derive(Default)]
pub(super) struct RowChecks {
    /// First line of each (section, ARN or user) seen, by hash; only the last one if not thorough, which
    /// finds doubles in a report in AWS's order.
    seen: HashMap<u64, u64>,
    thorough: bool,
}

impl RowChecks {
    /// Finds doubles anywhere in the report rather than in neighbouring rows only.
    #[must_use]
    pub(super) fn thorough() -> Self {
        Self { thorough: true, ..Self::default() }
    }

    /// Looks at one row.
    pub(super) fn row(
        &mut self,
        records: &Records,
        layout: &Layout,
        row: usize,
        section: usize,
        warnings: &mut Warnings,
    ) {
        let line = records.lines.get(row).copied().unwrap_or_default();
        let user = records.cell(row, layout.report[USER]).text();
        let arn = records.cell(row, layout.report[ARN]).text();
        if let Some(user) = user {
            let odd = if user.contains(char::is_control) {
                Some("the user name holds control characters")
            } else if user.len() > LONGEST_NAME && user.chars().count() > LONGEST_NAME {
                Some("the user name is longer than the 64 characters IAM permits")
            } else {
                None
            };
            if let Some(odd) = odd {
                warnings.add(Warning::line(line, odd).user(Some(user)));
            }
        }
        if let Some(parsed) = arn.and_then(Arn::parse)
            && !parsed.is_root()
            && parsed.user_name().is_none()
        {
            let message = format!("the ARN is not of a user or root: {}", parsed.resource);
            warnings.add(Warning::line(line, message).user(user));
        }
        if let (Some(user), Some(name)) = (user, arn.and_then(Arn::parse).and_then(Arn::user_name))
            && user.trim() != name
        {
            warnings.add(
                Warning::line(line, format!("the ARN names another user: {name}")).user(Some(user)),
            );
        }
        if let Some(subject) = arn.or(user).filter(|subject| !subject.is_empty()) {
            self.double(section, subject, user, line, warnings);
        }
    }

    fn double(
        &mut self,
        section: usize,
        subject: &str,
        user: Option<&str>,
        line: u64,
        warnings: &mut Warnings,
    ) {
        let mut hasher = DefaultHasher::new();
        (section, subject).hash(&mut hasher);
        let key = hasher.finish();
        if !self.thorough && !self.seen.contains_key(&key) {
            self.seen.clear();
        }
        match self.seen.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(line);
            }
            Entry::Occupied(first) => {
                let message =
                    format!("the same user as in line {}; both rows are kept", first.get());
                warnings.add(Warning::line(line, message).user(user.or(Some(subject))));
            }
        }
    }
}
