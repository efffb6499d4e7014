//! A synthetic organisation: credential reports for `demo:`, for tests and for benches.
//!
//! Every report is a pure function of the options, the account and the day, so any report can be
//! made without the ones before it, and always with the same bytes. There is no clock, no file and
//! no floating-point number here. No report depends on how many accounts or days are asked for
//! (`days=10` gives the last ten days of `days=90`), except which ones are missing or corrupt.
//!
//! What happens in the organisation is believable and consistent from day to day. People join,
//! sign in, change passwords, switch MFA on and leave; keys are made, used, rotated, forgotten and
//! deactivated; nothing precedes what it depends on or lies after its report.
//!
//! Modules, lowest first: `random` and `calendar`; `habit` (things done again and again); `words`
//! and `names`; `account`; `targets`, `login` and `keys` (the credentials of one user); `people`
//! and `root` (one row); `roster` (who is there); `render` (bytes); `beside` (what is known beside
//! the reports); `options`.

mod account;
mod beside;
mod calendar;
mod habit;
mod keys;
mod login;
mod names;
mod options;
mod people;
mod random;
mod render;
mod root;
mod roster;
mod targets;
mod words;

#[cfg(test)]
mod tests;

use account::Account;
use random::Dice;

use crate::beside::Extras;

/// Instead of the one corrupt report: the answer of the call that asks AWS for a report, which
/// people save under the report's name.
const CORRUPT: &[u8] =
    br#"{"State":"STARTED","Description":"No report exists. Starting a new report generation task"}"#;

/// Options of `demo:accounts=50,users=40,days=90,seed=7,end=2026-10-31,enrich=true`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// How many accounts there are, from 1 to 1,000,000.
    pub accounts: u32,
    /// Users per account, on average, from 1 to 10,000,000.
    pub users: u32,
    /// How many days of reports there are, from 1 to 3650.
    pub days: u32,
    /// Other seeds make other organisations of the same kind.
    pub seed: u64,
    /// The day of the newest reports, counted from 1970-01-01.
    pub end_day: i32,
    /// Whether something is known of accounts beside their reports.
    pub enrich: Enrich,
}

/// How much a demo organisation tells beside its reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enrich {
    /// Nothing: nobody asked.
    #[default]
    No,
    /// Everything.
    All,
    /// What the permissions allow, of which a few accounts lack some.
    Partly,
}

/// One report of a demo organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoReport {
    /// The number of the account, from 0.
    pub account: u32,
    /// The number of the day, from 0 (the oldest).
    pub day: u32,
    /// When the report was made, in milliseconds since 1970-01-01 UTC.
    pub generated_time_ms: i64,
}

impl Demo {
    /// Reads the text after `demo:`. What is not given has its default value:
    /// `accounts=12,users=25,days=90,seed=7,end=2026-10-31`.
    ///
    /// # Errors
    ///
    /// Says in one line what is wrong and which options there are.
    pub fn parse(options: &str) -> Result<Self, String> {
        options::parse(options)
    }

    /// The reports there are, by day, then by account. Some days of some accounts have none.
    pub fn reports(&self) -> impl Iterator<Item = DemoReport> + '_ {
        (0..self.days).flat_map(move |day| {
            (0..self.accounts).filter_map(move |account| self.report(account, day))
        })
    }

    /// The report of an account for a day, if there is one.
    #[must_use]
    pub fn report(&self, account: u32, day: u32) -> Option<DemoReport> {
        let facts = self.account(account);
        let time = facts.report_time(self.day_number(day));
        let exists = facts.created < time && !self.is_missing(account, day);
        exists.then_some(DemoReport { account, day, generated_time_ms: time * 1000 })
    }

    /// Appends the bytes of a report.
    pub fn render(&self, report: &DemoReport, out: &mut Vec<u8>) {
        if self.is_corrupt(report.account, report.day) {
            out.extend_from_slice(CORRUPT);
        } else {
            let now = report.generated_time_ms.div_euclid(1000);
            render::write_report(out, &self.account(report.account), now);
        }
    }

    /// What is known of each account beside its reports, as of the last day.
    pub fn extras(&self) -> impl Iterator<Item = Extras> + '_ {
        let accounts = if self.enrich == Enrich::No { 0 } else { self.accounts };
        (0..accounts).filter_map(|number| {
            let account = self.account(number);
            let now = account.report_time(i64::from(self.end_day));
            let name = self.account_name(number);
            (account.created < now).then(|| beside::extras(self, &account, &name, now))
        })
    }

    /// What an account is called, such as `payments-prod`.
    #[must_use]
    pub fn account_name(&self, account: u32) -> String {
        account::name(account)
    }

    /// The twelve digits of an account, such as `111122223333`.
    #[must_use]
    pub fn account_id(&self, account: u32) -> String {
        account::id(self.seed, account).map(char::from).iter().collect()
    }

    fn account(&self, number: u32) -> Account {
        Account::new(self.seed, number, self.users, i64::from(self.end_day))
    }

    /// Days since 1970-01-01 of day number `day`.
    fn day_number(&self, day: u32) -> i64 {
        i64::from(self.end_day) - i64::from(self.days) + 1 + i64::from(day)
    }

    /// One account has gaps now and then, but not on the newest day, and another one stopped
    /// reporting nine days before the end.
    fn is_missing(&self, account: u32, day: u32) -> bool {
        let days_left = self.days.saturating_sub(day).saturating_sub(1);
        if account == 1 && days_left > 0 {
            return Dice::new(self.seed).on(self.day_number(day)).part(1).percent(9);
        }
        let stopped = match self.accounts {
            0..3 => None,
            3..8 => Some(self.accounts - 1),
            _ => Some(7),
        };
        self.days > 9 && stopped == Some(account) && days_left < 9
    }

    /// One report in the middle of the days of an account that has no gaps.
    fn is_corrupt(&self, account: u32, day: u32) -> bool {
        let unlucky = if self.accounts < 8 { 0 } else { 4 };
        self.days >= 5 && account == unlucky && day == self.days / 2
    }
}

impl DemoReport {
    /// Where `collect` would keep the report, such as
    /// `date=2026-10-31/account_id=111122223333/credential-report.csv`.
    #[must_use]
    pub fn key(&self, demo: &Demo) -> String {
        let mut date = Vec::with_capacity(10);
        let second = self.generated_time_ms.div_euclid(1000);
        calendar::write_date(&mut date, second.div_euclid(calendar::DAY));
        let date = String::from_utf8_lossy(&date);
        let account = demo.account_id(self.account);
        format!("date={date}/account_id={account}/credential-report.csv")
    }
}
