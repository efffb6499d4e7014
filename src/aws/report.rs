//! The live report of one account.
//!
//! AWS makes a report when asked, which takes from a second to some minutes, and hands it out for
//! four hours. Both calls can be denied, throttled, out of capacity, or answer that the report is not
//! there after all; what follows from each is decided here, and all of it within one deadline.

mod ask;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_iam::Client;
use bytes::Bytes;

use crate::aws::pauses::Pauses;
use crate::aws::trouble::{Kind, Result, Trouble};
use ask::{Generated, Got};

/// A report younger than this is handed out again, whatever has changed since (IAM User Guide, "Get
/// credential reports for your AWS account": once every four hours).
pub const REUSED_FOR: Duration = Duration::from_hours(4);

/// When AWS makes a new report, if the last was made at this time. Both in milliseconds.
#[must_use]
pub fn fresh_from(generated_time: i64) -> i64 {
    let reused_for = i64::try_from(REUSED_FOR.as_millis()).unwrap_or(i64::MAX);
    generated_time.saturating_add(reused_for)
}

/// How long to wait for a report, and how often to ask.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For everything: making the report and getting it.
    pub deadline: Duration,
    /// The first pause between questions.
    pub first: Duration,
    /// The longest one.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            deadline: Duration::from_mins(2),
            first: Duration::from_millis(500),
            longest: Duration::from_secs(5),
        }
    }
}

impl Patience {
    /// The usual pauses, within this time.
    #[must_use]
    pub fn within(deadline: Duration) -> Self {
        Self { deadline, ..Self::default() }
    }
}

/// A report as AWS gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveReport {
    /// The CSV, untouched.
    pub content: Bytes,
    /// When AWS made it, in milliseconds.
    pub generated_time: i64,
    /// What is worth knowing beside it.
    pub remarks: Vec<String>,
}

/// Has a report made, waits for it and gets it.
///
/// # Errors
/// If the report cannot be had: not allowed, not in time, no credentials, no network.
pub async fn fetch(iam: &Client, patience: &Patience) -> Result<LiveReport> {
    let progress = Progress::default();
    let work = Fetch { iam, progress: &progress, remarks: Vec::new(), may_generate: None };
    match tokio::time::timeout(
        patience.deadline,
        work.run(Pauses::new(patience.first, patience.longest)),
    )
    .await
    {
        Err(_) => Err(progress.too_late(patience.deadline)),
        // One request has limits of its own, which may be reached before.
        Ok(Err(trouble)) if trouble.kind == Kind::Timeout && progress.state() != State::Asked => {
            let message = format!("{}; {}", trouble.message, progress.state());
            Err(Trouble { message, ..trouble })
        }
        Ok(outcome) => outcome,
    }
}

/// What AWS last said.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Nothing yet.
    Asked,
    /// It is making the report: STARTED or INPROGRESS, or what else it called it.
    Making(String),
    /// The report is complete, and was not handed out yet.
    Complete,
    /// It could not do it just then.
    Unable(String),
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("AWS did not answer"),
            Self::Making(state) => write!(f, "AWS was still making it ({state})"),
            Self::Complete => f.write_str("AWS had made it (COMPLETE) and did not hand it out"),
            Self::Unable(why) => write!(f, "the last answer was: {why}"),
        }
    }
}

/// What was reached so far, to be told if time runs out.
#[derive(Debug)]
struct Progress(Mutex<State>);

impl Default for Progress {
    fn default() -> Self {
        Self(Mutex::new(State::Asked))
    }
}

impl Progress {
    fn reached(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn state(&self) -> State {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn too_late(&self, deadline: Duration) -> Trouble {
        let state = self.state();
        let hint = if matches!(state, State::Making(_) | State::Complete) {
            "AWS goes on with it: ask again in a few minutes, or wait longer with `--timeout`"
        } else {
            "a longer `--timeout` waits longer"
        };
        let span = humantime::format_duration(deadline);
        Trouble::new(Kind::Timeout, format!("no report within {span}: {state}")).hint(hint)
    }
}

/// What to do next.
enum Step {
    Generate,
    Get,
}

/// One report being fetched.
struct Fetch<'a> {
    iam: &'a Client,
    progress: &'a Progress,
    remarks: Vec<String>,
    /// Why no report can be made, if that is so: an existing one is all there is.
    may_generate: Option<Trouble>,
}

impl Fetch<'_> {
    async fn run(mut self, mut pauses: Pauses) -> Result<LiveReport> {
        let mut step = Step::Generate;
        loop {
            let next = match step {
                Step::Generate => self.generate(&mut pauses).await?,
                Step::Get => match self.get(&mut pauses).await? {
                    Ok(report) => return Ok(report),
                    Err(step) => step,
                },
            };
            step = next;
        }
    }

    async fn generate(&mut self, pauses: &mut Pauses) -> Result<Step> {
        match ask::generate(self.iam).await? {
            Generated::Complete => {
                self.progress.reached(State::Complete);
                self.remarks.clear();
                return Ok(Step::Get);
            }
            Generated::Making(state) => self.progress.reached(State::Making(state)),
            Generated::NoCapacity(trouble) => {
                self.progress.reached(State::Unable(trouble.message.clone()));
                self.remarks = vec![format!(
                    "AWS could not make a new report just now, so this is the last one ({trouble})"
                )];
                return Ok(Step::Get);
            }
            Generated::Denied(trouble) => {
                self.remarks = vec![format!(
                    "this is the last report there was: a new one cannot be made ({trouble})"
                )];
                self.may_generate = Some(trouble);
                return Ok(Step::Get);
            }
            Generated::Later(trouble) => self.progress.reached(State::Unable(trouble.message)),
        }
        pauses.next().await;
        Ok(Step::Generate)
    }

    /// The report, or what to do to have it.
    async fn get(&mut self, pauses: &mut Pauses) -> Result<Result<LiveReport, Step>> {
        let next = match ask::get(self.iam).await {
            Ok(Got::Report { content, generated_time }) => {
                let remarks = std::mem::take(&mut self.remarks);
                return Ok(Ok(LiveReport { content, generated_time, remarks }));
            }
            Ok(Got::Absent(trouble)) => {
                if let Some(denied) = &self.may_generate {
                    return Err(none_and_none_to_be(&trouble, denied));
                }
                self.progress.reached(State::Unable(trouble.message));
                Step::Generate
            }
            Ok(Got::Making) => {
                self.progress.reached(State::Making("ReportInProgress".to_owned()));
                Step::Get
            }
            Ok(Got::Later(trouble)) => {
                self.progress.reached(State::Unable(trouble.message));
                Step::Get
            }
            Err(trouble) => return Err(self.both(trouble)),
        };
        pauses.next().await;
        Ok(Err(next))
    }

    /// If both calls are denied, both are named: the person who can change it is asked but once.
    fn both(&self, mut trouble: Trouble) -> Trouble {
        if trouble.kind == Kind::Denied && self.may_generate.is_some() {
            trouble.message = format!("{}; nor is iam:GenerateCredentialReport", trouble.message);
        }
        trouble
    }
}

fn none_and_none_to_be(absent: &Trouble, denied: &Trouble) -> Trouble {
    let which = match absent.code.as_deref() {
        Some("ReportExpired") => "the last report has expired",
        _ => "there is no report yet",
    };
    let text = format!("{which}, and a new one cannot be made: {}", denied.message);
    Trouble { message: text, ..denied.clone() }
}

#[cfg(test)]
mod tests;
