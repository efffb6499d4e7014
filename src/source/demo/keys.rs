//! The access keys of one user: made, used, rotated, deactivated, deleted.

use super::account::Account;
use super::calendar::{DAY, HOUR, MINUTE, NEVER, day_number};
use super::habit::{Habit, Rhythm, Series};
use super::random::Dice;
use super::targets;

/// Before this day AWS did not record the use of keys.
const TRACKED_SINCE: i64 = day_number(2015, 4, 22) * DAY;

/// What a report says about one key slot; no key if `rotated` is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyCells {
    pub(super) active: bool,
    pub(super) rotated: Option<i64>,
    pub(super) used: Option<i64>,
    /// `None` also for a service without regions.
    pub(super) region: Option<&'static str>,
    pub(super) service: &'static str,
}

/// How a user comes by keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    None,
    /// Replaced every 30 to 120 days; the old key lives on beside the new one for some days.
    RotatedTwoSlots,
    /// Replaced every 30 to 120 days; the old key is deleted first.
    RotatedInPlace,
    /// One key since ever, in use.
    Steady,
    /// One key since ever, not used since a day.
    Idle,
    /// One key, never used.
    NeverUsed,
    /// A rotation that nobody finished: two active keys.
    HalfRotated,
    /// The old key deactivated and kept, a new one active.
    Replaced,
    /// One key, in slot 2.
    SecondSlot,
    /// One key, deactivated and kept.
    Deactivated,
}

/// One key from its creation on.
#[derive(Clone, Copy, Debug)]
struct Key {
    created: i64,
    deactivated: i64,
    deleted: i64,
    habit: Habit,
}

impl Key {
    fn used_until(self, until: i64) -> Self {
        let habit = Habit { until, ..self.habit };
        Self { habit, ..self }
    }

    fn deactivated_at(self, deactivated: i64) -> Self {
        Self { deactivated, ..self }
    }

    fn at(&self, owner: &User<'_>, now: i64) -> KeyCells {
        if now < self.created || now >= self.deleted {
            return KeyCells::default();
        }
        let last = self.habit.last(now.min(self.deactivated));
        // Use is recorded to the minute.
        let used = last.map(|time| time / MINUTE * MINUTE).filter(|&time| time >= TRACKED_SINCE);
        let (service, region) = used
            .map_or(("", None), |time| targets::target(owner.account, owner.dice.part(6), time));
        let active = now < self.deactivated;
        KeyCells { active, rotated: Some(self.created), used, region, service }
    }
}

/// What the keys of one user have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct User<'a> {
    pub(super) account: &'a Account,
    pub(super) dice: Dice,
    pub(super) created: i64,
    /// People use keys in working hours, services at all times.
    pub(super) is_person: bool,
}

impl User<'_> {
    /// Both key slots at `now`.
    pub(super) fn keys_at(&self, keys: Keys, now: i64) -> [KeyCells; 2] {
        let none = KeyCells::default();
        let mut dice = self.dice.part(1);
        let birth = self.created + dice.between(0, 3);
        let steady = self.key(1, birth);
        match keys {
            Keys::None => [none, none],
            Keys::RotatedTwoSlots => self.two_slots(birth, now),
            Keys::RotatedInPlace => [self.in_place(birth, now), none],
            Keys::Steady => [steady.at(self, now), none],
            Keys::Idle => {
                [steady.used_until(self.account.ago(&mut dice, 20, 900)).at(self, now), none]
            }
            Keys::NeverUsed => [steady.used_until(0).at(self, now), none],
            Keys::SecondSlot => [none, steady.at(self, now)],
            Keys::Deactivated => {
                let off = self.account.ago(&mut dice, 3, 400).max(birth + DAY);
                [steady.deactivated_at(off).at(self, now), none]
            }
            Keys::HalfRotated => {
                let second = self.account.ago(&mut dice, 5, 200).max(birth + 30 * DAY);
                // Half of the users moved over and forgot the old key, half use both.
                let moved =
                    if dice.percent(50) { second + dice.between(DAY, 9 * DAY) } else { NEVER };
                [steady.used_until(moved).at(self, now), self.key(2, second).at(self, now)]
            }
            Keys::Replaced => {
                let second = self.account.ago(&mut dice, 5, 400).max(birth + 30 * DAY);
                let off = second + dice.between(HOUR, 9 * DAY);
                let old = steady.deactivated_at(off).at(self, now);
                let new = self.key(2, second).at(self, now);
                if dice.percent(50) { [old, new] } else { [new, old] }
            }
        }
    }

    /// Key `number` of the user, created at `created` and used a while later.
    fn key(&self, number: i64, created: i64) -> Key {
        let mut dice = self.dice.part(2).on(number);
        let first = created + dice.between(5 * MINUTE, 20 * HOUR);
        let habit = Habit { dice, first, rhythm: self.rhythm(), until: NEVER };
        Key { created, deactivated: NEVER, deleted: NEVER, habit }
    }

    fn two_slots(&self, birth: i64, now: i64) -> [KeyCells; 2] {
        let series = self.rotation(birth);
        let Some((number, created)) = series.latest(now) else {
            return Default::default();
        };
        let current = self.key(number, created);
        let mut old = KeyCells::default();
        if number > 0 {
            let mut dice = self.dice.part(3).on(number);
            let deactivated = created + dice.between(HOUR, 7 * DAY);
            // Some delete an old key after days, some when its slot is needed.
            let kept =
                if self.dice.part(3).percent(50) { NEVER } else { dice.between(DAY, 14 * DAY) };
            let previous = self.key(number - 1, series.time(number - 1));
            let previous = previous.used_until(current.habit.first + 30 * MINUTE);
            let deleted = deactivated.saturating_add(kept);
            old = Key { deactivated, deleted, ..previous }.at(self, now);
        }
        let current = current.at(self, now);
        if number % 2 == 0 { [current, old] } else { [old, current] }
    }

    fn in_place(&self, birth: i64, now: i64) -> KeyCells {
        let latest = self.rotation(birth).latest(now);
        latest.map_or_else(KeyCells::default, |(number, created)| {
            self.key(number, created).at(self, now)
        })
    }

    fn rotation(&self, first: i64) -> Series {
        let mut dice = self.dice.part(4);
        let period = dice.between(30, 112) * DAY;
        Series { dice, first, period, spread: period / 14 }
    }

    fn rhythm(&self) -> Rhythm {
        let mut dice = self.dice.part(5);
        match dice.below(100) {
            0..60 if self.is_person => Rhythm::Workdays(88),
            0..60 => Rhythm::Every(dice.between(20 * MINUTE, 3 * HOUR)),
            60..80 => Rhythm::Every(DAY),
            80..92 => Rhythm::Every(7 * DAY),
            _ => Rhythm::Every(30 * DAY),
        }
    }
}
