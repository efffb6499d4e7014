//! The console password and the MFA device of one user.

use super::account::Account;
use super::calendar::{DAY, HOUR, MINUTE, NEVER, day_number};
use super::habit::{Habit, Rhythm, Series};
use super::random::Dice;

/// Before this day AWS did not record sign-ins.
pub(super) const TRACKED_SINCE: i64 = day_number(2014, 10, 20) * DAY;

/// What a report says about a password.
#[derive(Clone, Copy, Debug)]
pub(super) struct PasswordCells {
    /// The last sign-in, if there was one.
    pub(super) used: Option<i64>,
    pub(super) changed: i64,
    /// When it expires, if the account's passwords do.
    pub(super) next: Option<i64>,
}

/// How a user signs in to the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// Without a password.
    None,
    Daily,
    Weekly,
    Monthly,
    /// Has a password, never signed in.
    Never,
    /// Not since a day some time before the end.
    Idle,
    /// The password was taken away some days before the end.
    Removed,
    /// For emergencies: twice a year, in a drill.
    Drill,
}

/// How a user comes by an MFA device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mfa {
    None,
    /// Within days of joining.
    Early,
    /// Some time in the last months before the end.
    Late,
    /// Early, then a few days without while a lost device was replaced.
    Replaced,
}

/// Passwords of accounts with a policy live so long.
const EXPIRY: i64 = 90 * DAY;

impl Login {
    /// The password at `now`, if there is one.
    pub(super) fn at(
        self,
        account: &Account,
        dice: Dice,
        created: i64,
        now: i64,
    ) -> Option<PasswordCells> {
        let mut traits = dice.part(1);
        let removed = account.ago(&mut traits, 4, 75).max(created + 20 * DAY);
        if self == Self::None || self == Self::Removed && now >= removed {
            return None;
        }
        let (rhythm, mut until) = match self {
            Self::Weekly => (Rhythm::Workdays(20), NEVER),
            Self::Monthly => (Rhythm::Workdays(5), NEVER),
            Self::Drill => (Rhythm::Every(180 * DAY), NEVER),
            Self::Never => (Rhythm::Workdays(0), created),
            Self::Idle => (Rhythm::Workdays(88), account.ago(&mut traits, 35, 700)),
            Self::Daily | Self::Removed | Self::None => (Rhythm::Workdays(88), NEVER),
        };
        let series = changes(account, dice.part(2), created);
        let change_by = |time: i64| series.latest(time.max(created)).unwrap_or((0, created));
        if account.expiry && traits.percent(12) {
            // Some let the password expire, and cannot sign in from then on.
            until = until.min(change_by(account.ago(&mut traits, 20, 300)).1 + EXPIRY - 1);
        }
        let first = created + traits.between(0, 5) * DAY + traits.between(10 * MINUTE, 2 * HOUR);
        let used = Habit { dice: dice.part(3), first, rhythm, until }.last(now);
        let (used, changed) = match change_by(now.min(until)) {
            // Each drill ends with a new password.
            _ if self == Self::Drill => (used, used.map_or(created, |time| (time + HOUR).min(now))),
            (0, changed) => (used, changed),
            // Who changes a password has just signed in.
            (_, changed) => (used.max(Some(changed - 4 * MINUTE)), changed),
        };
        Some(PasswordCells {
            used: used.filter(|&time| time >= TRACKED_SINCE),
            changed,
            next: account.expiry.then_some(changed + EXPIRY),
        })
    }
}

/// When a password is changed: in time if passwords expire (mostly), else now and then.
fn changes(account: &Account, dice: Dice, first: i64) -> Series {
    let (period, spread) = if account.expiry {
        (84 * DAY, 8 * DAY)
    } else {
        (dice.part(1).between(250, 1100) * DAY, 60 * DAY)
    };
    Series { dice: dice.part(2), first, period, spread }
}

impl Mfa {
    /// Whether there is a device at `now`.
    pub(super) fn at(self, account: &Account, dice: Dice, created: i64, now: i64) -> bool {
        let mut dice = dice.part(4);
        let early = created + dice.between(HOUR, 12 * DAY);
        match self {
            Self::None => false,
            Self::Early => now >= early,
            Self::Late => now >= account.ago(&mut dice, 1, 100).max(early),
            Self::Replaced => {
                let lost = account.ago(&mut dice, 6, 85);
                now >= early && !(lost..lost + dice.between(DAY, 5 * DAY)).contains(&now)
            }
        }
    }
}
