//! Reads the reports of a scan: a fixed number of workers share one queue of units.
//!
//! Built on DataFusion's `DataSourceExec`, which brings metrics, limits and cooperation; this is
//! only the source behind it. Nothing here exists per report but the reading of it.

use std::any::Any;
use std::fmt::{self, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, Statistics};
use datafusion::datasource::source::{DataSource, OpenArgs};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{DisplayFormatType, Partitioning};
use tokio::sync::mpsc::Sender;

use super::cache::Kept;
use super::collection::Collection;
use super::probe::Probe;
use super::selection::{Scope, Selection, USUAL_BYTES};
use crate::decode::Report;
use crate::decode::columns::{BATCH_ROWS, Batches, CellSource};
use crate::report::Millis;

/// Bytes of a usual row, for estimates. Measured on reports as AWS writes them.
const ROW_BYTES: u64 = 240;

/// Batches between a worker and the operators above it.
const AHEAD: usize = 2;

/// One scan of one table.
#[derive(Debug, Clone)]
pub struct ReportScan {
    /// The reports.
    pub collection: Arc<Collection>,
    /// Which table, for the words of `EXPLAIN`.
    pub table: &'static str,
    /// Whose reports.
    pub scope: Scope,
    /// The reports of that scope.
    pub selection: Arc<Selection>,
    /// Which entries of the selection are read.
    pub keep: Arc<Vec<bool>>,
    /// The columns, after projection.
    pub schema: SchemaRef,
    /// What they are made of.
    pub sources: Vec<CellSource>,
    /// The clock, if not each report's own.
    pub clock: Option<Millis>,
    /// Rows after which no more are needed.
    pub fetch: Option<usize>,
    /// Workers.
    pub partitions: usize,
}

impl ReportScan {
    fn kept(&self) -> usize {
        self.keep.iter().filter(|keep| **keep).count()
    }

    fn rows(&self) -> usize {
        let entries = self.selection.entries.iter().zip(&*self.keep).filter(|(_, keep)| **keep);
        let bytes = entries.filter_map(|(entry, _)| {
            let found = self.collection.found().get(entry.found)?;
            Some(found.origin.bytes.unwrap_or(USUAL_BYTES))
        });
        usize::try_from(bytes.sum::<u64>() / ROW_BYTES).unwrap_or(usize::MAX)
    }

    /// The work of one partition: units from the shared queue until there are none.
    fn work(&self, queue: &AtomicUsize, output: &Sender<Result<RecordBatch>>) -> Result<()> {
        let mut emitted = 0;
        loop {
            let unit = queue.fetch_add(1, Ordering::Relaxed);
            if unit >= self.selection.units.len() || output.is_closed() {
                return Ok(());
            }
            self.collection.go_on()?;
            // To accept a limit is to promise that a partition gives no row more: the optimiser
            // takes its own limit away.
            let mut emit = |batch: RecordBatch| {
                let wanted = self.fetch.map_or(usize::MAX, |fetch| fetch - emitted);
                let batch = batch.slice(0, batch.num_rows().min(wanted));
                emitted += batch.num_rows();
                output.blocking_send(Ok(batch)).is_ok() && self.fetch != Some(emitted)
            };
            if !self.unit(unit, output, &mut emit)? {
                return Ok(());
            }
        }
    }

    /// Reads one unit. `false` when no more is wanted.
    fn unit(
        &self,
        unit: usize,
        output: &Sender<Result<RecordBatch>>,
        emit: &mut dyn FnMut(RecordBatch) -> bool,
    ) -> Result<bool> {
        let Some(range) = self.selection.units.get(unit).cloned() else {
            return Ok(false);
        };
        let kept: Vec<usize> =
            range.clone().filter(|&entry| self.keep.get(entry) == Some(&true)).collect();
        if kept.is_empty() {
            return Ok(true);
        }
        // Filters are applied to rows again, so what is kept of a whole unit serves a part of it; but
        // only whole units are kept.
        let whole = kept.len() == range.len();
        let known = self.collection.cache.get(self.scope, unit);
        if let Some(known) = known.filter(|known| known.has(&self.sources)) {
            let read = u64::try_from(kept.len()).unwrap_or(0);
            self.collection.progress.done.fetch_add(read, Ordering::Relaxed);
            for entry in kept {
                self.selection.looks_at(&self.collection, entry);
            }
            return self.emit_known(&known, emit);
        }
        let (schema, sources) = if whole {
            self.with_expected()
        } else {
            (Arc::clone(&self.schema), self.sources.clone())
        };
        let mut decode = Decode {
            scan: self,
            batches: Batches::new(schema, sources, self.clock),
            kept: whole.then(Kept::default),
            bytes: 0,
        };
        let entries = kept.iter().filter_map(|&entry| self.selection.entries.get(entry));
        let _ahead = self.collection.bring(entries.map(|entry| entry.found));
        for entry in kept {
            self.collection.go_on()?;
            if output.is_closed() || !decode.entry(entry, emit)? {
                return Ok(false);
            }
            self.collection.progress.done.fetch_add(1, Ordering::Relaxed);
        }
        if decode.batches.rows() > 0 && !decode.flush(emit)? {
            return Ok(false);
        }
        // What an interruption cut short is not kept for the next statement.
        self.collection.go_on()?;
        if let Some(mut kept) = decode.kept {
            // That a unit has no rows is worth knowing too.
            for source in decode.batches.sources() {
                kept.columns.entry(*source).or_default();
            }
            self.collection.cache.put(self.scope, unit, kept);
        }
        Ok(true)
    }

    /// The columns of this scan, then those that later statements will want of the same reports.
    fn with_expected(&self) -> (SchemaRef, Vec<CellSource>) {
        let more = self.collection.cache.expected_beyond(self.scope, &self.sources);
        if more.is_empty() {
            return (Arc::clone(&self.schema), self.sources.clone());
        }
        let mut fields = self.schema.fields().to_vec();
        let field = |source: &CellSource| Field::new("", source.kind().data_type(), true);
        fields.extend(more.iter().map(|source| Arc::new(field(source))));
        (Arc::new(Schema::new(fields)), self.sources.iter().chain(&more).copied().collect())
    }

    fn emit_known(&self, known: &Kept, emit: &mut dyn FnMut(RecordBatch) -> bool) -> Result<bool> {
        for (position, &rows) in known.rows.iter().enumerate() {
            let columns: Vec<ArrayRef> = self
                .sources
                .iter()
                .filter_map(|source| known.columns.get(source)?.get(position).cloned())
                .collect();
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            if !emit(RecordBatch::try_new_with_options(
                Arc::clone(&self.schema),
                columns,
                &options,
            )?) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The decoding of one unit.
struct Decode<'a> {
    scan: &'a ReportScan,
    batches: Batches,
    /// What goes into the cache, as long as it fits.
    kept: Option<Kept>,
    bytes: usize,
}

impl Decode<'_> {
    fn flush(&mut self, emit: &mut dyn FnMut(RecordBatch) -> bool) -> Result<bool> {
        let batch = self.batches.take()?;
        self.bytes += batch.get_array_memory_size();
        if !self.scan.collection.cache.has_room(self.bytes) {
            self.kept = None;
        }
        if let Some(kept) = &mut self.kept {
            kept.rows.push(batch.num_rows());
            for (source, column) in self.batches.sources().iter().zip(batch.columns()) {
                kept.columns.entry(*source).or_default().push(Arc::clone(column));
            }
        }
        if batch.num_columns() == self.scan.sources.len() {
            return Ok(emit(batch));
        }
        let own: Vec<usize> = (0..self.scan.sources.len()).collect();
        Ok(emit(batch.project(&own)?.with_schema(Arc::clone(&self.scan.schema))?))
    }

    /// Reads one report. What cannot be read goes to the journal and spoils nothing else.
    fn entry(
        &mut self,
        position: usize,
        emit: &mut dyn FnMut(RecordBatch) -> bool,
    ) -> Result<bool> {
        let collection = Arc::clone(&self.scan.collection);
        let selection = Arc::clone(&self.scan.selection);
        let Some(entry) = selection.entries.get(position) else {
            return Ok(true);
        };
        let Some(found) = collection.found().get(entry.found) else {
            return Ok(true);
        };
        let opened = collection.open(entry.found);
        let mut report = match opened.and_then(|input| Report::open(input, &found.origin)) {
            Ok(report) => report,
            Err(refusal) => {
                collection.refuse(entry.found, refusal);
                return Ok(true);
            }
        };
        // Compressed bytes can turn out to be cut off after half of the rows: all of them or none.
        if report.is_compressed()
            && entry.sections.is_none()
            && matches!(*collection.probe(entry.found), Probe::Refused)
        {
            return Ok(true);
        }
        loop {
            match report
                .read(&mut self.batches, &|section| selection.shows(&collection, entry, section))
            {
                Ok(true) => {
                    if self.batches.rows() >= BATCH_ROWS && !self.flush(emit)? {
                        return Ok(false);
                    }
                }
                Ok(false) => {
                    collection.journal.read(entry.found, report.finish().warnings);
                    selection.looks_at(&collection, position);
                    return Ok(true);
                }
                Err(refusal) => {
                    collection.refuse(entry.found, refusal);
                    return Ok(true);
                }
            }
        }
    }
}

impl DataSource for ReportScan {
    fn open(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        self.open_with_args(OpenArgs::new(partition, context))
    }

    fn create_sibling_state(&self, _: &ConfigOptions) -> Option<Arc<dyn Any + Send + Sync>> {
        self.collection.progress.more(self.kept());
        Some(Arc::new(AtomicUsize::new(0)))
    }

    fn open_with_args(&self, args: OpenArgs) -> Result<SendableRecordBatchStream> {
        let shared = args.sibling_state.and_then(|state| state.downcast::<AtomicUsize>().ok());
        let scan = self.clone();
        let mut builder = RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.schema), AHEAD);
        let output = builder.tx();
        let partition = args.partition;
        builder.spawn_blocking(move || match shared {
            Some(queue) => scan.work(&queue, &output),
            // Without siblings to share with, the first partition does it all.
            None if partition == 0 => scan.work(&AtomicUsize::new(0), &output),
            None => Ok(()),
        });
        Ok(builder.build())
    }

    fn fmt_as(&self, _: DisplayFormatType, f: &mut Formatter<'_>) -> fmt::Result {
        let found = self.collection.found().len();
        let kept = self.kept();
        write!(f, "table={}, reports={kept} of {found}, workers={}", self.table, self.partitions)?;
        write!(f, ", skipped: {} not in this table", found - self.selection.entries.len())?;
        write!(f, ", {} by filter", self.selection.entries.len() - kept)?;
        let columns: Vec<&str> =
            self.schema.fields().iter().map(|field| field.name().as_str()).collect();
        write!(f, ", columns=[{}]", columns.join(", "))?;
        self.fetch.map_or(Ok(()), |fetch| write!(f, ", limit={fetch}"))
    }

    fn output_partitioning(&self) -> Partitioning {
        Partitioning::UnknownPartitioning(self.partitions)
    }

    fn eq_properties(&self) -> EquivalenceProperties {
        EquivalenceProperties::new(Arc::clone(&self.schema))
    }

    /// An estimate is enough for the optimiser to keep constant tables on the build side of joins.
    fn partition_statistics(&self, partition: Option<usize>) -> Result<Arc<Statistics>> {
        let rows =
            if partition.is_some() { self.rows() / self.partitions.max(1) } else { self.rows() };
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Inexact(rows);
        Ok(Arc::new(statistics))
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn DataSource>> {
        Some(Arc::new(Self { fetch: limit, ..self.clone() }))
    }

    fn fetch(&self) -> Option<usize> {
        self.fetch
    }

    fn try_swapping_with_projection(
        &self,
        _: &ProjectionExprs,
    ) -> Result<Option<Arc<dyn DataSource>>> {
        Ok(None)
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }
}
