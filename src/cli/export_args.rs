//! What can be typed after `credsql export`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::args::{MannerArgs, as_of, size};
use super::aws_args::AwsArgs;
use crate::export::run::IfExists;
use crate::report::Millis;

const EXPORT: &str = "\
Every report of the sources becomes rows of a Parquet dataset, one folder for each UTC day:
  DIR/credential_report_history/dt=2026-11-25/part-00000.parquet   a row per user, with cell_states
  DIR/credentials_history/dt=2026-11-25/part-00000.parquet         a row per password, key, certificate
  DIR/reports/dt=2026-11-25/part-00000.parquet                     a row per report, failed ones too
Reports that fail and do not tell their day are in dt=__HIVE_DEFAULT_PARTITION__ of reports.
Text is UTF-8, times are INT64 milliseconds in UTC; dt is in the path alone. Athena, Spark, DuckDB and
pyarrow read it as it is, and so does credsql: `credsql check DIR`.

A day that is there is merged by account and time of report, and replaced as a whole: accounts that
are not among the sources stay. The same reports make the same bytes, and what is the same is left
alone. A run that was interrupted or killed is simply run again.

`--ddl athena` prints the statements that make the dataset known to Athena: database, external tables
(with a second form that needs no upkeep), views with the names they have here, and every canned
query with its defaults. `--ddl cloudformation` prints all of it as one template, with a workgroup
that limits what a query scans, saved queries, and data sets for QuickSight with a daily refresh. Both
read no report. `--ddl quicksight` writes CSV of the latest reports into DIR/quicksight, with the
manifests that QuickSight asks for: it reads no Parquet from S3.

Standard output has the place of each folder that is new or rewritten, one per line.

Exit codes: 0 all is exported · 2 a report failed or a day could not be written · 130 interrupted";

/// `credsql export`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  credsql export demo: --to dataset/
  credsql export aws-org:SecurityAudit --to s3://log-archive/iam
  credsql export s3://log-archive/credential-reports --to s3://log-archive/iam --as-of 2026-10-31
  credsql export reports/ --to dataset/ --tables credential_report_history --if-exists error
  credsql export --ddl athena --location s3://log-archive/iam --database iam > iam.sql
  credsql export --ddl cloudformation --location s3://log-archive/iam > template.json
  credsql export aws: --to s3://log-archive/iam --ddl quicksight
  credsql check dataset/ && credsql query 'SELECT * FROM changes' dataset/")]
#[command(after_long_help = EXPORT)]
pub struct ExportArgs {
    /// Where reports are: files, directories, patterns, `s3://`, `aws:`, `aws-org:`, `-`, `demo:`
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub sources: Vec<OsString>,

    /// Where the dataset lies: a folder, which is made if there is none, or s3://bucket/prefix
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub to: Option<PathBuf>,

    /// Write these tables only, with commas between
    #[arg(long, value_name = "TABLES", value_delimiter = ',', value_parser = table)]
    pub tables: Vec<&'static str>,

    /// Make a folder for each account within a day: many small files, for reading one account
    #[arg(long, value_enum, value_name = "COLUMN")]
    pub partition_by: Option<PartitionBy>,

    /// What to do with a day that is there
    #[arg(long, value_enum, default_value_t = IfExists::Merge, value_name = "WHAT")]
    pub if_exists: IfExists,

    /// Leave out reports generated later; a bare date is its end (UTC)
    #[arg(long, value_name = "TIME", value_parser = as_of)]
    pub as_of: Option<Millis>,

    /// Most memory that sorting may take before it goes to disk
    #[arg(long, value_name = "SIZE", default_value = "2G", value_parser = size)]
    pub memory_limit: usize,

    /// Print what makes the dataset known to Athena, or write files for QuickSight; see `--help`
    #[arg(long, value_enum, value_name = "FOR")]
    pub ddl: Option<Ddl>,

    /// Write the scripts of `--ddl` into this folder, one file for each
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, requires = "ddl")]
    pub ddl_dir: Option<PathBuf>,

    /// Where the dataset lies in S3, for `--ddl` [default: what `--to` says]
    #[arg(long, value_name = "S3", requires = "ddl")]
    pub location: Option<String>,

    /// The database to make tables in, for `--ddl` [default: credsql]
    #[arg(long, value_name = "NAME", requires = "ddl")]
    pub database: Option<String>,

    /// The first day of the dataset, for tables that look for days themselves: a late one makes
    /// queries faster [default: 2014-01-01]
    #[arg(long, value_name = "DAY", requires = "ddl")]
    pub first_day: Option<String>,

    /// Put an apostrophe before texts that a spreadsheet would run as formulas (`--ddl quicksight`)
    #[arg(long, requires = "ddl")]
    pub spreadsheet_safe: bool,

    /// A directory of canned queries of your own, for `--ddl`; repeatable
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub queries: Vec<PathBuf>,

    /// Encrypt objects with this KMS key, not the one that the bucket says
    #[arg(long, value_name = "KEY")]
    pub sse_kms_key_id: Option<String>,

    /// Write only if the bucket belongs to this account
    #[arg(long, value_name = "ACCOUNT")]
    pub expected_bucket_owner: Option<String>,

    /// How to speak to AWS.
    #[command(flatten)]
    pub aws: AwsArgs,

    /// How to talk.
    #[command(flatten)]
    pub manner: MannerArgs,
}

/// For whom a dataset is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ddl {
    /// Scripts: database, tables, views, canned queries
    Athena,
    /// One template: the same with a workgroup, saved queries and QuickSight data sets
    Cloudformation,
    /// CSV of the latest reports with a manifest each, for people without Athena
    Quicksight,
}

impl Ddl {
    /// As it is typed.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Athena => "athena",
            Self::Cloudformation => "cloudformation",
            Self::Quicksight => "quicksight",
        }
    }
}

/// What a day can be divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PartitionBy {
    /// A folder for each account within a day
    #[value(name = "account_id")]
    AccountId,
}

fn table(text: &str) -> Result<&'static str, String> {
    let mut names = crate::schema::EXPORTED.iter().map(|table| table.name);
    let known: Vec<&str> = names.clone().collect();
    names.find(|name| *name == text).ok_or_else(|| format!("it is one of {}", known.join(", ")))
}
