//! The tables with one row per user.

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::source::DataSourceExec;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::collection::Current;
use super::prune;
use super::scan::ReportScan;
use super::selection::Scope;
use crate::decode::columns::CellSource;

/// Reports as a table. Filters on account, time and source leave reports out; every filter is
/// applied again to the rows, so it need not be exact.
#[derive(Debug)]
pub struct ReportTable {
    /// The reports.
    pub current: Arc<Current>,
    /// The name in `EXPLAIN`.
    pub name: &'static str,
    /// Which reports.
    pub scope: Scope,
    /// The columns.
    pub schema: SchemaRef,
    /// What they are made of.
    pub sources: Vec<CellSource>,
}

impl ReportTable {
    /// Announces that a statement will read these columns, or all.
    pub fn expect(&self, projection: Option<&[usize]>) {
        let all: Vec<usize> = (0..self.sources.len()).collect();
        let columns = projection.unwrap_or(&all).iter();
        let sources = columns.filter_map(|&column| self.sources.get(column).copied());
        self.current.get().cache.expect(self.scope, sources);
    }
}

#[async_trait]
impl TableProvider for ReportTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(filters
            .iter()
            .map(|filter| {
                if prune::can_prune(filter) {
                    TableProviderFilterPushDown::Inexact
                } else {
                    TableProviderFilterPushDown::Unsupported
                }
            })
            .collect())
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let collection = self.current.get();
        let scope = self.scope;
        // Listing and skimming block on files.
        let chosen = Arc::clone(&collection);
        let selection = tokio::task::spawn_blocking(move || chosen.selection(scope))
            .await
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        collection.go_on()?;
        let keep = prune::keep(&collection, &selection.entries, filters, &self.schema, session)?;
        let all: Vec<usize> = (0..self.sources.len()).collect();
        let columns = projection.unwrap_or(&all);
        let schema = Schema::new(
            columns.iter().map(|&column| self.schema.field(column).clone()).collect::<Vec<_>>(),
        );
        let units =
            selection.units.iter().filter(|unit| (*unit).clone().any(|entry| keep[entry])).count();
        Ok(DataSourceExec::from_data_source(ReportScan {
            table: self.name,
            scope,
            keep: Arc::new(keep),
            schema: Arc::new(schema),
            sources: columns
                .iter()
                .filter_map(|&column| self.sources.get(column).copied())
                .collect(),
            clock: collection.options.as_of.filter(|_| scope == Scope::Latest),
            fetch: limit,
            partitions: session.config().target_partitions().min(units).max(1),
            selection,
            collection,
        }))
    }
}
