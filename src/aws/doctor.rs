//! What is in the way between us and a report: who we are, where requests go, whether the clock is
//! right, and which of the needed actions are allowed. Nothing is changed by asking: the only call
//! that does anything has a report made, as every run does.

mod probe;
mod witness;

use aws_sdk_iam::Client as Iam;
use aws_sdk_organizations::Client as Organizations;

use crate::aws::access::{self, Access, RegionFrom};
use crate::aws::identity::{self, Caller};
use crate::aws::policy::{self, ENRICH_ACCOUNT_ACTIONS, ENRICH_USER_ACTIONS, Need, REPORT_ACTIONS};
use crate::aws::trouble::{Kind, Result, Trouble};
use witness::Witness;

/// What was found.
#[derive(Debug)]
pub struct Examination {
    /// Whom AWS takes us for.
    pub caller: Result<Caller>,
    /// The partition: that of the caller, or else that of the region.
    pub partition: String,
    /// Where requests go.
    pub region: String,
    /// Who says so.
    pub region_from: Option<RegionFrom>,
    /// Addresses that were asked, as `(service, address)`.
    pub endpoints: Vec<(&'static str, String)>,
    /// Milliseconds that the clock of AWS is ahead of ours; negative if it is behind. Good to about a
    /// second, and missing if AWS did not answer.
    pub clock_skew: Option<i64>,
    /// The needed actions.
    pub findings: Vec<Finding>,
}

/// One action that is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name in IAM policies.
    pub action: String,
    /// Whether it is allowed.
    pub allowed: Allowed,
    /// Why it is not, or why that is not known.
    pub trouble: Option<Trouble>,
}

/// Whether something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// It was done, or failed for a reason that comes after the permission.
    Yes,
    /// AWS said no.
    No,
    /// It could not be tried, or failed for a reason that comes before.
    Unknown,
}

/// Codes of failures that only who is allowed gets to see.
const AFTER_PERMISSION: [&str; 8] = [
    "LimitExceeded",
    "NoSuchEntity",
    "ParentNotFoundException",
    "ReportExpired",
    "ReportInProgress",
    "ReportNotPresent",
    "NoSuchKey",
    "PreconditionFailed",
];

impl Finding {
    /// What the outcome of a call tells of its permission.
    #[must_use]
    pub fn of<T>(action: &str, outcome: Result<T>) -> Self {
        let (allowed, trouble) = match outcome {
            Ok(_) => (Allowed::Yes, None),
            Err(trouble) if trouble.kind == Kind::Denied => (Allowed::No, Some(trouble)),
            Err(Trouble { code: Some(code), .. }) if AFTER_PERMISSION.contains(&code.as_str()) => {
                (Allowed::Yes, None)
            }
            Err(trouble) => (Allowed::Unknown, Some(trouble)),
        };
        Self { action: action.to_owned(), allowed, trouble }
    }

    /// Something that was not tried.
    #[must_use]
    pub fn untried(action: &str, why: Trouble) -> Self {
        Self { action: action.to_owned(), allowed: Allowed::Unknown, trouble: Some(why) }
    }
}

/// Asks who we are, and tries what these needs take in IAM and Organizations. Roles and buckets are
/// tried by those who know them, and told with [`Finding::of`].
pub async fn examine(access: &Access, needs: &[Need]) -> Examination {
    let witness = Witness::default();
    let sts = access.sts().config().to_builder().interceptor(witness.clone()).build();
    let caller = identity::read_caller(&aws_sdk_sts::Client::from_conf(sts)).await;
    let mut endpoints = Vec::new();
    endpoints.extend(witness.endpoint().map(|address| ("sts", address)));
    let findings = match &caller {
        Ok(_) => try_all(access, needs, &mut endpoints).await,
        // Without credentials each of them would fail like this, after the same wait.
        Err(trouble) => {
            actions(needs).map(|action| Finding::untried(action, trouble.clone())).collect()
        }
    };
    let region_from = access::region_from(&access.options).await.ok();
    let partition = match &caller {
        Ok(caller) => caller.partition.clone(),
        Err(_) => access::partition_of(access.region()).to_owned(),
    };
    let region = access.region().to_owned();
    Examination {
        caller,
        partition,
        region,
        region_from,
        endpoints,
        clock_skew: witness.skew(),
        findings,
    }
}

/// The actions that are tried, in the order of the needs.
fn actions(needs: &[Need]) -> impl Iterator<Item = &'static str> {
    needs.iter().flat_map(|need| match need {
        Need::LiveReport => REPORT_ACTIONS.to_vec(),
        Need::Enrich => [&ENRICH_ACCOUNT_ACTIONS[..], &ENRICH_USER_ACTIONS[..]].concat(),
        Need::OrganizationAccounts => vec!["organizations:ListAccounts"],
        Need::OrganizationalUnits => {
            vec![
                "organizations:ListAccountsForParent",
                "organizations:ListOrganizationalUnitsForParent",
            ]
        }
        Need::AssumeRole { .. }
        | Need::ReadBucket { .. }
        | Need::WriteBucket { .. }
        | Need::Kms => Vec::new(),
    })
}

async fn try_all(
    access: &Access,
    needs: &[Need],
    endpoints: &mut Vec<(&'static str, String)>,
) -> Vec<Finding> {
    let (at_iam, at_organizations) = (Witness::default(), Witness::default());
    let iam =
        Iam::from_conf(access.iam().config().to_builder().interceptor(at_iam.clone()).build());
    let organizations =
        access.organizations().config().to_builder().interceptor(at_organizations.clone());
    let organizations = Organizations::from_conf(organizations.build());
    let mut findings = Vec::new();
    for action in actions(needs) {
        let outcome = Box::pin(probe::run(action, &iam, &organizations)).await;
        findings.push(Finding::of(action, outcome));
    }
    endpoints.extend(at_iam.endpoint().map(|address| ("iam", address)));
    endpoints.extend(at_organizations.endpoint().map(|address| ("organizations", address)));
    findings
}

/// Tries what a run does in an account.
pub async fn try_in_account(iam: &Iam, enrich: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for action in policy::actions(enrich) {
        findings.push(Finding::of(action, probe::run_in_account(action, iam).await));
    }
    findings
}

#[cfg(test)]
mod tests;
