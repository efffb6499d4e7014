//! Things done again and again, where the latest time is wanted without walking through all the
//! earlier ones.

use super::calendar::{DAY, HOUR, is_workday};
use super::random::Dice;

/// How often a credential is used.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rhythm {
    /// In working hours, on so many of 100 workdays.
    Workdays(u64),
    /// About once in so many seconds.
    Every(i64),
}

/// The use of one credential over time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habit {
    pub(super) dice: Dice,
    /// The first use.
    pub(super) first: i64,
    pub(super) rhythm: Rhythm,
    /// No use after this moment.
    pub(super) until: i64,
}

impl Habit {
    /// The latest use at or before `now`. It never goes back as `now` goes on.
    pub(super) fn last(&self, now: i64) -> Option<i64> {
        let now = now.min(self.until);
        match self.rhythm {
            _ if now < self.first => None,
            Rhythm::Workdays(share) => Some(self.last_on_a_workday(share, now)),
            Rhythm::Every(period) => {
                let series =
                    Series { dice: self.dice, first: self.first, period, spread: period / 4 * 3 };
                series.latest(now).map(|(_, time)| time)
            }
        }
    }

    fn last_on_a_workday(&self, share: u64, now: i64) -> i64 {
        let mut day = now.div_euclid(DAY);
        while (day + 1) * DAY > self.first {
            let mut dice = self.dice.on(day);
            let time = day * DAY + dice.between(6 * HOUR, 17 * HOUR);
            if time >= self.first
                && time <= now
                && is_workday(day)
                && dice.percent(share)
                && !self.on_holiday(day)
            {
                return time;
            }
            day -= 1;
        }
        self.first
    }

    fn on_holiday(&self, day: i64) -> bool {
        // Fortnights are counted down from -1, where no day is.
        self.dice.on(-1 - day.div_euclid(14)).percent(8)
    }
}

/// Events number 0, 1, 2, … of a kind that comes round about once in a `period`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Series {
    pub(super) dice: Dice,
    /// The time of event 0.
    pub(super) first: i64,
    pub(super) period: i64,
    /// The others are late by up to this; less than a period, so that they stay in order. If it is
    /// days, they keep about the time of day of event 0.
    pub(super) spread: i64,
}

impl Series {
    /// The number and time of the latest event at or before `now`; `None` before the first.
    pub(super) fn latest(&self, now: i64) -> Option<(i64, i64)> {
        if now < self.first {
            return None;
        }
        let number = (now - self.first) / self.period.max(1);
        let time = self.time(number);
        // Event 0 is never late, so a late event has one before it.
        Some(if time <= now { (number, time) } else { (number - 1, self.time(number - 1)) })
    }

    /// The time of one event.
    pub(super) fn time(&self, number: i64) -> i64 {
        let late = match self.dice.on(number).between(0, self.spread) {
            _ if number == 0 => 0,
            late if self.spread > DAY => late / DAY * DAY + late % (2 * HOUR),
            late => late,
        };
        self.first + number * self.period + late
    }
}
