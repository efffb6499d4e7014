//! Pauses between questions: each about twice the last, and none quite like that of another account
//! or query, so that those who wait together do not ask in step.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Pauses of one who waits.
pub(super) struct Pauses {
    next: Duration,
    longest: Duration,
    chance: RandomState,
    count: u64,
}

impl Pauses {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        // Seeded anew each time, and by the standard library: that is chance enough here.
        Self { next: first, longest, chance: RandomState::new(), count: 0 }
    }

    /// Waits a while.
    pub(super) async fn next(&mut self) {
        let pause = self.draw();
        tokio::time::sleep(pause).await;
    }

    /// Between half and all of the pause whose turn it is.
    fn draw(&mut self) -> Duration {
        let whole = self.next.min(self.longest);
        self.next = whole.saturating_mul(2).min(self.longest);
        self.count += 1;
        let mut hasher = self.chance.build_hasher();
        hasher.write_u64(self.count);
        let share = u32::try_from(hasher.finish() % 1024).unwrap_or_default();
        whole / 2 + (whole / 2 / 1024).saturating_mul(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_stay_within_half_of_it() {
        let mut pauses = Pauses::new(Duration::from_millis(500), Duration::from_secs(5));
        for whole in [500, 1000, 2000, 4000, 5000, 5000, 5000] {
            let drawn = pauses.draw();
            let whole = Duration::from_millis(whole);
            assert!(drawn >= whole / 2 && drawn <= whole, "{drawn:?} of {whole:?}");
        }
    }

    #[test]
    fn two_accounts_do_not_ask_in_step() {
        let new = || Pauses::new(Duration::from_millis(500), Duration::from_secs(5));
        let (mut a, mut b) = (new(), new());
        let drawn = |pauses: &mut Pauses| (0..8).map(|_| pauses.draw()).collect::<Vec<_>>();
        assert_ne!(drawn(&mut a), drawn(&mut b));
    }
}
