//! The text after `demo:`.

use super::calendar::{day_number, parse_date};
use super::{Demo, Enrich};

const ACCOUNTS_MOST: u32 = 1_000_000;
const USERS_MOST: u32 = 10_000_000;
const DAYS_MOST: u32 = 3650;

/// Before this day reports had no columns for the use of keys.
const FIRST_DAY: i64 = day_number(2015, 5, 1);
const LAST_DAY: i64 = day_number(2199, 12, 31);

/// What every error ends with.
const KNOWN: &str = "the options are accounts, users (the mean of an account), days, seed, end \
    (the last day) and enrich (true: more than reports tell), as in `demo:accounts=50,users=40,days=90,seed=7,end=2026-10-31`";

impl Default for Demo {
    fn default() -> Self {
        Self {
            accounts: 12,
            users: 25,
            days: 90,
            seed: 7,
            end_day: 20_757, // 2026-10-31
            enrich: Enrich::No,
        }
    }
}

pub(super) fn parse(options: &str) -> Result<Demo, String> {
    let mut demo = Demo::default();
    let mut seen = Vec::new();
    for option in options.split(',').map(str::trim).filter(|_| !options.trim().is_empty()) {
        let (name, value) = option
            .split_once('=')
            .map(|(name, value)| (name.trim(), value.trim()))
            .ok_or_else(|| fault(&format!("expected name=value, found `{option}`")))?;
        if seen.contains(&name) {
            return Err(fault(&format!("`{name}` is given twice")));
        }
        seen.push(name);
        match name {
            "accounts" => demo.accounts = count(name, value, ACCOUNTS_MOST)?,
            "users" => demo.users = count(name, value, USERS_MOST)?,
            "days" => demo.days = count(name, value, DAYS_MOST)?,
            "seed" => demo.seed = seed(value)?,
            "end" => demo.end_day = end_day(value)?,
            "enrich" => demo.enrich = enrich(value)?,
            _ => return Err(fault(&format!("there is no option `{name}`"))),
        }
    }
    if demo.day_number(0) < FIRST_DAY {
        return Err(fault(&format!(
            "{} days before the end is before 2015-05-01, when reports got the columns of today",
            demo.days
        )));
    }
    Ok(demo)
}

fn count(name: &str, value: &str, most: u32) -> Result<u32, String> {
    let count = digits(value).and_then(|text| text.parse().ok());
    count
        .filter(|count| (1..=most).contains(count))
        .ok_or_else(|| fault(&format!("`{name}` is a number from 1 to {most}, not `{value}`")))
}

fn seed(value: &str) -> Result<u64, String> {
    let seed = digits(value).and_then(|text| text.parse().ok());
    seed.ok_or_else(|| fault(&format!("`seed` is a number from 0 to {}, not `{value}`", u64::MAX)))
}

fn end_day(value: &str) -> Result<i32, String> {
    parse_date(value)
        .filter(|day| (FIRST_DAY..=LAST_DAY).contains(day))
        .and_then(|day| i32::try_from(day).ok())
        .ok_or_else(|| {
            fault(&format!("`end` is a day from 2015-05-01 to 2199-12-31, not `{value}`"))
        })
}

fn enrich(value: &str) -> Result<Enrich, String> {
    match value {
        "true" => Ok(Enrich::All),
        "partly" => Ok(Enrich::Partly),
        "false" => Ok(Enrich::No),
        _ => Err(fault(&format!(
            "`enrich` is true, partly (a few accounts lack permissions) or false, not `{value}`"
        ))),
    }
}

/// The text if it is made of digits; `+5` is not.
fn digits(value: &str) -> Option<&str> {
    value.bytes().all(|byte| byte.is_ascii_digit()).then_some(value)
}

fn fault(what: &str) -> String {
    format!("{what}; {KNOWN}")
}
