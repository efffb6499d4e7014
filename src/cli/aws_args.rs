//! What can be typed about AWS.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;

use crate::aws::given;
use crate::aws::options::{AwsOptions, ExternalId, SESSION_NAME};
use crate::decode::sections::is_account_id;
use crate::error::Error;

/// How to speak to AWS, for sources `aws:`, `aws-org:` and `s3://`. Credentials are found as by the
/// AWS CLI.
#[derive(Debug, Args, Clone)]
#[command(next_help_heading = "AWS options")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub struct AwsArgs {
    /// The profile of sources that do not name one
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// The region, if not as configured; that of asff findings, too
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// How long one account may take to give its report
    #[arg(long, value_name = "TIME", default_value = "2min", value_parser = timeout)]
    pub timeout: Duration,

    /// Send requests without a signature: public buckets only
    #[arg(long)]
    pub no_sign_request: bool,

    /// Pay for reading buckets whose owner does not
    #[arg(long)]
    pub request_payer: bool,

    /// The accounts of `aws-org:`, instead of asking Organizations: ids with commas between, or a
    /// file with one on each line or in a column account_id
    #[arg(long, value_name = "IDS|FILE")]
    pub accounts: Option<String>,

    /// Only accounts below this organizational unit; repeatable
    #[arg(long, value_name = "OU", conflicts_with = "accounts")]
    pub ou: Vec<String>,

    /// Leave this account out; repeatable, or ids with commas between
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub exclude: Vec<String>,

    /// What the trust policy of the role asks for
    #[arg(long, value_name = "ID")]
    pub external_id: Option<ExternalId>,

    /// The name of our sessions in the trails of the accounts
    #[arg(long, value_name = "NAME", default_value = SESSION_NAME)]
    pub session_name: String,

    /// Assume roles at the global endpoint of STS instead of that of the region
    #[arg(long)]
    pub sts_global: bool,

    /// Accounts asked at a time
    #[arg(long, value_name = "N", default_value = "16")]
    pub concurrency: NonZeroUsize,

    /// Ask for facts beside the report too: account summary, password policy, virtual MFA devices,
    /// ids of access keys, tags of users
    #[arg(long)]
    pub enrich: bool,
}

impl AwsArgs {
    /// # Errors
    /// If an account is none, or the file of accounts cannot be read.
    pub(super) fn options(&self) -> Result<AwsOptions, Error> {
        if let Some(wrong) = self.exclude.iter().find(|id| !is_account_id(id)) {
            return Err(Error::usage(
                format!("`{wrong}` is no account id"),
                "an account id has 12 digits: `--exclude 111122223333`",
            ));
        }
        Ok(AwsOptions {
            profile: self.profile.clone(),
            region: self.region.clone(),
            timeout: self.timeout,
            no_sign_request: self.no_sign_request,
            request_payer: self.request_payer,
            accounts: self.accounts.as_deref().map(given::parse).transpose()?,
            ous: self.ou.clone(),
            exclude: self.exclude.iter().cloned().collect(),
            external_id: self.external_id.clone(),
            session_name: self.session_name.clone(),
            sts_global: self.sts_global,
            concurrency: self.concurrency,
            enrich: self.enrich,
        })
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .ok()
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "write it as 90s or 5min".to_owned())
}
