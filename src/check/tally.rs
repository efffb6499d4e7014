//! Counts, the worst rows, and what the exit code is made of.

use std::cmp::Reverse;

use super::judged::Judged;
use super::verdict::{Status, Verdict};

/// Rows that are shown of a control.
pub const WORST: usize = 3;

/// What a control found.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    counts: [u64; Status::ALL.len()],
    /// Alarms that the report before had as well.
    pub known: u64,
    /// Unknown rows that another report could have answered.
    pub not_told: u64,
    /// Rows that are unknown because AWS did not tell what it was asked beside the reports.
    pub refused: u64,
    /// The worst rows, worst first.
    pub worst: Vec<Worst>,
}

/// A row worth naming.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Worst {
    order: (Reverse<Status>, Reverse<Option<i64>>),
    /// Its account.
    pub account_id: Option<String>,
    /// Its user.
    pub user: Option<String>,
    /// Its credential.
    pub credential: Option<String>,
    /// Why.
    pub reason: String,
}

impl Worst {
    /// What was found.
    #[must_use]
    pub fn status(&self) -> Status {
        self.order.0.0
    }
}

impl Tally {
    /// Adds rows.
    pub fn add(&mut self, rows: &Judged) {
        for row in 0..rows.len() {
            if rows.is_hidden(row) {
                self.known += 1;
                continue;
            }
            let verdict = rows.verdict(row);
            if let Some(count) = self.counts.get_mut(verdict.status as usize) {
                *count += 1;
            }
            if verdict.status == Status::Unknown && !verdict.unanswerable {
                self.not_told += 1;
            }
            if verdict.status >= Status::Unknown {
                self.name(&verdict, rows.rank(row));
            }
        }
    }

    /// Keeps the row if it is one of the worst.
    fn name(&mut self, verdict: &Verdict<'_>, rank: Option<i64>) {
        let order = (Reverse(verdict.status), Reverse(rank));
        let is_full = self.worst.len() == WORST;
        if is_full && self.worst.last().is_some_and(|last| order > last.order) {
            return;
        }
        let worst = Worst {
            order,
            account_id: verdict.account_id.map(str::to_owned),
            user: verdict.user.map(str::to_owned),
            credential: verdict.credential.map(str::to_owned),
            reason: verdict.reason.to_owned(),
        };
        let place = self.worst.partition_point(|other| *other <= worst);
        self.worst.insert(place, worst);
        self.worst.truncate(WORST);
    }

    /// Rows of this status.
    #[must_use]
    pub fn count(&self, status: Status) -> u64 {
        self.counts.get(status as usize).copied().unwrap_or(0)
    }

    /// All rows that are shown.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The status of the control: the greatest of its rows; `None` if it judged nothing.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        Status::ALL.into_iter().rev().find(|status| self.count(*status) > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_row_is_the_status_of_the_control() {
        let order = ["exempt", "skip", "info", "ok", "unknown", "alarm", "error"];
        assert_eq!(Status::ALL.map(Status::word), order);
        let mut tally = Tally::default();
        assert_eq!(tally.status(), None);
        for status in Status::ALL {
            tally.add(&Judged::of(&[Verdict::bare(status, "so")]));
            assert_eq!((tally.status(), tally.count(status)), (Some(status), 1));
        }
        assert_eq!((tally.rows(), tally.not_told), (7, 1));
        let gravest: Vec<Status> = tally.worst.iter().map(Worst::status).collect();
        assert_eq!(gravest, [Status::Error, Status::Alarm, Status::Unknown]);
        let open = Verdict { unanswerable: true, ..Verdict::bare(Status::Unknown, "so") };
        tally.add(&Judged::of(&[open]));
        assert_eq!((tally.count(Status::Unknown), tally.not_told), (2, 1));
    }
}
