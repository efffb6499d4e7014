//! What can be typed: clap's types and nothing else.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand, ValueHint};

use super::athena_args::AthenaArgs;
use super::aws_args::AwsArgs;
use super::collect_args::CollectArgs;
use super::export_args::ExportArgs;
use crate::check::render::CheckFormat;
use crate::error::Error;
use crate::library::query::Severity;
use crate::output::Format;
use crate::report::Millis;
use crate::run::destination::OutputOptions;
use crate::run::style::When;
use crate::run::workspace::{self, EngineOptions};

const SOURCES: &str = "\
Where reports are, as many as you like:
  report.csv  reports/  'reports/*.csv'   files, directories (with all below), patterns
  -                                       standard input
  s3://bucket/prefix                      a bucket, a folder in it, one object
  aws:  aws:PROFILE                       live, the account of the credentials
  aws-org:ROLE  aws-org:ROLE@PROFILE      live, every account of the organization, by this role
  demo:  demo:accounts=50,users=40,days=90,seed=7   a synthetic organisation
Formats are recognised by content: CSV as AWS writes it, the JSON, text or XML answer of
get-credential-report, base64, gzip, UTF-16, exports of Steampipe and CloudQuery, Parquet.

Exit codes: 0 done · 2 could not do what was asked, in whole or in part
(an unreadable report counts) · 130 interrupted";

const CHECK_EXITS: &str = "\
Exemptions are accepted alarms: shown as exempt and counted, until their last day has passed.
  [[exempt]]
  control    = \"console-users-have-mfa\"
  account    = \"111122223333\"        # optional, as are user and credential; * matches anything
  user       = \"ci-*\"
  owner      = \"payments team\"
  reason     = \"signs in from the build host alone\"
  until      = 2027-01-31

Parameters: `--param keys-rotated.max_age_days=180` for one control, `--param max_age_days=180` for
every control that has it. `credsql queries show ID` lists them.

Exit codes: 0 no alarm · 1 at least one alarm · 2 could not do what was asked, in whole or in part
(an unreadable report, a row that is unknown) · 130 interrupted. What no credential report can
tell is shown as unknown and does not count.";

const EXAMPLES: &str = "\
Examples:
  credsql demo:
  credsql reports/ < audit.sql
  credsql query 'SELECT account_id, \"user\" FROM credential_report WHERE password_enabled AND NOT mfa_active' demo:
  aws iam get-credential-report --output json | credsql query 'SELECT * FROM credentials' -
  credsql check demo: --framework cis-aws-5.0.0
  credsql query -f audit.sql --param days=90 -o audit.csv -o audit.json reports/
  credsql schema credentials";

/// SQL over AWS IAM credential reports.
///
/// `credsql SOURCE…` opens a shell on a terminal, and runs the statements that come through a pipe.
#[derive(Debug, Parser)]
#[command(name = "credsql", version, about, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{SOURCES}"))]
#[command(args_conflicts_with_subcommands = true, max_term_width = 100)]
pub struct Cli {
    /// What to do; without a command a shell opens, or SQL is read from a pipe.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Run a script and end, as `credsql query -f` does
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,

    /// A directory of canned queries of your own, which add to ours or override them; repeatable
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub queries: Vec<PathBuf>,

    /// How to run statements without a command.
    #[command(flatten)]
    pub run: RunArgs,

    /// Where reports are: files, directories, patterns, `s3://`, `aws:`, `aws-org:`, `-`, `demo:`
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub sources: Vec<OsString>,
}

impl Cli {
    /// Tells places for the results of Athena from files for results.
    ///
    /// # Errors
    /// If there are two places.
    pub(super) fn claim_places(&mut self) -> Result<(), Error> {
        let (athena, outputs) = match &mut self.command {
            None => (&mut self.run.engine.athena, &mut self.run.output.outputs),
            Some(Command::Query(args)) => {
                (&mut args.run.engine.athena, &mut args.run.output.outputs)
            }
            Some(Command::Check(args)) => (&mut args.engine.athena, &mut args.outputs),
            Some(Command::Queries(QueriesArgs {
                action: Some(QueriesAction::Run { run, .. }),
                ..
            })) => (&mut run.engine.athena, &mut run.output.outputs),
            Some(_) => return Ok(()),
        };
        athena.claim(outputs)
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run SQL over reports
    Query(Box<QueryArgs>),
    /// Judge reports by controls: CIS and other benchmarks, hygiene, your own
    Check(Box<CheckArgs>),
    /// Keep the untouched reports of the sources in a folder or a bucket, each once
    Collect(Box<CollectArgs>),
    /// Write a Parquet dataset for Athena, QuickSight and any other engine
    Export(Box<ExportArgs>),
    /// The canned library: list it, show one query, run one
    Queries(QueriesArgs),
    /// Show tables, or the columns of one with their types and meanings
    Schema(SchemaArgs),
    /// Say who you are to AWS, what you may do, and what is in the way
    Doctor(Box<DoctorArgs>),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// `credsql query`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  credsql query 'SELECT count(*) FROM credential_report' demo:
  credsql query 'SELECT * FROM credentials WHERE age_days > $days' reports/ --param days=90
  credsql query -f statements.sql --format json reports/
  echo 'SELECT 1' | credsql query -
  credsql query 'SELECT c.\"user\", o.owner FROM credentials c JOIN owners o ON o.arn = c.arn' reports/ --table owners=owners.csv")]
#[command(after_long_help = SOURCES)]
pub struct QueryArgs {
    /// The statement, or `-` to read it from standard input; then the sources
    #[arg(value_name = "SQL] [SOURCE", value_hint = ValueHint::AnyPath)]
    pub sql_and_sources: Vec<OsString>,

    /// Read the SQL from a file instead, `-` for standard input
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,

    /// How to run it.
    #[command(flatten)]
    pub run: RunArgs,
}

/// What every command that runs statements of the user's takes.
#[derive(Debug, Args, Clone)]
pub struct RunArgs {
    /// What statements run on.
    #[command(flatten)]
    pub engine: EngineArgs,

    /// Allow statements that write files or define things
    #[arg(long)]
    pub allow_write: bool,

    /// Run the rest of a script after a statement that failed; the exit code still says so
    #[arg(long)]
    pub keep_going: bool,

    /// How to write the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What statements run on.
#[derive(Debug, Args, Clone)]
pub struct EngineArgs {
    /// Value of a `$name` in the SQL; repeatable
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = assignment)]
    pub params: Vec<(String, String)>,

    /// A CSV, TSV or Parquet file of your own as a table, to join with; repeatable
    #[arg(long = "table", value_name = "NAME=FILE", value_parser = assignment)]
    pub tables: Vec<(String, String)>,

    /// Hide reports generated later, and measure ages at this time; a bare date is its end (UTC)
    #[arg(long, value_name = "TIME", value_parser = as_of)]
    pub as_of: Option<Millis>,

    /// Most memory queries may take before they spill to disk
    #[arg(long, value_name = "SIZE", default_value = "2G", value_parser = size)]
    pub memory_limit: usize,

    /// Where statements run.
    #[command(flatten)]
    pub athena: AthenaArgs,

    /// How to speak to AWS.
    #[command(flatten)]
    pub aws: AwsArgs,
}

impl EngineArgs {
    /// # Errors
    /// If the list of accounts cannot be read.
    pub(super) fn options(&self) -> Result<EngineOptions, Error> {
        let tables = self.tables.iter();
        Ok(EngineOptions {
            tables: tables.map(|(name, file)| (name.clone(), PathBuf::from(file))).collect(),
            as_of: self.as_of,
            memory_limit: self.memory_limit,
            aws: Arc::new(self.aws.options()?),
            athena: self.athena.options()?,
        })
    }
}

/// How results are written.
#[derive(Debug, Args, Clone)]
pub struct OutputArgs {
    /// Format of the result [default: table on a terminal, csv in a pipe]
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Write to a file instead, in the format of its suffix; repeatable
    #[arg(short, long = "output", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub outputs: Vec<PathBuf>,

    /// How to talk.
    #[command(flatten)]
    pub manner: MannerArgs,
}

impl OutputArgs {
    pub(super) fn options(&self) -> OutputOptions {
        OutputOptions {
            format: self.format,
            outputs: self.outputs.clone(),
            color: self.manner.color,
            quiet: self.manner.quiet,
        }
    }
}

/// How to talk.
#[derive(Debug, Args, Clone)]
pub struct MannerArgs {
    /// When to use colour
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,

    /// Say nothing but results and errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// `credsql check`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  credsql check demo:
  credsql check reports/ --framework cis-aws-5.0.0 --framework pci-dss-4.0.1
  credsql check reports/ --control keys-rotated --param max_age_days=180 --all
  credsql check reports/ --exempt exempt.toml --fail-on high -o check.junit.xml -o check.json
  credsql check history/ --only-new --max-age 24h
  credsql check reports/ --as-of 2026-09-30 --evidence audit-2026-q3")]
#[command(after_long_help = CHECK_EXITS)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub struct CheckArgs {
    /// Where reports are: files, directories, patterns, `s3://`, `aws:`, `aws-org:`, `-`, `demo:`
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub sources: Vec<OsString>,

    /// Which controls.
    #[command(flatten)]
    pub choice: ChoiceArgs,

    /// Show every row, not only counts and the worst
    #[arg(long)]
    pub all: bool,

    /// Show what to do about each alarm
    #[arg(long)]
    pub remediation: bool,

    /// Leave out alarms that the report before had as well
    #[arg(long)]
    pub only_new: bool,

    /// A file of accepted alarms (TOML), see `credsql check --help`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub exempt: Option<PathBuf>,

    /// Count reports older than this as unknown, as in 24h or 3days
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub max_age: Option<Millis>,

    /// Exit code 1 only for alarms of this severity and above
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "low")]
    pub fail_on: Severity,

    /// Exit code 0 in spite of rows that are unknown
    #[arg(long)]
    pub allow_unknown: bool,

    /// Keep results, texts of controls, and checksums of reports in a folder for an auditor
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub evidence: Option<PathBuf>,

    /// List what would be run, with parameters, and read no report
    #[arg(long, conflicts_with = "evidence")]
    pub dry_run: bool,

    /// Format of the result [default: summary on a terminal, csv of every row in a pipe]
    #[arg(long, value_enum)]
    pub format: Option<CheckFormat>,

    /// Write to a file instead, in the format of its suffix (.junit.xml, .asff.json, .csv, …);
    /// repeatable
    #[arg(short, long = "output", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub outputs: Vec<PathBuf>,

    /// What statements run on.
    #[command(flatten)]
    pub engine: EngineArgs,

    /// How to talk.
    #[command(flatten)]
    pub manner: MannerArgs,

    /// A directory of canned queries of your own, which add to ours or override them; repeatable
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub queries: Vec<PathBuf>,
}

/// Which controls are run. What is given adds up.
#[derive(Debug, Args)]
pub struct ChoiceArgs {
    /// Controls of this benchmark; repeatable. Frameworks, controls and tags add up [default: the
    /// newest of CIS, the tag hygiene, and controls of your own]
    #[arg(long, value_name = "ID")]
    pub framework: Vec<String>,

    /// This control; repeatable
    #[arg(long, value_name = "ID")]
    pub control: Vec<String>,

    /// Controls with this tag; repeatable
    #[arg(long)]
    pub tag: Vec<String>,

    /// Of these, only those at least this severe
    #[arg(long, value_enum)]
    pub severity: Option<Severity>,
}

/// `credsql queries`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  credsql queries list --framework cis-aws-5.0.0
  credsql queries frameworks
  credsql queries show keys-rotated
  credsql queries run keys-rotated demo: --param max_age_days=180")]
pub struct QueriesArgs {
    /// What to do [default: list]
    #[command(subcommand)]
    pub action: Option<QueriesAction>,

    /// How to write the list.
    #[command(flatten)]
    pub output: OutputArgs,

    /// A directory of canned queries of your own, which add to ours or override them; repeatable
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub queries: Vec<PathBuf>,
}

/// What to do with the library.
#[derive(Debug, Subcommand)]
pub enum QueriesAction {
    /// List what there is
    List(QueriesListArgs),
    /// List benchmarks and standards, and how much of each is answered
    Frameworks(OutputArgs),
    /// Show what one query does, with its text
    Show {
        /// Its id
        id: String,
    },
    /// Run one query
    Run {
        /// Its id
        id: String,

        /// Where reports are
        #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
        sources: Vec<OsString>,

        /// How to run it.
        #[command(flatten)]
        run: Box<RunArgs>,
    },
}

/// `credsql queries list`
#[derive(Debug, Args)]
pub struct QueriesListArgs {
    /// What this benchmark asks for, and which control answers it, if any
    #[arg(long, value_name = "ID")]
    pub framework: Option<String>,

    /// Only those with this tag
    #[arg(long)]
    pub tag: Option<String>,

    /// How to write it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `credsql doctor`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  credsql doctor
  credsql doctor aws-org:CredsqlReader@audit --external-id 5f2c
  credsql doctor s3://log-archive/iam
  credsql doctor aws: --enrich --policy > policy.json

Exit codes: 0 all is allowed · 2 something is denied, unknown or wrong")]
pub struct DoctorArgs {
    /// What is to be read: `aws:`, `aws-org:`, `s3://` [default: aws:]
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<OsString>,

    /// Print the least policy that allows it, and nothing else
    #[arg(long)]
    pub policy: bool,

    /// How to speak to AWS.
    #[command(flatten)]
    pub aws: AwsArgs,

    /// How to write it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `credsql schema`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  credsql schema\n  credsql schema credential_report --format markdown"
)]
pub struct SchemaArgs {
    /// The table
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(crate::schema::TABLES.iter().map(|table| table.name)))]
    pub table: Option<String>,

    /// How to write it.
    #[command(flatten)]
    pub output: OutputArgs,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok((name.trim_start_matches('$').to_owned(), value.to_owned()))
        }
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

pub(super) fn as_of(text: &str) -> Result<Millis, String> {
    workspace::as_of(text)
        .ok_or_else(|| "write it as 2026-10-31 or 2026-10-31T12:00:00Z".to_owned())
}

fn age(text: &str) -> Result<Millis, String> {
    let wrong = || "write it as 24h or 3days".to_owned();
    let duration = humantime::parse_duration(text).map_err(|_| wrong())?;
    Millis::try_from(duration.as_millis()).map_err(|_| wrong())
}

/// Bytes, with K, M, G or T for powers of 1024.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let wrong = || "write it as 512M or 8G".to_owned();
    let upper = text.trim().to_ascii_uppercase();
    let upper = upper.strip_suffix("IB").or_else(|| upper.strip_suffix('B')).unwrap_or(&upper);
    let digits = upper.trim_end_matches(['K', 'M', 'G', 'T']);
    let shift = match &upper[digits.len()..] {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err(wrong()),
    };
    let number: usize = digits.trim().parse().map_err(|_| wrong())?;
    number
        .checked_mul(1 << shift)
        .filter(|&bytes| bytes >= 1 << 20)
        .ok_or_else(|| "give at least 1M".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::time;
    use clap::CommandFactory;

    #[test]
    fn clap_finds_no_mistake() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("1M", Ok(1 << 20)),
            ("8g", Ok(8 << 30)),
            ("512MiB", Ok(512 << 20)),
            ("2097152", Ok(2 << 20)),
        ] {
            assert_eq!(size(text), bytes, "{text}");
        }
        for text in ["", "G", "1K", "-1G", "1GG", "99999999999T"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bare_date_is_its_end() {
        assert_eq!(as_of("2026-10-31").map(time::format), Ok("2026-10-31T23:59:59Z".to_owned()));
        assert_eq!(
            as_of("2026-10-31T00:00:00Z").map(time::format),
            Ok("2026-10-31T00:00:00Z".to_owned())
        );
        assert!(as_of("yesterday").is_err());
    }
}
