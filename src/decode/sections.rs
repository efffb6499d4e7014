//! Whose rows they are: the account and the time of each row.
//!
//! The account comes from the row's ARN, then from an account column, then from the path or key.
//! A file of several accounts is split by this, row by row.

use std::collections::HashMap;
use std::sync::Arc;

use super::layout::Layout;
use super::records::{Cell, Records};
use super::time;
use super::warning::{Warning, Warnings};
use crate::report::{GeneratedTime, Millis, Origin, Section, TimeBasis};
use crate::schema::{ARN, USER};

/// The parts of `arn:partition:iam::account:resource`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, …
    pub partition: &'a str,
    /// The account, in whatever form.
    pub account: &'a str,
    /// `root` or `user/path/name`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.trim().splitn(6, ':');
        (parts.next()? == "arn").then_some(())?;
        let partition = parts.next()?;
        let _service = parts.next()?;
        let _region = parts.next()?;
        Some(Self { partition, account: parts.next()?, resource: parts.next()? })
    }

    /// Whether this is the root user. Emulators write the name in place of `root`.
    #[must_use]
    pub fn is_root(self) -> bool {
        matches!(self.resource, "root" | "<root_account>")
    }

    /// The name at the end of the path of an IAM user.
    #[must_use]
    pub fn user_name(self) -> Option<&'a str> {
        self.resource.strip_prefix("user/")?.rsplit('/').next()
    }
}

/// Whether the row is the root user: the ARN tells, since an IAM user may be named `root`; without
/// an ARN the name alone, which no IAM user can have.
#[must_use]
pub fn is_root(records: &Records, layout: &Layout, row: usize) -> Option<bool> {
    if let Some(arn) = records.cell(row, layout.report[ARN]).text().and_then(Arn::parse) {
        return Some(arn.is_root());
    }
    match records.cell(row, layout.report[USER]) {
        Cell::Text(user) => match user.trim() {
            "<root_account>" => Some(true),
            // Copies write these for root, and users may have these names.
            "" | "root" | "root_account" => None,
            _ => Some(false),
        },
        Cell::Missing | Cell::Unreadable => None,
    }
}

/// The ARN of a row, if it names an account.
fn usable_arn<'r>(records: &'r Records, layout: &Layout, row: usize) -> Option<Arn<'r>> {
    let text = records.cell(row, layout.report[ARN]).text()?;
    Arn::parse(text).filter(|arn| !arn.account.is_empty())
}

/// Whether the text has the form of an account id.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What tells one section from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    partition: Option<String>,
    account: Option<String>,
    time: Option<Millis>,
    source: Option<String>,
}

/// The sections of one report, found while its rows go by.
pub struct Sections<'a> {
    origin: &'a Origin,
    layout: Layout,
    time: GeneratedTime,
    found: Vec<Section>,
    rows: Vec<u64>,
    known: HashMap<Key, usize>,
    /// The text of the ARN up to the account, of the row before: nearly always the same again.
    last_prefix: String,
    last: usize,
}

impl<'a> Sections<'a> {
    /// Starts with a report of which no row is known.
    #[must_use]
    pub fn new(origin: &'a Origin, layout: Layout, response_time: Option<Millis>) -> Self {
        let time = response_time
            .map_or(origin.time, |millis| GeneratedTime { millis, basis: TimeBasis::Response });
        Self {
            origin,
            layout,
            time,
            found: Vec::new(),
            rows: Vec::new(),
            known: HashMap::new(),
            last_prefix: String::new(),
            last: 0,
        }
    }

    /// Goes on with rows under another header.
    pub fn use_layout(&mut self, layout: Layout) {
        self.layout = layout;
        self.last_prefix.clear();
    }

    /// The sections found so far.
    #[must_use]
    pub fn found(&self) -> &[Section] {
        &self.found
    }

    /// The sections and how many rows each has.
    #[must_use]
    pub fn into_counts(self) -> Vec<(Section, u64)> {
        self.found.into_iter().zip(self.rows).collect()
    }

    /// Gives each row of a chunk the index of its section.
    pub fn assign(
        &mut self,
        records: &Records,
        sections: &mut Vec<usize>,
        warnings: &mut Warnings,
    ) {
        sections.clear();
        let by_arn_alone = self.layout.report[ARN].is_some()
            && self.layout.generated_time.is_none()
            && self.layout.source.is_none();
        for row in 0..records.len() {
            let arn = records.cell(row, self.layout.report[ARN]).text().unwrap_or_default();
            let same =
                by_arn_alone && !self.last_prefix.is_empty() && arn.starts_with(&self.last_prefix);
            if !same {
                self.last = self.find(records, row, warnings);
                self.last_prefix.clear();
                if let Some(arn) = usable_arn(records, &self.layout, row) {
                    self.last_prefix = format!("arn:{}:iam::{}:", arn.partition, arn.account);
                }
            }
            self.rows[self.last] += 1;
            sections.push(self.last);
        }
    }

    fn find(&mut self, records: &Records, row: usize, warnings: &mut Warnings) -> usize {
        let column = |position: Option<usize>| {
            position?;
            records.cell(row, position).text().map(str::trim).filter(|text| !text.is_empty())
        };
        let line = records.lines.get(row).copied().unwrap_or_default();
        let mut arn = usable_arn(records, &self.layout, row);
        if arn.is_none()
            && self.layout.report[ARN].is_some()
            && column(self.layout.account_id).is_none()
        {
            // A report is of one account: a row that does not tell is of the account of those
            // around it, the ones before it first.
            let doubtful =
                "the ARN names no account; the row is taken to be of the account around it";
            let doubt = Warning::line(line, doubtful).user(column(self.layout.report[USER]));
            // In a dataset of many reports it is of the report that it says it is of.
            let own_source = column(self.layout.source);
            let is_around = |before: &&Section| own_source.is_none_or(|own| own == &*before.source);
            if let Some(before) = self.found.get(self.last).filter(is_around) {
                if before.account_id.is_some() || before.foreign_id.is_some() {
                    warnings.add(doubt);
                }
                return self.last;
            }
            if own_source.is_none() {
                arn = (row..records.len()).find_map(|row| usable_arn(records, &self.layout, row));
            }
            if arn.is_some() {
                warnings.add(doubt);
            } else if self.origin.account_id.is_none() && own_source.is_none() {
                warnings.add(Warning::report("its ARNs name no account"));
            }
        }
        let time = column(self.layout.generated_time);
        let millis = time.and_then(time::parse).map(|time| time.millis);
        let key = Key {
            partition: arn.map(|arn| arn.partition.to_owned()),
            account: arn
                .map(|arn| arn.account.to_owned())
                .or_else(|| column(self.layout.account_id).map(str::to_owned)),
            time: millis,
            source: column(self.layout.source).map(str::to_owned),
        };
        if self.layout.generated_time.is_some() && millis.is_none() {
            warnings.add(Warning::line(
                line,
                format!(
                    "generated_time `{}` is no time; the time of the rows before it is used",
                    time.unwrap_or_default()
                ),
            ));
            let same_account =
                |known: &Key| known.account == key.account && known.source == key.source;
            let known = self
                .known
                .iter()
                .filter(|(known, _)| same_account(known))
                .map(|(_, index)| *index)
                .max();
            if let Some(known) = known {
                return known;
            }
        }
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let section = self.section(
            &key,
            column(self.layout.account_name),
            column(self.layout.account_id),
            warnings,
        );
        let index = self.found.len();
        self.found.push(section);
        self.rows.push(0);
        self.known.insert(key, index);
        index
    }

    fn section(
        &self,
        key: &Key,
        account_name: Option<&str>,
        account_column: Option<&str>,
        warnings: &mut Warnings,
    ) -> Section {
        let in_key = self.origin.account_id.as_ref();
        let from_arn = key.partition.is_some();
        if let Some(column) = account_column {
            if !is_account_id(column) {
                warnings.add(Warning::report(format!(
                    "account id `{column}` is not 12 digits and not used"
                )));
            } else if from_arn && key.account.as_deref() != Some(column) {
                warnings.add(Warning::report(format!(
                    "its ARNs say account {}, its account column {column}: the ARNs are believed",
                    key.account.as_deref().unwrap_or_default()
                )));
            }
        }
        let (account_id, foreign_id) = match key.account.as_deref() {
            Some(id) if is_account_id(id) => (Some(Arc::from(id)), None),
            Some(id) if from_arn => (None, Some(Arc::from(id))),
            _ => (in_key.cloned(), None),
        };
        if let (Some(id), Some(in_key)) = (&account_id, in_key)
            && id != in_key
        {
            warnings.add(Warning::report(format!(
                "its ARNs say account {id}, its path says {in_key}: the ARNs are believed"
            )));
        }
        // The account's own column beats what is written on the outside, but not AWS's answer.
        let time = match key.time {
            Some(millis) if self.time.basis != TimeBasis::Response => {
                GeneratedTime { millis, basis: TimeBasis::Column }
            }
            _ => self.time,
        };
        let same_account = account_id.is_none() || account_id.as_ref() == in_key;
        Section {
            partition: key
                .partition
                .as_deref()
                .filter(|partition| partition.starts_with("aws"))
                .map(Arc::from),
            account_name: account_name.map(Arc::from).or_else(|| {
                self.origin.account_name.clone().filter(|_| same_account || in_key.is_none())
            }),
            account_id,
            foreign_id,
            time,
            source: key
                .source
                .as_deref()
                .map_or_else(|| Arc::clone(&self.origin.source), Arc::from),
        }
    }
}
