//! Findings in the AWS Security Finding Format, as `aws securityhub batch-import-findings` takes
//! them: a JSON array with a finding on each line.
//!
//! One import takes up to 100 findings and 6 MB, and only those of the account that calls.

mod compliance;
mod fields;
mod finding;
mod identity;
mod limits;
mod resource;
mod wording;

use std::io::{self, Write};

use self::compliance::Meaning;
use self::finding::{Context, Finding};
use self::identity::Identity;
use super::Render;
use crate::check::judged::Judged;
use crate::check::render::RunInfo;
use crate::check::render::unique::Unique;
use crate::check::run::Outcome;
use crate::check::verdict::{Control, Verdict};
use crate::error::Result;
use crate::output::OutputError;

/// Writes findings.
#[derive(Debug)]
pub(super) struct Asff<W: Write> {
    out: W,
    run: RunInfo,
    region: String,
    control: Option<Control>,
    ids: Unique,
    found: bool,
    left_out: u64,
}

impl<W: Write> Asff<W> {
    /// Starts the array. The region is that of the Security Hub the findings go to; an error tells
    /// if it is none.
    pub(super) fn new(mut out: W, run: &RunInfo, region: &str) -> io::Result<Self> {
        if !is_region(region) {
            let message = format!("{region:?} is no AWS region");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        out.write_all(b"[")?;
        Ok(Self {
            out,
            run: run.clone(),
            region: region.to_owned(),
            control: None,
            ids: Unique::default(),
            found: false,
            left_out: 0,
        })
    }

    /// Starts the findings of a control.
    pub(super) fn begin(&mut self, control: &Control) {
        self.control = Some(control.clone());
        self.ids = Unique::default();
    }

    /// Adds the finding of a verdict, unless its account is not known.
    pub(super) fn write(&mut self, verdict: &Verdict) -> io::Result<()> {
        let control = self.control.as_ref().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a verdict came before any control")
        })?;
        let Some(mut identity) = Identity::of(&self.region, control, verdict)? else {
            self.left_out += 1;
            return Ok(());
        };
        identity.id = self.ids.give(&identity.id);
        let context = Context { run: &self.run, region: &self.region, control };
        let finding = Finding::new(context, identity, Meaning::of(verdict.status), verdict);
        self.out.write_all(if self.found { b",\n" } else { b"\n" })?;
        self.found = true;
        self.out.write_all(finding.into_line()?.as_bytes())
    }

    /// Ends the array. Returns how many verdicts were left out because their account is not known.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.out.write_all(if self.found { b"\n]\n" } else { b"]\n" })?;
        self.out.flush()?;
        Ok(self.left_out)
    }
}

impl<W: Write + Send> Render for Asff<W> {
    fn begin(&mut self, control: &Control) -> Result<()> {
        Self::begin(self, control);
        Ok(())
    }

    fn rows(&mut self, _: &Control, rows: &Judged) -> Result<()> {
        // What no report can tell is nothing that was found.
        let mut found = rows.verdicts().filter(|verdict| !verdict.unanswerable);
        Ok(found.try_for_each(|verdict| self.write(&verdict)).map_err(OutputError::from)?)
    }

    fn finish(self: Box<Self>, _: &Outcome) -> Result<Vec<String>> {
        let left_out = Self::finish(*self).map_err(OutputError::from)?;
        let note = || format!("{left_out} rows are left out of asff: their account is not known");
        Ok((left_out > 0).then(note).into_iter().collect())
    }
}

fn is_region(name: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=limits::REGION).contains(&name.len()) && name.bytes().all(word)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;
    use crate::check::render::sample;
    use crate::check::verdict::Status;

    fn text(run: &RunInfo, found: &[(Control, Vec<Verdict>)]) -> (String, u64) {
        let mut out = Vec::new();
        let mut asff = Asff::new(&mut out, run, "eu-central-1").unwrap();
        for (control, verdicts) in found {
            asff.begin(control);
            for verdict in verdicts {
                asff.write(verdict).unwrap();
            }
        }
        let left_out = asff.finish().unwrap();
        (String::from_utf8(out).unwrap(), left_out)
    }

    fn findings(control: &Control, verdicts: Vec<Verdict>) -> (Vec<Value>, u64) {
        let (text, left_out) = text(&sample::run(), &[(control.clone(), verdicts)]);
        (serde_json::from_str(&text).unwrap(), left_out)
    }

    #[test]
    fn findings_stand_on_lines() {
        assert_eq!(text(&sample::run(), &[]).0, "[]\n");
        let two = [(sample::control(), vec![sample::verdict(); 2])];
        let (text, left_out) = text(&sample::run(), &two);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[3], left_out), (4, "[", "]", 0));
        assert!(lines[1].ends_with("},") && lines[2].ends_with('}'));
    }

    #[test]
    fn verdicts_without_an_account_are_counted() {
        let of = |account_id, status| Verdict { account_id, status, ..sample::verdict() };
        let verdicts = vec![
            of(None, Status::Alarm),
            of(None, Status::Skip),
            of(Some("111122223333"), Status::Skip),
            of(Some("111122223333"), Status::Alarm),
            of(Some("11112222333"), Status::Ok),
            of(Some("1111222233334"), Status::Ok),
            of(Some("11112222333x"), Status::Ok),
            of(Some("١١١١٢٢"), Status::Ok),
        ];
        let (found, left_out) = findings(&sample::control(), verdicts);
        assert_eq!((found.len(), left_out), (2, 6));
    }

    #[test]
    fn a_subject_judged_twice_has_two_findings() {
        let (found, _) = findings(&sample::control(), vec![sample::verdict(); 3]);
        let ids: HashSet<_> = found.iter().map(|finding| finding["Id"].as_str()).collect();
        assert_eq!(ids.len(), 3);
    }

    #[test]
    fn equal_runs_write_equal_bytes() {
        let input = [(sample::control(), vec![sample::verdict(); 3])];
        assert_eq!(text(&sample::run(), &input), text(&sample::run(), &input));
    }

    /// No string is blank, which Security Hub refuses.
    fn check(value: &Value) {
        match value {
            Value::String(text) => assert!(!text.trim().is_empty()),
            Value::Array(values) => values.iter().for_each(check),
            Value::Object(values) => values.values().for_each(check),
            other => panic!("{other} is not expected"),
        }
    }

    #[test]
    fn hostile_text_makes_complete_findings() {
        for text in sample::HOSTILE {
            let pair = || vec![((*text).to_owned(), (*text).to_owned())];
            let control = Control {
                id: (*text).to_owned(),
                title: (*text).to_owned(),
                description: (*text).to_owned(),
                remediation: (*text).to_owned(),
                requirements: pair(),
                parameters: pair(),
                ..sample::control()
            };
            let verdict = Verdict {
                user: Some(text),
                arn: Some(text),
                credential: Some(text),
                reason: text,
                generated_time: Some(i64::MIN),
                details: Some(text),
                ..sample::verdict()
            };
            let with = |status| Verdict { status, ..verdict };
            let statuses = [
                Status::Exempt,
                Status::Info,
                Status::Ok,
                Status::Unknown,
                Status::Alarm,
                Status::Error,
            ];
            let (found, left_out) = findings(&control, statuses.map(with).to_vec());
            assert_eq!((found.len(), left_out), (6, 0));
            for finding in found {
                for name in [
                    "SchemaVersion",
                    "Id",
                    "ProductArn",
                    "GeneratorId",
                    "AwsAccountId",
                    "CreatedAt",
                    "UpdatedAt",
                    "Title",
                    "Description",
                    "Resources",
                    "FindingProviderFields",
                ] {
                    assert!(finding.get(name).is_some(), "{name}");
                }
                let provided = &finding["FindingProviderFields"];
                assert!(provided["Severity"]["Label"].is_string() && provided["Types"].is_array());
                let resource = &finding["Resources"][0];
                assert!(resource["Type"].is_string() && resource["Id"].is_string());
                check(&finding);
            }
        }
    }

    #[test]
    fn a_region_is_demanded() {
        for region in ["", "EU", "eu central", "eu-central-1/../", "a-region-too-long", "ü"] {
            assert!(Asff::new(Vec::new(), &sample::run(), region).is_err(), "{region}");
        }
        for region in ["us-east-1", "ap-northeast-1", "us-isob-east-1", "sixteen-letters1"] {
            assert!(Asff::new(Vec::new(), &sample::run(), region).is_ok(), "{region}");
        }
    }

    #[test]
    fn a_verdict_needs_a_control() {
        let mut asff = Asff::new(Vec::new(), &sample::run(), "us-east-1").unwrap();
        assert!(asff.write(&sample::verdict()).is_err());
    }
}
