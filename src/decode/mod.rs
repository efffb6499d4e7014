//! Bytes of a credential report become typed Arrow rows.
//!
//! Pure: bytes come in through a [`Read`](std::io::Read), with what is known of their
//! [`Origin`]; rows, sections and warnings come out. No file is opened here, no clock read, nothing
//! awaited. In order of the data:
//!
//! | module | step |
//! |---|---|
//! | [`envelope`] | takes off gzip, JSON, XML, base64, UTF-16; refuses what is no report |
//! | [`layout`] | the header: columns by name |
//! | [`csv`], `record`, `json_rows`, `parquet_rows` | rows of cells, as slices of one text ([`records`]) |
//! | `repair` | rows that are not as wide as the header |
//! | [`sections`] | whose rows they are: account and time |
//! | [`cell`], [`time`] | what one cell says |
//! | [`columns`] | Arrow columns, many reports to a batch |
//!
//! Why not arrow-csv: it knows one pattern for NULL in all columns, so `N/A`, `no_information` and
//! `not_supported` become one; it cannot tell a missing column from an empty cell; and it names a
//! bad cell by index, with the whole row, rather than by user and column.

pub mod cell;
mod checks;
pub mod columns;
pub mod csv;
pub mod envelope;
mod json_answer;
mod json_rows;
pub mod layout;
mod parquet_rows;
mod record;
pub mod records;
pub mod refusal;
mod repair;
pub mod sections;
mod text_answer;
pub mod time;
pub mod warning;
mod xml_answer;

use std::collections::HashSet;

use checks::RowChecks;
use columns::{Batches, CellSource, Chunk};
use envelope::{Body, Input};
use layout::Layout;
use records::{Records, Rows, Span};
use refusal::Refusal;
use sections::Sections;
pub use text_answer::has_secrets;
use warning::{Warning, Warnings};

use crate::report::{Origin, Section};
use crate::schema::{PASSWORD_ENABLED, PASSWORD_LAST_CHANGED};

/// A report whose header was read and whose rows are still to come.
pub struct Report<'a> {
    rows: Box<dyn Rows + Send + 'a>,
    layout: Layout,
    sections: Sections<'a>,
    warnings: Warnings,
    checks: RowChecks,
    records: Records,
    section_of: Vec<usize>,
    /// Whether each section is wanted, asked once.
    wanted: Vec<bool>,
    format: String,
    /// Whether rows were read.
    is_begun: bool,
}

/// What is known of a report once all its rows were read.
#[derive(Debug)]
pub struct Summary {
    /// The accounts in it, each with its number of rows.
    pub sections: Vec<(Section, u64)>,
    /// Remarks on it. Those on cells are of the columns that were read.
    pub warnings: Vec<Warning>,
    /// What the bytes were, in words.
    pub format: String,
    /// Whether it is a report of one account as AWS wrote it, not a copy in some dataset.
    pub untouched: bool,
}

impl<'a> Report<'a> {
    /// Unwraps the bytes and reads the header.
    ///
    /// # Errors
    /// A refusal that says what the bytes are if they are no report.
    pub fn open(input: Input<'a>, origin: &'a Origin) -> Result<Self, Refusal> {
        let envelope = envelope::open(input)?;
        let mut warnings = Warnings::default();
        if let Some(odd) = envelope.odd_time {
            warnings.add(Warning::report(format!(
                "GeneratedTime {odd} of the answer is no time and not used"
            )));
        }
        let mut format = envelope.layers;
        let (rows, layout): (Box<dyn Rows + Send + 'a>, Layout) = match envelope.body {
            Body::Csv(input) => {
                let rows = csv::CsvRows::open(input, &mut warnings)?;
                let layout = rows.layout().clone();
                format.push("csv");
                (Box::new(rows), layout)
            }
            Body::Rows(rows) => {
                let rows = json_rows::JsonRows::open(rows, &mut warnings)?;
                let layout = rows.layout().clone();
                (Box::new(rows), layout)
            }
            Body::Parquet(bytes) => {
                let rows = parquet_rows::ParquetRows::open(bytes, &mut warnings)?;
                let layout = rows.layout().clone();
                format.push("parquet");
                (Box::new(rows), layout)
            }
        };
        Ok(Self {
            rows,
            sections: Sections::new(origin, layout.clone(), envelope.generated_time),
            layout,
            warnings,
            checks: RowChecks::default(),
            records: Records::default(),
            section_of: Vec::new(),
            wanted: Vec::new(),
            format: format.join(" "),
            is_begun: false,
        })
    }

    /// The header.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether the bytes are compressed, so that only their end proves that they are whole.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        self.format.contains("gzip")
    }

    /// Also finds double users that are not neighbours, at the price of remembering all of them.
    pub fn check_thoroughly(&mut self) {
        self.checks = RowChecks::thorough();
    }

    /// Reads the next chunk of rows and only notes whose they are. `false` at the end. Where that
    /// saves work, a report that is begun so has no more to give to [`Self::read`].
    ///
    /// # Errors
    /// A refusal if the report turns out to be broken.
    pub fn skim(&mut self) -> Result<bool, Refusal> {
        if !self.is_begun {
            self.rows.only_identities();
        }
        self.advance()
    }

    fn advance(&mut self) -> Result<bool, Refusal> {
        self.is_begun = true;
        let more = self.rows.next(&mut self.records, &mut self.warnings)?;
        if more {
            if let Some(layout) = self.records.new_layout.take() {
                self.sections.use_layout(layout.clone());
                self.layout = layout;
            }
            self.sections.assign(&self.records, &mut self.section_of, &mut self.warnings);
        }
        Ok(more)
    }

    /// Reads the next chunk of rows and adds those of the wanted sections to the batches. `false`
    /// at the end.
    ///
    /// # Errors
    /// A refusal if the report turns out to be broken.
    pub fn read(
        &mut self,
        batches: &mut Batches,
        wanted: &dyn Fn(&Section) -> bool,
    ) -> Result<bool, Refusal> {
        if !self.advance()? {
            return Ok(false);
        }
        self.doubt_root_password();
        let new = self.sections.found().iter().skip(self.wanted.len()).map(wanted);
        self.wanted.extend(new);
        let wanted = &self.wanted;
        let rows: Vec<usize> = (0..self.records.len())
            .filter(|&row| {
                self.section_of
                    .get(row)
                    .and_then(|&section| wanted.get(section))
                    .copied()
                    .unwrap_or(false)
            })
            .collect();
        if batches.wants_names() {
            for &row in &rows {
                let section = self.section_of.get(row).copied().unwrap_or_default();
                self.checks.row(&self.records, &self.layout, row, section, &mut self.warnings);
            }
        }
        let chunk = Chunk {
            records: &self.records,
            layout: &self.layout,
            section_of: &self.section_of,
            sections: self.sections.found(),
            rows: &rows,
        };
        batches.add(&chunk, &mut self.warnings);
        Ok(true)
    }

    /// Steampipe writes `true` for a root password that the report did not tell
    /// (`not_supported`): without a change date beside it, that `true` is not believed.
    /// Source: turbot/steampipe-plugin-aws pull requests 657 and 662.
    fn doubt_root_password(&mut self) {
        let steampipe = self.layout.extras.iter().any(|(_, name)| name == "password_status");
        let (Some(enabled), true) = (self.layout.report[PASSWORD_ENABLED], steampipe) else {
            return;
        };
        for row in 0..self.records.len() {
            let changed = self.records.cell(row, self.layout.report[PASSWORD_LAST_CHANGED]).text();
            let told = changed.is_some_and(|text| cell::read_time(text).is_ok());
            let on =
                self.records.cell(row, Some(enabled)).text().map(cell::read_flag) == Some(Ok(true));
            if on && !told && sections::is_root(&self.records, &self.layout, row) == Some(true) {
                self.records.cells[row * self.records.width + enabled] = Span::UNREADABLE;
                self.warnings.add(Warning::report(
                    "password_enabled of root may stand for not_supported in this export; it is unknown",
                ));
            }
        }
    }

    /// Ends the reading and tells what was learnt.
    #[must_use]
    pub fn finish(self) -> Summary {
        let sections = self.sections.into_counts();
        let mut warnings = self.warnings;
        let parquet = self.format.ends_with("parquet");
        let accounts: HashSet<_> = sections.iter().map(|(section, _)| section.account()).collect();
        if accounts.len() > 1 && !parquet {
            warnings.add(Warning::report(format!(
                "{} accounts in one file; split by account",
                accounts.len()
            )));
        }
        let untouched = sections.len() == 1 && !parquet && self.layout.extras.is_empty();
        Summary { sections, warnings: warnings.into_list(), format: self.format, untouched }
    }
}

impl Batches {
    /// Whether users or ARNs are among the columns: then odd ones deserve a remark.
    #[must_use]
    pub fn wants_names(&self) -> bool {
        use crate::schema::{ARN, USER};
        self.sources().iter().any(|source| {
            matches!(source, CellSource::Report(USER | ARN) | CellSource::RawText(USER | ARN))
        })
    }
}
