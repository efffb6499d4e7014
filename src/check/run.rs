//! A check from beginning to end: each report is decoded once, then every control is judged over
//! what is kept of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMillisecondType};
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::SortExpr;
use datafusion::prelude::ident;
use futures::StreamExt;

use super::baseline::{self, Baseline};
use super::choice::{Choice, Chosen};
use super::contract;
use super::judge::{Rules, Use};
use super::judged::Judged;
use super::render::Render;
use super::tally::Tally;
use super::verdict::{Control, Status, Verdict};
use crate::error::{Error, Result};
use crate::report::Millis;
use crate::session::Session;
use crate::table::collection::Collection;
use crate::table::journal::Outcome as ReportOutcome;

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

/// What is known of the reports a check judged.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Accounts, a report whose account is not known counting as one.
    pub accounts: u64,
    /// Rows: users, and root.
    pub users: u64,
    /// The oldest report.
    pub oldest: Option<Millis>,
    /// The newest report.
    pub newest: Option<Millis>,
    /// Of these accounts, how many have no earlier report; `None` unless it was asked for.
    pub without_earlier: Option<u64>,
}

/// A control with what it found, and whether it is a requirement that none answers.
#[derive(Debug)]
pub struct Checked {
    /// The control.
    pub control: Control,
    /// What it found.
    pub tally: Tally,
    /// For a requirement that no control answers: why not.
    pub unanswered: Option<String>,
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
        Error::Sql { message, hint } => {
            Error::Sql { message: format!("{}: {message}", chosen.query.file.display()), hint }
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

/// Runs a check. Every row goes to the renderers, which are not finished here.
///
/// # Errors
/// If a statement cannot be executed or a renderer cannot write.
pub async fn run(
    session: &Session,
    previous: Option<&Session>,
    check: &Check<'_>,
    renderers: &mut [Box<dyn Render + '_>],
) -> Result<Outcome> {
    let wants_rows = renderers.iter().any(|renderer| renderer.wants_rows());
    let mut frames = plan(session, &check.choice).await?;
    if check.only_new {
        for frame in &mut frames {
            *frame = baseline::identified(session, frame.clone()).await?;
        }
    }
    session.prepare(&frames)?;
    let mut outcome = Outcome {
        title: check.choice.title.clone(),
        run_time: check.rules.run_time,
        facts: facts(session).await?,
        uses: vec![Use::default(); check.rules.exemptions.len()],
        names_unanswered: check.names_unanswered,
        ..Outcome::default()
    };
    let failures = failures(session.collection());
    if let Some(previous) = previous {
        outcome.facts.without_earlier = Some(without_earlier(session, previous).await?);
    }
    for (chosen, frame) in check.choice.controls.iter().zip(frames) {
        let control = &chosen.control;
        let baseline = match previous {
            Some(previous) => Some(alarms_before(previous, chosen, &check.rules).await?),
            None => None,
        };
        let mut judge = Judge {
            control,
            extras: chosen.query.columns.len(),
            wants_rows,
            rules: &check.rules,
            baseline: baseline.as_ref(),
            uses: &mut outcome.uses,
            tally: Tally::default(),
        };
        for renderer in renderers.iter_mut() {
            renderer.begin(control)?;
        }
        let frame = if wants_rows { sorted(frame)? } else { frame };
        judge.all(session, frame, renderers).await?;
        judge.emit(&error_rows(&failures), renderers)?;
        let tally = judge.tally;
        for renderer in renderers.iter_mut() {
            renderer.end(control, &tally)?;
        }
        outcome.checked.push(Checked { control: control.clone(), tally, unanswered: None });
    }
    for (control, reason) in &check.choice.unanswered {
        let rows = Judged::of(&[unanswered_row(reason)]);
        let mut tally = Tally::default();
        tally.add(&rows);
        for renderer in renderers.iter_mut() {
            renderer.begin(control)?;
            renderer.rows(control, &rows)?;
            renderer.end(control, &tally)?;
        }
        let unanswered = Some(reason.clone());
        outcome.checked.push(Checked { control: control.clone(), tally, unanswered });
    }
    Ok(outcome)
}

/// The judging of one control.
struct Judge<'a> {
    control: &'a Control,
    extras: usize,
    wants_rows: bool,
    rules: &'a Rules,
    baseline: Option<&'a Baseline>,
    uses: &'a mut [Use],
    tally: Tally,
}

impl Judge<'_> {
    async fn all(
        &mut self,
        session: &Session,
        frame: DataFrame,
        renderers: &mut [Box<dyn Render + '_>],
    ) -> Result<()> {
        let explain = |error| session.explain(&error, "");
        let mut stream = frame.execute_stream().await.map_err(explain)?;
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(explain)?;
            let (batch, identities) = match self.baseline {
                Some(_) => baseline::split(self.control, &batch)?,
                None => (batch, Vec::new()),
            };
            let mut rows = Judged::new(&batch, self.extras, self.wants_rows)?;
            let baseline = self.baseline.map(|baseline| (baseline, identities.as_slice()));
            self.rules.apply(self.control, &mut rows, self.uses, baseline);
            self.emit(&rows, renderers)?;
        }
        Ok(())
    }

    fn emit(&mut self, rows: &Judged, renderers: &mut [Box<dyn Render + '_>]) -> Result<()> {
        self.tally.add(rows);
        if rows.is_empty() {
            return Ok(());
        }
        renderers.iter_mut().try_for_each(|renderer| renderer.rows(self.control, rows))
    }
}

/// Rows in an order that depends on nothing but what they say.
fn sorted(frame: DataFrame) -> Result<DataFrame> {
    let order = ["account_id", "arn", "user", "credential", "generated_time", "status", "reason"];
    let order: Vec<SortExpr> =
        order.into_iter().map(|column| ident(column).sort(true, false)).collect();
    Ok(frame.sort(order)?)
}

/// The alarms that a control gives over the reports before.
async fn alarms_before(previous: &Session, chosen: &Chosen<'_>, rules: &Rules) -> Result<Baseline> {
    let frame = plan_one(previous, chosen).await?;
    let frame = baseline::identified(previous, frame).await?;
    let explain = |error| previous.explain(&error, "");
    let mut stream = frame.execute_stream().await.map_err(explain)?;
    // Of then, by the clock of then: an exemption that has ended since held then.
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
        baseline.add(&rows, identities);
    }
    Ok(baseline)
}

/// Looks at every report that is judged, which decodes it with all columns the controls need.
async fn facts(session: &Session) -> Result<Facts> {
    let mut facts = Facts::default();
    for (time, users) in reports(session).await?.into_values() {
        facts.accounts += 1;
        facts.users += users;
        facts.oldest = facts.oldest.into_iter().chain(time).min();
        facts.newest = facts.newest.into_iter().chain(time).max();
    }
    Ok(facts)
}

/// How many accounts have no report before their newest.
async fn without_earlier(session: &Session, previous: &Session) -> Result<u64> {
    let mut accounts = reports(session).await?;
    let earlier = reports(previous).await?;
    accounts.retain(|account, _| !earlier.contains_key(account));
    Ok(u64::try_from(accounts.len()).unwrap_or(u64::MAX))
}

/// Time and rows of each account's report; an account that is not known goes by its source.
async fn reports(session: &Session) -> Result<BTreeMap<String, (Option<Millis>, u64)>> {
    const REPORTS: &str = "\
SELECT coalesce(partition || account_id, source) AS account, min(generated_time), count(*)
FROM credential_report GROUP BY partition, account_id, source";
    let statement = session.parse(REPORTS)?.pop().ok_or(Error::NoSource)?;
    let batches = session
        .plan(statement, REPORTS, &[])
        .await?
        .collect()
        .await
        .map_err(|error| session.explain(&error, REPORTS))?;
    let mut accounts = BTreeMap::new();
    for batch in batches {
        let engine = |error: arrow::error::ArrowError| Error::Engine(error.into());
        let names = cast(batch.column(0), &DataType::Utf8).map_err(engine)?;
        let millis = DataType::Timestamp(TimeUnit::Millisecond, None);
        let times = cast(batch.column(1), &millis).map_err(engine)?;
        let (names, times) =
            (names.as_string::<i32>(), times.as_primitive::<TimestampMillisecondType>());
        let counts = batch.column(2).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let time = times.is_valid(row).then(|| times.value(row));
            let slot = accounts.entry(names.value(row).to_owned()).or_insert((None, 0));
            slot.0 = slot.0.into_iter().chain(time).min();
            slot.1 += u64::try_from(counts.value(row)).unwrap_or(0);
        }
    }
    Ok(accounts)
}

/// A report that should have been judged and could not be read.
struct Failure {
    account_id: Option<Arc<str>>,
    reason: String,
}

impl Failure {
    fn verdict(&self) -> Verdict<'_> {
        let account_id = self.account_id.as_deref();
        Verdict { account_id, status: Status::Error, ..nothing(&self.reason) }
    }
}

fn failures(collection: &Collection) -> Vec<Failure> {
    let Some(listing) = collection.listed() else {
        return Vec::new();
    };
    let unlisted = listing.unlisted.iter().map(|place| Failure {
        account_id: None,
        reason: format!("{}: {}", place.source, place.reason),
    });
    let outcomes = collection.journal.outcomes();
    let failed = outcomes.into_iter().filter_map(|(index, outcome)| match outcome {
        ReportOutcome::Failed(refusal) => {
            let origin = &listing.found.get(index)?.origin;
            Some(Failure {
                account_id: origin.account_id.clone(),
                reason: format!("{} {}", origin.source, refusal.message),
            })
        }
        ReportOutcome::Read(_) | ReportOutcome::Skipped(_) => None,
    });
    unlisted.chain(failed).collect()
}

fn error_rows(failures: &[Failure]) -> Judged {
    let verdicts: Vec<Verdict<'_>> = failures.iter().map(Failure::verdict).collect();
    Judged::of(&verdicts)
}

fn unanswered_row(reason: &str) -> Verdict<'_> {
    Verdict { unanswerable: true, ..nothing(reason) }
}

fn nothing(reason: &str) -> Verdict<'_> {
    Verdict {
        account_id: None,
        user: None,
        arn: None,
        credential: None,
        status: Status::Unknown,
        reason,
        generated_time: None,
        details: None,
        unanswerable: false,
    }
}
