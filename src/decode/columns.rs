//! Typed columns: cells become Arrow arrays, many reports packed into each batch.

use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, BooleanBuilder, Int64Builder, RecordBatch, RecordBatchOptions,
    StringViewBuilder, TimestampMillisecondBuilder,
};
use arrow::datatypes::SchemaRef;

use super::cell::{self, State};
use super::layout::Layout;
use super::records::{Cell, Records};
use super::sections;
use super::time;
use super::warning::{Warning, Warnings};
use crate::report::{Millis, Section};
use crate::schema::{
    ADDITIONAL_CREDENTIALS_INFO, ARN, Kind, PASSWORD_NEXT_ROTATION, REPORT, REPORT_WIDTH, USER,
};

/// Rows per batch: what DataFusion's operators like best. A batch is a little larger when the last
/// chunk in it is.
pub const BATCH_ROWS: usize = 8192;

/// What a column of a table is made of. The order of the variants after the first two is that of
/// the lists `LINEAGE`, `CLOCK`, `INTERNAL` and `RAW` in [`crate::schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CellSource {
    /// A report column, typed.
    Report(usize),
    /// A report column, as the text that was delivered.
    RawText(usize),
    /// `account_id`
    AccountId,
    /// `account_name`
    AccountName,
    /// `partition`
    Partition,
    /// `is_root`
    IsRoot,
    /// `generated_time`
    GeneratedTime,
    /// `source`
    Source,
    /// `clock_time`
    ClockTime,
    /// `cell_states`
    CellStates,
    /// `line`
    Line,
    /// `extras`
    Extras,
}

impl CellSource {
    /// The columns of `credential_report` and `credential_report_history`.
    #[must_use]
    pub fn typed() -> Vec<Self> {
        (0..REPORT_WIDTH)
            .map(Self::Report)
            .chain(Self::lineage())
            .chain([Self::ClockTime])
            .collect()
    }

    /// The same with what the views need.
    #[must_use]
    pub fn internal() -> Vec<Self> {
        Self::typed().into_iter().chain([Self::CellStates]).collect()
    }

    /// The columns of `credential_report_raw`.
    #[must_use]
    pub fn raw() -> Vec<Self> {
        (0..REPORT_WIDTH)
            .map(Self::RawText)
            .chain(Self::lineage())
            .chain([Self::Line, Self::Extras])
            .collect()
    }

    fn lineage() -> [Self; 6] {
        [
            Self::AccountId,
            Self::AccountName,
            Self::Partition,
            Self::IsRoot,
            Self::GeneratedTime,
            Self::Source,
        ]
    }

    /// What the column holds.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Report(column) => REPORT[column].kind,
            Self::IsRoot => Kind::Boolean,
            Self::GeneratedTime | Self::ClockTime => Kind::Timestamp,
            Self::Line => Kind::Integer,
            _ => Kind::Text,
        }
    }
}

enum Builder {
    Text(StringViewBuilder),
    Flag(BooleanBuilder),
    Time(TimestampMillisecondBuilder),
    Number(Int64Builder),
}

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(StringViewBuilder::with_capacity(BATCH_ROWS)),
            Kind::Boolean => Self::Flag(BooleanBuilder::with_capacity(BATCH_ROWS)),
            Kind::Timestamp => {
                let builder = TimestampMillisecondBuilder::with_capacity(BATCH_ROWS);
                Self::Time(builder.with_timezone("UTC"))
            }
            Kind::Integer => Self::Number(Int64Builder::with_capacity(BATCH_ROWS)),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Flag(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => ArrayBuilder::finish(builder),
            Self::Number(builder) => Arc::new(builder.finish()),
        }
    }
}

/// Rows of a chunk with what is known of them beside their cells.
pub struct Chunk<'a> {
    /// The cells.
    pub records: &'a Records,
    /// The header.
    pub layout: &'a Layout,
    /// The section of each row, as an index into `sections`.
    pub section_of: &'a [usize],
    /// The sections of the report.
    pub sections: &'a [Section],
    /// The rows to take, ascending.
    pub rows: &'a [usize],
}

impl Chunk<'_> {
    /// The section of a row; every row has one.
    fn section(&self, row: usize) -> Option<&Section> {
        self.sections.get(*self.section_of.get(row)?)
    }

    fn warn(&self, row: usize, column: usize, value: &str, message: String) -> Warning {
        let user = self.records.cell(row, self.layout.report[USER]).text().or_else(|| {
            sections::Arn::parse(self.records.cell(row, self.layout.report[ARN]).text()?)?
                .user_name()
        });
        let line = self.records.lines.get(row).copied().filter(|&line| line > 0);
        Warning { line, ..Warning::report(message).user(user).cell(&REPORT[column], value) }
    }
}

/// Gathers chunks of many reports into batches with the columns asked for.
pub struct Batches {
    schema: SchemaRef,
    sources: Vec<CellSource>,
    builders: Vec<Builder>,
    rows: usize,
    /// The clock of the latest tables, if it is not each report's own.
    clock: Option<Millis>,
}

impl Batches {
    /// Columns `sources`, described by `schema`; `clock` overrides the clock of every report.
    #[must_use]
    pub fn new(schema: SchemaRef, sources: Vec<CellSource>, clock: Option<Millis>) -> Self {
        let builders = sources.iter().map(|source| Builder::new(source.kind())).collect();
        Self { schema, sources, builders, rows: 0, clock }
    }

    /// What the columns are made of.
    #[must_use]
    pub fn sources(&self) -> &[CellSource] {
        &self.sources
    }

    /// Rows gathered and not yet taken.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Takes what is gathered.
    ///
    /// # Errors
    /// Never for builders made by [`Batches::new`] from a schema of the same columns.
    pub fn take(&mut self) -> Result<RecordBatch, arrow::error::ArrowError> {
        let columns = self.builders.iter_mut().map(Builder::finish).collect();
        let options =
            RecordBatchOptions::new().with_row_count(Some(std::mem::take(&mut self.rows)));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
    }

    /// Adds the rows of a chunk.
    pub fn add(&mut self, chunk: &Chunk<'_>, warnings: &mut Warnings) {
        for (source, builder) in self.sources.iter().zip(&mut self.builders) {
            match builder {
                Builder::Flag(builder) => add_flags(builder, *source, chunk, warnings),
                Builder::Time(builder) => add_times(builder, *source, chunk, self.clock, warnings),
                Builder::Text(builder) => add_texts(builder, *source, chunk, warnings),
                Builder::Number(builder) => {
                    for &row in chunk.rows {
                        let line = chunk.records.lines.get(row).copied().filter(|&line| line > 0);
                        builder.append_option(line.and_then(|line| i64::try_from(line).ok()));
                    }
                }
            }
        }
        self.rows += chunk.rows.len();
    }
}

fn add_flags(
    builder: &mut BooleanBuilder,
    source: CellSource,
    chunk: &Chunk<'_>,
    warnings: &mut Warnings,
) {
    for &row in chunk.rows {
        let value = match source {
            CellSource::Report(column) => {
                match chunk.records.cell(row, chunk.layout.report[column]) {
                    Cell::Text(text) => {
                        read(cell::read_flag(text), chunk, row, column, text, warnings)
                    }
                    Cell::Missing | Cell::Unreadable => None,
                }
            }
            _ => sections::is_root(chunk.records, chunk.layout, row),
        };
        builder.append_option(value);
    }
}

fn add_times(
    builder: &mut TimestampMillisecondBuilder,
    source: CellSource,
    chunk: &Chunk<'_>,
    clock: Option<Millis>,
    warnings: &mut Warnings,
) {
    for &row in chunk.rows {
        let section = chunk.section(row);
        let value = match source {
            CellSource::Report(column) => match chunk.records.cell(row, chunk.layout.report[column]) {
                Cell::Text(text) => read(cell::read_time(text), chunk, row, column, text, warnings).map(|time| {
                    if time.cut {
                        let message = "has digits finer than a millisecond, which were cut".to_owned();
                        warnings.add(chunk.warn(row, column, text, message));
                    }
                    let limit = section.map_or(Millis::MAX, |section| section.time.future_limit());
                    if time.millis > limit && column != PASSWORD_NEXT_ROTATION {
                        let at = section.map_or(0, |section| section.time.millis);
                        let message = format!(
                            "lies in the future of the report ({}); it is kept and never counts as recent",
                            time::format(at)
                        );
                        warnings.add(chunk.warn(row, column, text, message));
                    }
                    time.millis
                }),
                Cell::Missing | Cell::Unreadable => None,
            },
            CellSource::ClockTime => clock.or_else(|| section.map(|section| section.time.millis)),
            _ => section.map(|section| section.time.millis),
        };
        builder.append_option(value);
    }
}

fn add_texts(
    builder: &mut StringViewBuilder,
    source: CellSource,
    chunk: &Chunk<'_>,
    warnings: &mut Warnings,
) {
    let mut states = String::with_capacity(REPORT_WIDTH);
    for &row in chunk.rows {
        let section = chunk.section(row);
        match source {
            CellSource::Report(column) => {
                match chunk.records.cell(row, chunk.layout.report[column]) {
                    Cell::Text(text) if matches!(column, USER | ARN) => {
                        builder.append_option(Some(text.trim()).filter(|text| !text.is_empty()));
                    }
                    Cell::Text(text) if column == ADDITIONAL_CREDENTIALS_INFO => {
                        builder.append_option(cell::absent(text).is_none().then_some(text));
                    }
                    Cell::Text(text) => {
                        builder.append_option(read(
                            cell::read_text(text),
                            chunk,
                            row,
                            column,
                            text,
                            warnings,
                        ));
                    }
                    Cell::Missing | Cell::Unreadable => builder.append_null(),
                }
            }
            CellSource::RawText(column) => {
                builder.append_option(chunk.records.cell(row, chunk.layout.report[column]).text());
            }
            CellSource::CellStates => {
                states.clear();
                states.extend((0..REPORT_WIDTH).map(|column| {
                    state(chunk.records.cell(row, chunk.layout.report[column]), column).letter()
                }));
                builder.append_value(&states);
            }
            CellSource::Extras => builder.append_option(extras(chunk, row)),
            CellSource::AccountId => {
                builder.append_option(section.and_then(|s| s.account_id.as_deref()));
            }
            CellSource::AccountName => {
                builder.append_option(section.and_then(|s| s.account_name.as_deref()));
            }
            CellSource::Partition => {
                builder.append_option(section.and_then(|s| s.partition.as_deref()));
            }
            _ => builder.append_option(section.map(|section| &*section.source)),
        }
    }
}

/// What a cell of this column said.
#[must_use]
pub fn state(cell: Cell<'_>, column: usize) -> State {
    let text = match cell {
        Cell::Text(text) => text,
        Cell::Missing => return State::Missing,
        Cell::Unreadable => return State::Unreadable,
    };
    let read = match (column, REPORT[column].kind) {
        // A user may be named like a sentinel; ARNs hold none.
        (USER | ARN, _) if text.trim().is_empty() => Err(State::Empty),
        (USER | ARN, _) => Ok(()),
        (ADDITIONAL_CREDENTIALS_INFO, _) => cell::absent(text).map_or(Ok(()), Err),
        (_, Kind::Boolean) => cell::read_flag(text).map(drop),
        (_, Kind::Timestamp) => cell::read_time(text).map(drop),
        (_, Kind::Text | Kind::Integer) => cell::read_text(text).map(drop),
    };
    read.err().unwrap_or(State::Value)
}

/// The value of a cell; what cannot be read, and words that AWS does not write, are remarked upon.
fn read<T>(
    result: Result<T, State>,
    chunk: &Chunk<'_>,
    row: usize,
    column: usize,
    text: &str,
    warnings: &mut Warnings,
) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(State::Unreadable) => {
            let expected = match REPORT[column].kind {
                Kind::Boolean => "true or false",
                Kind::Timestamp => "a date such as 2024-01-05T10:11:12Z",
                Kind::Text | Kind::Integer => "a name, not a date",
            };
            let message = format!("cannot be read, its value is unknown: expected {expected}");
            warnings.add(chunk.warn(row, column, text, message));
            None
        }
        Err(State::Empty) if cell::is_other_word(text) => {
            let message =
                "is not a word AWS writes for a missing value; taken as an empty cell".to_owned();
            warnings.add(chunk.warn(row, column, text, message));
            None
        }
        Err(_) => None,
    }
}

/// What the report columns do not show: cells under other columns, and of a row of which cells had
/// to be given up the whole line, under a name no column can have.
fn extras(chunk: &Chunk<'_>, row: usize) -> Option<String> {
    let mut cells: serde_json::Map<String, serde_json::Value> = chunk
        .layout
        .extras
        .iter()
        .map(|(position, name)| {
            let text = chunk.records.cell(row, Some(*position)).text();
            (name.clone(), text.map_or(serde_json::Value::Null, serde_json::Value::from))
        })
        .collect();
    let given_up = &chunk.records.given_up;
    if let Ok(found) = given_up.binary_search_by_key(&row, |(row, _)| *row)
        && let Some((_, line)) = given_up.get(found)
    {
        cells.insert("(line)".to_owned(), serde_json::Value::from(line.as_str()));
    }
    (!cells.is_empty()).then(|| serde_json::Value::Object(cells).to_string())
}
