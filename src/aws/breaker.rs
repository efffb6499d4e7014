//! Stops asking when the caller's own credentials are no good any more.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::aws::trouble::{Kind, Trouble};

/// So many refusals in a row, with no role assumed between them, are no accident: the SDK has
/// already tried to renew what can be renewed.
const IN_A_ROW: usize = 5;

/// Counts how often assuming roles failed because of the credentials it was asked with.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: usize,
    last: Option<Trouble>,
}

impl Breaker {
    /// Notes how assuming a role went. A refusal proves that the credentials are good; other failures
    /// prove nothing.
    pub(crate) fn note(&self, trouble: Option<&Trouble>) {
        let mut state = self.lock();
        match trouble.map(|trouble| trouble.kind) {
            Some(Kind::Expired | Kind::NoCredentials) => {
                state.failures += 1;
                state.last = trouble.cloned();
            }
            Some(Kind::Denied | Kind::NotFound) | None => *state = State::default(),
            Some(_) => {}
        }
    }

    /// The trouble of all accounts that are left, if it is over.
    pub(crate) fn open(&self) -> Option<Trouble> {
        let state = self.lock();
        state.last.clone().filter(|_| state.failures >= IN_A_ROW)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_in_a_row_are_enough_and_four_are_not() {
        let expired = Trouble::new(Kind::Expired, "expired");
        let breaker = Breaker::default();
        for _ in 0..4 {
            breaker.note(Some(&expired));
        }
        assert_eq!(breaker.open(), None);
        breaker.note(Some(&Trouble::new(Kind::Timeout, "late")));
        breaker.note(Some(&expired));
        assert_eq!(breaker.open(), Some(expired));
    }

    #[test]
    fn a_role_assumed_or_refused_starts_the_count_again() {
        let expired = Trouble::new(Kind::Expired, "expired");
        for answer in [None, Some(Trouble::new(Kind::Denied, "denied"))] {
            let breaker = Breaker::default();
            for _ in 0..4 {
                breaker.note(Some(&expired));
            }
            breaker.note(answer.as_ref());
            breaker.note(Some(&expired));
            assert_eq!(breaker.open(), None);
        }
    }
}
