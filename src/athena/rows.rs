//! A statement on Athena as a table, whose rows come when it is read.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::{Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Column, DFSchema, DataFusionError, Result};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::execution::{SendableRecordBatchStream, SessionState, TaskContext};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use tokio::sync::mpsc::Receiver;

use super::engine::{Engine, Item, lost};
use super::typed::{Columns, can_come_back};
use crate::error::Error;

/// The name of such a table in plans.
const NAME: &str = "athena";

/// A statement whose rows come from Athena, with the schema that it has here.
///
/// # Errors
/// If values of a column could not be told from their text.
pub fn frame(
    engine: &Arc<Engine>,
    state: SessionState,
    schema: &DFSchema,
    sql: &str,
) -> Result<DataFrame, Error> {
    let strange = schema.fields().iter().find(|field| !can_come_back(field.data_type()));
    if let Some(field) = strange {
        return Err(Error::Sql {
            message: format!(
                "column `{}` is of type {}, of which Athena gives no exact values",
                field.name(),
                field.data_type()
            ),
            place: None,
            hint: Some("make it text or a number in the statement, as with CAST".to_owned()),
        });
    }
    // Two columns may share a name, but not in a table.
    let number = |position: usize| format!("c{position}");
    let numbered = schema.fields().iter().enumerate();
    let numbered: Vec<Field> = numbered
        .map(|(position, field)| field.as_ref().clone().with_name(number(position)))
        .collect();
    let names = schema.fields().iter().map(|field| field.name().clone()).collect();
    let columns = Columns::new(names, Arc::new(Schema::new(numbered)));
    let rows =
        Rows { engine: Arc::clone(engine), sql: Arc::from(sql), columns, ahead: Mutex::new(None) };
    let table = Arc::new(Remote(Arc::new(rows)));
    let renamed = schema.iter().enumerate().map(|(position, (qualifier, field))| {
        let column = Expr::Column(Column::new(Some(NAME), number(position)));
        column.alias_qualified(qualifier.cloned(), field.name())
    });
    let plan = LogicalPlanBuilder::scan(NAME, provider_as_source(table), None)?
        .project(renamed.collect::<Vec<_>>())?
        .build()?;
    Ok(DataFrame::new(state, plan))
}

/// Has the queries of these statements run before their rows are asked for, the first ones first.
///
/// # Errors
/// Those of walking a plan.
pub fn start_ahead<'a>(frames: impl IntoIterator<Item = &'a DataFrame>) -> Result<()> {
    for frame in frames {
        frame.logical_plan().apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node
                && let Ok(provider) = source_as_provider(&scan.source)
                && let Some(remote) = provider.downcast_ref::<Remote>()
            {
                remote.0.start_ahead();
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    Ok(())
}

/// The table.
#[derive(Debug)]
struct Remote(Arc<Rows>);

#[async_trait]
impl TableProvider for Remote {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.0.columns.schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows: Arc<dyn PartitionStream> = Arc::<Rows>::clone(&self.0);
        Ok(Arc::new(StreamingTableExec::try_new(
            self.schema(),
            vec![rows],
            projection,
            [],
            false,
            limit,
        )?))
    }
}

/// The rows of a statement.
struct Rows {
    engine: Arc<Engine>,
    sql: Arc<str>,
    columns: Columns,
    /// What was started before it was asked for, until it is.
    ahead: Mutex<Option<Receiver<Item>>>,
}

impl Rows {
    fn start_ahead(&self) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ahead.get_or_insert_with(|| self.engine.run(&self.sql, &self.columns));
    }
}

impl PartitionStream for Rows {
    fn schema(&self) -> &SchemaRef {
        self.columns.schema()
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner).take();
        let rows = ahead.unwrap_or_else(|| self.engine.run(&self.sql, &self.columns));
        let schema = Arc::clone(self.columns.schema());
        let stream = futures::stream::unfold(Some(rows), |rows| async {
            let mut rows = rows?;
            match rows.recv().await {
                Some(Ok(Some(batch))) => Some((Ok(batch), Some(rows))),
                Some(Ok(None)) => None,
                Some(Err(error)) => Some((Err(error), None)),
                // Who brought them went away in the middle: what came is not all there is.
                None => Some((Err::<_, DataFusionError>(lost()), None)),
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(schema, stream))
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("sql", &self.sql).finish_non_exhaustive()
    }
}
