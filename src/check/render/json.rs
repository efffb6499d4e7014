//! JSON: one document with everything, or every row as an object a line.

use std::io::{BufWriter, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Render;
use crate::check::facts::Facts;
use crate::check::judged::Judged;
use crate::check::run::{Checked, Outcome};
use crate::check::tally::Tally;
use crate::check::verdict::{Control, Status, Verdict};
use crate::decode::time;
use crate::error::Result;
use crate::library::query::Severity;
use crate::output::{Format, OutputError, Style};
use crate::report::Millis;

/// Milliseconds of an hour, in the unit of ages.
const HOUR: Millis = 3_600_000;

pub(super) struct Json<'a> {
    out: BufWriter<Box<dyn Write + Send + 'a>>,
    is_document: bool,
    rows: u64,
}

/// A row. Nothing is left out: NULL is written.
#[derive(Serialize)]
struct Row<'a> {
    control: &'a str,
    severity: Option<&'static str>,
    requirements: Vec<String>,
    account_id: Option<&'a str>,
    user: Option<&'a str>,
    arn: Option<&'a str>,
    credential: Option<&'a str>,
    status: &'static str,
    reason: &'a str,
    generated_time: Option<String>,
    parameters: Map<String, Value>,
    details: Option<Value>,
}

impl<'a> Json<'a> {
    pub(super) fn document(out: Box<dyn Write + Send + 'a>, style: &Style) -> Self {
        Self::new(out, style, Format::Json)
    }

    pub(super) fn lines(out: Box<dyn Write + Send + 'a>, style: &Style) -> Self {
        Self::new(out, style, Format::Ndjson)
    }

    fn new(out: Box<dyn Write + Send + 'a>, style: &Style, format: Format) -> Self {
        let out = super::guarded(out, format, style);
        Self { out: BufWriter::new(out), is_document: format == Format::Json, rows: 0 }
    }

    fn row(&mut self, control: &Control, verdict: &Verdict<'_>) -> Result<()> {
        let before = match (self.is_document, self.rows) {
            (false, _) => "",
            (true, 0) => "{\n\"results\": [\n",
            (true, _) => ",\n",
        };
        let row = Row {
            control: &control.id,
            severity: control.severity.map(Severity::word),
            requirements: requirements(control),
            account_id: verdict.account_id,
            user: verdict.user,
            arn: verdict.arn,
            credential: verdict.credential,
            status: verdict.status.word(),
            reason: verdict.reason,
            generated_time: verdict.generated_time.map(time::format),
            parameters: control.values.clone(),
            // Written by ourselves a moment ago: it is JSON.
            details: verdict.details.and_then(|text| serde_json::from_str(text).ok()),
        };
        let text = serde_json::to_string(&row).map_err(std::io::Error::from);
        let after = if self.is_document { "" } else { "\n" };
        write!(self.out, "{before}{}{after}", text.map_err(OutputError::from)?)
            .map_err(OutputError::from)?;
        self.rows += 1;
        Ok(())
    }
}

impl Render for Json<'_> {
    fn begin(&mut self, _: &Control) -> Result<()> {
        Ok(())
    }

    fn rows(&mut self, control: &Control, rows: &Judged) -> Result<()> {
        rows.verdicts().try_for_each(|verdict| self.row(control, &verdict))
    }

    fn finish(mut self: Box<Self>, outcome: &Outcome) -> Result<Vec<String>> {
        if self.is_document {
            let begun = if self.rows == 0 { "{\n\"results\": [" } else { "" };
            let controls: Vec<Value> = outcome.checked.iter().map(checked).collect();
            write!(
                self.out,
                "{begun}\n],\n\"controls\": {},\n\"run\": {}\n}}\n",
                pretty(&Value::Array(controls))?,
                pretty(&run(outcome))?
            )
            .map_err(OutputError::from)?;
        }
        self.out.flush().map_err(OutputError::from)?;
        Ok(Vec::new())
    }
}

fn pretty(value: &Value) -> Result<String> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from);
    Ok(text.map_err(OutputError::from)?)
}

fn requirements(control: &Control) -> Vec<String> {
    control.requirements.iter().map(|(framework, id)| format!("{framework} {id}")).collect()
}

fn checked(checked: &Checked) -> Value {
    let control = &checked.control;
    json!({
        "control": control.id,
        "title": control.title,
        "severity": control.severity.map(Severity::word),
        "requirements": requirements(control),
        "parameters": control.values.clone(),
        "description": control.description,
        "remediation": control.remediation,
        "status": checked.tally.status().map(Status::word),
        "counts": counts(&checked.tally),
        "unanswered": checked.unanswered,
    })
}

fn counts(tally: &Tally) -> Value {
    let mut counts: Map<String, Value> = Status::ALL
        .into_iter()
        .rev()
        .map(|status| (status.word().to_owned(), tally.count(status).into()))
        .collect();
    counts.insert("known_alarm".to_owned(), tally.known.into());
    Value::Object(counts)
}

fn run(outcome: &Outcome) -> Value {
    json!({
        "credsql": env!("CARGO_PKG_VERSION"),
        "checked": outcome.title,
        "run_time": time::format(outcome.run_time),
        "reports": reports(&outcome.facts, outcome.run_time),
    })
}

fn reports(facts: &Facts, run_time: Millis) -> Value {
    let age = |time: Option<Millis>| time.map(|time| run_time.saturating_sub(time) / HOUR);
    json!({
        "accounts": facts.accounts(),
        "users": facts.users(),
        "oldest_generated_time": facts.oldest().map(time::format),
        "newest_generated_time": facts.newest().map(time::format),
        "oldest_age_hours": age(facts.oldest()),
        "newest_age_hours": age(facts.newest()),
        "note": super::summary::FRESHNESS,
        "accounts_without_earlier_report": facts.without_earlier,
    })
}
