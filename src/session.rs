//! A configured DataFusion session: the tables and views over a collection of reports, and the way
//! from a text of SQL to results.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use chrono::DateTime;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, ParamValues, ScalarValue};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::ViewTable;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{CsvReadOptions, ParquetReadOptions, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::decode;
use crate::decode::columns::CellSource;
use crate::decode::refusal::Refusal;
use crate::error::{Error, Result};
use crate::misread;
use crate::schema::{Column, INTERNAL, TABLES, Table};
use crate::sql_error;
use crate::table::collection::Collection;
use crate::table::report_table::ReportTable;
use crate::table::reports::ReportsTable;
use crate::table::selection::Scope;

/// The text of the views `credentials` and `credentials_history`, which differ only in what
/// `report_states` is.
const CREDENTIALS: &str = include_str!("../queries/views/credentials.sql");

/// What a session is made with.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// Most memory operators may take; beyond it they spill to disk or fail.
    pub memory_limit: usize,
    /// Whether statements may write files and define things.
    pub allow_write: bool,
    /// Tables of the user's own, by name.
    pub tables: Vec<(String, PathBuf)>,
}

/// A session over some reports.
pub struct Session {
    context: SessionContext,
    collection: Arc<Collection>,
    allow_write: bool,
}

impl Session {
    /// Sets up tables and views. Reads no report; reads the headers of the user's own tables.
    ///
    /// # Errors
    /// If a table of the user's own cannot be read.
    pub async fn new(collection: Arc<Collection>, options: &SessionOptions) -> Result<Self> {
        let context = SessionContext::new_with_config_rt(config(), runtime(options.memory_limit)?);
        register(&context, &collection, "credential_report", Scope::Latest, CellSource::typed())?;
        register(
            &context,
            &collection,
            "credential_report_history",
            Scope::History,
            CellSource::typed(),
        )?;
        register(
            &context,
            &collection,
            "credential_report_raw",
            Scope::History,
            CellSource::raw(),
        )?;
        if let Some(reports) = ReportsTable::new(Arc::clone(&collection)) {
            context.register_table("reports", Arc::new(reports))?;
        }
        for (name, scope) in
            [("credentials", Scope::Latest), ("credentials_history", Scope::History)]
        {
            context.register_table(name, Arc::new(credentials(&collection, scope).await?))?;
        }
        for (name, path) in &options.tables {
            register_own(&context, name, path).await?;
        }
        Ok(Self { context, collection, allow_write: options.allow_write })
    }

    /// The reports.
    #[must_use]
    pub fn collection(&self) -> &Arc<Collection> {
        &self.collection
    }

    /// Takes a text of statements apart.
    ///
    /// # Errors
    /// If it is not SQL, with the place.
    pub fn parse(&self, sql: &str) -> Result<Vec<Statement>> {
        let statements = datafusion::sql::parser::DFParser::parse_sql(sql)
            .map_err(|error| sql_error::explain(&error, sql, &self.table_names()))?;
        statements.iter().try_for_each(misread::refuse)?;
        Ok(statements.into())
    }

    /// Plans one statement of `sql`, the text it was parsed from, and binds parameters.
    ///
    /// # Errors
    /// If a name is unknown, a type wrong, a parameter missing or not used by any statement, or the
    /// statement would write and may not.
    pub async fn plan(
        &self,
        statement: Statement,
        sql: &str,
        parameters: &[(String, String)],
    ) -> Result<DataFrame> {
        let explain = |error: &DataFusionError| sql_error::explain(error, sql, &self.table_names());
        let plan = self
            .context
            .state()
            .statement_to_plan(statement)
            .await
            .map_err(|error| explain(&error))?;
        let options = SQLOptions::new()
            .with_allow_ddl(self.allow_write)
            .with_allow_dml(self.allow_write)
            .with_allow_statements(self.allow_write);
        if let Err(error) = options.verify_plan(&plan) {
            return Err(Error::Sql {
                message: format!(
                    "this statement would write or define something ({})",
                    refused(&error)
                ),
                hint: Some(
                    "statements may only read; allow others with `--allow-write`".to_owned(),
                ),
            });
        }
        if self.collection.options.sources.is_empty() && reads_reports(&plan)? {
            return Err(Error::NoSource);
        }
        let plan = bind(plan, parameters).map_err(|error| match error {
            Bind::Engine(error) => explain(&error),
            Bind::Ours(error) => error,
        })?;
        if matches!(
            plan,
            LogicalPlan::Ddl(_)
                | LogicalPlan::Dml(_)
                | LogicalPlan::Copy(_)
                | LogicalPlan::Statement(_)
        ) {
            return self.context.execute_logical_plan(plan).await.map_err(|error| explain(&error));
        }
        let mut state = self.context.state();
        // now() is the time of the run, so that --as-of makes it repeatable.
        state.execution_props_mut().query_execution_start_time =
            DateTime::from_timestamp_millis(self.collection.options.run_time);
        Ok(DataFrame::new(state, plan))
    }

    /// The names of the parameters in a text of SQL, without the `$`.
    #[must_use]
    pub fn placeholders(&self, sql: &str) -> Vec<String> {
        let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().unwrap_or_default();
        let names = tokens.into_iter().filter_map(|token| match token {
            Token::Placeholder(name) => Some(name.trim_start_matches('$').to_owned()),
            _ => None,
        });
        names.collect()
    }

    /// The words for an error that came up while a statement of `sql` was executed.
    #[must_use]
    pub fn explain(&self, error: &DataFusionError, sql: &str) -> Error {
        sql_error::explain(error, sql, &self.table_names())
    }

    /// The names in SQL of all tables and views, ours in the order of the list, then the user's own.
    #[must_use]
    pub fn table_names(&self) -> Vec<String> {
        let catalog = self.context.catalog("datafusion");
        let schema = catalog.and_then(|catalog| catalog.schema("public"));
        let mut names = schema.map(|schema| schema.table_names()).unwrap_or_default();
        let place =
            |name: &str| TABLES.iter().position(|table| table.name == name).unwrap_or(TABLES.len());
        names.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
        names
    }
}

/// The kind of a statement that may not run: what DataFusion says after "not supported".
fn refused(error: &DataFusionError) -> String {
    let text = sql_error::plain(error);
    text.rsplit(": ").next().unwrap_or(&text).to_owned()
}

/// Whether a plan stands on reports anywhere.
fn reads_reports(plan: &LogicalPlan) -> Result<bool> {
    let mut reads = false;
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let name = scan.table_name.table();
            reads |= name == "report_states" || Table::named(name).is_some();
        }
        Ok(if reads { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(reads)
}

fn config() -> SessionConfig {
    let mut options = ConfigOptions::new();
    options.catalog.information_schema = true;
    // Without spans an error cannot say where.
    options.sql_parser.collect_spans = true;
    options.execution.time_zone = Some("UTC".to_owned());
    // Field metadata of the view's columns is nobody's.
    options.execution.parquet.skip_arrow_metadata = true;
    SessionConfig::from(options)
}

fn runtime(memory_limit: usize) -> Result<Arc<RuntimeEnv>> {
    let consumers = std::num::NonZeroUsize::MIN.saturating_add(2);
    let pool = TrackConsumersPool::new(FairSpillPool::new(memory_limit), consumers);
    Ok(RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).build_arc()?)
}

fn register(
    context: &SessionContext,
    collection: &Arc<Collection>,
    name: &'static str,
    scope: Scope,
    sources: Vec<CellSource>,
) -> Result<()> {
    let schema = Table::named(name).map_or_else(|| Arc::new(Schema::empty()), Table::arrow_schema);
    let table = ReportTable { collection: Arc::clone(collection), name, scope, schema, sources };
    context.register_table(name, Arc::new(table))?;
    Ok(())
}

/// Plans the view in a session of its own, where `report_states` is the table it stands on: that
/// table is in nobody's way.
async fn credentials(collection: &Arc<Collection>, scope: Scope) -> Result<ViewTable> {
    let context = SessionContext::new_with_config(config());
    let states = ReportTable {
        collection: Arc::clone(collection),
        name: if scope == Scope::Latest { "credentials" } else { "credentials_history" },
        scope,
        schema: states_schema(),
        sources: CellSource::internal(),
    };
    context.register_table("report_states", Arc::new(states))?;
    let plan = context.state().create_logical_plan(CREDENTIALS).await?;
    Ok(ViewTable::new(plan, Some(CREDENTIALS.to_owned())))
}

fn states_schema() -> SchemaRef {
    let columns = Table::named("credential_report").into_iter().flat_map(Table::columns);
    let field = |column: &Column| Field::new(column.name, column.kind.data_type(), true);
    Arc::new(Schema::new(columns.chain(&INTERNAL).map(field).collect::<Vec<_>>()))
}

async fn register_own(context: &SessionContext, name: &str, path: &Path) -> Result<()> {
    if !path.exists() {
        return Err(Error::NoSuchPath {
            path: path.display().to_string(),
            nearest: crate::source::file::nearest(path),
        });
    }
    let address = path.to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match extension.as_str() {
        "csv" | "tsv" => {
            refuse_secrets(path)?;
            let delimiter = if extension == "tsv" { b'\t' } else { b',' };
            // No guessing of types: an account id that begins with a zero is no number.
            let options = CsvReadOptions::new()
                .delimiter(delimiter)
                .file_extension(&extension)
                .schema_infer_max_records(0);
            context.register_csv(name, &address, options).await?;
        }
        "parquet" => {
            context.register_parquet(name, &address, ParquetReadOptions::default()).await?;
        }
        _ => {
            return Err(Error::usage(
                format!("cannot tell what {address} is"),
                "a table of your own is a file that ends in .csv, .tsv or .parquet",
            ));
        }
    }
    Ok(())
}

/// A download of access keys is nothing to join with.
fn refuse_secrets(path: &Path) -> Result<()> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut head));
    read.map_err(|cause| Error::Read { path: path.to_owned(), cause })?;
    if decode::has_secrets(&head) {
        return Err(Error::usage(
            format!("{} {}", path.display(), Refusal::key_download()),
            "keep downloads of keys out of reports",
        ));
    }
    Ok(())
}

enum Bind {
    Engine(DataFusionError),
    Ours(Error),
}

/// Binds `$name` parameters. The text of a value takes the type the statement gives its place.
fn bind(plan: LogicalPlan, parameters: &[(String, String)]) -> Result<LogicalPlan, Bind> {
    let types = plan.get_parameter_fields().map_err(Bind::Engine)?;
    if types.is_empty() {
        return Ok(plan);
    }
    let mut values = HashMap::new();
    for (placeholder, field) in types {
        let name = placeholder.trim_start_matches('$');
        let Some((_, text)) = parameters.iter().find(|(given, _)| given == name) else {
            return Err(Bind::Ours(Error::Sql {
                message: format!("parameter ${name} has no value"),
                hint: Some(format!("give one with `--param {name}=…`")),
            }));
        };
        let value = match &field {
            Some(field) => {
                ScalarValue::try_from_string(text.clone(), field.data_type()).map_err(|_| {
                    Bind::Ours(Error::Sql {
                        message: format!(
                            "parameter ${name}: `{text}` is no {}",
                            type_words(field.data_type())
                        ),
                        hint: None,
                    })
                })?
            }
            None => guess(text),
        };
        values.insert(name.to_owned(), value.into());
    }
    plan.with_param_values(ParamValues::Map(values)).map_err(Bind::Engine)
}

/// A type in words.
fn type_words(data_type: &DataType) -> String {
    match data_type {
        data_type if data_type.is_integer() => "whole number".to_owned(),
        data_type if data_type.is_numeric() => "number".to_owned(),
        DataType::Boolean => "boolean: true or false".to_owned(),
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
            "time such as 2026-10-31 or 2026-10-31T12:00:00Z".to_owned()
        }
        other => other.to_string(),
    }
}

/// A value for a place whose type the statement does not tell.
fn guess(text: &str) -> ScalarValue {
    // Only what prints back the same: an account id that begins with a zero is text.
    if let Some(number) = text.parse::<i64>().ok().filter(|number| number.to_string() == text) {
        return ScalarValue::Int64(Some(number));
    }
    let is_same = |number: &f64| number.is_finite() && number.to_string() == text;
    if let Some(number) = text.parse::<f64>().ok().filter(is_same) {
        return ScalarValue::Float64(Some(number));
    }
    match text {
        "true" => ScalarValue::Boolean(Some(true)),
        "false" => ScalarValue::Boolean(Some(false)),
        _ => ScalarValue::Utf8(Some(text.to_owned())),
    }
}
