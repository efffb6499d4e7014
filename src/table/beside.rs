//! The tables of what was fetched beside the reports: password policies, keys, tags. Empty when
//! nothing was asked for.

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

use self::rows::{Cell, columns, rows};
use super::collection::{Collection, Current};
use crate::schema::{Column, Kind, arrow_schema};

mod rows;

/// Rows to a batch, about.
const BATCH: usize = 8192;

/// Which of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// `account_summary`
    AccountSummary,
    /// `password_policy`
    PasswordPolicy,
    /// `virtual_mfa_devices`
    VirtualMfaDevices,
    /// What the view `access_key_ids` stands on.
    AccessKeys,
    /// `user_tags`
    UserTags,
    /// `enrichment`
    Enrichment,
}

/// The provider.
#[derive(Debug)]
pub struct BesideTable {
    of: Beside,
    current: Arc<Current>,
    /// Whether what was fetched belongs to the reports that are shown.
    is_known: bool,
    schema: SchemaRef,
}

impl BesideTable {
    /// One of the tables. One of which nothing is known has no rows.
    #[must_use]
    pub fn new(of: Beside, current: Arc<Current>, is_known: bool) -> Self {
        Self { of, current, is_known, schema: arrow_schema(columns(of)) }
    }
}

#[async_trait]
impl TableProvider for BesideTable {
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
        let batches = if self.is_known {
            let (collection, of) = (self.current.get(), self.of);
            let schema = Arc::clone(&self.schema);
            let looked_at = Arc::clone(&collection);
            // The first to ask lists the sources.
            let batches = tokio::task::spawn_blocking(move || batches(&looked_at, of, &schema))
                .await
                .map_err(|error| DataFusionError::External(Box::new(error)))??;
            collection.go_on()?;
            batches
        } else {
            Vec::new()
        };
        let schema = Arc::clone(&self.schema);
        Ok(MemorySourceConfig::try_new_exec(&[batches], schema, projection.cloned())?)
    }
}

fn batches(collection: &Collection, of: Beside, schema: &SchemaRef) -> Result<Vec<RecordBatch>> {
    let mut batches = Vec::new();
    let mut builders = Builders::new(of);
    for extras in collection.extras() {
        for row in rows(of, extras) {
            builders.push(row);
            if builders.rows == BATCH {
                batches.push(std::mem::replace(&mut builders, Builders::new(of)).finish(schema)?);
            }
        }
    }
    batches.push(builders.finish(schema)?);
    Ok(batches)
}

/// A builder for each column.
struct Builders {
    columns: Vec<Builder>,
    rows: usize,
}

enum Builder {
    Text(StringViewBuilder),
    Flag(BooleanBuilder),
    Time(TimestampMillisecondBuilder),
    Number(Int64Builder),
}

impl Builders {
    fn new(of: Beside) -> Self {
        let builder = |column: &'static Column| match column.kind {
            Kind::Text => Builder::Text(StringViewBuilder::new()),
            Kind::Boolean => Builder::Flag(BooleanBuilder::new()),
            Kind::Timestamp => Builder::Time(TimestampMillisecondBuilder::new()),
            Kind::Integer => Builder::Number(Int64Builder::new()),
        };
        Self { columns: columns(of).map(builder).collect(), rows: 0 }
    }

    fn push(&mut self, row: Vec<Cell<'_>>) {
        for (builder, cell) in self.columns.iter_mut().zip(row) {
            match (builder, cell) {
                (Builder::Text(builder), Cell::Text(text)) => builder.append_option(text),
                (Builder::Flag(builder), Cell::Flag(flag)) => builder.append_option(flag),
                (Builder::Time(builder), Cell::Time(time)) => builder.append_option(time),
                (Builder::Number(builder), Cell::Number(number)) => builder.append_option(number),
                // A cell of another kind than its column: a test compares them all.
                (Builder::Text(builder), _) => builder.append_null(),
                (Builder::Flag(builder), _) => builder.append_null(),
                (Builder::Time(builder), _) => builder.append_null(),
                (Builder::Number(builder), _) => builder.append_null(),
            }
        }
        self.rows += 1;
    }

    fn finish(self, schema: &SchemaRef) -> Result<RecordBatch> {
        let array = |builder| -> ArrayRef {
            match builder {
                Builder::Text(mut builder) => Arc::new(builder.finish()),
                Builder::Flag(mut builder) => Arc::new(builder.finish()),
                Builder::Time(mut builder) => Arc::new(builder.finish().with_timezone("UTC")),
                Builder::Number(mut builder) => Arc::new(builder.finish()),
            }
        };
        let columns = self.columns.into_iter().map(array).collect();
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}
