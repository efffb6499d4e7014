//! What the run itself adds to the verdicts of a control: reports that are too old, exemptions, and
//! alarms that are not new.

use std::time::Duration;

use super::baseline::{Baseline, Identity};
use super::judged::Judged;
use super::verdict::{Control, Status, Verdict};
use crate::library::exemption::Exemption;
use crate::report::Millis;

/// What changes verdicts.
#[derive(Debug, Default)]
pub struct Rules {
    /// The time of the run.
    pub run_time: Millis,
    /// `--as-of`, which is the clock of every row if it is given.
    pub as_of: Option<Millis>,
    /// Reports older than this at the time of the run cannot be relied on.
    pub max_age: Option<Millis>,
    /// Accepted alarms.
    pub exemptions: Vec<Exemption>,
}

/// How often an exemption met an alarm.
#[derive(Debug, Clone, Copy, Default)]
pub struct Use {
    /// Alarms that it turned into exempt rows.
    pub exempted: u64,
    /// Alarms that it would have, had it not ended.
    pub ended: u64,
    /// The same, but another exemption did.
    pub renewed: u64,
}

impl Rules {
    /// Applies everything to some rows of a control. Counts the use of exemptions.
    pub fn apply(
        &self,
        control: &Control,
        rows: &mut Judged,
        uses: &mut [Use],
        baseline: Option<(&Baseline, &[Option<Identity>])>,
    ) {
        for row in 0..rows.len() {
            let verdict = rows.verdict(row);
            if verdict.status == Status::Error {
                // The control's own mistake, whatever the age of the report.
                continue;
            }
            let exempt = match verdict.status {
                Status::Alarm => self.exempt(control, &verdict, uses),
                _ => None,
            };
            let was = |verdict: &Verdict<'_>| {
                format!("it said {}: {}", verdict.status.word(), verdict.reason)
            };
            if let Some(reason) = self.too_old(verdict.generated_time) {
                let reason = format!("{reason}; {}", was(&verdict));
                rows.change(row, Status::Unknown, reason);
            } else if let Some(reason) = exempt {
                rows.change(row, Status::Exempt, reason);
            } else if verdict.status == Status::Alarm
                && let Some((baseline, identities)) = baseline
                && baseline.has(identities.get(row).and_then(Option::as_ref))
            {
                rows.hide(row);
            }
        }
    }

    /// Why a report of this time cannot be relied on, if it is too old.
    #[must_use]
    pub fn too_old(&self, generated_time: Option<Millis>) -> Option<String> {
        let limit = self.max_age?;
        match generated_time.map(|time| self.run_time.saturating_sub(time)) {
            Some(age) if age <= limit => None,
            Some(age) => {
                Some(format!("the report is {} old (limit: {})", words(age), words(limit)))
            }
            None => Some("the age of the report is not known".to_owned()),
        }
    }

    fn exempt(&self, control: &Control, verdict: &Verdict<'_>, uses: &mut [Use]) -> Option<String> {
        let clock = self.as_of.or(verdict.generated_time).unwrap_or(self.run_time);
        let (mut reason, mut ended) = (None, Vec::new());
        for (position, exemption) in self.exemptions.iter().enumerate() {
            if !exemption.matches(&control.id, verdict.account_id, verdict.user, verdict.credential)
            {
                continue;
            }
            if exemption.has_ended(clock) {
                ended.push(position);
                continue;
            }
            if let Some(used) = uses.get_mut(position) {
                used.exempted += 1;
            }
            reason.get_or_insert_with(|| {
                format!(
                    "exempt until {} ({}: {}); {}",
                    exemption.until, exemption.owner, exemption.reason, verdict.reason
                )
            });
        }
        for position in ended {
            if let Some(used) = uses.get_mut(position) {
                // One that has been renewed is no loss.
                used.renewed += u64::from(reason.is_some());
                used.ended += u64::from(reason.is_none());
            }
        }
        reason
    }
}

/// A span of time to the minute, as in `1day 2h 30m`.
fn words(span: Millis) -> String {
    let minutes = u64::try_from(span / 60_000).unwrap_or(0);
    humantime::format_duration(Duration::from_secs(minutes * 60)).to_string()
}
