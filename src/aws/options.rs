//! What the user says of AWS on the command line, as plain data.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::time::Duration;

use super::access::AccessOptions;
use super::given::Given;
use super::organization::{Among, Choice};
use super::policy;
use super::role_options::{RoleOptions, SHORTEST};
use super::s3::S3Options;

/// How to speak to AWS, and about what.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub struct AwsOptions {
    /// The profile of sources that do not name one.
    pub profile: Option<String>,
    /// The region, if not as configured.
    pub region: Option<String>,
    /// How long one account may take.
    pub timeout: Duration,
    /// Send no signature: public buckets only.
    pub no_sign_request: bool,
    /// Pay for requests to buckets whose owner does not.
    pub request_payer: bool,
    /// The accounts, if not those of the organization.
    pub accounts: Option<Vec<Given>>,
    /// Organizational units to stay within.
    pub ous: Vec<String>,
    /// Accounts to leave out.
    pub exclude: BTreeSet<String>,
    /// What a role's trust policy wants to be told.
    pub external_id: Option<ExternalId>,
    /// The name of sessions in the trails of accounts.
    pub session_name: String,
    /// Ask the global endpoint of STS.
    pub sts_global: bool,
    /// Accounts at a time.
    pub concurrency: NonZeroUsize,
    /// Ask for facts beside the report as well.
    pub enrich: bool,
}

/// What the trust policy of a role asks for. `Debug` does not show it: it is told to nobody but STS.
#[derive(Clone)]
pub struct ExternalId(pub String);

impl std::fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExternalId(…)")
    }
}

impl From<String> for ExternalId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

/// Accounts at a time, unless the user says otherwise.
pub const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(16).expect("16 is not zero");

/// How long one account may take, unless the user says otherwise.
pub const TIMEOUT: Duration = Duration::from_mins(2);

/// The name of sessions, unless the user says otherwise.
pub const SESSION_NAME: &str = "credsql";

impl Default for AwsOptions {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            timeout: TIMEOUT,
            no_sign_request: false,
            request_payer: false,
            accounts: None,
            ous: Vec::new(),
            exclude: BTreeSet::new(),
            external_id: None,
            session_name: SESSION_NAME.to_owned(),
            sts_global: false,
            concurrency: CONCURRENCY,
            enrich: false,
        }
    }
}

impl AwsOptions {
    /// How to speak to AWS with this profile, or the usual one.
    #[must_use]
    pub fn access(&self, profile: Option<&str>) -> AccessOptions {
        AccessOptions {
            profile: profile.map(str::to_owned).or_else(|| self.profile.clone()),
            region: self.region.clone(),
            no_sign_request: self.no_sign_request,
            timeout: self.timeout,
        }
    }

    /// An option that only the accounts of an organization have a use for, if one is given.
    #[must_use]
    pub fn of_organizations(&self) -> Option<&'static str> {
        let given = [
            ("--accounts", self.accounts.is_some()),
            ("--ou", !self.ous.is_empty()),
            ("--exclude", !self.exclude.is_empty()),
            ("--external-id", self.external_id.is_some()),
            ("--sts-global", self.sts_global),
        ];
        given.iter().find(|(_, is_given)| *is_given).map(|(option, _)| *option)
    }

    /// How to speak to buckets.
    #[must_use]
    pub fn s3(&self) -> S3Options {
        S3Options { request_payer: self.request_payer, ..S3Options::default() }
    }

    /// Which accounts.
    #[must_use]
    pub fn choice(&self) -> Choice {
        let among = match &self.accounts {
            Some(given) => Among::Given(given.clone()),
            None if self.ous.is_empty() => Among::Organization,
            None => Among::Units(self.ous.clone()),
        };
        Choice { among, exclude: self.exclude.clone() }
    }

    /// How this role is assumed.
    #[must_use]
    pub fn role(&self, role: &str) -> RoleOptions {
        RoleOptions {
            role: role.to_owned(),
            external_id: self.external_id.as_ref().map(|id| id.0.clone()),
            session_name: self.session_name.clone(),
            sts_global: self.sts_global,
            session_policy: policy::session_policy(self.enrich),
            duration: SHORTEST,
        }
    }
}
