//! How long to wait before something is tried again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// No pause is longer.
const LONGEST: Duration = Duration::from_secs(20);

/// Before the next try, when `failed` tries have failed: twice as long each time, and a random part
/// of it, so that those who were refused together do not come back together.
pub(super) fn before_next(first: Duration, failed: u32) -> Duration {
    let whole = first.saturating_mul(1 << failed.saturating_sub(1).min(16)).min(LONGEST);
    // The standard library's only source of chance: keys of a hash table.
    let chance = u32::try_from(RandomState::new().hash_one(failed) & 0xffff).unwrap_or_default();
    whole / 2 + (whole / 2).saturating_mul(chance) / 0xffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_and_differ() {
        let first = Duration::from_millis(100);
        for (failed, most) in [(1, 100), (2, 200), (5, 1600), (20, 20_000), (u32::MAX, 20_000)] {
            let most = Duration::from_millis(most);
            let pause = before_next(first, failed);
            assert!(pause >= most / 2 && pause <= most, "{failed}: {pause:?}");
        }
        let pauses: std::collections::HashSet<_> = (0..32).map(|_| before_next(first, 3)).collect();
        assert!(pauses.len() > 16, "{pauses:?}");
        assert_eq!(before_next(Duration::ZERO, 3), Duration::ZERO);
    }
}
