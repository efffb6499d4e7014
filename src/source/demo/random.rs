//! Seeded dice: the only source of chance, and the same on every platform.

/// Dice that always fall the same way for the same numbers (the `SplitMix64` generator).
///
/// A thing gets dice of its own with [`Dice::part`] (an account of the organisation, a user of the
/// account), so its fate does not depend on how often its neighbours were rolled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The dice of a whole organisation.
    pub(super) fn new(seed: u64) -> Self {
        Self(scramble(seed))
    }

    /// The dice of part `number` of this thing.
    pub(super) fn part(self, number: u64) -> Self {
        Self(scramble(self.0 ^ scramble(number.wrapping_add(STEP))))
    }

    /// The dice of the thing that happens on `day`, or for the `day`-th time.
    pub(super) fn on(self, day: i64) -> Self {
        self.part(day.cast_unsigned())
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        scramble(self.0) % bound.max(1)
    }

    /// A number from `low` up to, but not including, `high`; `low` if there is none.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(1);
        low + self.below(span.cast_unsigned()).cast_signed()
    }

    /// True in `chance` of 100 cases.
    pub(super) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// One item of a list.
    pub(super) fn pick<T: Copy, const N: usize>(&mut self, list: &[T; N]) -> T {
        const { assert!(N > 0) };
        // Invariant: the index is below N, and N > 0 was checked when this was compiled.
        list[usize::try_from(self.below(N as u64)).unwrap_or(0)]
    }
}

/// The golden ratio in 64 bits, an odd number whose multiples are well spread.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn scramble(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
