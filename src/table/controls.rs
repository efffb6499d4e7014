//! Table `controls`: what can be checked.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewArray};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use serde_json::Value;

use crate::library::Library;
use crate::library::query::{CannedQuery, Severity};
use crate::schema::{CONTROLS, arrow_schema};

/// The provider.
#[derive(Debug)]
pub struct ControlsTable {
    library: Arc<Library>,
    schema: SchemaRef,
}

impl ControlsTable {
    /// The table of the controls of a library.
    #[must_use]
    pub fn new(library: Arc<Library>) -> Self {
        Self { library, schema: arrow_schema(&CONTROLS) }
    }
}

#[async_trait]
impl TableProvider for ControlsTable {
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
        let rows: Vec<_> = self.library.controls().map(row).collect();
        let columns = (0..CONTROLS.len()).map(|column| -> ArrayRef {
            let values = rows.iter().map(|row| row.get(column).cloned().flatten());
            Arc::new(values.collect::<StringViewArray>())
        });
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect())?;
        let schema = Arc::clone(&self.schema);
        Ok(MemorySourceConfig::try_new_exec(&[vec![batch]], schema, projection.cloned())?)
    }
}

/// The cells of a control, in the order of [`CONTROLS`].
pub(crate) fn row(query: &CannedQuery) -> [Option<String>; CONTROLS.len()] {
    let frameworks = query.frameworks.iter().map(|(id, ids)| (id.clone(), ids.clone().into()));
    let params = query.params.iter().map(|(name, param)| {
        let default = param.default.as_ref();
        (name.clone(), default.map_or(Value::Null, |text| param.param_type.json(text)))
    });
    [
        Some(query.id.clone()),
        Some(query.title.clone()),
        query.severity.map(Severity::word).map(str::to_owned),
        Some(Value::Object(frameworks.collect()).to_string()),
        Some(Value::Object(params.collect()).to_string()),
        Some(Value::from(query.tags.clone()).to_string()),
        Some(Value::from(query.needs.clone()).to_string()),
        Some(query.description.clone()),
        query.remediation.clone(),
        Some(query.file.display().to_string()),
    ]
}
