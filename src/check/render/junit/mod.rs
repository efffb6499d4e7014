//! A JUnit report as continuous integration reads it: a suite for each control, a case for each
//! verdict.
//!
//! Elements and attributes are those of junit-10.xsd, which the xUnit plugin of Jenkins checks
//! against; other readers take any. None of them reads counts from `<testsuites>`, so there are
//! none. What GitLab and dorny/test-reporter show of a failure is the text of its element, what
//! Jenkins and Azure show first is its message: the reason stands in both.

mod outcome;
mod suite;
mod xml;

use std::io::{self, Write};

use self::suite::Suite;
use super::Render;
use crate::check::judged::Judged;
use crate::check::render::RunInfo;
use crate::check::render::stamp;
use crate::check::run;
use crate::check::verdict::{Control, Verdict};
use crate::error::Result;
use crate::output::OutputError;

/// Writes a JUnit report.
#[derive(Debug)]
pub(super) struct Junit<W: Write> {
    out: W,
    version: String,
    timestamp: String,
    suite: Option<Suite>,
}

impl<W: Write> Junit<W> {
    /// Starts the report.
    pub(super) fn new(mut out: W, run: &RunInfo) -> io::Result<Self> {
        out.write_all(
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"credsql\">\n",
        )?;
        // the schema of Ant has neither fraction nor zone; readers take it for UTC
        let timestamp = stamp::required(run.run_time).chars().take(19).collect();
        Ok(Self { out, version: run.version.clone(), timestamp, suite: None })
    }

    /// Starts the suite of a control and ends the one before.
    pub(super) fn begin(&mut self, control: &Control) -> io::Result<()> {
        self.end()?;
        self.suite = Some(Suite::new(control));
        Ok(())
    }

    /// Adds a case to the suite begun last.
    pub(super) fn write(&mut self, verdict: &Verdict) -> io::Result<()> {
        let suite = self.suite.as_mut().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a verdict came before any control")
        })?;
        suite.add(verdict)
    }

    /// Ends the last suite and the report.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.end()?;
        self.out.write_all(b"</testsuites>\n")?;
        self.out.flush()
    }

    fn end(&mut self) -> io::Result<()> {
        let Some(mut suite) = self.suite.take() else {
            return Ok(());
        };
        let mut head = String::new();
        suite.push_head(&mut head, &self.timestamp, &self.version);
        self.out.write_all(head.as_bytes())?;
        io::copy(&mut suite.cases()?, &mut self.out)?;
        self.out.write_all(b"  </testsuite>\n")
    }
}

impl<W: Write + Send> Render for Junit<W> {
    fn begin(&mut self, control: &Control) -> Result<()> {
        Ok(Self::begin(self, control).map_err(OutputError::from)?)
    }

    fn rows(&mut self, _: &Control, rows: &Judged) -> Result<()> {
        Ok(rows
            .verdicts()
            .try_for_each(|verdict| self.write(&verdict))
            .map_err(OutputError::from)?)
    }

    fn finish(self: Box<Self>, _: &run::Outcome) -> Result<Vec<String>> {
        Self::finish(*self).map_err(OutputError::from)?;
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use roxmltree::{Document, Node};

    use super::*;
    use crate::check::render::sample;
    use crate::check::verdict::Status;

    fn report(suites: &[(Control, Vec<Verdict>)]) -> String {
        let mut out = Vec::new();
        let mut junit = Junit::new(&mut out, &sample::run()).unwrap();
        for (control, verdicts) in suites {
            junit.begin(control).unwrap();
            for verdict in verdicts {
                junit.write(verdict).unwrap();
            }
        }
        junit.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    fn named<'a, 'b>(node: Node<'a, 'b>, name: &'static str) -> Vec<Node<'a, 'b>> {
        node.descendants().filter(|node| node.has_tag_name(name)).collect()
    }

    #[test]
    fn a_report_looks_like_this() {
        let passed =
            Verdict { status: Status::Ok, reason: "It is <90 days old", ..sample::verdict() };
        assert_eq!(
            report(&[(sample::control(), vec![sample::verdict(), passed])]),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="credsql">
  <testsuite name="credsql.access_keys_rotated" tests="2" failures="1" errors="0" skipped="0" time="0" timestamp="2026-01-02T03:04:05">
    <properties>
      <property name="title" value="Access keys are rotated"/>
      <property name="severity" value="high"/>
      <property name="requirement" value="cis-aws-7.0.0/2.10"/>
      <property name="requirement" value="nist-800-53/AC-2"/>
      <property name="parameter.max_age_days" value="90"/>
      <property name="credsql.version" value="0.1.0"/>
    </properties>
    <testcase classname="credsql.access_keys_rotated" name="111122223333 alice access_key_1" time="0"><failure type="alarm" message="Access key 1 is 91 days old">Access key 1 is 91 days old
Control: Access keys are rotated
Severity: high
Details: {&quot;age_days&quot;:91}
Report of: 2026-01-02T00:00:00.000Z
Remediation: Make a new key, then delete the old one.</failure></testcase>
    <testcase classname="credsql.access_keys_rotated" name="111122223333 alice access_key_1#2" time="0"><system-out>It is &lt;90 days old</system-out></testcase>
  </testsuite>
</testsuites>
"#
        );
    }

    #[test]
    fn suites_are_counted_apart() {
        let with = |status| Verdict { status, ..sample::verdict() };
        let all = [
            Status::Exempt,
            Status::Skip,
            Status::Info,
            Status::Ok,
            Status::Unknown,
            Status::Alarm,
            Status::Error,
        ];
        let needs = Verdict { unanswerable: true, ..with(Status::Unknown) };
        let mut first: Vec<_> = all.into_iter().map(with).collect();
        first.push(needs);
        let other = Control { id: "other".to_owned(), ..sample::control() };
        let xml =
            report(&[(sample::control(), first), (other.clone(), vec![]), (other, vec![needs])]);
        let document = Document::parse(&xml).unwrap();
        let counts: Vec<Vec<&str>> = named(document.root(), "testsuite")
            .iter()
            .map(|suite| {
                ["tests", "failures", "errors", "skipped"]
                    .map(|name| suite.attribute(name).unwrap())
                    .into()
            })
            .collect();
        assert_eq!(counts, [["8", "1", "2", "3"], ["0", "0", "0", "0"], ["1", "0", "0", "1"]]);
        for suite in named(document.root(), "testsuite") {
            for (attribute, element) in [
                ("tests", "testcase"),
                ("failures", "failure"),
                ("errors", "error"),
                ("skipped", "skipped"),
            ] {
                let found = named(suite, element).len().to_string();
                assert_eq!(suite.attribute(attribute), Some(found.as_str()));
            }
        }
    }

    #[test]
    fn hostile_text_stays_text() {
        for text in sample::HOSTILE {
            let text = *text;
            let pair = || vec![(text.to_owned(), text.to_owned())];
            let control = Control {
                id: text.to_owned(),
                title: text.to_owned(),
                description: text.to_owned(),
                remediation: text.to_owned(),
                requirements: pair(),
                parameters: pair(),
                ..sample::control()
            };
            let with = |status| Verdict {
                account_id: Some(text),
                user: Some(text),
                arn: Some(text),
                credential: Some(text),
                status,
                reason: text,
                generated_time: Some(i64::MAX),
                details: Some(text),
                unanswerable: false,
            };
            let verdicts = vec![
                with(Status::Alarm),
                with(Status::Ok),
                with(Status::Skip),
                with(Status::Error),
            ];
            let xml = report(&[(control, verdicts)]);
            let document = Document::parse(&xml).unwrap();
            let cases = named(document.root(), "testcase");
            assert_eq!(cases.len(), 4, "{text:?}");
            let names: std::collections::HashSet<_> =
                cases.iter().map(|case| case.attribute("name").unwrap()).collect();
            assert_eq!(names.len(), 4, "{text:?}");
            for case in cases {
                assert_eq!(case.children().count(), 1, "{text:?}");
            }
        }
    }

    #[test]
    fn nothing_run_is_an_empty_report() {
        let xml = report(&[]);
        assert_eq!(Document::parse(&xml).unwrap().root_element().children().count(), 1);
    }

    #[test]
    fn a_verdict_needs_a_control() {
        let mut junit = Junit::new(Vec::new(), &sample::run()).unwrap();
        let error = junit.write(&sample::verdict()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
