//! The header: which column stands where. Columns are found by name, never by position.

use super::refusal::Refusal;
use super::warning::{Warning, Warnings};
use crate::schema::{self, ARN, KNOWN_EXTRAS, REPORT, REPORT_WIDTH, USER, USER_CREATION_TIME};

/// More columns than this are no report with additions; it bounds what a broken row can cost.
const WIDEST: usize = 512;

/// The columns AWS added in April 2015. Their absence is the layout of 2014, not an accident.
const ADDED_2015: [&str; 6] = [
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
];

/// Where each column stands in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// The names as the header has them, trimmed.
    pub names: Vec<String>,
    /// For each report column, its position.
    pub report: [Option<usize>; REPORT_WIDTH],
    /// Columns that are none of the report's, with their positions.
    pub extras: Vec<(usize, String)>,
    /// Report columns that the header has more than once.
    pub twice: Vec<&'static str>,
    /// An account id added by a collector or another tool.
    pub account_id: Option<usize>,
    /// An account name added likewise.
    pub account_name: Option<usize>,
    /// A time of generation added likewise.
    pub generated_time: Option<usize>,
    /// The original source, in a dataset that credsql compacted.
    pub source: Option<usize>,
}

impl Layout {
    /// Reads a header.
    ///
    /// # Errors
    /// A refusal if these are not the columns of a credential report.
    pub fn new<'a>(header: impl IntoIterator<Item = &'a str>) -> Result<Self, Refusal> {
        let names: Vec<String> = header.into_iter().map(|name| name.trim().to_owned()).collect();
        let mut layout = Self { names, ..Self::default() };
        for position in 0..layout.names.len().min(WIDEST) {
            layout.place(position);
        }
        layout.check()?;
        Ok(layout)
    }

    /// Cells per row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.names.len()
    }

    fn place(&mut self, position: usize) {
        let name = self.names[position].to_ascii_lowercase();
        let known = REPORT
            .iter()
            .position(|column| column.name == name || column.aliases.contains(&name.as_str()));
        if let Some(column) = known {
            match self.report[column] {
                None => {
                    self.report[column] = Some(position);
                    return;
                }
                Some(_) => self.twice.push(REPORT[column].name),
            }
        }
        let lineage = match name.as_str() {
            "account_id" | "account" | "aws_account_id" | "accountid" => Some(&mut self.account_id),
            "account_name" => Some(&mut self.account_name),
            "generated_time" => Some(&mut self.generated_time),
            _ => None,
        };
        if let Some(slot) = lineage {
            slot.get_or_insert(position);
        }
        self.extras.push((position, self.names[position].clone()));
    }

    /// A report names users and says at least one thing about their credentials.
    fn check(&self) -> Result<(), Refusal> {
        if self.names.len() > WIDEST {
            return Err(Refusal::foreign(format!(
                "has {} columns: no report has",
                self.names.len()
            )));
        }
        let names: Vec<String> = self.names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let secret =
            ["secret access key", "secret_access_key", "secretaccesskey", "console login link"];
        if names.iter().any(|name| secret.iter().any(|word| name.contains(word))) {
            return Err(Refusal::key_download());
        }
        let looked_for = "looked for `user`, `arn`, `password_enabled`, `mfa_active`, `access_key_1_active` and others";
        if self.report.iter().all(Option::is_none) {
            return Err(Refusal::foreign(format!(
                "has no column of a credential report ({looked_for})"
            )));
        }
        if self.report[USER].is_none() && self.report[ARN].is_none() {
            return Err(Refusal::foreign("has neither a column `user` nor a column `arn`"));
        }
        let credentials = |column: usize| ![USER, ARN, USER_CREATION_TIME].contains(&column);
        let found = (0..REPORT_WIDTH)
            .filter(|&column| credentials(column))
            .filter_map(|column| self.report[column]);
        if found.count() == 0 {
            return Err(Refusal::foreign(format!("says nothing about credentials ({looked_for})"))
                .hint("if columns were cut out of a report, use the report as AWS wrote it"));
        }
        Ok(())
    }

    /// Warns of what is missing and what nobody knows.
    pub fn describe(&self, warnings: &mut Warnings) {
        let missing: Vec<&str> = REPORT[..schema::ADDITIONAL_CREDENTIALS_INFO]
            .iter()
            .zip(&self.report)
            .filter_map(|(column, position)| position.is_none().then_some(column.name))
            .collect();
        if missing == ADDED_2015 {
            warnings.add(Warning::report(
                "the 16 columns of before April 2015: when keys were last used is not in it and stays unknown",
            ));
        } else if !missing.is_empty() {
            let noun = if missing.len() == 1 { "column" } else { "columns" };
            warnings.add(Warning::report(format!(
                "{noun} missing, their values are unknown: {}",
                missing.join(", ")
            )));
        }
        if self.names.iter().any(String::is_empty) {
            warnings.add(Warning::report(
                "a column has no name; it is kept in `extras` of credential_report_raw only",
            ));
        }
        if !self.twice.is_empty() {
            warnings.add(Warning::report(format!(
                "given more than once, the first is used: {}",
                self.twice.join(", ")
            )));
        }
        let unknown: Vec<&str> = self.unknown().collect();
        if !unknown.is_empty() {
            let noun = if unknown.len() == 1 { "column" } else { "columns" };
            warnings.add(Warning::report(format!(
                "unknown {noun}, kept in `extras` of credential_report_raw only: {}",
                unknown.join(", ")
            )));
        }
    }

    fn unknown(&self) -> impl Iterator<Item = &str> {
        self.extras.iter().filter_map(|(position, name)| {
            let lineage = [self.account_id, self.account_name, self.generated_time, self.source];
            let known = name.is_empty()
                || self.twice.contains(&name.as_str())
                || lineage.contains(&Some(*position))
                || KNOWN_EXTRAS.contains(&name.to_ascii_lowercase().as_str());
            (!known).then_some(name.as_str())
        })
    }
}
