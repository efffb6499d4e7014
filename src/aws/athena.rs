//! Athena: statements started, waited for and stopped; pages of their results.
//!
//! Everything that comes back is text. What it means is decided by who asked.

mod trouble;

use std::time::Duration;

use aws_sdk_athena::Client;
use aws_sdk_athena::types::{
    ColumnInfo, QueryExecution, QueryExecutionContext, QueryExecutionState,
    QueryExecutionStatistics, ResultConfiguration, ResultSet, Row,
};

use crate::aws::access::Access;
use crate::aws::pauses::Pauses;
use crate::aws::trouble::{Kind, Result, Trouble};

/// Where statements run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AthenaOptions {
    /// The database of the exported tables.
    pub database: String,
    /// The workgroup; otherwise `primary`.
    pub workgroup: Option<String>,
    /// Where in S3 results are put; otherwise where the workgroup says.
    pub output: Option<String>,
    /// The catalog of the database; otherwise `AwsDataCatalog`.
    pub catalog: Option<String>,
}

/// Pauses between looks at a query.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The first one. Small queries take about a second.
    pub first: Duration,
    /// The longest one.
    pub longest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { first: Duration::from_millis(200), longest: Duration::from_secs(3) }
    }
}

/// Speaks to Athena. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Athena {
    client: Client,
    options: AthenaOptions,
    pace: Pace,
}

/// A look at a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// How far it is.
    pub state: State,
    /// Bytes it has read so far.
    pub scanned: u64,
}

/// How far a query is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It waits, or runs.
    Running,
    /// It is done, and its result can be had.
    Done,
    /// It failed, which costs nothing.
    Failed(Trouble),
    /// It was stopped, by somebody or by a limit. What it read until then is paid for.
    Stopped(Trouble),
}

/// Some rows of a result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The names of all columns.
    pub columns: Vec<String>,
    /// The rows, the header of the first page among them; what has no value is NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// What asks for the next page, if there is one.
    pub next: Option<String>,
}

impl Athena {
    /// Athena as this access reaches it. Asks nobody yet.
    #[must_use]
    pub fn new(access: &Access, options: AthenaOptions, pace: Pace) -> Self {
        Self { client: access.athena(), options, pace }
    }

    /// Starts a statement. Returns the id of the query.
    ///
    /// A lost answer is asked for again with the same token, which the SDK makes: the statement runs
    /// once.
    ///
    /// # Errors
    /// If Athena does not take it.
    pub async fn start(&self, sql: &str) -> Result<String> {
        let AthenaOptions { database, workgroup, output, catalog } = &self.options;
        let context = QueryExecutionContext::builder()
            .database(database)
            .set_catalog(catalog.clone())
            .build();
        let output = output
            .as_ref()
            .map(|place| ResultConfiguration::builder().output_location(place).build());
        let request = self
            .client
            .start_query_execution()
            .query_string(sql)
            .query_execution_context(context)
            .set_result_configuration(output)
            .set_work_group(workgroup.clone());
        let answer = Box::pin(request.send()).await;
        let answer = answer.map_err(|error| trouble::of_start(&error, workgroup.as_deref()))?;
        answer.query_execution_id.ok_or_else(|| odd("athena:StartQueryExecution", "no id"))
    }

    /// Looks at a query.
    ///
    /// # Errors
    /// If Athena does not say.
    pub async fn look(&self, id: &str) -> Result<Look> {
        const ACTION: &str = "athena:GetQueryExecution";
        let request = self.client.get_query_execution().query_execution_id(id);
        let answer = Box::pin(request.send()).await.map_err(|error| trouble::of(ACTION, &error))?;
        let query = answer.query_execution.ok_or_else(|| odd(ACTION, "nothing"))?;
        let scanned = query.statistics().and_then(QueryExecutionStatistics::data_scanned_in_bytes);
        let scanned = scanned.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0);
        Ok(Look { state: state(&query, id), scanned })
    }

    /// Waits until a query has ended, whichever way. Tells `seen` how many bytes it has read.
    ///
    /// # Errors
    /// If Athena does not say how far it is.
    pub async fn wait(&self, id: &str, mut seen: impl FnMut(u64)) -> Result<State> {
        let mut pauses = Pauses::new(self.pace.first, self.pace.longest);
        loop {
            pauses.next().await;
            let look = self.look(id).await?;
            seen(look.scanned);
            if look.state != State::Running {
                return Ok(look.state);
            }
        }
    }

    /// Stops a query. To stop one that has ended is no error.
    ///
    /// # Errors
    /// If Athena does not do it.
    pub async fn stop(&self, id: &str) -> Result<()> {
        let request = self.client.stop_query_execution().query_execution_id(id);
        let answer = Box::pin(request.send()).await;
        answer.map(drop).map_err(|error| trouble::of("athena:StopQueryExecution", &error))
    }

    /// A page of the result of a query that is done: the first, or that after another.
    ///
    /// # Errors
    /// If it cannot be had.
    pub async fn page(&self, id: &str, after: Option<String>) -> Result<Page> {
        const ACTION: &str = "athena:GetQueryResults";
        // As many rows as Athena gives at a time (API reference, GetQueryResults, MaxResults).
        const ROWS: i32 = 1000;
        let request = self
            .client
            .get_query_results()
            .query_execution_id(id)
            .max_results(ROWS)
            .set_next_token(after);
        let answer = Box::pin(request.send()).await.map_err(|error| trouble::of(ACTION, &error))?;
        let result = answer.result_set.ok_or_else(|| odd(ACTION, "no rows"))?;
        let ResultSet { rows, result_set_metadata, .. } = result;
        let columns = result_set_metadata.and_then(|metadata| metadata.column_info);
        let columns = columns.ok_or_else(|| odd(ACTION, "no columns"))?;
        Ok(Page {
            columns: columns.into_iter().map(name).collect(),
            rows: rows.unwrap_or_default().into_iter().map(texts).collect(),
            next: answer.next_token.filter(|token| !token.is_empty()),
        })
    }
}

fn name(column: ColumnInfo) -> String {
    column.label.unwrap_or(column.name)
}

fn texts(row: Row) -> Vec<Option<String>> {
    row.data.unwrap_or_default().into_iter().map(|datum| datum.var_char_value).collect()
}

fn state(query: &QueryExecution, id: &str) -> State {
    let Some(status) = query.status() else {
        return State::Running;
    };
    match status.state() {
        Some(QueryExecutionState::Succeeded) => State::Done,
        Some(QueryExecutionState::Failed) => State::Failed(trouble::failed(status, id)),
        Some(QueryExecutionState::Cancelled) => State::Stopped(trouble::stopped(status, id)),
        // A state of the future is waited for, too.
        _ => State::Running,
    }
}

fn odd(action: &str, what: &str) -> Trouble {
    Trouble::new(Kind::Other, format!("{action} answered {what}"))
        .hint("is it Athena that answers? check AWS_ENDPOINT_URL")
}

#[cfg(test)]
mod tests;
