//! What a verdict amounts to, in the terms of the AWS Security Finding Format.

use serde::Serialize;

use super::limits::{self, fit};
use crate::check::render::is_blank;
use crate::check::verdict::{Control, Status, Verdict};
use crate::library::query::Severity;

const INFORMATIONAL: &str = "INFORMATIONAL";

/// What a status says in the words of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    compliance: &'static str,
    pub(super) workflow: &'static str,
    pub(super) record_state: &'static str,
}

impl Meaning {
    pub(super) fn of(status: Status) -> Self {
        let (compliance, workflow, record_state) = match status {
            // What was found before and no longer applies is closed, and out of sight.
            Status::Skip => ("PASSED", "RESOLVED", "ARCHIVED"),
            Status::Info | Status::Ok => ("PASSED", "RESOLVED", "ACTIVE"),
            // "Some information is missing"
            Status::Unknown => ("WARNING", "NEW", "ACTIVE"),
            Status::Alarm => ("FAILED", "NEW", "ACTIVE"),
            // "Check could not be performed"
            Status::Error => ("NOT_AVAILABLE", "NEW", "ACTIVE"),
            // Not SUPPRESSED: an import can neither give that to a finding known already nor take
            // it back when the exemption ends, so the alarm would stay hidden for good. ARCHIVED
            // hides as well, and an import can do both.
            Status::Exempt => ("FAILED", "NEW", "ARCHIVED"),
        };
        Self { compliance, workflow, record_state }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Compliance {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_requirements: Vec<String>,
    status_reasons: [StatusReason; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StatusReason {
    reason_code: String,
    description: String,
}

impl Compliance {
    pub(super) fn new(meaning: Meaning, control: &Control, verdict: &Verdict) -> Self {
        let word = verdict.status.word();
        let reason = if is_blank(verdict.reason) { word } else { verdict.reason };
        let related_requirements = control
            .requirements
            .iter()
            .take(limits::REQUIREMENTS)
            .map(|(framework, id)| fit(&format!("{framework}/{id}"), limits::REQUIREMENT))
            .collect();
        Self {
            status: meaning.compliance,
            related_requirements,
            status_reasons: [StatusReason {
                reason_code: word.to_ascii_uppercase(),
                description: fit(reason, limits::STATUS_REASON),
            }],
        }
    }
}

/// `FindingProviderFields`. AWS prefers severity and types there, and there only: at the top level
/// they belong to those who work on findings.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ProviderFields {
    severity: FindingSeverity,
    types: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FindingSeverity {
    label: &'static str,
    original: &'static str,
}

impl ProviderFields {
    pub(super) fn new(meaning: Meaning, control: &Control) -> Self {
        let severity =
            FindingSeverity { label: label(meaning, control), original: original(control) };
        Self { severity, types: types(control) }
    }
}

/// INFORMATIONAL is what AWS recommends for PASSED, WARNING and NOT_AVAILABLE.
fn label(meaning: Meaning, control: &Control) -> &'static str {
    match control.severity {
        _ if meaning.compliance != "FAILED" => INFORMATIONAL,
        None => INFORMATIONAL,
        Some(Severity::Low) => "LOW",
        Some(Severity::Medium) => "MEDIUM",
        Some(Severity::High) => "HIGH",
        Some(Severity::Critical) => "CRITICAL",
    }
}

fn original(control: &Control) -> &'static str {
    control.severity.map_or(INFORMATIONAL, Severity::word)
}

/// From the taxonomy of the format.
fn types(control: &Control) -> Vec<&'static str> {
    let mut types = vec!["Software and Configuration Checks/AWS Security Best Practices"];
    let is_cis = |(framework, _): &(String, String)| framework.starts_with("cis-aws");
    if control.requirements.iter().any(is_cis) {
        types.push(
            "Software and Configuration Checks/Industry and Regulatory Standards/CIS AWS Foundations Benchmark",
        );
    }
    if !control.requirements.iter().all(is_cis) {
        types.push("Software and Configuration Checks/Industry and Regulatory Standards");
    }
    types
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::check::render::sample;
    use crate::library::query::Severity::{Critical, High, Low, Medium};

    #[test]
    fn every_status_has_its_meaning() {
        for (status, expected) in [
            (Status::Exempt, ("FAILED", "NEW", "ARCHIVED")),
            (Status::Skip, ("PASSED", "RESOLVED", "ARCHIVED")),
            (Status::Info, ("PASSED", "RESOLVED", "ACTIVE")),
            (Status::Ok, ("PASSED", "RESOLVED", "ACTIVE")),
            (Status::Unknown, ("WARNING", "NEW", "ACTIVE")),
            (Status::Alarm, ("FAILED", "NEW", "ACTIVE")),
            (Status::Error, ("NOT_AVAILABLE", "NEW", "ACTIVE")),
        ] {
            let meaning = Meaning::of(status);
            let shown = (meaning.compliance, meaning.workflow, meaning.record_state);
            assert_eq!(shown, expected, "{status:?}");
        }
    }

    #[test]
    fn only_failures_are_severe() {
        for (severity, failed) in
            [(Low, "LOW"), (Medium, "MEDIUM"), (High, "HIGH"), (Critical, "CRITICAL")]
        {
            let control = Control { severity: Some(severity), ..sample::control() };
            for (status, expected) in [
                (Status::Alarm, failed),
                (Status::Exempt, failed),
                (Status::Ok, "INFORMATIONAL"),
                (Status::Unknown, "INFORMATIONAL"),
                (Status::Error, "INFORMATIONAL"),
            ] {
                let fields = ProviderFields::new(Meaning::of(status), &control);
                assert_eq!(fields.severity.label, expected);
                assert_eq!(fields.severity.original, severity.word());
            }
        }
    }

    fn shown(requirements: Vec<(String, String)>, reason: &str) -> Value {
        let control = Control { requirements, ..sample::control() };
        let verdict = Verdict { reason, ..sample::verdict() };
        let meaning = Meaning::of(verdict.status);
        serde_json::to_value(Compliance::new(meaning, &control, &verdict)).unwrap()
    }

    #[test]
    fn requirements_and_reasons_keep_the_limits() {
        let requirement = |length: usize| ("f".to_owned(), "r".repeat(length - 2));
        let compliance = shown(vec![requirement(64), requirement(65)], &"r".repeat(512));
        let cut = format!("f/{}…", "r".repeat(61));
        assert_eq!(
            compliance["RelatedRequirements"],
            json!([format!("f/{}", "r".repeat(62)), cut])
        );
        assert_eq!(compliance["StatusReasons"][0]["Description"], "r".repeat(512));
        for (count, kept) in [(31, 31), (32, 32), (33, 32)] {
            let compliance = shown(vec![requirement(9); count], &"r".repeat(513));
            assert_eq!(compliance["RelatedRequirements"].as_array().unwrap().len(), kept);
            let reason = format!("{}…", "r".repeat(511));
            assert_eq!(compliance["StatusReasons"][0]["Description"], reason);
        }
    }

    #[test]
    fn what_is_missing_is_left_out_or_replaced() {
        assert_eq!(
            shown(vec![], "\n"),
            json!({
                "Status": "FAILED",
                "StatusReasons": [{ "ReasonCode": "ALARM", "Description": "alarm" }],
            })
        );
    }

    #[test]
    fn types_follow_the_frameworks() {
        let of = |frameworks: &[&str]| {
            let requirements =
                frameworks.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect();
            types(&Control { requirements, ..sample::control() }).len()
        };
        assert_eq!(of(&[]), 1);
        assert_eq!(of(&["cis-aws-7.0.0", "cis-aws-6.0.0"]), 2);
        assert_eq!(of(&["pci-dss"]), 2);
        assert_eq!(of(&["cis-aws-7.0.0", "pci-dss", "nist-800-53"]), 3);
    }
}
