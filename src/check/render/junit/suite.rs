//! A suite of a JUnit report.

use std::io::{self, Read, Seek, Write};

use tempfile::SpooledTempFile;

use super::outcome::Outcome;
use super::xml::{push_attribute, push_text, readable};
use crate::check::render::is_blank;
use crate::check::render::stamp;
use crate::check::render::unique::Unique;
use crate::check::verdict::{Control, Status, Verdict};
use crate::library::query::Severity;

/// Bytes of cases kept in memory; more of them go to a file.
const MEMORY: usize = 16 << 20;

/// A suite that is being filled. Its counts stand before its cases, so those wait until it ends.
#[derive(Debug)]
pub(super) struct Suite {
    control: Control,
    class: String,
    cases: SpooledTempFile,
    names: Unique,
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
}

impl Suite {
    pub(super) fn new(control: &Control) -> Self {
        Self {
            // Jenkins takes what stands before the last dot for a package
            class: format!("credsql.{}", control.id),
            control: control.clone(),
            cases: SpooledTempFile::new(MEMORY),
            names: Unique::default(),
            tests: 0,
            failures: 0,
            errors: 0,
            skipped: 0,
        }
    }

    pub(super) fn add(&mut self, verdict: &Verdict) -> io::Result<()> {
        let outcome = Outcome::of(verdict);
        let mut case = String::from("    <testcase");
        push_attribute(&mut case, "classname", &self.class);
        let name = self.names.give(&readable(&subject(verdict)));
        push_attribute(&mut case, "name", &name);
        // nothing is measured, but without it dorny/test-reporter shows "NaN"
        case.push_str(" time=\"0\"><");
        let reason = if is_blank(verdict.reason) { verdict.status.word() } else { verdict.reason };
        case.push_str(outcome.element());
        if outcome != Outcome::Passed {
            push_attribute(&mut case, "type", verdict.status.word());
            push_attribute(&mut case, "message", reason);
        }
        case.push('>');
        push_text(&mut case, reason);
        if matches!(outcome, Outcome::Failed | Outcome::Errored) {
            push_text(&mut case, &self.explanation(verdict));
        }
        case.push_str("</");
        case.push_str(outcome.element());
        case.push_str("></testcase>\n");
        self.count(outcome);
        self.cases.write_all(case.as_bytes())
    }

    fn count(&mut self, outcome: Outcome) {
        self.tests += 1;
        match outcome {
            Outcome::Passed => {}
            Outcome::Failed => self.failures += 1,
            Outcome::Errored => self.errors += 1,
            Outcome::Skipped => self.skipped += 1,
        }
    }

    /// What stands below the reason, a line for each thing known.
    fn explanation(&self, verdict: &Verdict) -> String {
        let alarm = verdict.status == Status::Alarm;
        let made = verdict.generated_time.and_then(stamp::rfc3339);
        [
            ("Control", Some(self.control.title.as_str())),
            ("Severity", self.control.severity.filter(|_| alarm).map(Severity::word)),
            ("Details", verdict.details),
            ("Report of", made.as_deref()),
            ("Remediation", alarm.then_some(self.control.remediation.as_str())),
        ]
        .into_iter()
        .filter_map(|(name, text)| Some((name, text.filter(|text| !is_blank(text))?)))
        .fold(String::new(), |said, (name, text)| said + "\n" + name + ": " + text)
    }

    pub(super) fn push_head(&self, out: &mut String, timestamp: &str, version: &str) {
        out.push_str("  <testsuite");
        push_attribute(out, "name", &self.class);
        for (name, count) in [
            ("tests", self.tests),
            ("failures", self.failures),
            ("errors", self.errors),
            ("skipped", self.skipped),
            ("time", 0),
        ] {
            push_attribute(out, name, &count.to_string());
        }
        push_attribute(out, "timestamp", timestamp);
        out.push_str(">\n    <properties>\n");
        push_property(out, "title", &self.control.title);
        if let Some(severity) = self.control.severity {
            push_property(out, "severity", severity.word());
        }
        for (framework, requirement) in &self.control.requirements {
            push_property(out, "requirement", &format!("{framework}/{requirement}"));
        }
        for (name, value) in &self.control.parameters {
            push_property(out, &format!("parameter.{name}"), value);
        }
        push_property(out, "credsql.version", version);
        out.push_str("    </properties>\n");
    }

    pub(super) fn cases(&mut self) -> io::Result<impl Read> {
        self.cases.rewind()?;
        Ok(&mut self.cases)
    }
}

fn push_property(out: &mut String, name: &str, value: &str) {
    out.push_str("      <property");
    push_attribute(out, "name", name);
    push_attribute(out, "value", value);
    out.push_str("/>\n");
}

/// Account, user and credential, as far as they are judged.
fn subject(verdict: &Verdict) -> String {
    let account = verdict.account_id.filter(|id| !is_blank(id)).unwrap_or("account not known");
    [Some(account), verdict.user.or(verdict.arn), verdict.credential]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::render::sample;

    #[test]
    fn cases_are_named_by_what_is_judged() {
        let verdict = sample::verdict();
        assert_eq!(subject(&verdict), "111122223333 alice access_key_1");
        assert_eq!(
            subject(&Verdict { account_id: None, credential: None, ..verdict }),
            "account not known alice"
        );
        assert_eq!(
            subject(&Verdict { user: None, credential: None, ..verdict }),
            "111122223333 arn:aws:iam::111122223333:user/alice"
        );
        assert_eq!(
            subject(&Verdict {
                account_id: Some(""),
                user: None,
                arn: None,
                credential: None,
                ..verdict
            }),
            "account not known"
        );
    }

    #[test]
    fn names_that_read_alike_are_told_apart() {
        let mut suite = Suite::new(&sample::control());
        for user in ["\u{1}", "\u{2}", "\u{fffd}"] {
            suite.add(&Verdict { user: Some(user), ..sample::verdict() }).unwrap();
        }
        let mut text = String::new();
        suite.cases().unwrap().read_to_string(&mut text).unwrap();
        for name in
            ["\u{fffd} access_key_1\"", "\u{fffd} access_key_1#2\"", "\u{fffd} access_key_1#3\""]
        {
            assert_eq!(text.matches(name).count(), 1, "{text}");
        }
    }

    #[test]
    fn a_blank_reason_is_replaced() {
        let mut suite = Suite::new(&sample::control());
        suite.add(&Verdict { status: Status::Exempt, reason: " ", ..sample::verdict() }).unwrap();
        let mut text = String::new();
        suite.cases().unwrap().read_to_string(&mut text).unwrap();
        assert!(
            text.contains(r#"<skipped type="exempt" message="exempt">exempt</skipped>"#),
            "{text}"
        );
    }

    #[test]
    fn many_cases_go_through_a_file() {
        let mut suite = Suite::new(&sample::control());
        let long = "x".repeat(1 << 20);
        for _ in 0..10 {
            suite.add(&Verdict { reason: &long, ..sample::verdict() }).unwrap();
        }
        assert!(suite.cases.is_rolled());
        let mut text = String::new();
        suite.cases().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text.matches("</testcase>").count(), 10);
        assert_eq!(suite.tests, 10);
    }
}
