//! What the run itself adds to the verdicts of a control: reports that are too old, exemptions, and
//! alarms that are not new.

use super::baseline::Baseline;
use super::judged::Judged;
use super::verdict::{Control, Status, Verdict};
use crate::library::exemption::Exemption;
use crate::report::Millis;

const HOUR: Millis = 3_600_000;

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
}

impl Rules {
    /// Applies everything to some rows of a control. Counts the use of exemptions.
    pub fn apply(
        &self,
        control: &Control,
        rows: &mut Judged,
        uses: &mut [Use],
        baseline: Option<(&Baseline, &[String])>,
    ) {
        for row in 0..rows.len() {
            if let Some(reason) = self.too_old(&rows.verdict(row)) {
                rows.change(row, Status::Unknown, reason);
                continue;
            }
            let verdict = rows.verdict(row);
            if verdict.status != Status::Alarm {
                continue;
            }
            if let Some(reason) = self.exempt(control, &verdict, uses) {
                rows.change(row, Status::Exempt, reason);
            } else if let Some((baseline, identities)) = baseline
                && identities.get(row).is_some_and(|identity| baseline.has(identity))
            {
                rows.hide(row);
            }
        }
    }

    /// Why a row cannot be relied on, if its report is too old. What it said is not lost.
    fn too_old(&self, verdict: &Verdict<'_>) -> Option<String> {
        let limit = self.max_age?;
        let was = format!("it said {}: {}", verdict.status.word(), verdict.reason);
        match verdict.generated_time {
            Some(time) if self.run_time.saturating_sub(time) <= limit => None,
            Some(time) => Some(format!(
                "the report is {} hours old (limit: {} hours); {was}",
                self.run_time.saturating_sub(time) / HOUR,
                limit / HOUR
            )),
            None => Some(format!("the age of the report is not known; {was}")),
        }
    }

    fn exempt(&self, control: &Control, verdict: &Verdict<'_>, uses: &mut [Use]) -> Option<String> {
        let clock = self.as_of.or(verdict.generated_time).unwrap_or(self.run_time);
        let mut reason = None;
        for (exemption, used) in self.exemptions.iter().zip(uses) {
            if !exemption.matches(&control.id, verdict.account_id, verdict.user, verdict.credential)
            {
                continue;
            }
            if exemption.has_ended(clock) {
                used.ended += 1;
            } else {
                used.exempted += 1;
                reason.get_or_insert_with(|| {
                    format!(
                        "exempt until {} ({}: {}); {}",
                        exemption.until, exemption.owner, exemption.reason, verdict.reason
                    )
                });
            }
        }
        reason
    }
}
