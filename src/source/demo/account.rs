//! One account: what it is called, how large and old it is, what is special about it.

use super::calendar::{DAY, HOUR, MINUTE, day_number, digit};
use super::names::Style;
use super::random::Dice;
use super::words::DOMAINS;

/// How the root user of an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// Has a password and MFA.
    Guarded,
    /// Has a password and MFA, and signs in once, shortly before the end.
    UsedOnce,
    /// Has a password and no MFA.
    Bare,
    /// Has a password and MFA, and an active access key.
    WithKey,
    /// Still comes in the words of the reports before July 2024.
    OldWords,
    /// Lost its credentials when the organisation began to manage root access centrally.
    Central,
    /// Nobody can sign in as root: the partitions other than `aws`.
    Sealed,
}

/// What is fixed about an account, whatever the seed.
#[derive(Clone, Copy, Debug)]
struct Profile {
    name: &'static str,
    /// Users in thousandths of the mean.
    weight: u64,
    age_days: i64,
    /// Of 100 users.
    people: u64,
    /// Passwords expire after 90 days.
    expiry: bool,
    partition: &'static str,
    region: &'static str,
    root: Root,
}

/// The first accounts of every organisation. Their weights have the mean 1000.
#[rustfmt::skip]
const FIRST: [Profile; 12] = [
    account("payments-prod", 1000, 4600, 48, true, "eu-west-1", Root::UsedOnce),
    account("shared-services", 726, 3900, 40, false, "eu-central-1", Root::Guarded),
    account("data-lake", 2856, 3100, 30, false, "us-east-1", Root::WithKey),
    account("legacy-erp", 1436, 4450, 55, false, "us-east-1", Root::OldWords),
    account("sandbox", 1853, 2200, 80, false, "eu-west-1", Root::Bare),
    account("web-prod", 1182, 2900, 45, true, "us-east-1", Root::Central),
    account("gov-workloads", 426, 1900, 50, true, "us-gov-west-1", Root::Sealed),
    account("acquired-labs", 616, 3300, 60, false, "us-west-2", Root::Guarded),
    account("retail-china", 330, 1500, 50, false, "cn-north-1", Root::Sealed),
    account("analytics-dev", 843, 1700, 65, false, "eu-west-1", Root::Central),
    account("security-audit", 214, 2600, 70, true, "eu-west-1", Root::Guarded),
    account("marketing-site", 518, 2050, 60, false, "us-east-1", Root::Central),
];

const fn account(
    name: &'static str,
    weight: u64,
    age_days: i64,
    people: u64,
    expiry: bool,
    region: &'static str,
    root: Root,
) -> Profile {
    // `us-gov-west-1`, `cn-north-1`; no other region begins like these.
    let partition = match region.as_bytes() {
        [b'u', b's', b'-', b'g', ..] => "aws-us-gov",
        [b'c', b'n', ..] => "aws-cn",
        _ => "aws",
    };
    Profile { name, weight, age_days, people, expiry, partition, region, root }
}

/// A second factor for the sizes of the later accounts; the mean is 1000.
const SPREAD: [u64; 8] = [250, 400, 600, 800, 1000, 1250, 1600, 2100];

const STAGES: [&str; 6] = ["prod", "dev", "staging", "test", "sandbox", "dr"];

const REGIONS: [&str; 6] =
    ["us-east-1", "eu-west-1", "eu-central-1", "us-west-2", "ap-southeast-2", "ap-northeast-1"];

/// No account, and no user, is older than IAM.
const IAM_BEGAN: i64 = day_number(2011, 9, 1);

/// One account as it is for the whole history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub(super) dice: Dice,
    pub(super) number: u32,
    pub(super) id: [u8; 12],
    pub(super) partition: &'static str,
    pub(super) region: &'static str,
    pub(super) root: Root,
    pub(super) expiry: bool,
    /// Reports have the 23rd column.
    pub(super) extended: bool,
    pub(super) created: i64,
    /// The first second of the last day: times relative to the end count from here.
    pub(super) end: i64,
    /// Places for users, not all of which are taken on any one day.
    pub(super) places: u64,
    /// Of 100 places, how many are for people.
    pub(super) people: u64,
    pub(super) style: Style,
    pub(super) service_prefix: &'static str,
    pub(super) people_path: &'static str,
}

impl Account {
    /// The account of this number, in an organisation with `users` users per account on average.
    pub(super) fn new(seed: u64, number: u32, users: u32, end_day: i64) -> Self {
        let organisation = Dice::new(seed);
        let dice = organisation.part(u64::from(number));
        let mut traits = dice;
        let first = number_of(&FIRST, number);
        let profile = first.unwrap_or_else(|| later(number, &mut traits));
        let created = (end_day - profile.age_days).max(IAM_BEGAN + traits.between(0, 200));
        let style = traits.pick(&[
            Style::Dotted,
            Style::Dotted,
            Style::Capital,
            Style::Email,
            Style::Underscore,
            Style::Initial,
        ]);
        // The bound of the option keeps the arithmetic of names from overflowing.
        let users = u64::from(users.min(10_000_000));
        let places = (users * profile.weight + 500) / 1000;
        Self {
            dice,
            number,
            id: id(seed, number),
            partition: profile.partition,
            region: profile.region,
            root: profile.root,
            expiry: profile.expiry,
            extended: number % 12 == 2,
            created: created * DAY + traits.between(8 * HOUR, 17 * HOUR),
            end: end_day * DAY,
            places: places.max(1),
            people: profile.people,
            // Few names are made of one letter and a surname.
            style: if places > 1000 && matches!(style, Style::Initial) {
                Style::Dotted
            } else {
                style
            },
            service_prefix: traits.pick(&["", "", "", "svc-", "app-"]),
            people_path: traits.pick(&["", "", "", "people/"]),
        }
    }

    /// When the report of a day is made.
    pub(super) fn report_time(&self, day_number: i64) -> i64 {
        let minute = if self.number == 0 { 13 } else { self.dice.part(1).between(3, 55) };
        day_number * DAY
            + 2 * HOUR
            + minute * MINUTE
            + self.dice.part(2).on(day_number).between(0, 60)
    }

    /// A moment in working hours, from `least` up to `most` days before the end.
    pub(super) fn ago(&self, dice: &mut Dice, least: i64, most: i64) -> i64 {
        self.end - dice.between(least, most) * DAY + dice.between(7 * HOUR, 18 * HOUR)
    }

    /// When a place for a user came to be: many early in the life of the account, some later.
    pub(super) fn opening(&self, dice: &mut Dice) -> i64 {
        let share = dice.between(0, 100);
        let age = self.end - self.created;
        self.created + DAY + age / 10_000 * (share * share / 100 * 60) + dice.between(0, 30 * DAY)
    }
}

/// What an account is called.
pub(super) fn name(number: u32) -> String {
    if let Some(profile) = number_of(&FIRST, number) {
        return profile.name.to_owned();
    }
    let later = u64::from(number).saturating_sub(FIRST.len() as u64);
    let names = (DOMAINS.len() * STAGES.len()) as u64;
    // 77 has no common factor with 240, so each name comes once in a round.
    let place = later * 77 % names;
    let stage = number_of(&STAGES, place % STAGES.len() as u64).unwrap_or_default();
    let domain = number_of(&DOMAINS, place / STAGES.len() as u64).unwrap_or_default();
    match later / names {
        0 => format!("{domain}-{stage}"),
        round => format!("{domain}-{stage}-{}", round + 1),
    }
}

/// Twelve digits in the manner of AWS's examples, which no account is likely to have:
/// `111122223333` for the first thousand accounts, then `010033557799`. Distinct up to a million.
pub(super) fn id(seed: u64, number: u32) -> [u8; 12] {
    let number = u64::from(number);
    let shift = seed.wrapping_sub(7);
    if number < 1000 {
        // 371 has no common factor with 1000, so no code comes twice.
        let code = (123 + 371 * number + shift % 1000 * 41) % 1000;
        std::array::from_fn(|place| decimal(code, 2 - place / 4))
    } else {
        // Nor has 738,191 one with a million.
        let code = (738_191 * number + shift % 1_000_000) % 1_000_000;
        std::array::from_fn(|place| match place {
            // The first pair is of unlike digits, to differ from the first thousand.
            1 => decimal(code / 100_000 + 1, 0),
            _ => decimal(code, 5 - place / 2),
        })
    }
}

/// The digit at a place of a number, counted from the right.
fn decimal(number: u64, place: usize) -> u8 {
    digit((0..place).fold(number, |number, _| number / 10))
}

/// An account after the first ones.
fn later(number: u32, dice: &mut Dice) -> Profile {
    let of_its_rank = number_of(&FIRST, u64::from(number) % FIRST.len() as u64);
    let weight = of_its_rank.map_or(1000, |profile| profile.weight);
    // Dealt out in turn, not rolled, so that a hundred accounts already have about the mean size.
    let spread = number_of(&SPREAD, (number / 12 * 5 + number % 12 * 3) % 8);
    Profile {
        name: "",
        weight: weight * spread.unwrap_or(1000) / 1000,
        age_days: dice.between(500, 4000),
        people: dice.below(55).saturating_add(25),
        expiry: dice.percent(25),
        partition: "aws",
        region: dice.pick(&REGIONS),
        root: dice.pick(&[
            Root::Guarded,
            Root::Guarded,
            Root::Central,
            Root::Central,
            Root::OldWords,
        ]),
    }
}

/// An item of a list by its number, if there is one.
fn number_of<T: Copy>(list: &[T], number: impl TryInto<usize>) -> Option<T> {
    list.get(number.try_into().ok()?).copied()
}
