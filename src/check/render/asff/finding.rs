//! A verdict as a finding in the AWS Security Finding Format.

use std::io;

use serde::Serialize;

use super::compliance::{Compliance, Meaning, ProviderFields};
use super::fields::Fields;
use super::identity::Identity;
use super::limits::{self, fit};
use super::resource::{Resource, partition};
use super::wording;
use crate::check::render::RunInfo;
use crate::check::render::stamp;
use crate::check::verdict::{Control, Verdict};

/// What findings of a control have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) run: &'a RunInfo,
    pub(super) region: &'a str,
    pub(super) control: &'a Control,
}

/// A finding as it is written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Finding {
    schema_version: &'static str,
    id: String,
    product_arn: String,
    product_name: &'static str,
    generator_id: String,
    aws_account_id: String,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_observed_at: Option<String>,
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<Remediation>,
    product_fields: Fields,
    resources: [Resource; 1],
    compliance: Compliance,
    /// Counts for a new finding only; afterwards it is Security Hub and its users who set it.
    workflow: Workflow,
    record_state: &'static str,
    #[serde(rename = "FindingProviderFields")]
    provided: ProviderFields,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Remediation {
    recommendation: Recommendation,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Recommendation {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Workflow {
    status: &'static str,
}

impl Finding {
    pub(super) fn new(
        context: Context,
        identity: Identity,
        meaning: Meaning,
        verdict: &Verdict,
    ) -> Self {
        let Context { run, region, control } = context;
        let Identity { account, id } = identity;
        let title = wording::title(control, account, verdict);
        // The two have to be equal in a new finding, and the second later than before in an update,
        // or that is ignored. So it is not the time of the report, which a changed control or
        // exemption may judge anew.
        let now = stamp::required(run.run_time);
        Self {
            schema_version: "2018-10-08",
            id,
            product_arn: product_arn(account, region, verdict),
            product_name: "credsql",
            generator_id: fit(&format!("credsql/{}", control.id), limits::GENERATOR_ID),
            aws_account_id: account.to_owned(),
            created_at: now.clone(),
            updated_at: now,
            last_observed_at: verdict.generated_time.and_then(stamp::rfc3339),
            description: wording::description(control, verdict).unwrap_or_else(|| title.clone()),
            title,
            remediation: wording::recommendation(control)
                .map(|text| Remediation { recommendation: Recommendation { text } }),
            product_fields: Fields::new(run, control, verdict),
            resources: [Resource::new(account, verdict, region)],
            compliance: Compliance::new(meaning, control, verdict),
            workflow: Workflow { status: meaning.workflow },
            record_state: meaning.record_state,
            provided: ProviderFields::new(meaning, control),
        }
    }

    /// The finding on one line, no longer than Security Hub takes.
    pub(super) fn into_line(mut self) -> io::Result<String> {
        let mut line = serde_json::to_string(&self)?;
        // without these fields any finding is short enough
        while line.len() > limits::FINDING && self.product_fields.shrink() {
            line = serde_json::to_string(&self)?;
        }
        Ok(line)
    }
}

/// The one that every account has for products of its own.
fn product_arn(account: &str, region: &str, verdict: &Verdict) -> String {
    let partition = partition(verdict.arn, region);
    format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::check::render::sample;

    fn line(control: &Control, verdict: &Verdict) -> String {
        let run = sample::run();
        let context = Context { run: &run, region: "eu-central-1", control };
        let identity = Identity { account: "111122223333", id: "id".to_owned() };
        let meaning = Meaning::of(verdict.status);
        Finding::new(context, identity, meaning, verdict).into_line().unwrap()
    }

    #[test]
    fn a_finding_looks_like_this() {
        let finding: Value =
            serde_json::from_str(&line(&sample::control(), &sample::verdict())).unwrap();
        assert_eq!(
            finding,
            json!({
                "SchemaVersion": "2018-10-08",
                "Id": "id",
                "ProductArn":
                    "arn:aws:securityhub:eu-central-1:111122223333:product/111122223333/default",
                "ProductName": "credsql",
                "GeneratorId": "credsql/access_keys_rotated",
                "AwsAccountId": "111122223333",
                "CreatedAt": "2026-01-02T03:04:05.006Z",
                "UpdatedAt": "2026-01-02T03:04:05.006Z",
                "LastObservedAt": "2026-01-02T00:00:00.000Z",
                "Title": "Access keys are rotated: alice access_key_1",
                "Description": "Access key 1 is 91 days old. Old keys have had time to leak.",
                "Remediation": {
                    "Recommendation": { "Text": "Make a new key, then delete the old one." },
                },
                "ProductFields": {
                    "credsql/credential": "access_key_1",
                    "credsql/detail/age_days": "91",
                    "credsql/parameter/max_age_days": "90",
                    "credsql/version": "0.1.0",
                },
                "Resources": [{
                    "Type": "AwsIamUser",
                    "Id": "arn:aws:iam::111122223333:user/alice",
                    "Partition": "aws",
                    "Region": "eu-central-1",
                    "Details": { "AwsIamUser": { "UserName": "alice" } },
                }],
                "Compliance": {
                    "Status": "FAILED",
                    "RelatedRequirements": ["cis-aws-7.0.0/2.10", "nist-800-53/AC-2"],
                    "StatusReasons": [{
                        "ReasonCode": "ALARM",
                        "Description": "Access key 1 is 91 days old",
                    }],
                },
                "Workflow": { "Status": "NEW" },
                "RecordState": "ACTIVE",
                "FindingProviderFields": {
                    "Severity": { "Label": "HIGH", "Original": "high" },
                    "Types": [
                        "Software and Configuration Checks/AWS Security Best Practices",
                        "Software and Configuration Checks/Industry and Regulatory Standards/CIS AWS Foundations Benchmark",
                        "Software and Configuration Checks/Industry and Regulatory Standards",
                    ],
                },
            })
        );
    }

    #[test]
    fn the_partition_is_that_of_the_arn() {
        let arn = Some("arn:aws-us-gov:iam::111122223333:user/alice");
        let verdict = Verdict { arn, ..sample::verdict() };
        assert!(line(&sample::control(), &verdict).contains(
            "\"arn:aws-us-gov:securityhub:eu-central-1:111122223333:product/111122223333/default\""
        ));
    }

    #[test]
    fn generators_keep_the_limit() {
        let room = 512 - "credsql/".len();
        for (length, kept) in
            [(room, "g".repeat(room)), (room + 1, format!("{}…", "g".repeat(room - 1)))]
        {
            let control = Control { id: "g".repeat(length), ..sample::control() };
            let finding: Value = serde_json::from_str(&line(&control, &sample::verdict())).unwrap();
            assert_eq!(finding["GeneratorId"], format!("credsql/{kept}"));
        }
    }

    #[test]
    fn no_finding_is_too_large() {
        // each of these takes six bytes
        let long = "\u{1}".repeat(5000);
        let details: std::collections::BTreeMap<u32, &str> = (0..99).map(|n| (n, &*long)).collect();
        let details = serde_json::to_string(&details).unwrap();
        let pairs = |count| vec![(long.clone(), long.clone()); count];
        let numbered = (0..99).map(|n| (n.to_string(), long.clone())).collect();
        for parameters in [vec![], pairs(1), numbered] {
            let control = Control {
                id: long.clone(),
                title: long.clone(),
                description: long.clone(),
                remediation: long.clone(),
                requirements: pairs(99),
                parameters,
                ..sample::control()
            };
            let verdict = Verdict {
                user: Some(&long),
                arn: Some(&long),
                credential: Some(&long),
                reason: &long,
                details: Some(&details),
                ..sample::verdict()
            };
            let line = line(&control, &verdict);
            assert!(line.len() <= 240_000, "{}", line.len());
            let finding: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(finding["ProductFields"]["credsql/version"], "0.1.0");
        }
    }
}
