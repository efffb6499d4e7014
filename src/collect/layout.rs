//! Keys: where a report lies, so that its path alone tells whose it is and of when.

use crate::decode::time;
use crate::report::Millis;
use crate::source::kept::{MANIFEST, MANIFESTS, REPORT, SIDECAR};
use crate::source::key::{self, KeyPlace};

/// Digits of the checksum in the name of a report whose place is taken by another.
const DIGITS: usize = 8;

/// The key of a report, relative to the destination. `None` if its time is none that a path can
/// tell: such a report was not made by AWS.
#[must_use]
pub fn report(account_id: &str, generated_time: Millis) -> Option<String> {
    checked(key(account_id, generated_time, ""), account_id, generated_time)
}

/// The key of a report whose place is taken by other bytes. More digits of the checksum than
/// usual only where they would read as a date.
#[must_use]
pub fn beside(account_id: &str, generated_time: Millis, sha256: &str) -> Option<String> {
    (DIGITS..=sha256.len()).find_map(|digits| {
        let suffix = format!("_{}", sha256.get(..digits)?);
        checked(key(account_id, generated_time, &suffix), account_id, generated_time)
    })
}

/// The key of the facts about the report with this key, where they are not kept with it.
#[must_use]
pub fn sidecar(report: &str) -> String {
    format!("{report}{SIDECAR}")
}

/// The key of a list made on this day whose text has this checksum.
#[must_use]
pub fn manifest(run_time: Millis, sha256: &str) -> String {
    let hash = sha256.get(..16).unwrap_or(sha256);
    format!("{MANIFESTS}/date={}/{MANIFEST}{hash}.json", time::day(run_time))
}

fn key(account_id: &str, generated_time: Millis, suffix: &str) -> String {
    let second = time::format(whole(generated_time, 1000)).replace(['-', ':'], "");
    let day = time::day(generated_time);
    format!("date={day}/account_id={account_id}/{REPORT}{account_id}_{second}{suffix}.csv")
}

/// An instant without what is finer than this. The earliest of all has nothing before it.
fn whole(millis: Millis, unit: Millis) -> Millis {
    millis.saturating_sub(millis.rem_euclid(unit))
}

/// A key, if a reader takes from it what was put into it.
fn checked(key: String, account_id: &str, generated_time: Millis) -> Option<String> {
    let read = key::facts(&key);
    let is_time = read.time.is_some_and(|time| {
        time.place == KeyPlace::FileName
            && !time.date_only
            && time.millis == whole(generated_time, 1000)
    });
    (is_time && read.account_id.as_deref() == Some(account_id)).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "111122223333";

    fn at(text: &str) -> Millis {
        time::parse(text).expect("a time").millis
    }

    #[test]
    fn keys_say_what_they_are_made_of() {
        let time = at("2026-11-25T14:03:00Z");
        let key = "date=2026-11-25/account_id=111122223333/credential_report_111122223333_20261125T140300Z";
        assert_eq!(report(ACCOUNT, time), Some(format!("{key}.csv")));
        assert_eq!(report(ACCOUNT, time + 999), Some(format!("{key}.csv")));
        assert_eq!(beside(ACCOUNT, time, "0123abcdef"), Some(format!("{key}_0123abcd.csv")));
        assert_eq!(
            manifest(time, &"0123456789abcdef".repeat(4)),
            "_manifests/date=2026-11-25/collect_0123456789abcdef.json"
        );
    }

    /// Accounts that look like times, checksums that look like dates and accounts.
    #[test]
    fn nothing_in_a_key_is_mistaken() {
        let times = ["2026-11-25T00:00:00Z", "2006-01-01T00:00:01Z", "2100-12-31T23:59:59Z"];
        for account in [ACCOUNT, "202405011011", "000000000000", "999999999999"] {
            for text in times {
                assert!(report(account, at(text)).is_some(), "{account} {text}");
                for hash in [
                    "20240501a0",
                    "2024050110a",
                    "20240501101112aa",
                    "1714558272f",
                    "123456789012ab",
                    "00000000ff",
                    "abcdef01",
                    "a1b2c3d4",
                    "12345678",
                    "99999999999999999999",
                ] {
                    let key = beside(account, at(text), hash);
                    assert!(key.is_some(), "{account} {text} {hash}");
                }
            }
        }
        // A date gets more digits until it is none.
        let key = beside(ACCOUNT, at("2026-11-25T14:03:00Z"), "20240501a0").expect("a key");
        assert!(key.ends_with("Z_20240501a0.csv"), "{key}");
        // What AWS cannot have made.
        assert_eq!(report(ACCOUNT, at("1999-12-31T23:59:59Z")), None);
        assert_eq!(report(ACCOUNT, Millis::MAX), None);
        assert_eq!(report(ACCOUNT, Millis::MIN), None);
    }
}
