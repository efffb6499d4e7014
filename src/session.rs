//! A configured DataFusion session: the tables and views over a collection of reports, and the way
//! from a text of SQL to results.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use chrono::DateTime;
use datafusion::catalog::TableProvider;
use datafusion::common::DataFusionError;
use datafusion::common::TableReference;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::{MemTable, source_as_provider};
use datafusion::execution::SessionState;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{CsvReadOptions, ParquetReadOptions, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::athena::elsewhere;
use crate::athena::engine::Engine;
use crate::athena::render::Target;
use crate::catalog::Catalog;
use crate::date_diff;
use crate::decode;
use crate::decode::refusal::Refusal;
use crate::error::{Error, Result};
use crate::library::Library;
use crate::library::query::Value;
use crate::misread;
use crate::output::with_unique_names;
use crate::parameter::{self, Bind};
use crate::report::Millis;
use crate::schema::{TABLES, Table};
use crate::sql_error;
use crate::table::collection::{Collection, Current};
use crate::table::report_table::ReportTable;
use crate::table::selection::Scope;

/// The name under which a shell offers the last result as a table.
pub const LAST_RESULT: &str = "_";

/// What a session is made with.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// Most memory operators may take; beyond it they spill to disk or fail.
    pub memory_limit: usize,
    /// Whether statements may write files and define things.
    pub allow_write: bool,
    /// Tables of the user's own, by name.
    pub tables: Vec<(String, PathBuf)>,
    /// The controls that table `controls` shows.
    pub library: Arc<Library>,
    /// Where statements run that read reports, if not here.
    pub athena: Option<Arc<Engine>>,
}

/// A session over some reports.
pub struct Session {
    context: SessionContext,
    current: Arc<Current>,
    allow_write: bool,
    /// What `now()` is.
    run_time: AtomicI64,
    shown: Scope,
    athena: Option<Arc<Engine>>,
}

impl Session {
    /// Sets up tables and views. Reads no report; reads the headers of the user's own tables.
    ///
    /// # Errors
    /// If a table of the user's own cannot be read.
    pub async fn new(collection: Arc<Collection>, options: &SessionOptions) -> Result<Self> {
        Self::showing(Scope::Latest, collection, options).await
    }

    /// A session in which the tables that usually show the newest report of each account show
    /// another one.
    ///
    /// # Errors
    /// If a table of the user's own cannot be read.
    pub async fn showing(
        shown: Scope,
        collection: Arc<Collection>,
        options: &SessionOptions,
    ) -> Result<Self> {
        let context = bare(options.memory_limit)?;
        let library = Arc::clone(&options.library);
        let run_time = AtomicI64::new(collection.options.run_time);
        let current = Arc::new(Current::new(collection));
        let tables = Catalog::new(shown, Arc::clone(&current), library, config());
        if let Some(catalog) = context.catalog("datafusion") {
            catalog.register_schema("public", Arc::new(tables))?;
        }
        for (name, path) in &options.tables {
            register_own(&context, name, path).await?;
        }
        let (allow_write, athena) = (options.allow_write, options.athena.clone());
        Ok(Self { context, current, allow_write, run_time, shown, athena })
    }

    /// Athena, if statements that read reports run there.
    #[must_use]
    pub fn athena(&self) -> Option<&Arc<Engine>> {
        self.athena.as_ref()
    }

    /// The reports.
    #[must_use]
    pub fn collection(&self) -> Arc<Collection> {
        self.current.get()
    }

    /// Shows other reports, or the same in another light, to the statements planned from here on.
    /// Views and what else was defined stay.
    pub fn show(&self, collection: Arc<Collection>) {
        self.current.set(collection);
    }

    /// Sets what `now()` is in the statements planned from here on. Until then it is the time of the
    /// run.
    pub fn set_run_time(&self, run_time: Millis) {
        self.run_time.store(run_time, Ordering::Relaxed);
    }

    /// Makes rows a table of this name, or takes the place of the one that was made so before. A
    /// name that two columns share is made two.
    ///
    /// # Errors
    /// If the name is that of a table of ours, or rows differ from the schema.
    pub fn keep_rows(&self, name: &str, schema: &SchemaRef, rows: &[RecordBatch]) -> Result<()> {
        let (fields, _) = with_unique_names(schema);
        let schema = Arc::new(Schema::new(fields));
        let renamed = rows
            .iter()
            .map(|batch| RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec()));
        let rows = renamed.collect::<Result<_, _>>().map_err(DataFusionError::from)?;
        self.keep(name, Arc::new(MemTable::try_new(schema, vec![rows])?))
    }

    /// Makes a planned statement a view of this name, or takes the place of the one that was made so
    /// before.
    ///
    /// # Errors
    /// If the name is that of a table of ours.
    pub fn keep_statement(&self, name: &str, statement: DataFrame) -> Result<()> {
        self.keep(name, statement.into_view())
    }

    /// Forgets a table that was kept. Tells whether there was one.
    pub fn forget(&self, name: &str) -> bool {
        self.context.deregister_table(name).is_ok_and(|table| table.is_some())
    }

    fn keep(&self, name: &str, table: Arc<dyn TableProvider>) -> Result<()> {
        self.context.deregister_table(name)?;
        self.context.register_table(name, table)?;
        Ok(())
    }

    /// The columns of a table or view.
    ///
    /// # Errors
    /// If there is no such table.
    pub async fn columns(&self, table: &str) -> Result<SchemaRef> {
        if !self.table_names().iter().any(|name| name == table) {
            let (message, hint) = sql_error::no_table(table, self);
            return Err(Error::Sql { message, place: None, hint });
        }
        let reference = TableReference::bare(table);
        Ok(self.context.table_provider(reference).await?.schema())
    }

    /// The state, for what there is of functions.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.context.state()
    }

    /// Takes a text of statements apart.
    ///
    /// # Errors
    /// If it is not SQL, with the place.
    pub fn parse(&self, sql: &str) -> Result<Vec<Statement>> {
        let statements = datafusion::sql::parser::DFParser::parse_sql(sql)
            .map_err(|error| sql_error::explain(&error, sql, self))?;
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
        parameters: &[(String, Value)],
    ) -> Result<DataFrame> {
        let explain = |error: &DataFusionError| sql_error::explain(error, sql, self);
        let plan = self
            .context
            .state()
            .statement_to_plan(statement.clone())
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
                place: None,
                hint: Some(
                    "statements may only read; allow others with `--allow-write`".to_owned(),
                ),
            });
        }
        let reads = Reads::of(&plan)?;
        if reads.reports && self.athena.is_none() && self.collection().options.sources.is_empty() {
            return Err(Error::NoSource);
        }
        let plan = parameter::bind_lists(plan, parameters).map_err(|error| explain(&error))?;
        let values = parameter::values(&plan, parameters).map_err(|error| match error {
            Bind::Engine(error) => explain(&error),
            Bind::Ours(error) => error,
        })?;
        let plan = parameter::bind(plan, &values).map_err(|error| explain(&error))?;
        if let Some(engine) = self.athena.as_ref().filter(|_| reads.reports) {
            if let Some(name) = reads.other {
                return Err(elsewhere::only_here(&name));
            }
            let values = elsewhere::bound(values, parameters);
            let (state, target) = (self.state_of_run(), self.target(engine));
            return elsewhere::frame(engine, state, (&plan, &statement), &values, &target);
        }
        if matches!(
            plan,
            LogicalPlan::Ddl(_)
                | LogicalPlan::Dml(_)
                | LogicalPlan::Copy(_)
                | LogicalPlan::Statement(_)
        ) {
            return self.context.execute_logical_plan(plan).await.map_err(|error| explain(&error));
        }
        Ok(DataFrame::new(self.state_of_run(), plan))
    }

    fn state_of_run(&self) -> SessionState {
        let mut state = self.context.state();
        // now() is the time of the run, so that --as-of makes it repeatable.
        state.execution_props_mut().query_execution_start_time =
            DateTime::from_timestamp_millis(self.run_time.load(Ordering::Relaxed));
        state
    }

    /// What a statement on Athena looks at.
    fn target(&self, engine: &Engine) -> Target {
        Target {
            database: engine.options().database.clone(),
            shown: self.shown,
            as_of: self.collection().options.as_of,
            run_time: Some(self.run_time.load(Ordering::Relaxed)),
        }
    }

    /// Plans a text that is one statement without parameters.
    ///
    /// # Errors
    /// As [`Self::plan`], and if there is no statement.
    pub async fn plan_text(&self, sql: &str) -> Result<DataFrame> {
        let statement = self.parse(sql)?.pop();
        let statement = statement.ok_or_else(|| Error::Sql {
            message: "there is no statement".to_owned(),
            place: None,
            hint: None,
        })?;
        self.plan(statement, sql, &[]).await
    }

    /// The rows of a text that is one statement without parameters, each value as text. For results
    /// that are small.
    ///
    /// # Errors
    /// As [`Self::plan_text`], and those of running it.
    pub async fn texts(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        let frame = self.plan_text(sql).await?;
        let batches = frame.collect().await.map_err(|error| self.explain(&error, sql))?;
        let mut rows = Vec::new();
        for batch in batches {
            let columns = batch.columns().iter().map(|column| cast(column, &DataType::Utf8));
            let columns = columns.collect::<Result<Vec<_>, _>>().map_err(DataFusionError::from)?;
            let columns: Vec<&StringArray> = columns.iter().map(AsArray::as_string).collect();
            for row in 0..batch.num_rows() {
                let text = |column: &&StringArray| {
                    column.is_valid(row).then(|| column.value(row).to_owned())
                };
                rows.push(columns.iter().map(text).collect());
            }
        }
        Ok(rows)
    }

    /// The names of the parameters in a text of SQL, without the `$`.
    #[must_use]
    pub fn placeholders(&self, sql: &str) -> Vec<String> {
        let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().unwrap_or_default();
        let names = tokens.into_iter().filter_map(|token| match token {
            Token::Placeholder(name) => Some(parameter::bare(&name).to_owned()),
            _ => None,
        });
        names.collect()
    }

    /// Makes the first reading of reports decode every column that these statements will read, so
    /// that one reading serves all of them.
    ///
    /// # Errors
    /// If a statement cannot be optimised.
    pub fn prepare(&self, frames: &[DataFrame]) -> Result<()> {
        for frame in frames {
            let plan = frame.clone().into_optimized_plan()?;
            plan.apply_with_subqueries(|node| {
                if let LogicalPlan::TableScan(scan) = node
                    && let Ok(provider) = source_as_provider(&scan.source)
                    && let Some(table) = provider.downcast_ref::<ReportTable>()
                {
                    table.expect(scan.projection.as_deref());
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        Ok(())
    }

    /// The words for an error that came up while a statement of `sql` was executed.
    #[must_use]
    pub fn explain(&self, error: &DataFusionError, sql: &str) -> Error {
        sql_error::explain(error, sql, self)
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

impl sql_error::Names for Session {
    fn tables(&self) -> Vec<String> {
        self.table_names()
    }

    fn functions(&self) -> Vec<String> {
        let state = self.context.state();
        let scalar = state.scalar_functions().keys();
        let aggregate = state.aggregate_functions().keys();
        let (window, table) = (state.window_functions().keys(), state.table_functions().keys());
        scalar.chain(aggregate).chain(window).chain(table).cloned().collect()
    }
}

/// The kind of a statement that may not run: what DataFusion says after "not supported".
fn refused(error: &DataFusionError) -> String {
    let text = sql_error::plain(error);
    text.rsplit(": ").next().unwrap_or(&text).to_owned()
}

/// What a plan stands on.
#[derive(Default)]
struct Reads {
    reports: bool,
    /// Something that is none of our tables.
    other: Option<String>,
}

impl Reads {
    fn of(plan: &LogicalPlan) -> Result<Self> {
        let mut reads = Self::default();
        plan.apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node {
                match scan.table_name.table() {
                    // Controls are there without any report.
                    "controls" => {}
                    "report_states" | "listed_access_keys" => reads.reports = true,
                    name if Table::named(name).is_some() => reads.reports = true,
                    _ => reads.other = Some(scan.table_name.to_string()),
                }
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(reads)
    }
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

/// A DataFusion context without any table, with the functions that views need.
///
/// # Errors
/// If there is no place for what does not fit into memory.
pub(crate) fn bare(memory_limit: usize) -> Result<SessionContext> {
    let context = SessionContext::new_with_config_rt(config(), runtime(memory_limit)?);
    context.register_udf(date_diff::function());
    Ok(context)
}

fn runtime(memory_limit: usize) -> Result<Arc<RuntimeEnv>> {
    let consumers = std::num::NonZeroUsize::MIN.saturating_add(2);
    let pool = TrackConsumersPool::new(FairSpillPool::new(memory_limit), consumers);
    Ok(RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).build_arc()?)
}

async fn register_own(context: &SessionContext, name: &str, path: &Path) -> Result<()> {
    if name == LAST_RESULT {
        return Err(Error::usage(
            format!("`{name}` is the name of the last result"),
            format!("--table NAME={}", path.display()),
        ));
    }
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
