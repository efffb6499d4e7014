//! What a reader of JUnit reports makes of a verdict.

use crate::check::verdict::{Status, Verdict};

/// What a reader makes of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
    Errored,
    Skipped,
}

impl Outcome {
    pub(super) fn of(verdict: &Verdict) -> Self {
        match verdict.status {
            Status::Info | Status::Ok => Self::Passed,
            Status::Alarm => Self::Failed,
            // no report could ever answer it: that must not break a build for good
            Status::Unknown if verdict.unanswerable => Self::Skipped,
            // what is not known may be an alarm, so it has to show
            Status::Unknown | Status::Error => Self::Errored,
            Status::Skip | Status::Exempt => Self::Skipped,
        }
    }

    pub(super) fn element(self) -> &'static str {
        match self {
            Self::Passed => "system-out",
            Self::Failed => "failure",
            Self::Errored => "error",
            Self::Skipped => "skipped",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::render::sample;

    #[test]
    fn every_status_has_its_outcome() {
        for (status, outcome) in [
            (Status::Exempt, Outcome::Skipped),
            (Status::Skip, Outcome::Skipped),
            (Status::Info, Outcome::Passed),
            (Status::Ok, Outcome::Passed),
            (Status::Unknown, Outcome::Errored),
            (Status::Alarm, Outcome::Failed),
            (Status::Error, Outcome::Errored),
        ] {
            assert_eq!(Outcome::of(&Verdict { status, ..sample::verdict() }), outcome);
        }
    }

    #[test]
    fn unknowns_show_unless_no_report_could_answer() {
        for (unanswerable, outcome) in [(false, Outcome::Errored), (true, Outcome::Skipped)] {
            let verdict = Verdict { status: Status::Unknown, unanswerable, ..sample::verdict() };
            assert_eq!(Outcome::of(&verdict), outcome);
        }
    }
}
