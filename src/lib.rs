//! SQL over AWS IAM credential reports.
//!
//! > Bytes of a credential report become typed Arrow rows in one pure function. Everything before
//! > it only finds bytes; everything after it only asks SQL.
//!
//! ```text
//! files · s3:// · aws: · demo:               queries/views/*.sql
//!        │ source: find, open                        │
//!        ▼                                           ▼
//!     Report ──► decode ──► table ──────────► session ──► output ──► terminal, csv, json, …
//!  bytes + origin  (pure)   choose, prune,    (DataFusion)
//!                           pack, cache
//! ```
//!
//! # Modules, lowest first
//!
//! | module | one line |
//! |---|---|
//! | [`schema`] | the one list of tables, columns, sentinels and their meanings |
//! | [`report`] | the nouns: origin, account, generated time, section |
//! | [`beside`] | facts about an account that stand beside its report |
//! | `aws` | all that speaks to AWS: access, roles, organizations, reports, buckets, troubles in words |
//! | [`decode`] | bytes → record batches; pure |
//! | [`output`] | one file per format; each writes batches to `impl Write` |
//! | [`library`] | canned queries, frameworks and exemptions: what is built in, how files are read |
//! | [`error`] | errors as data, with their words and cures |
//! | [`source`] | what the user names, and the reports found there |
//! | [`table`] | which reports a table shows, and how their rows come to DataFusion |
//! | [`sql_error`], `misread` | the engine's errors in words; SQL whose meaning the parser changes |
//! | `parameter` | typed values for `$name` |
//! | [`date_diff`] | a function of Trino's, for statements that both engines run |
//! | [`athena`] | the same statements for Athena: rendered, defined, run |
//! | `catalog` | the tables and views, each made when it is first named |
//! | [`session`] | a DataFusion session: statements parsed, planned, bound, refused if they write |
//! | [`check`] | controls: chosen, judged, counted, rendered |
//! | [`collect`] | reports kept as they are, in one layout, each once |
//! | [`export`] | a Parquet dataset that any engine reads, and files for QuickSight |
//! | `page` | texts to read about tables, columns and canned queries |
//! | `run` | what every run has: reports and sessions, destinations, words on standard error, the clock, Ctrl-C |
//! | `shell` | statements and commands at a prompt or in a script; completion, highlighting, hints |
//! | [`cli`] | clap's types, one file per command |
//!
//! # Invariants
//!
//! A test keeps those that can be kept by looking at the source (`tests/tidy.rs`).
//!
//! 1. `decode` is pure: nothing async, no files, no clock, no DataFusion.
//! 2. Report columns are named in `schema` and in `.sql` files, nowhere else.
//! 3. Only `cli`, `run` and `shell` write to standard output or error; one file of `run` reads the
//!    clock.
//! 4. The types of the AWS SDK stay in `aws`.
//! 5. A module uses modules above it in the table, never below.
//! 6. There is one Arrow in the tree: the one DataFusion is built on.
//! 7. NULL never stands for two facts in silence: `cell_states` says what each cell said, and a
//!    missing or unreadable cell is unknown downstream, never false and never unused.
//! 8. A report that cannot be read is a row in `reports`, a line on standard error and exit code 2.
//! 9. Ages are measured at the report's own time, so an old report gives the same answer for ever.
//!
//! The library exists for the program and its tests; its interface may change with any version.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use credsql::session::{Session, SessionOptions};
//! use credsql::source::Source;
//! use credsql::table::collection::{Collection, CollectionOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let collection = Arc::new(Collection::new(CollectionOptions {
//!     sources: vec![Source::parse("demo:accounts=2,days=1")?],
//!     run_time: 0,
//!     now: 0,
//!     as_of: None,
//!     cache_bytes: 64 << 20,
//!     aws: Arc::default(),
//! }));
//! let options = SessionOptions { memory_limit: 1 << 30, ..SessionOptions::default() };
//! let session = Session::new(collection, &options).await?;
//! let sql = "SELECT account_id, count(*) FROM credential_report GROUP BY account_id";
//! for statement in session.parse(sql)? {
//!     let planned = session.plan(statement, sql, &[]).await?;
//!     let rows: usize = planned.collect().await?.iter().map(|batch| batch.num_rows()).sum();
//!     assert_eq!(rows, 2);
//! }
//! # Ok(()) })
//! # }
//! ```

pub mod athena;
pub mod aws;
pub mod beside;
mod catalog;
pub mod check;
pub mod cli;
pub mod collect;
pub mod date_diff;
pub mod decode;
pub mod error;
pub mod export;
pub mod library;
mod misread;
pub mod output;
mod page;
mod parameter;
pub mod report;
mod run;
pub mod schema;
pub mod session;
mod shell;
pub mod source;
pub mod sql_error;
pub mod table;
