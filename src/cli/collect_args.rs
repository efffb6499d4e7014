//! What can be typed after `credsql collect`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::args::MannerArgs;
use super::aws_args::AwsArgs;
use crate::collect::template::Template;
use crate::run::collect_log::LogFormat;

const COLLECT: &str = "\
Every report of the sources is kept as it came, where its path tells whose it is and of when:
  date=2026-11-25/account_id=111122223333/credential_report_111122223333_20261125T140300Z.csv
Facts about it (time, account, sha256) are metadata of the object, or in a folder a file beside it
that ends in .meta.json. What was kept and what failed is listed in
  _manifests/date=2026-11-25/collect_0123456789abcdef.json
`credsql query … DIR` reads it all back and passes over these two.

A report that is there already is not written again; other bytes under the same name are left alone,
and the report is put beside them with a warning. Nothing is ever replaced or half written, so a run
that was interrupted or killed is simply run again; an interrupted one leaves no list.

Standard output has the place of each report that is new, one per line.
`--log json` writes to standard error one object per account (time, level, event, account_id,
account_name, source, status, key, generated_time, bytes, sha256, error, note, hint) and one at the end
(event `summary`); statuses are written, unchanged, beside, failed, skipped, foreign (no report).

Exit codes: 0 all is kept (suspended accounts have nothing to keep) · 2 an account or a write failed
· 130 interrupted";

/// `credsql collect`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  credsql collect aws: --to kept/
  credsql collect aws-org:SecurityAudit --to s3://log-archive/credential-reports --log json
  credsql collect aws: --to s3://log-archive/iam --sse-kms-key-id alias/reports --expected-bucket-owner 999988887777
  credsql collect 'downloads/*.csv' --to kept/
  credsql collect --print-template member-role > member-role.yaml")]
#[command(after_long_help = COLLECT)]
pub struct CollectArgs {
    /// Where reports come from: live accounts, files, directories, patterns, `-`, `demo:`
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub sources: Vec<OsString>,

    /// Where to keep them: a folder, which is made if there is none, or s3://bucket/prefix
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub to: Option<PathBuf>,

    /// Encrypt objects with this KMS key, not the one that the bucket says
    #[arg(long, value_name = "KEY")]
    pub sse_kms_key_id: Option<String>,

    /// Write only if the bucket belongs to this account
    #[arg(long, value_name = "ACCOUNT")]
    pub expected_bucket_owner: Option<String>,

    /// How to talk on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log: LogFormat,

    /// Print a CloudFormation template and do nothing else
    #[arg(long, value_enum, value_name = "NAME", conflicts_with_all = ["sources", "to"])]
    pub print_template: Option<Template>,

    /// How to speak to AWS.
    #[command(flatten)]
    pub aws: AwsArgs,

    /// How to talk.
    #[command(flatten)]
    pub manner: MannerArgs,
}
