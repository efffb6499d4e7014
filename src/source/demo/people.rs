//! The life of one user: what its credentials look like at any moment.

use super::account::Account;
use super::calendar::{DAY, HOUR};
use super::keys::{KeyCells, Keys, User};
use super::login::{Login, Mfa, PasswordCells};
use super::random::Dice;

/// What a report says about one user, apart from who it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) created: i64,
    pub(super) password: Password,
    pub(super) mfa: bool,
    pub(super) keys: [KeyCells; 2],
    pub(super) certificates: [CertificateCells; 2],
}

/// The four password columns.
#[derive(Clone, Copy, Debug)]
pub(super) enum Password {
    /// A user without one.
    None,
    /// A user with one.
    User(PasswordCells),
    /// Root with one.
    Root(PasswordCells),
    /// Root in the words of the reports before July 2024, with its last sign-in.
    RootOldWords(Option<i64>),
    /// Root where nobody can sign in as root.
    RootSealed,
    /// Root without one, managed centrally.
    RootNone,
}

/// What a report says about one signing certificate; none if `rotated` is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CertificateCells {
    pub(super) active: bool,
    pub(super) rotated: Option<i64>,
}

/// What a user is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Person,
    Service,
    /// A person for emergencies.
    BreakGlass,
    /// A pipeline that rotates its keys.
    Pipeline,
    /// A tool in the middle of a rotation.
    Tool,
    /// A service whose key was never rotated.
    Unattended,
    /// A service nobody switched off, with a signing certificate.
    Forgotten,
    /// A partner that never began to use its key.
    Partner,
}

/// The signing certificates of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certificates {
    None,
    Active,
    Inactive,
    /// The first inactive, the second active.
    Renewed,
}

/// The row of a user at `now`, which is not before `created`.
pub(super) fn row_at(account: &Account, role: Role, dice: Dice, created: i64, now: i64) -> Row {
    let (login, mfa, keys, certificates) = habits(role, dice.part(1));
    let is_person = matches!(role, Role::Person | Role::BreakGlass);
    let user = User { account, dice: dice.part(2), created, is_person };
    Row {
        created,
        password: login
            .at(account, dice.part(3), created, now)
            .map_or(Password::None, Password::User),
        mfa: mfa.at(account, dice.part(4), created, now),
        keys: user.keys_at(keys, now),
        certificates: certificates.at(dice.part(5), created, now),
    }
}

fn habits(role: Role, mut dice: Dice) -> (Login, Mfa, Keys, Certificates) {
    match role {
        Role::Person => person(&mut dice),
        Role::Service => service(&mut dice),
        Role::BreakGlass => (Login::Drill, Mfa::Early, Keys::None, Certificates::None),
        Role::Pipeline => (Login::None, Mfa::None, Keys::RotatedTwoSlots, Certificates::None),
        Role::Tool => (Login::None, Mfa::None, Keys::HalfRotated, Certificates::None),
        Role::Unattended => (Login::None, Mfa::None, Keys::Steady, Certificates::None),
        Role::Forgotten => (Login::None, Mfa::None, Keys::Idle, Certificates::Renewed),
        Role::Partner => (Login::None, Mfa::None, Keys::NeverUsed, Certificates::None),
    }
}

fn person(dice: &mut Dice) -> (Login, Mfa, Keys, Certificates) {
    let login = match dice.below(100) {
        0..12 => Login::None,
        12..16 => Login::Never,
        16..58 => Login::Daily,
        58..76 => Login::Weekly,
        76..87 => Login::Monthly,
        87..97 => Login::Idle,
        _ => Login::Removed,
    };
    let mfa = match dice.below(100) {
        0..15 if login == Login::None => Mfa::Early,
        _ if login == Login::None => Mfa::None,
        0..72 => Mfa::Early,
        72..87 => Mfa::Late,
        87..91 => Mfa::Replaced,
        _ => Mfa::None,
    };
    let has_keys = dice.percent(35) || login == Login::None;
    let keys = match dice.below(100) {
        _ if !has_keys => Keys::None,
        0..30 => Keys::RotatedInPlace,
        30..65 => Keys::Steady,
        65..80 => Keys::Idle,
        80..88 => Keys::NeverUsed,
        88..95 => Keys::Deactivated,
        _ => Keys::Replaced,
    };
    (login, mfa, keys, Certificates::None)
}

fn service(dice: &mut Dice) -> (Login, Mfa, Keys, Certificates) {
    let login = if dice.percent(3) { Login::Idle } else { Login::None };
    let keys = match dice.below(100) {
        0..28 => Keys::RotatedTwoSlots,
        28..42 => Keys::RotatedInPlace,
        42..60 => Keys::Steady,
        60..72 => Keys::Idle,
        72..78 => Keys::NeverUsed,
        78..85 => Keys::HalfRotated,
        85..91 => Keys::Replaced,
        91..95 => Keys::SecondSlot,
        95..98 => Keys::Deactivated,
        _ => Keys::None,
    };
    let certificates = match dice.below(200) {
        0..3 => Certificates::Active,
        3..5 => Certificates::Inactive,
        5 => Certificates::Renewed,
        _ => Certificates::None,
    };
    (login, Mfa::None, keys, certificates)
}

impl Certificates {
    fn at(self, mut dice: Dice, created: i64, now: i64) -> [CertificateCells; 2] {
        let first = created + dice.between(HOUR, 60 * DAY);
        let second = first + dice.between(60 * DAY, 400 * DAY);
        let cells = |active, time| {
            if time <= now {
                CertificateCells { active, rotated: Some(time) }
            } else {
                CertificateCells::default()
            }
        };
        match self {
            Self::None => Default::default(),
            Self::Active => [cells(true, first), CertificateCells::default()],
            Self::Inactive => [cells(now < second, first), CertificateCells::default()],
            Self::Renewed => [cells(now < second, first), cells(true, second)],
        }
    }
}
