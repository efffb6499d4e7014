//! Dates as reports spell them, to milliseconds in UTC.
//!
//! AWS writes `2024-01-05T10:11:12+00:00` until mid 2024 and `2024-01-05T10:11:12Z` since. Copies
//! carry other offsets, fractions of seconds, a blank for the `T`, or a bare date.

use chrono::NaiveDate;

use crate::report::Millis;

/// A date that could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedTime {
    /// The instant; for a bare date, its midnight in UTC.
    pub millis: Millis,
    /// Whether the text had no time of day.
    pub date_only: bool,
    /// Whether digits finer than a millisecond were cut.
    pub cut: bool,
}

/// Reads a date. `None` is a text that is no date, or a date that does not exist: nothing is rolled
/// over (30 February) and no order of day and month is guessed.
#[must_use]
pub fn parse(text: &str) -> Option<ParsedTime> {
    let bytes = text.as_bytes();
    let date = bytes.get(..10)?;
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    let (year, month, day) = (digits(&date[..4])?, digits(&date[5..7])?, digits(&date[8..])?);
    let days = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?
        .signed_duration_since(NaiveDate::default())
        .num_days();
    if bytes.len() == 10 {
        return Some(ParsedTime { millis: days * 86_400_000, date_only: true, cut: false });
    }
    let time = bytes.get(10..19)?;
    if !matches!(time[0], b'T' | b't' | b' ') || time[3] != b':' || time[6] != b':' {
        return None;
    }
    let (hour, minute, second) = (digits(&time[1..3])?, digits(&time[4..6])?, digits(&time[7..])?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days * 86_400 + i64::from(hour * 3600 + minute * 60 + second);
    let (fraction, rest) = split_fraction(&bytes[19..])?;
    let millis = seconds * 1000 + i64::from(fraction.millis) - offset(rest)? * 1000;
    Some(ParsedTime { millis, date_only: false, cut: fraction.cut })
}

struct Fraction {
    millis: u32,
    cut: bool,
}

/// Splits `.123456` off the front. At most nine digits, as RFC 3339 writers produce.
fn split_fraction(bytes: &[u8]) -> Option<(Fraction, &[u8])> {
    let Some(rest) = bytes.strip_prefix(b".") else {
        return Some((Fraction { millis: 0, cut: false }, bytes));
    };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || count > 9 {
        return None;
    }
    let (text, rest) = rest.split_at(count);
    let mut millis = [b'0'; 3];
    let kept = count.min(3);
    millis[..kept].copy_from_slice(&text[..kept]);
    let cut = text[kept..].iter().any(|&byte| byte != b'0');
    Some((Fraction { millis: digits(&millis)?, cut }, rest))
}

/// Seconds east of UTC. A time without an offset is not an instant and is refused, like AWS's own
/// readers do.
fn offset(bytes: &[u8]) -> Option<i64> {
    if matches!(bytes, b"Z" | b"z" | b"+00:00") {
        return Some(0);
    }
    let (sign, rest) = match bytes.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        (b' ', b"UTC") => return Some(0),
        _ => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (digits(rest)?, 0),
        4 => (digits(&rest[..2])?, digits(&rest[2..])?),
        5 if rest[2] == b':' => (digits(&rest[..2])?, digits(&rest[3..])?),
        _ => return None,
    };
    // RFC 3339 bounds; no zone on Earth is further than 14 hours from UTC.
    (hours <= 14 && minutes <= 59).then(|| sign * i64::from(hours * 3600 + minutes * 60))
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0'))
    })
}

/// Writes an instant the way AWS does today, with a fraction only where there is one.
#[must_use]
pub fn format(millis: Millis) -> String {
    chrono::DateTime::from_timestamp_millis(millis).map_or_else(
        || format!("{millis} ms after 1970"),
        |time| time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string(),
    )
}

/// The UTC day of an instant: `2026-11-25`.
#[must_use]
pub fn day(millis: Millis) -> String {
    chrono::DateTime::from_timestamp_millis(millis)
        .map_or_else(|| format(millis), |time| time.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling() {
        for (text, expected) in [
            ("2024-01-05T10:11:12Z", "2024-01-05T10:11:12Z"),
            ("2024-01-05T10:11:12+00:00", "2024-01-05T10:11:12Z"),
            ("2024-01-05T10:11:12-07:00", "2024-01-05T17:11:12Z"),
            ("2024-01-05T00:11:12+0530", "2024-01-04T18:41:12Z"),
            ("2024-01-05 10:11:12+00", "2024-01-05T10:11:12Z"),
            ("2024-01-05 10:11:12 UTC", "2024-01-05T10:11:12Z"),
            ("2024-01-05T10:11:12.5Z", "2024-01-05T10:11:12.500Z"),
            ("2024-01-05T10:11:12.123456Z", "2024-01-05T10:11:12.123Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
            ("2099-12-31T23:59:59Z", "2099-12-31T23:59:59Z"),
        ] {
            let parsed = parse(text).unwrap_or_else(|| panic!("{text} was not read"));
            assert_eq!(format(parsed.millis), expected, "{text}");
            assert_eq!(parsed.date_only, text.len() == 10, "{text}");
            assert_eq!(parsed.cut, text.contains("123456"), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "N/A",
            "2024-02-30T10:00:00Z",
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-01-05T24:00:00Z",
            "2024-01-05T10:11:60Z",
            "2024-01-05T10:11:12",
            "2024-01-05T10:11:12.Z",
            "2024-01-05T10:11:12+25:00",
            "2024-01-05T10:11:12Zz",
            "05/01/2024",
            "Sat Mar 02 2019",
            "2024-1-5",
            "20240105",
            "２０２４-01-05",
            "2024-01-05T10:11:12.1234567890Z",
            "+2024-01-05",
            "2024-01-05T1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
