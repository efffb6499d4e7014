//! A check from beginning to end: each report is decoded once, then every control is judged over
//! what is kept of it.

use std::collections::HashSet;

use arrow::array::RecordBatch;
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::SortExpr;
use datafusion::prelude::ident;
use futures::StreamExt;

use super::asked::Asked;
use super::baseline::{self, Baseline};
use super::choice::{Choice, Chosen};
use super::contract;
use super::facts::{self, Facts, Failure, JudgedReport};
use super::judge::{Rules, Use};
use super::judged::Judged;
use super::render::Render;
use super::tally::Tally;
use super::verdict::{Control, Status, Verdict};
use crate::athena::rows::start_ahead;
use crate::error::{Error, Result};
use crate::report::Millis;
use crate::session::Session;

/// What a check is asked to do.
#[derive(Debug)]
pub struct Check<'a> {
    /// Which controls.
    pub choice: Choice<'a>,
    /// What changes their verdicts.
    pub rules: Rules,
    /// Whether alarms that the report before had are left out.
    pub only_new: bool,
    /// Whether summaries name the requirements that no control answers one by one.
    pub names_unanswered: bool,
}

/// A control with what it found, and whether it is a requirement that none answers in this run.
#[derive(Debug)]
pub struct Checked {
    /// The control.
    pub control: Control,
    /// What it found.
    pub tally: Tally,
    /// For a requirement that no control answers, or a control that needs more than reports where
    /// no more was asked for: why not.
    pub unanswered: Option<String>,
    /// Why it could not be judged to its end.
    pub failure: Option<Error>,
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What the controls were chosen by.
    pub title: String,
    /// The time of the run.
    pub run_time: Millis,
    /// The reports.
    pub facts: Facts,
    /// The controls in the order they were run.
    pub checked: Vec<Checked>,
    /// How often each exemption met an alarm.
    pub uses: Vec<Use>,
    /// Reports that could not be read, of which only the rows of controls tell otherwise.
    pub unread: Vec<String>,
    /// Whether summaries name the requirements that no control answers one by one.
    pub names_unanswered: bool,
}

/// Plans every control and refuses those that break the contract. Reads no report.
///
/// # Errors
/// If a statement cannot be planned or returns other columns than it should.
pub async fn plan(session: &Session, choice: &Choice<'_>) -> Result<Vec<DataFrame>> {
    let mut frames = Vec::new();
    for chosen in &choice.controls {
        frames.push(plan_one(session, chosen).await?);
    }
    Ok(frames)
}

async fn plan_one(session: &Session, chosen: &Chosen<'_>) -> Result<DataFrame> {
    let sql = &chosen.query.sql;
    let in_file = |error: Error| match error {
        Error::Sql { message, place, hint } => {
            let message = format!("{}: {message}", chosen.query.file.display());
            Error::Sql { message, place, hint }
        }
        other => other,
    };
    let mut statements = session.parse(sql).map_err(in_file)?;
    let (Some(statement), true) = (statements.pop(), statements.is_empty()) else {
        return Err(Error::usage(
            format!("{} is not one statement", chosen.query.file.display()),
            "a control is one SELECT",
        ));
    };
    let values = chosen.query.values(&chosen.control.parameters);
    let frame = session.plan(statement, sql, &values).await.map_err(in_file)?;
    contract::check(chosen.query, &frame)?;
    Ok(frame)
}

/// Runs a check. Every row goes to the renderers, which are not finished here. A control that fails
/// has an error row and keeps no other from being judged.
///
/// # Errors
/// If a control cannot be planned or a renderer cannot write.
pub async fn run(
    session: &Session,
    previous: Option<&Session>,
    check: &Check<'_>,
    renderers: &mut [Box<dyn Render + '_>],
) -> Result<Outcome> {
    let wants_rows = renderers.iter().any(|renderer| renderer.wants_rows());
    let frames = prepared(session, check, previous.is_some()).await?;
    let mut facts = Facts::gather(session).await?;
    let collection = session.collection();
    let failures = facts::failures(session).await?;
    let asked = Asked::of(&collection.extras());
    let before = match previous {
        None => Vec::new(),
        Some(previous) => {
            let frames = prepared(previous, check, true).await?;
            facts.compare(previous).await?;
            frames
        }
    };
    let judged = check.choice.controls.iter().enumerate();
    let judged = judged.filter(|(_, chosen)| asked.why_open(chosen.query).is_none());
    start_ahead(judged.flat_map(|(at, _)| [before.get(at), frames.get(at)]).flatten())?;
    let mut before = before.into_iter();
    let mut outcome = Outcome {
        title: check.choice.title.clone(),
        run_time: check.rules.run_time,
        uses: vec![Use::default(); check.rules.exemptions.len()],
        names_unanswered: check.names_unanswered,
        ..Outcome::default()
    };
    if session.athena().is_some() {
        outcome.unread = failures.iter().map(|failure| failure.reason.clone()).collect();
    }
    let mut unanswered = Vec::new();
    for (chosen, frame) in check.choice.controls.iter().zip(frames) {
        let control = &chosen.control;
        let before = before.next();
        if let Some(reason) = asked.why_open(chosen.query) {
            unanswered.push((control, reason, true));
            continue;
        }
        let baseline = match (previous, before) {
            (Some(previous), Some(frame)) => {
                Some(alarms_before(previous, chosen, frame, &check.rules).await?)
            }
            _ => None,
        };
        let mut judge = Judge {
            chosen,
            wants_rows,
            rules: &check.rules,
            asked: &asked,
            baseline: baseline.as_ref(),
            uses: &mut outcome.uses,
            tally: Tally::default(),
            stale: facts
                .reports
                .iter()
                .filter(|report| check.rules.too_old(report.generated_time).is_some())
                .collect(),
        };
        for renderer in renderers.iter_mut() {
            renderer.begin(control)?;
        }
        let frame = if wants_rows { sorted(frame)? } else { frame };
        let failure = judge.all(session, frame, renderers).await?;
        let rows: Vec<Verdict<'_>> = failures.iter().map(Failure::verdict).collect();
        judge.emit(&Judged::of(&rows), renderers)?;
        let tally = judge.tally;
        for renderer in renderers.iter_mut() {
            renderer.end(control, &tally)?;
        }
        let control = control.clone();
        outcome.checked.push(Checked { control, tally, unanswered: None, failure });
    }
    let open_ones = check.choice.unanswered.iter();
    unanswered
        .extend(open_ones.map(|open| (&open.control, open.reason.clone(), open.unanswerable)));
    for (control, reason, unanswerable) in unanswered {
        outcome.checked.push(open(control, reason, unanswerable, renderers)?);
    }
    outcome.facts = facts;
    Ok(outcome)
}

/// The statements of all controls; the first reading of reports will decode what they need.
async fn prepared(
    session: &Session,
    check: &Check<'_>,
    is_compared: bool,
) -> Result<Vec<DataFrame>> {
    let mut frames = plan(session, &check.choice).await?;
    if is_compared {
        let identities = baseline::identities(session).await?;
        for frame in &mut frames {
            *frame = baseline::identified(frame.clone(), identities.clone())?;
        }
    }
    session.prepare(&frames)?;
    Ok(frames)
}

/// A requirement that no control answers, or a control that can judge nothing in this run.
fn open(
    control: &Control,
    reason: String,
    unanswerable: bool,
    renderers: &mut [Box<dyn Render + '_>],
) -> Result<Checked> {
    let verdict = Verdict { unanswerable, ..Verdict::bare(Status::Unknown, &reason) };
    let rows = Judged::of(&[verdict]);
    let mut tally = Tally::default();
    tally.add(&rows);
    for renderer in renderers.iter_mut() {
        renderer.begin(control)?;
        renderer.rows(control, &rows)?;
        renderer.end(control, &tally)?;
    }
    Ok(Checked { control: control.clone(), tally, unanswered: Some(reason), failure: None })
}

/// The judging of one control.
struct Judge<'a> {
    chosen: &'a Chosen<'a>,
    wants_rows: bool,
    rules: &'a Rules,
    asked: &'a Asked<'a>,
    baseline: Option<&'a Baseline>,
    uses: &'a mut [Use],
    tally: Tally,
    /// Reports that are too old, as long as no row has said so.
    stale: Vec<&'a JudgedReport>,
}

impl Judge<'_> {
    /// Judges every row. Returns why not all could be, if so.
    async fn all(
        &mut self,
        session: &Session,
        frame: DataFrame,
        renderers: &mut [Box<dyn Render + '_>],
    ) -> Result<Option<Error>> {
        let mut stream = match frame.execute_stream().await {
            Ok(stream) => stream,
            Err(error) => return self.fail(&session.explain(&error, ""), renderers).map(Some),
        };
        while let Some(batch) = stream.next().await {
            // Between batches somebody may want to interrupt.
            tokio::task::yield_now().await;
            match batch {
                Ok(batch) => self.batch(batch, renderers)?,
                Err(error) => {
                    return self.fail(&session.explain(&error, ""), renderers).map(Some);
                }
            }
        }
        // What a report that is too old has no row of is just as unknown.
        let rows: Vec<(Option<String>, String)> = std::mem::take(&mut self.stale)
            .into_iter()
            .filter_map(|report| {
                let reason = self.rules.too_old(report.generated_time)?;
                Some((report.account_id.clone(), format!("{reason}; it shows nothing to judge")))
            })
            .collect();
        let rows: Vec<Verdict<'_>> = rows
            .iter()
            .map(|(account_id, reason)| Verdict {
                account_id: account_id.as_deref(),
                ..Verdict::bare(Status::Unknown, reason)
            })
            .collect();
        self.emit(&Judged::of(&rows), renderers)?;
        Ok(None)
    }

    fn batch(&mut self, batch: RecordBatch, renderers: &mut [Box<dyn Render + '_>]) -> Result<()> {
        let control = &self.chosen.control;
        let (batch, identities) = match self.baseline {
            Some(_) => baseline::split(control, &batch)?,
            None => (batch, Vec::new()),
        };
        let extras = self.chosen.query.columns.len();
        let mut rows = Judged::new(&batch, extras, self.wants_rows)?;
        if !self.stale.is_empty() {
            let told: HashSet<Option<&str>> =
                (0..rows.len()).map(|row| rows.verdict(row).account_id).collect();
            self.stale.retain(|report| !told.contains(&report.account_id.as_deref()));
        }
        self.tally.refused += self.asked.explain(&mut rows);
        let baseline = self.baseline.map(|baseline| (baseline, identities.as_slice()));
        self.rules.apply(control, &mut rows, self.uses, baseline);
        self.emit(&rows, renderers)
    }

    fn fail(&mut self, error: &Error, renderers: &mut [Box<dyn Render + '_>]) -> Result<Error> {
        let file = self.chosen.query.file.display();
        let message = format!("{file}: {error}");
        self.emit(&Judged::of(&[Verdict::bare(Status::Error, &message)]), renderers)?;
        Ok(Error::Sql { message, place: None, hint: error.hint() })
    }

    fn emit(&mut self, rows: &Judged, renderers: &mut [Box<dyn Render + '_>]) -> Result<()> {
        self.tally.add(rows);
        if rows.is_empty() {
            return Ok(());
        }
        renderers.iter_mut().try_for_each(|renderer| renderer.rows(&self.chosen.control, rows))
    }
}

/// Rows in an order that depends on nothing but what they say.
fn sorted(frame: DataFrame) -> Result<DataFrame> {
    let first = ["account_id", "arn", "user", "credential", "generated_time", "status", "reason"];
    let names: Vec<String> =
        frame.schema().fields().iter().map(|field| field.name().clone()).collect();
    let further = names.iter().map(String::as_str).filter(|name| !first.contains(name));
    let order: Vec<SortExpr> =
        first.into_iter().chain(further).map(|column| ident(column).sort(true, false)).collect();
    Ok(frame.sort(order)?)
}

/// The alarms that a control gives over the reports before.
async fn alarms_before(
    previous: &Session,
    chosen: &Chosen<'_>,
    frame: DataFrame,
    rules: &Rules,
) -> Result<Baseline> {
    let explain = |error| previous.explain(&error, "");
    let mut stream = frame.execute_stream().await.map_err(explain)?;
    // By the clock of then: an exemption that has ended since held then.
    let rules = Rules {
        run_time: rules.run_time,
        as_of: None,
        max_age: None,
        exemptions: rules.exemptions.clone(),
    };
    let mut uses = vec![Use::default(); rules.exemptions.len()];
    let mut baseline = Baseline::default();
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(explain)?;
        let (batch, identities) = baseline::split(&chosen.control, &batch)?;
        let mut rows = Judged::new(&batch, chosen.query.columns.len(), false)?;
        rules.apply(&chosen.control, &mut rows, &mut uses, None);
        baseline.add(&rows, &identities);
    }
    Ok(baseline)
}
