//! The root user of an account.

use super::account::{Account, Root};
use super::calendar::{DAY, HOUR, MINUTE, day_number};
use super::keys::{Keys, User};
use super::login::{PasswordCells, TRACKED_SINCE};
use super::people::{CertificateCells, Password, Row};

/// Since this day reports say more about root's password, and spell times with `Z`.
pub(super) const NEW_WORDS: i64 = day_number(2024, 7, 15) * DAY;

/// The row of root at `now`.
pub(super) fn row_at(account: &Account, now: i64) -> Row {
    let mut dice = account.dice.part(3);
    let user = User {
        account,
        dice: account.dice.part(4),
        created: account.created + 40 * DAY,
        is_person: false,
    };
    let keys = if account.root == Root::WithKey { Keys::Steady } else { Keys::None };
    let central_since = (day_number(2025, 1, 15) + dice.between(0, 200)) * DAY + 10 * HOUR;
    let is_central = account.root == Root::Central && now >= central_since;
    let has_mfa = !is_central && !matches!(account.root, Root::Bare | Root::Sealed);
    let password = match account.root {
        Root::Sealed => Password::RootSealed,
        Root::Central if is_central => Password::RootNone,
        Root::OldWords => Password::RootOldWords(password(account, now).used),
        _ if now < NEW_WORDS => Password::RootOldWords(password(account, now).used),
        _ => Password::Root(password(account, now)),
    };
    let mut certificates = [CertificateCells::default(); 2];
    if account.root == Root::OldWords {
        certificates[0].rotated = Some(account.created + 3 * HOUR);
    }
    Row {
        created: account.created,
        password,
        mfa: has_mfa && now >= account.created + DAY,
        keys: user.keys_at(keys, now),
        certificates,
    }
}

/// Root signs in to set up the account, and perhaps once more, to change the password.
fn password(account: &Account, now: i64) -> PasswordCells {
    let mut dice = account.dice.part(5);
    let mut cells = PasswordCells { used: None, changed: account.created, next: None };
    let setup = account.created + dice.between(5 * MINUTE, 9 * HOUR);
    let visit = account.ago(&mut dice, 120, 1500).max(setup + 30 * DAY);
    let incident = account.end - 12 * DAY + 9 * HOUR + 41 * MINUTE + 27;
    if dice.percent(85) && now >= setup {
        cells.used = Some(setup);
    }
    if dice.percent(60) && now >= visit + 4 * MINUTE {
        cells.used = Some(visit);
        cells.changed = visit + 4 * MINUTE;
    }
    if account.root == Root::UsedOnce && now >= incident {
        cells.used = Some(incident);
    }
    cells.used = cells.used.filter(|&time| time >= TRACKED_SINCE);
    cells
}
