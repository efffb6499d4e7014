//! Table `reports`: what was found and what became of it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Int64Builder, RecordBatch, StringViewBuilder,
    TimestampMillisecondBuilder,
};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::collection::{Collection, Current};
use super::inspect::Inspected;
use super::journal::Outcome;
use super::selection::{Entry, Scope, Selection, Wanted, identity};
use crate::report::{GeneratedTime, Section};
use crate::schema::{REPORTS, Table};
use crate::source::Unlisted;

/// Position of `sha256`, which costs a reading of its own.
const SHA256: usize = 9;

/// The provider. Reads every report whole at the first query.
#[derive(Debug)]
pub struct ReportsTable {
    current: Arc<Current>,
    schema: SchemaRef,
}

impl ReportsTable {
    /// The table of these reports; `None` if the list of tables has lost it.
    #[must_use]
    pub fn new(current: Arc<Current>) -> Option<Self> {
        Some(Self { current, schema: Table::named("reports")?.arrow_schema() })
    }
}

#[async_trait]
impl TableProvider for ReportsTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let with_digest = projection.is_none_or(|columns| columns.contains(&SHA256));
        let (collection, schema) = (self.current.get(), Arc::clone(&self.schema));
        let looked_at = Arc::clone(&collection);
        let batch = tokio::task::spawn_blocking(move || batch(&looked_at, &schema, with_digest))
            .await
            .map_err(|error| DataFusionError::External(Box::new(error)))??;
        collection.go_on()?;
        Ok(MemorySourceConfig::try_new_exec(
            &[vec![batch]],
            Arc::clone(&self.schema),
            projection.cloned(),
        )?)
    }
}

/// One row of the table.
#[derive(Clone, Copy)]
struct Row<'a> {
    source: &'a str,
    section: Option<&'a Section>,
    /// What the path tells of a report that could not be read.
    account_id: Option<&'a str>,
    account_name: Option<&'a str>,
    time: Option<GeneratedTime>,
    status: &'static str,
    rows: Option<u64>,
    bytes: Option<u64>,
    sha256: Option<&'a str>,
    format: Option<&'a str>,
    is_latest: bool,
    warnings: &'a str,
    error: Option<&'a str>,
}

impl<'a> Row<'a> {
    /// A place that could not be read, of which nothing more is known.
    fn failed(source: &'a str) -> Self {
        Self {
            source,
            section: None,
            account_id: None,
            account_name: None,
            time: None,
            status: "failed",
            rows: None,
            bytes: None,
            sha256: None,
            format: None,
            is_latest: false,
            warnings: "[]",
            error: None,
        }
    }
}

fn batch(collection: &Collection, schema: &SchemaRef, with_digest: bool) -> Result<RecordBatch> {
    let inspected = collection.inspected();
    let indices: Vec<usize> = inspected.iter().map(|report| report.found).collect();
    let digests = if with_digest {
        collection.in_parallel(&indices, |index| collection.digest(index))
    } else {
        Vec::new()
    };
    let history = Shown::new(&collection.selection(Scope::History));
    let latest = Shown::new(&collection.selection(Scope::Latest));
    let outcomes = collection.journal.outcomes();
    let mut rows = ReportRows::new(collection, &history, &outcomes);
    for (position, report) in inspected.iter().enumerate() {
        let digest = digests.get(position).and_then(Option::as_deref);
        rows.push(report, digest, &|_| true, &|section| latest.has(report.found, section));
    }
    rows.push_unlisted(&|_| true);
    rows.finish(schema)
}

/// Rows of the table, made of reports that were read whole.
pub struct ReportRows<'a> {
    collection: &'a Collection,
    history: &'a Shown,
    outcomes: &'a BTreeMap<usize, Outcome>,
    builder: Builder,
}

impl<'a> ReportRows<'a> {
    /// No rows yet. What the history does not show is superseded; what became of a report later is
    /// in the outcomes.
    #[must_use]
    pub fn new(
        collection: &'a Collection,
        history: &'a Shown,
        outcomes: &'a BTreeMap<usize, Outcome>,
    ) -> Self {
        Self { collection, history, outcomes, builder: Builder::default() }
    }

    /// The rows of one report: of those of its sections that are wanted.
    pub fn push(
        &mut self,
        report: &Inspected,
        sha256: Option<&str>,
        wanted: &dyn Fn(&Section) -> bool,
        is_latest: &dyn Fn(&Section) -> bool,
    ) {
        let collection = self.collection;
        let Some(found) = collection.found().get(report.found) else {
            return;
        };
        let origin = &found.origin;
        let row = Row {
            account_id: origin.account_id.as_deref(),
            account_name: origin.account_name.as_deref(),
            bytes: found.bytes(),
            sha256,
            ..Row::failed(&origin.source)
        };
        let outcome = self.outcomes.get(&report.found);
        match &report.result {
            Ok(summary) => {
                let warnings =
                    serde_json::to_string(&summary.warnings).unwrap_or_else(|_| "[]".to_owned());
                let visible = summary.sections.iter().filter(|(section, _)| {
                    !collection.hides(section.time.millis) && wanted(section)
                });
                for (section, rows) in visible {
                    // Read once and gone when it was to be read again.
                    let lost = match outcome {
                        Some(Outcome::Failed(refusal)) => Some(refusal),
                        _ => None,
                    };
                    let status = match () {
                        () if lost.is_some() => "failed",
                        () if !self.history.has(report.found, section) => "superseded",
                        () if summary.warnings.is_empty() => "ok",
                        () => "warning",
                    };
                    self.builder.push(&Row {
                        source: &section.source,
                        section: Some(section),
                        time: Some(section.time),
                        status,
                        rows: Some(*rows),
                        format: Some(&summary.format),
                        is_latest: is_latest(section),
                        warnings: &warnings,
                        error: lost.map(|refusal| &*refusal.message),
                        ..row
                    });
                }
            }
            Err(refusal) => {
                let told = found.is_told_by_key();
                if told && collection.hides(origin.time.millis) {
                    return;
                }
                let skipped = matches!(outcome, Some(Outcome::Skipped(_)));
                self.builder.push(&Row {
                    status: if skipped { "skipped" } else { "failed" },
                    time: told.then_some(origin.time),
                    error: Some(&refusal.message),
                    ..row
                });
            }
        }
    }

    /// The rows of places that could not be looked into.
    pub fn push_unlisted(&mut self, wanted: &dyn Fn(&Unlisted) -> bool) {
        for place in self.collection.listing().unlisted.iter().filter(|place| wanted(place)) {
            self.builder.push(&Row { error: Some(&place.reason), ..Row::failed(&place.source) });
        }
    }

    /// The rows.
    ///
    /// # Errors
    /// If the schema is not that of the table.
    pub fn finish(self, schema: &SchemaRef) -> Result<RecordBatch> {
        self.builder.finish(schema)
    }
}

/// Which sections a scope shows.
#[derive(Debug)]
pub struct Shown {
    whole: HashSet<usize>,
    parts: HashSet<(usize, crate::table::selection::Identity)>,
}

impl Shown {
    /// The sections of a selection.
    #[must_use]
    pub fn new(selection: &Selection) -> Self {
        let mut shown = Self { whole: HashSet::new(), parts: HashSet::new() };
        for Entry { found, wanted, .. } in &selection.entries {
            match wanted {
                Wanted::All => {
                    shown.whole.insert(*found);
                }
                Wanted::Only(identities) => {
                    shown.parts.extend(identities.iter().map(|id| (*found, id.clone())));
                }
            }
        }
        shown
    }

    fn has(&self, found: usize, section: &Section) -> bool {
        self.whole.contains(&found) || self.parts.contains(&(found, identity(section)))
    }
}

#[derive(Default)]
struct Builder {
    texts: [StringViewBuilder; 9],
    time: TimestampMillisecondBuilder,
    numbers: [Int64Builder; 2],
    is_latest: BooleanBuilder,
    errors: StringViewBuilder,
}

impl Builder {
    fn push(&mut self, row: &Row<'_>) {
        let section = row.section;
        let texts = [
            Some(row.source),
            section.map_or(row.account_id, |section| section.account_id.as_deref()),
            section.map_or(row.account_name, |section| section.account_name.as_deref()),
            section.and_then(|section| section.partition.as_deref()),
            row.time.map(|time| time.basis.words()),
            Some(row.status),
            row.sha256,
            row.format,
            Some(row.warnings),
        ];
        for (builder, text) in self.texts.iter_mut().zip(texts) {
            builder.append_option(text);
        }
        self.time.append_option(row.time.map(|time| time.millis));
        for (builder, number) in self.numbers.iter_mut().zip([row.rows, row.bytes]) {
            builder.append_option(number.and_then(|number| i64::try_from(number).ok()));
        }
        self.is_latest.append_value(row.is_latest);
        self.errors.append_option(row.error);
    }

    fn finish(mut self, schema: &SchemaRef) -> Result<RecordBatch> {
        let [
            mut source,
            mut account,
            mut name,
            mut partition,
            mut basis,
            mut status,
            mut sha,
            mut format,
            mut warnings,
        ] = self.texts;
        let [mut rows, mut bytes] = self.numbers;
        let columns: [ArrayRef; REPORTS.len()] = [
            Arc::new(source.finish()),
            Arc::new(account.finish()),
            Arc::new(name.finish()),
            Arc::new(partition.finish()),
            Arc::new(self.time.finish().with_timezone("UTC")),
            Arc::new(basis.finish()),
            Arc::new(status.finish()),
            Arc::new(rows.finish()),
            Arc::new(bytes.finish()),
            Arc::new(sha.finish()),
            Arc::new(format.finish()),
            Arc::new(self.is_latest.finish()),
            Arc::new(warnings.finish()),
            Arc::new(self.errors.finish()),
        ];
        Ok(RecordBatch::try_new(Arc::clone(schema), columns.into())?)
    }
}
