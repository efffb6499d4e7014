//! An Athena to talk to on this machine, which runs the statements it is given: over the Parquet files
//! of an exported dataset, and with nothing of this program but the function that Trino has and
//! DataFusion lacks. What only Trino understands, it refuses.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::prelude::SessionContext;
use hyper::body::{Body, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use credsql::schema::EXPORTED;

use crate::support::Ran;

/// The database of the dataset.
pub(crate) const DATABASE: &str = "iam";

/// How it behaves.
#[derive(Clone, Copy)]
pub(crate) struct Manners {
    /// Looks at a query before it is done; `None`: it never is.
    pub(crate) looks: Option<usize>,
    /// Most rows of a page, with the header.
    pub(crate) page: usize,
    /// Denies everything.
    pub(crate) denies: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self { looks: Some(0), page: 1000, denies: false }
    }
}

struct Shared {
    manners: Manners,
    context: SessionContext,
    queries: Mutex<BTreeMap<String, Query>>,
    asked: Mutex<Vec<(String, Value)>>,
}

struct Query {
    looks: usize,
    outcome: Result<Vec<Vec<Option<String>>>, String>,
}

/// A running Athena. It ends when it is dropped.
pub(crate) struct Fake {
    endpoint: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts an Athena over what was exported to a folder.
pub(crate) fn start(dataset: &Path, manners: Manners) -> Fake {
    let (stop, stopped) = oneshot::channel();
    let (ready, told) = std::sync::mpsc::channel();
    let dataset = dataset.to_owned();
    let thread = std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let shared = Arc::new(Shared {
                manners,
                context: context(&dataset).await,
                queries: Mutex::default(),
                asked: Mutex::default(),
            });
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = listener.local_addr().expect("an address");
            let endpoint = format!("http://{address}");
            ready.send((endpoint, Arc::clone(&shared))).expect("somebody waits for it");
            tokio::select! {
                () = accept(&listener, &shared) => {}
                _ = stopped => {}
            }
        });
    });
    let (endpoint, shared) = told.recv().expect("the fake Athena listens");
    Fake { endpoint, shared, stop: Some(stop), thread: Some(thread) }
}

impl Fake {
    /// The program, where nothing but this Athena is to be found.
    pub(crate) fn program(&self, folder: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_credsql"));
        command
            .env_clear()
            .env("AWS_ENDPOINT_URL_ATHENA", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", "AKIABASE000000000000")
            .env("AWS_SECRET_ACCESS_KEY", "fakesecretfakesecretfakesecretfakesecret")
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/nonexistent/config")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials")
            .env("NO_COLOR", "1")
            .env("HOME", folder)
            .current_dir(folder)
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end, with the options that say where statements run.
    pub(crate) fn run(&self, folder: &Path, args: &[&str]) -> Ran {
        let mut command = self.program(folder);
        command.args(args).args(["--engine", "athena", "--athena-database", DATABASE]);
        let output = command.output().expect("the program starts");
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<(String, Value)> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often something was asked.
    pub(crate) fn count(&self, action: &str) -> usize {
        self.asked().iter().filter(|(asked, _)| asked == action).count()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn context(dataset: &Path) -> SessionContext {
    let context = SessionContext::new();
    context.register_udf(credsql::date_diff::function());
    let schema = format!("CREATE SCHEMA {DATABASE}");
    context.sql(&schema).await.expect("a schema");
    for table in EXPORTED {
        let place = dataset.join(table.name);
        let sql = format!(
            "CREATE EXTERNAL TABLE {DATABASE}.{} STORED AS PARQUET PARTITIONED BY (dt) LOCATION '{}/'",
            table.name,
            place.display()
        );
        context.sql(&sql).await.expect(&sql);
    }
    context
}

async fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &shared));
            // Clients go away in the middle; that is what some tests are about.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: &Shared,
) -> Result<Response<String>, hyper::Error> {
    let (head, mut body) = request.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let action = target.and_then(|target| target.strip_prefix("AmazonAthena."));
    let action = action.expect("Athena is asked").to_owned();
    let asked: Value = serde_json::from_slice(&bytes).expect("requests are JSON");
    let log = (action.clone(), asked.clone());
    shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(log);
    let (status, text) = match reply(shared, &action, &asked).await {
        Ok(answer) => (200, answer),
        Err((code, message)) => (400, json!({ "__type": code, "Message": message })),
    };
    let response = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/x-amz-json-1.1")
        .body(text.to_string());
    Ok(response.expect("a response"))
}

async fn reply(
    shared: &Shared,
    action: &str,
    asked: &Value,
) -> Result<Value, (&'static str, String)> {
    if shared.manners.denies {
        return Err(("AccessDeniedException", "no".to_owned()));
    }
    let queries = || shared.queries.lock().unwrap_or_else(PoisonError::into_inner);
    let id = asked["QueryExecutionId"].as_str().unwrap_or_default();
    match action {
        "StartQueryExecution" => {
            assert_eq!(asked["QueryExecutionContext"]["Database"], DATABASE);
            let sql = asked["QueryString"].as_str().expect("a statement");
            let outcome = run(&shared.context, sql).await;
            let mut queries = queries();
            let id = format!("query-{}", queries.len() + 1);
            queries.insert(id.clone(), Query { looks: 0, outcome });
            Ok(json!({ "QueryExecutionId": id }))
        }
        "GetQueryExecution" => {
            let mut queries = queries();
            let query = queries.get_mut(id).expect("a query that was started");
            query.looks += 1;
            let is_done = shared.manners.looks.is_some_and(|looks| query.looks > looks);
            let status = match &query.outcome {
                _ if !is_done => json!({ "State": "RUNNING" }),
                Ok(_) => json!({ "State": "SUCCEEDED" }),
                Err(reason) => json!({ "State": "FAILED", "StateChangeReason": reason }),
            };
            let scanned = json!({ "DataScannedInBytes": 1_000_000 });
            Ok(json!({ "QueryExecution": {
                "QueryExecutionId": id, "Status": status, "Statistics": scanned
            }}))
        }
        "GetQueryResults" => {
            let queries = queries();
            let rows = queries[id].outcome.as_ref().expect("rows of a query that is done");
            let from: usize = asked["NextToken"].as_str().map_or(0, |at| at.parse().expect("ours"));
            let most =
                asked["MaxResults"].as_u64().and_then(|most| most.try_into().ok()).unwrap_or(1000);
            let end = rows.len().min(from + most.min(shared.manners.page));
            let datum = |text: &Option<String>| match text {
                Some(text) => json!({ "VarCharValue": text }),
                None => json!({}),
            };
            let row = |row: &Vec<Option<String>>| json!({ "Data": row.iter().map(datum).collect::<Vec<_>>() });
            let columns: Vec<Value> = rows[0]
                .iter()
                .map(|name| json!({ "Name": name, "Label": name, "Type": "varchar" }))
                .collect();
            let next = (end < rows.len()).then(|| end.to_string());
            Ok(json!({
                "ResultSet": {
                    "Rows": rows[from..end].iter().map(row).collect::<Vec<_>>(),
                    "ResultSetMetadata": { "ColumnInfo": columns },
                },
                "NextToken": next,
            }))
        }
        "StopQueryExecution" => Ok(json!({})),
        other => Err(("InvalidRequestException", format!("{other} is not to be asked"))),
    }
}

/// Names and rows of a statement, in the words of Athena.
async fn run(context: &SessionContext, sql: &str) -> Result<Vec<Vec<Option<String>>>, String> {
    let failed = |error: datafusion::error::DataFusionError| {
        let reason = error.strip_backtrace();
        format!("SYNTAX_ERROR: {reason} in {sql}")
    };
    let frame = context.sql(sql).await.map_err(failed)?;
    let fields = frame.schema().fields().clone();
    let name = |(position, name): (usize, &String)| {
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        Some(if is_name { name.to_ascii_lowercase() } else { format!("_col{position}") })
    };
    let names = fields.iter().map(|field| field.name()).enumerate().map(name).collect();
    let mut rows: Vec<Vec<Option<String>>> = vec![names];
    for batch in frame.collect().await.map_err(failed)? {
        rows.extend(texts(&batch));
    }
    Ok(rows)
}

fn texts(batch: &RecordBatch) -> Vec<Vec<Option<String>>> {
    let text = |column: &Arc<dyn Array>| {
        let column = match column.data_type() {
            // Times have no zone there, and three digits.
            DataType::Timestamp(..) => {
                let millis = DataType::Timestamp(TimeUnit::Millisecond, None);
                cast(column, &millis).expect("a time")
            }
            _ => Arc::clone(column),
        };
        cast(&column, &DataType::Utf8).expect("everything has a text")
    };
    let columns: Vec<_> = batch.columns().iter().map(text).collect();
    let is_time: Vec<bool> = batch
        .columns()
        .iter()
        .map(|column| matches!(column.data_type(), DataType::Timestamp(..)))
        .collect();
    let value = |(column, is_time): (&Arc<dyn Array>, &bool), row: usize| {
        let column = column.as_string::<i32>();
        column.is_valid(row).then(|| {
            let text = column.value(row);
            if *is_time {
                let text = text.replace('T', " ");
                if text.contains('.') { text } else { format!("{text}.000") }
            } else {
                text.to_owned()
            }
        })
    };
    (0..batch.num_rows())
        .map(|row| columns.iter().zip(&is_time).map(|cell| value(cell, row)).collect())
        .collect()
}
