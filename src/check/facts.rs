//! What is known of the reports that a check judges, and of those it should have judged.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMillisecondType};

use super::verdict::{Status, Verdict};
use crate::error::{Error, Result};
use crate::report::Millis;
use crate::session::Session;
use crate::table::collection::Collection;
use crate::table::journal::Outcome;

/// The reports that are judged.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Each of them.
    pub reports: Vec<JudgedReport>,
    /// Of the accounts, how many have no earlier report; `None` unless it was asked for.
    pub without_earlier: Option<u64>,
}

/// A report that is judged.
#[derive(Debug, Clone)]
pub struct JudgedReport {
    /// What tells its account from others: its id, or, if that is not known, its source.
    account: String,
    /// Its account.
    pub account_id: Option<String>,
    /// When AWS made it.
    pub generated_time: Option<Millis>,
    /// IAM users in it; root is none.
    pub users: u64,
}

impl Facts {
    /// Looks at every report that is judged, which decodes it with all columns that are expected.
    ///
    /// # Errors
    /// If the reports cannot be queried.
    pub async fn gather(session: &Session) -> Result<Self> {
        Ok(Self { reports: reports(session).await?, without_earlier: None })
    }

    /// Counts the accounts of which the other session has no report.
    ///
    /// # Errors
    /// If its reports cannot be queried.
    pub async fn compare(&mut self, previous: &Session) -> Result<()> {
        let earlier = reports(previous).await?;
        let earlier: HashSet<&str> = earlier.iter().map(|report| report.account.as_str()).collect();
        let is_first = |report: &&JudgedReport| !earlier.contains(report.account.as_str());
        let first = self.reports.iter().filter(is_first).count();
        self.without_earlier = Some(u64::try_from(first).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Accounts; a report whose account is not known counts as one.
    #[must_use]
    pub fn accounts(&self) -> u64 {
        u64::try_from(self.reports.len()).unwrap_or(u64::MAX)
    }

    /// IAM users in all of them.
    #[must_use]
    pub fn users(&self) -> u64 {
        self.reports.iter().map(|report| report.users).sum()
    }

    /// The time of the oldest report.
    #[must_use]
    pub fn oldest(&self) -> Option<Millis> {
        self.reports.iter().filter_map(|report| report.generated_time).min()
    }

    /// The time of the newest report.
    #[must_use]
    pub fn newest(&self) -> Option<Millis> {
        self.reports.iter().filter_map(|report| report.generated_time).max()
    }
}

async fn reports(session: &Session) -> Result<Vec<JudgedReport>> {
    const REPORTS: &str = "\
SELECT partition || account_id, source, account_id, min(generated_time), count(CASE WHEN is_root THEN NULL ELSE 1 END)
FROM credential_report GROUP BY partition, account_id, source ORDER BY partition, account_id, source";
    let frame = session.plan_text(REPORTS).await?;
    let batches = frame.collect().await.map_err(|error| session.explain(&error, REPORTS))?;
    let mut reports: Vec<JudgedReport> = Vec::new();
    for batch in batches {
        let column = |position: usize, wanted: &DataType| {
            cast(batch.column(position), wanted).map_err(|error| Error::Engine(error.into()))
        };
        let (ids, sources) = (column(0, &DataType::Utf8)?, column(1, &DataType::Utf8)?);
        let account_ids = column(2, &DataType::Utf8)?;
        let times = column(3, &DataType::Timestamp(TimeUnit::Millisecond, None))?;
        let (ids, sources) = (ids.as_string::<i32>(), sources.as_string::<i32>());
        let account_ids = account_ids.as_string::<i32>();
        let times = times.as_primitive::<TimestampMillisecondType>();
        let counts = batch.column(4).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            // Without ARNs there is an id at most, if the path tells it.
            let known = [ids, account_ids].into_iter().find(|ids| ids.is_valid(row));
            let account = known.unwrap_or(sources).value(row);
            let users = u64::try_from(counts.value(row)).unwrap_or(0);
            match reports.last_mut().filter(|last| last.account == account) {
                // One account's report can lie in several files of one time.
                Some(last) => last.users += users,
                None => reports.push(JudgedReport {
                    account: account.to_owned(),
                    account_id: account_ids
                        .is_valid(row)
                        .then(|| account_ids.value(row).to_owned()),
                    generated_time: times.is_valid(row).then(|| times.value(row)),
                    users,
                }),
            }
        }
    }
    Ok(reports)
}

/// A report that should have been judged and could not be read.
#[derive(Debug)]
pub struct Failure {
    /// Where it is.
    pub source: Arc<str>,
    /// Its number in the listing, if it could be listed.
    pub found: Option<usize>,
    /// Its account, as far as its path tells.
    pub account_id: Option<Arc<str>>,
    /// What is wrong with it, with where it is.
    pub reason: String,
}

impl Failure {
    /// As the row of a control.
    #[must_use]
    pub fn verdict(&self) -> Verdict<'_> {
        let account_id = self.account_id.as_deref();
        Verdict { account_id, ..Verdict::bare(Status::Error, &self.reason) }
    }
}

/// Reports that should have been judged and could not be read: those that were met so far, or, on
/// Athena, those of which no newer report of the same account is known.
///
/// # Errors
/// If Athena cannot tell.
pub async fn failures(session: &Session) -> Result<Vec<Failure>> {
    // A report without a time could be the newest, and one without an account that of any.
    const FAILED: &str = "\
SELECT r.source, r.account_id, r.error
FROM reports r LEFT JOIN (
    SELECT account_id, max(generated_time) AS newest FROM credential_report GROUP BY account_id
) known ON known.account_id = r.account_id
WHERE r.status = 'failed'
    AND (known.newest IS NULL OR r.generated_time IS NULL OR r.generated_time > known.newest)
ORDER BY r.source, r.account_id, r.error";
    if session.athena().is_none() {
        return Ok(failures_here(&session.collection()));
    }
    let texts = session.texts(FAILED).await?;
    let failure = |row: Vec<Option<String>>| {
        let [source, account_id, error] = <[_; 3]>::try_from(row).unwrap_or_default();
        let (source, error) = (source.unwrap_or_default(), error.unwrap_or_default());
        Failure {
            reason: format!("{source} {error}"),
            source: source.into(),
            found: None,
            account_id: account_id.map(Into::into),
        }
    };
    Ok(texts.into_iter().map(failure).collect())
}

/// What could not be read so far.
#[must_use]
pub fn failures_here(collection: &Collection) -> Vec<Failure> {
    let Some(listing) = collection.listed() else {
        return Vec::new();
    };
    let unlisted = listing.unlisted.iter().map(|place| Failure {
        source: Arc::from(place.source.as_ref()),
        found: None,
        account_id: None,
        reason: format!("{}: {}", place.source, place.reason),
    });
    let outcomes = collection.journal.outcomes();
    let failed = outcomes.into_iter().filter_map(|(index, outcome)| match outcome {
        Outcome::Failed(refusal) => {
            let origin = &listing.found.get(index)?.origin;
            Some(Failure {
                source: Arc::clone(&origin.source),
                found: Some(index),
                account_id: origin.account_id.clone(),
                reason: format!("{} {}", origin.source, refusal.message),
            })
        }
        Outcome::Read(_) | Outcome::Skipped(_) => None,
    });
    unlisted.chain(failed).collect()
}
