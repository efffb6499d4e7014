//! A planned statement, turned into one that runs on Athena.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::parser::Statement;

use super::engine::Engine;
use super::render::{self, Bound, Target};
use super::rows;
use crate::error::{Error, Result};
use crate::library::query::Value;

/// The parameters of a statement: typed values, and the lists among what the user gave.
pub(crate) fn bound(
    values: HashMap<String, ScalarValue>,
    given: &[(String, Value)],
) -> BTreeMap<String, Bound> {
    let lists = given.iter().filter_map(|(name, value)| match value {
        Value::List(texts) => Some((name.clone(), Bound::Many(texts.clone()))),
        Value::One(_) => None,
    });
    values.into_iter().map(|(name, value)| (name, Bound::One(value))).chain(lists).collect()
}

/// A statement that runs on Athena, with the schema of its plan here. `EXPLAIN` shows the text that
/// runs there.
///
/// # Errors
/// If the statement does something else than read, or cannot be put into the words of Athena, or its
/// values could not come back.
pub(crate) fn frame(
    engine: &Arc<Engine>,
    state: SessionState,
    (plan, statement): (&LogicalPlan, &Statement),
    parameters: &BTreeMap<String, Bound>,
    target: &Target,
) -> Result<DataFrame> {
    match (plan, statement) {
        // Here they would see tables without rows.
        (
            LogicalPlan::Ddl(_)
            | LogicalPlan::Dml(_)
            | LogicalPlan::Copy(_)
            | LogicalPlan::Statement(_),
            _,
        ) => Err(Error::usage(
            "this statement would write or define something here, and the reports are on Athena",
            "write the rows of a SELECT with `-o FILE`",
        )),
        (LogicalPlan::Explain(_) | LogicalPlan::Analyze(_), Statement::Explain(explain)) => {
            explained(state, &render::render(&explain.statement, parameters, target)?)
        }
        _ => {
            let text = render::render(statement, parameters, target)?;
            rows::frame(engine, state, plan.schema(), &text)
        }
    }
}

fn explained(state: SessionState, text: &str) -> Result<DataFrame> {
    let schema = LogicalPlan::explain_schema();
    let columns = ["athena", text].map(|text| Arc::new(StringArray::from(vec![text])) as ArrayRef);
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns.into());
    let table = MemTable::try_new(schema, vec![vec![batch.map_err(DataFusionError::from)?]])?;
    let plan = LogicalPlanBuilder::scan("plan", provider_as_source(Arc::new(table)), None)?;
    Ok(DataFrame::new(state, plan.build()?))
}

/// That something is here and cannot be read together with reports that are on Athena.
pub(crate) fn only_here(name: &str) -> Error {
    Error::usage(
        format!("`{name}` is here, and the reports are on Athena: one statement cannot read both"),
        "read the reports first, with `-o FILE.parquet`, and give that file with `--table NAME=FILE`",
    )
}
