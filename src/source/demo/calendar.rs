//! Days and seconds since 1970-01-01 UTC, read and written in the report's spelling.

pub(super) const MINUTE: i64 = 60;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// A moment that never comes.
pub(super) const NEVER: i64 = i64::MAX;

/// The number of a day of the proleptic Gregorian calendar (the arithmetic counts years from March,
/// so that the leap day comes last).
pub(super) const fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a day number.
pub(super) fn date_of(day_number: i64) -> (i64, i64, i64) {
    let day = day_number + 719_468;
    let era = day.div_euclid(146_097);
    let day_of_era = day.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Reads `2026-10-31`, strictly; `None` if there is no such day.
pub(super) fn parse_date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut number = |width: usize| {
        let part = parts.next()?;
        let plain = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain { part.parse::<i64>().ok() } else { None }
    };
    let date = (number(4)?, number(2)?, number(2)?);
    let number = day_number(date.0, date.1, date.2);
    (parts.next().is_none() && (1..=12).contains(&date.1) && date_of(number) == date)
        .then_some(number)
}

/// Monday to Friday.
pub(super) fn is_workday(day_number: i64) -> bool {
    // Day 0 was a Thursday.
    (day_number + 3).rem_euclid(7) < 5
}

/// Appends a day as `2026-10-31`.
pub(super) fn write_date(out: &mut Vec<u8>, day_number: i64) {
    out.extend_from_slice(&spell_date(day_number));
}

/// Appends a moment as AWS wrote it: with `+00:00` until July 2024, with `Z` since.
pub(super) fn write_time(out: &mut Vec<u8>, seconds: i64, zulu: bool) {
    let second = seconds.rem_euclid(DAY);
    let [h1, h2] = two_digits(second / HOUR);
    let [m1, m2] = two_digits(second / MINUTE % 60);
    let [s1, s2] = two_digits(second % MINUTE);
    out.extend_from_slice(&spell_date(seconds.div_euclid(DAY)));
    out.extend_from_slice(&[b'T', h1, h2, b':', m1, m2, b':', s1, s2]);
    out.extend_from_slice(if zulu { b"Z" } else { b"+00:00" });
}

fn spell_date(day_number: i64) -> [u8; 10] {
    let (year, month, day) = date_of(day_number);
    let [y1, y2] = two_digits(year / 100);
    let [y3, y4] = two_digits(year % 100);
    let [m1, m2] = two_digits(month);
    let [d1, d2] = two_digits(day);
    [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2]
}

fn two_digits(number: i64) -> [u8; 2] {
    [digit(number.cast_unsigned() / 10), digit(number.cast_unsigned())]
}

/// The last decimal digit of a number, as a character.
pub(super) fn digit(number: u64) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or(0)
}
