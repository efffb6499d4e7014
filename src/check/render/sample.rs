//! A run, a control and a verdict for tests.

use super::RunInfo;
use crate::check::verdict::{Control, Status, Verdict};
use crate::library::query::Severity;

pub(super) fn run() -> RunInfo {
    RunInfo { version: "0.1.0".to_owned(), run_time: 1_767_323_045_006 }
}

pub(super) fn control() -> Control {
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    Control {
        id: "access_keys_rotated".to_owned(),
        title: "Access keys are rotated".to_owned(),
        severity: Some(Severity::High),
        description: "Old keys have had time to leak.".to_owned(),
        remediation: "Make a new key, then delete the old one.".to_owned(),
        requirements: vec![pair("cis-aws-7.0.0", "2.10"), pair("nist-800-53", "AC-2")],
        parameters: vec![pair("max_age_days", "90")],
        values: serde_json::Map::new(),
    }
}

pub(super) fn verdict() -> Verdict<'static> {
    Verdict {
        account_id: Some("111122223333"),
        user: Some("alice"),
        arn: Some("arn:aws:iam::111122223333:user/alice"),
        credential: Some("access_key_1"),
        status: Status::Alarm,
        reason: "Access key 1 is 91 days old",
        generated_time: Some(1_767_312_000_000),
        details: Some(r#"{"age_days":91}"#),
        unanswerable: false,
    }
}

/// Text that has broken writers of XML and JSON before.
pub(super) const HOSTILE: &[&str] = &[
    "]]>",
    "\"'&<>",
    "<!-- -- --> <![CDATA[ x ]]> <?xml?>",
    "&amp; &#x0; &unknown;",
    "\0\u{1}\u{8}\u{b}\u{c}\u{1b}[2J\u{1f}\u{7f}\u{9b}",
    "\t\r\n\r two\nlines ",
    "\u{fffe}\u{ffff}\u{fffd}\u{feff}\u{202e}",
    "👍 𝕏 \u{10ffff} é e\u{301}",
    "\\ \\u0000 \\\" {\"a\":1}",
    " ",
    "",
];
