//! What a path or an object key tells about the report behind it: the account and the time.
//!
//! Collectors write both into names and folders, each in its own way. This module only reads
//! strings, and its first rule is that no fact is better than a wrong one: days are read in the
//! order year, month, day alone, must be real, and a name that says two things says nothing.
//!
//! A component is read from one run of digits to the next. What a day, a clock and an offset may
//! look like is in `DAYS`, `CLOCKS` and `OFFSETS`, and nowhere else.

/// What a path or key tells about the report behind it, before anything is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFacts {
    /// The account, exactly 12 digits.
    pub account_id: Option<String>,
    /// When the report was made, as far as the key says.
    pub time: Option<KeyTime>,
}

/// A time found in a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyTime {
    /// Milliseconds since 1970 in UTC; midnight for a bare date.
    pub millis: i64,
    /// True if the key has the day and no time of day.
    pub date_only: bool,
    /// Where it was found.
    pub place: KeyPlace,
}

/// The part of a key that told a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPlace {
    /// The last component. It wins over folders.
    FileName,
    /// A component before the last.
    Folder,
}

/// Reads the account and the time out of a path or key.
///
/// The bucket of a URL (`s3://bucket/…`) is not read: it is often named for the account that
/// collects reports. Components may be percent-encoded, and end with `/` or `\`.
#[must_use]
pub fn facts(path: &str) -> KeyFacts {
    let key = match path.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, key)| key),
        None => path,
    };
    let mut names: Vec<String> = key.split(['/', '\\']).map(percent_decoded).collect();
    let file = names.pop().unwrap_or_default();
    let mut finds = folder_finds(&names);
    finds.extend(name_finds(&file, KeyPlace::FileName, 0));
    finds.sort_by_key(|(rank, ..)| *rank);
    let (account_id, time) = (account(&finds), time(&finds));
    KeyFacts { account_id, time }
}

/// Days since 1970-01-01 of a day of the Gregorian calendar, or `None` if there is no such day.
/// Years beyond 9999 on either side are refused.
#[must_use]
pub fn days_from_civil(y: i64, m: u32, d: u32) -> Option<i64> {
    let is_leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let last = match m {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    if !(-9999..=9999).contains(&y) || !(1..=last).contains(&d) {
        return None;
    }
    // Years that begin in March put the leap day last; 400 of them are one full cycle.
    let (y, m) = if m > 2 { (y, m - 3) } else { (y - 1, m + 9) };
    let (cycle, y) = (y.div_euclid(400), y.rem_euclid(400));
    let day_of_year = i64::from((153 * m + 2) / 5 + d - 1);
    Some(cycle * 146_097 + y * 365 + y / 4 - y / 100 + day_of_year - 719_468)
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

// In these lists `0` is a digit, `:` one of `-_:.` and `~` one of `-_` and a blank. Digits must end
// where a pattern ends, and the first pattern that fits is taken.

/// Days, some with the clock in the same digits. Twelve digits need the `Z`: see [`Find`].
const DAYS: &str = "0000-00-00 0000_00_00 0000.00.00 00000000 \
                    00000000000000 000000000000Z 000000000000UTC";

/// Clocks right after a day. Two or four digits are a clock only after a mark that says so.
const CLOCKS: &str = "T00:00:00 T000000 T00:00 T0000 T000000000 T000000000000 \
                      UTC00:00:00 UTC000000 UTC00:00 UTC0000 ~00:00:00 ~000000";

/// What may be finer than a second. It is left out.
const FRACTIONS: &str = ".000 .000000 .0000000 .000000000 ,000 ,000000";

/// Offsets from UTC right after a clock. A minus counts only after a `T`.
const OFFSETS: &str = "+00:00 +0000 -00:00 -0000";

/// Words before 12 digits that make them an account even if they could be a time.
const ACCOUNT_WORDS: [&str; 4] = ["report", "credential", "credentials", "account"];

/// Keys of `key=value` folders, lower case without `_` and `-`. Any other key says nothing.
const ACCOUNT_KEYS: [&str; 4] = ["account", "accountid", "awsaccount", "awsaccountid"];
const TIME_KEYS: [&str; 8] = ["date", "day", "ds", "dt", "hour", "time", "timestamp", "ts"];

/// How much to trust a component, less is better: false for a folder `account_id=…`, then how far
/// it is from the file.
type Rank = (bool, usize);

/// Something found in a component. Twelve digits that may be an account or `YYYYMMDDhhmm` are
/// both, until the rest of the key decides.
type Find<'a> = (Rank, Option<&'a str>, Option<KeyTime>);

impl KeyTime {
    /// A time of day if there is one, else the whole day.
    fn new(place: KeyPlace, day: i64, clock: Option<i64>) -> Self {
        Self { millis: day * DAY + clock.unwrap_or(0), date_only: clock.is_none(), place }
    }

    /// The sharper of the two if they are the same instant, or one is the whole day of the other.
    fn agree(self, other: Self) -> Option<Self> {
        let mut both = [self, other];
        both.sort_by_key(|time| time.date_only);
        let [sharp, day] = both;
        let is_same_day = sharp.millis.div_euclid(DAY) == day.millis.div_euclid(DAY);
        (sharp.millis == day.millis || day.date_only && is_same_day).then_some(sharp)
    }
}

/// The account of the best component that has one, if it has only one.
fn account(finds: &[Find]) -> Option<String> {
    let sure = finds.iter().filter(|(_, _, time)| time.is_none());
    let mut accounts = sure.filter_map(|(rank, id, _)| Some((rank, (*id)?)));
    let (best, id) = accounts.next()?;
    let mut others = accounts.take_while(|(rank, _)| *rank == best);
    others.all(|(_, other)| other == id).then(|| id.to_owned())
}

/// The time of the best component that has one, if it has only one. A bare date is sharpened by
/// a folder further out that has a time of the same day.
fn time(finds: &[Find]) -> Option<KeyTime> {
    let sure = || finds.iter().filter(|(_, _, time)| time.is_none());
    let is_time = |id| sure().any(|(_, other, _)| other.is_some_and(|other| other != id));
    let times = finds.iter().filter(|(_, id, _)| id.is_none_or(is_time));
    let times = times.filter_map(|(rank, _, time)| Some((rank, (*time)?)));
    let times: Vec<_> = times.collect();
    let mut parts = times.chunk_by(|(a, _), (b, _)| a == b).map(|part| {
        let (_, first) = part.first()?;
        let mut times = part.iter().map(|(_, time)| *time);
        times.try_fold(*first, KeyTime::agree)
    });
    let best = parts.next()??;
    let mut sharper = parts.flatten().filter(|time| !time.date_only);
    sharper.find_map(|time| best.agree(time)).or(Some(best))
}

/// What the folders say, each by itself and together.
fn folder_finds(names: &[String]) -> Vec<Find<'_>> {
    let (place, mut finds) = (KeyPlace::Folder, Vec::new());
    for (at, name) in names.iter().enumerate() {
        finds.extend(name_finds(name, place, names.len() - at));
    }
    for (at, window) in names.windows(3).enumerate() {
        let [y, m, d] = window else { continue };
        let day = day_of(field(y, "year"), field(m, "month"), field(d, "day"));
        // `01/05/2024/10/11` has its year last.
        let before = at.checked_sub(2).and_then(|from| names.get(from..at));
        let is_year_last = before.is_some_and(|b| b.iter().all(|name| number(name, 2).is_some()));
        if let (Some(day), false) = (day, is_year_last) {
            let rank = (true, names.len() - at);
            finds.push((rank, None, Some(KeyTime::new(place, day, None))));
        }
    }
    let clock = names.iter().rev().find_map(|name| hive_clock(name));
    let times = finds.iter_mut().filter_map(|(.., time)| time.as_mut());
    for time in times.filter(|time| time.date_only) {
        *time = KeyTime::new(place, time.millis / DAY, clock);
    }
    finds
}

/// What one component says.
fn name_finds(mut name: &str, place: KeyPlace, distance: usize) -> Vec<Find<'_>> {
    let key = hive(name).filter(|_| place == KeyPlace::Folder);
    let is_in = |keys: &[&str]| key.as_ref().is_none_or(|(key, _)| keys.contains(&key.as_str()));
    let (has_account, has_time) = (is_in(&ACCOUNT_KEYS), is_in(&TIME_KEYS));
    let (mut finds, mut rest) = (Vec::new(), name);
    while let Some(skip) = rest.find(is_digit) {
        let (head, text) = name.split_at(name.len() - rest.len() + skip);
        let (account, time, tail) = read(head, text, place);
        // What was read belongs to no second account or time.
        if account.is_some() || time.is_some() {
            name = tail;
        }
        let (account, time) = (account.filter(|_| has_account), time.filter(|_| has_time));
        finds.push(((has_time, distance), account, time));
        rest = tail;
    }
    finds
}

/// The account or time that begins with the digits of `text`, and what follows it.
fn read<'a>(head: &str, text: &'a str, place: KeyPlace) -> Read<'a> {
    let (digits, tail) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    if is_part_of_an_id(head, tail) {
        return (None, None, tail);
    }
    if let Some((time, rest)) = moment(head, text, place) {
        return (None, Some(time), rest);
    }
    let time = packed(digits).map(|(day, clock)| KeyTime::new(place, day, clock));
    match digits.len() {
        10 if place == KeyPlace::FileName => (None, epoch(head, digits, tail), tail),
        12 if follows_account_word(head) => (Some(digits), None, tail),
        12 => (Some(digits), time, tail),
        _ => (None, None, tail),
    }
}

/// An account, a time, both if it may be either, and what follows.
type Read<'a> = (Option<&'a str>, Option<KeyTime>, &'a str);

/// A hexadecimal hash, the end of a UUID, or a number that goes on in another script.
fn is_part_of_an_id(head: &str, tail: &str) -> bool {
    let is_hex = |c: char| c.is_ascii_hexdigit();
    let is_letter = |c: char| is_hex(c) && !c.is_ascii_digit();
    let is_group = |text: &str| text.len() == 4 && text.chars().all(is_hex);
    let groups = head.rsplit('-').skip(1).take_while(|text| is_group(text));
    let ends_uuid = head.ends_with('-') && groups.take(3).count() == 3;
    let before = head.trim_end_matches(is_letter);
    let after = tail.trim_start_matches(is_letter);
    ends_uuid || before.ends_with(char::is_numeric) || after.starts_with(char::is_numeric)
}

/// The day `text` begins with, with the clock if one follows, and what comes after.
fn moment<'a>(head: &str, text: &'a str, place: KeyPlace) -> Option<(KeyTime, &'a str)> {
    let (digits, rest, _) = strip(text, DAYS)?;
    // `01-05-2024-10-11` has its year last.
    let before = head.rsplit(|c| !is_digit(c)).skip(1).take(2);
    let is_day_and_month = before.filter(|n| matches!(n.len(), 1 | 2)).count() == 2;
    let mut joints = head.rsplit(is_digit).filter(|joint| !joint.is_empty());
    if is_day_and_month && joints.next() == joints.next() {
        return None;
    }
    let (day, clock) = packed(&digits)?;
    let (clock, rest, mark) = match (clock, strip(rest, CLOCKS)) {
        (Some(clock), _) => (Some(clock), rest, ""),
        (None, Some((digits, rest, mark))) => (clock_of(&digits), rest, mark),
        (None, None) => return Some((KeyTime::new(place, day, None), rest)),
    };
    let clock = clock.zip(offset(rest, mark.starts_with('T')));
    let clock = clock.map(|(clock, offset)| clock - offset);
    Some((KeyTime::new(place, day, clock), rest))
}

/// The offset from UTC that follows a clock, 0 where none is written; `None` if what follows makes
/// the clock doubtful.
fn offset(text: &str, is_marked: bool) -> Option<i64> {
    let is_one_of = |words: &[&str], word| words.iter().any(|w| w.eq_ignore_ascii_case(word));
    let text = strip(text, FRACTIONS).map_or(text, |(_, rest, _)| rest);
    let (zone, rest) = first_word(text);
    let (half_day, _) = first_word(rest.trim_start_matches([' ', '-', '_']));
    if !is_one_of(&["", "Z", "UTC", "GMT"], zone) || is_one_of(&["am", "pm"], half_day) {
        return None;
    }
    let written = strip(rest, OFFSETS).and_then(|(digits, ..)| clock_of(&digits));
    match written.filter(|offset| *offset <= 14 * HOUR && offset % (15 * MINUTE) == 0) {
        Some(offset) if rest.starts_with('+') => Some(offset),
        Some(offset) if is_marked => Some(-offset),
        _ => (!rest.starts_with('+')).then_some(0),
    }
}

/// Ten digits that stand alone and cannot be `YYYYMMDDhh` are seconds since 1970, from 2006 on.
fn epoch(head: &str, digits: &str, tail: &str) -> Option<KeyTime> {
    let seconds = digits.parse::<i64>().ok()?;
    let is_glued = head.ends_with(char::is_alphabetic) || tail.starts_with(char::is_alphabetic);
    let is_hour = packed(&format!("{digits}00")).is_some();
    let is_epoch = (1_136_073_600..4_100_000_000).contains(&seconds) && !is_glued && !is_hour;
    is_epoch.then(|| KeyTime::new(KeyPlace::FileName, 0, Some(seconds * 1_000)))
}

fn follows_account_word(head: &str) -> bool {
    let head = head.to_ascii_lowercase();
    let head = head.trim_end_matches(|c: char| !c.is_alphanumeric());
    let head = head.strip_suffix("_id").unwrap_or(head);
    ACCOUNT_WORDS.iter().any(|word| head.ends_with(word))
}

/// Takes the first of the patterns that fits off a text: its digits, the rest, the pattern.
fn strip<'a>(text: &'a str, patterns: &'static str) -> Option<(String, &'a str, &'static str)> {
    let fits = |(pattern, byte): (u8, u8)| match pattern {
        b'0' => byte.is_ascii_digit(),
        b':' => b"-_:.".contains(&byte),
        b'~' => b"-_ ".contains(&byte),
        _ => byte.eq_ignore_ascii_case(&pattern),
    };
    patterns.split_whitespace().find_map(|pattern| {
        let (start, rest) = text.split_at_checked(pattern.len())?;
        let is_whole = !rest.starts_with(is_digit);
        let is_fit = is_whole && pattern.bytes().zip(start.bytes()).all(fits);
        let digits = || start.chars().filter(char::is_ascii_digit).collect();
        is_fit.then(|| (digits(), rest, pattern))
    })
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// The letters a text begins with, and the rest.
fn first_word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_alphabetic());
    text.split_at(end.unwrap_or(text.len()))
}

/// A folder `key=value`, the key in lower case without `_` and `-`.
fn hive(name: &str) -> Option<(String, &str)> {
    let (key, value) = name.split_once('=')?;
    Some((key.to_ascii_lowercase().replace(['_', '-'], ""), value))
}

/// The value of a folder with this key, or the name of a folder without any.
fn field<'a>(name: &'a str, key: &str) -> &'a str {
    hive(name).map_or(name, |(found, value)| if found == key { value } else { "" })
}

/// Milliseconds since midnight from a folder `time=101112` or `hour=10`.
fn hive_clock(name: &str) -> Option<i64> {
    let (key, value) = hive(name)?;
    match key.as_str() {
        "time" => clock_of(&value.trim_end_matches('Z').replace([':', '-', '_'], "")),
        "hour" => clock_of(&format!("{:02}00", number(value, 2)?)),
        _ => None,
    }
}

/// A whole number of at most so many digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    let is_number = text.len() <= digits && !text.starts_with('+');
    text.parse().ok().filter(|_| is_number)
}

/// The day of a year from 2006 to 2100, a month and a day.
fn day_of(y: &str, m: &str, d: &str) -> Option<i64> {
    let year = number(y, 4).filter(|year| (2006..=2100).contains(year))?;
    days_from_civil(i64::from(year), number(m, 2)?, number(d, 2)?)
}

/// The day of `YYYYMMDD`, and the time of day if more digits follow.
fn packed(digits: &str) -> Option<(i64, Option<i64>)> {
    let day = day_of(digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?)?;
    match digits.get(8..)? {
        "" => Some((day, None)),
        clock => Some((day, Some(clock_of(clock)?))),
    }
}

/// Milliseconds since midnight of `hhmm` or `hhmmss`; up to 6 further digits are left out.
fn clock_of(digits: &str) -> Option<i64> {
    if !matches!(digits.len(), 4 | 6 | 9 | 12) || !digits.chars().all(is_digit) {
        return None;
    }
    let part = |from, to| number(digits.get(from..to)?, 2);
    let second = if digits.len() > 4 { part(4, 6)? } else { 0 };
    let (hour, minute) = (part(0, 2)?, part(2, 4)?);
    let is_clock = hour < 24 && minute < 60 && second < 60;
    is_clock.then(|| i64::from(hour * 3600 + minute * 60 + second) * 1_000)
}

/// `%41` becomes `A`; anything that is no such escape stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (hex, rest) = piece.split_at_checked(2).unwrap_or_default();
        let code = u8::from_str_radix(hex, 16).ok();
        let code = code.filter(|_| !hex.starts_with('+'));
        let (byte, rest) = code.map_or((b'%', piece), |code| (code, rest));
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "123456789012";
    const B: &str = "210987654321";

    /// `file 2024-05-01` or `folder 2024-05-01 10:11:12`, counted from 1970 a day at a time so
    /// that the arithmetic under test is not used to check itself.
    fn shown(time: Option<KeyTime>) -> String {
        let Some(time) = time else {
            return String::new();
        };
        let (mut y, mut m, mut d) = (1970, 1, 1);
        for _ in 0..time.millis.div_euclid(DAY) {
            let is_leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
            let last = match m {
                2 if is_leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            (y, m, d) = match (m, d) {
                (12, 31) => (y + 1, 1, 1),
                (_, d) if d == last => (y, m + 1, 1),
                _ => (y, m, d + 1),
            };
        }
        let clock = time.millis.rem_euclid(DAY);
        let place = match time.place {
            KeyPlace::FileName => "file",
            KeyPlace::Folder => "folder",
        };
        if time.date_only {
            assert_eq!(clock, 0, "a bare date is midnight");
            return format!("{place} {y}-{m:02}-{d:02}");
        }
        assert_eq!(clock % 1_000, 0);
        let (hour, minute, second) = (clock / HOUR, clock / MINUTE % 60, clock / 1_000 % 60);
        format!("{place} {y}-{m:02}-{d:02} {hour:02}:{minute:02}:{second:02}")
    }

    #[track_caller]
    fn check(cases: &[(&str, &str, &str)]) {
        let mut wrong = Vec::new();
        for (path, account, time) in cases {
            let found = facts(path);
            let found = (found.account_id.unwrap_or_default(), shown(found.time));
            if (found.0.as_str(), found.1.as_str()) != (*account, *time) {
                wrong.push(format!(
                    "{path}\n  found    {found:?}\n  expected {:?}",
                    (account, time)
                ));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    #[test]
    #[rustfmt::skip] // one case, one line
    fn layouts_of_collectors() {
        check(&[
            ("2024-05-01/credentialReport_123456789012.csv", A, "folder 2024-05-01"),
            ("s3://b/p/2024-05-01/123456789012/credentialReport_123456789012.csv", A, "folder 2024-05-01"),
            ("2024/05/01/report-123456789012.csv", A, "folder 2024-05-01"),
            ("consolidated/report-2024-05-01.csv", "", "file 2024-05-01"),
            ("CredentialReports/123456789012-2024-05-01-10-11-12.csv", A, "file 2024-05-01 10:11:12"),
            ("CredentialReports/123456789012-2024-05-01T10:11:12Z.csv", A, "file 2024-05-01 10:11:12"),
            ("CredentialReports/123456789012-20240501T101112Z.csv", A, "file 2024-05-01 10:11:12"),
            ("CredentialReports/123456789012-20240501101112.csv", A, "file 2024-05-01 10:11:12"),
            ("CredentialReports/123456789012-2024-05-01_10-11-12.csv", A, "file 2024-05-01 10:11:12"),
            ("CredentialReports/123456789012-2024-05-01 10:11:12.345678+00:00.csv", A, "file 2024-05-01 10:11:12"),
            ("CredentialReports/123456789012-1714558272.csv", A, "file 2024-05-01 10:11:12"),
            ("CredentialReports/Combined-2024-05-01-10-11-12.csv", "", "file 2024-05-01 10:11:12"),
            ("Reports/CredentialReport.csv", "", ""),
            ("p/year=2024/month=5/day=1/time=101112/credentials.csv", "", "folder 2024-05-01 10:11:12"),
            ("pyear=2024/year=2024/month=12/day=31/time=000000/x", "", "folder 2024-12-31 00:00:00"),
            ("credential_report.csv", "", ""),
            ("credential_report_123456789012.csv", A, ""),
        ]);
    }

    #[test]
    #[rustfmt::skip] // one case, one line
    fn downloads() {
        check(&[
            ("iam-report-2024-04-12UTC0158.csv", "", "file 2024-04-12 01:58:00"),
            ("status_reports_2018-03-27T03-01-45+00-00.csv", "", "file 2018-03-27 03:01:45"),
            ("status_reports_2024-05-01T10_11_12Z.csv", "", "file 2024-05-01 10:11:12"),
            ("status_reports_2024-05-01T10-11-12.csv", "", "file 2024-05-01 10:11:12"),
            ("status_reports_2024-05-01T10:11:12.csv", "", "file 2024-05-01 10:11:12"),
            ("status_reports_2024-05-01T101112.csv", "", "file 2024-05-01 10:11:12"),
            ("Downloads/status_reports_2024-05-01T10-11-12+00-00 (1).csv", "", "file 2024-05-01 10:11:12"),
        ]);
    }

    #[test]
    #[rustfmt::skip] // one case, one line
    fn folders_that_name_their_value() {
        check(&[
            ("date=2024-05-01/account_id=123456789012/report.csv.gz", A, "folder 2024-05-01"),
            ("dt=2024-05-01/report.csv", "", "folder 2024-05-01"),
            ("dt=20240501/part-0.parquet", "", "folder 2024-05-01"),
            ("DATE=2024%2D05%2D01/Account_ID=%31%323456789012/x", A, "folder 2024-05-01"),
            ("account%3D123456789012/x", A, ""),
            ("account=123456789012/x", A, ""),
            ("aws_account_id=123456789012/x", A, ""),
            ("accountid=123456789012/x", A, ""),
            ("account_id=202405011011/x", "202405011011", ""),
            ("date=202405011011/x", "", "folder 2024-05-01 10:11:00"),
            ("date=2024-05-01T10:11:12Z/x", "", "folder 2024-05-01 10:11:12"),
            ("date=2024-05-01/hour=9/x", "", "folder 2024-05-01 09:00:00"),
            ("date=2024-05-01/hour=24/x", "", "folder 2024-05-01"),
            ("year=2024/month=05/day=01/hour=00/x", "", "folder 2024-05-01 00:00:00"),
            ("year=2024/month=5/day=1/time=10%3A11%3A12/x", "", "folder 2024-05-01 10:11:12"),
            ("year=2024/month=5/day=1/time=101112Z/x", "", "folder 2024-05-01 10:11:12"),
            ("year=2024/month=5/day=1/time=101112abc/x", "", "folder 2024-05-01"),
            ("year=2024/month=5/day=1/time=256112/x", "", "folder 2024-05-01"),
            ("year=2024/month=5/day=1/time=1é1/x", "", "folder 2024-05-01"),
            ("year=2024/month=5/day=1/time=+1+1+1/x", "", "folder 2024-05-01"),
            ("year=2024/month=2/day=30/x", "", ""),
            ("year=2024/month=+2/day=3/x", "", ""),
            ("year=24/month=2/day=3/x", "", ""),
            ("year=2024/month=5/x", "", ""),
            ("month=5/day=1/x", "", ""),
            // A key that is not known names something else.
            ("payer_account_id=210987654321/x", "", ""),
            ("ingest_date=2024-05-02/account_id=__HIVE_DEFAULT_PARTITION__/x", "", ""),
            ("ingest_date=2024-05-02/run=1_report-123456789012.csv", A, ""),
            // Between two, the folder that names it; between two of those, the innermost.
            ("account_id=123456789012/210987654321/credentialReport_210987654321.csv", A, ""),
            ("account_id=210987654321/account_id=123456789012/x", A, ""),
            ("account_id=123456789012-210987654321/x", "", ""),
        ]);
    }

    #[test]
    #[rustfmt::skip] // one case, one line
    fn plain_folders() {
        check(&[
            ("20240501/x", "", "folder 2024-05-01"),
            ("2024/5/1/x", "", "folder 2024-05-01"),
            ("2024/05/01/10/x", "", "folder 2024-05-01"),
            ("2024/05/x", "", ""),
            ("2024/05/01", "", ""),
            (r"C:\reports\2024-05-01\credentialReport_123456789012.csv", A, "folder 2024-05-01"),
            ("reports-2024-05-01/prod-123456789012/x", A, "folder 2024-05-01"),
            ("123456789012/x", A, ""),
            ("123456789012/", A, ""),
            ("1714558272/x", "", ""),
            ("210987654321/123456789012/x", A, ""),
            ("210987654321/report-123456789012.csv", A, ""),
            // The file name wins, the innermost folder is next.
            ("2024-05-02/report-2024-05-01.csv", "", "file 2024-05-01"),
            ("2024-05-02/20240501/x", "", "folder 2024-05-01"),
            ("2024-05-02T10:00:00Z/2024-05-01/x", "", "folder 2024-05-01"),
            // A folder may know the time of the same day.
            ("2024/05/01/time=101112/report-2024-05-01.csv", "", "folder 2024-05-01 10:11:12"),
            ("20240501T101112Z/2024-05-01/x", "", "folder 2024-05-01 10:11:12"),
            ("20240501T101112Z/2024-05-01/report-2024-05-01.csv", "", "folder 2024-05-01 10:11:12"),
            ("20240501T101113Z/report-2024-05-01T10-11-12.csv", "", "file 2024-05-01 10:11:12"),
            ("20240501T101113Z/20240501T101112Z/x", "", "folder 2024-05-01 10:11:12"),
            ("2024/05/01/2024-05-02/x", "", "folder 2024-05-02"),
            ("2024-05-02/2024/05/01/x", "", "folder 2024-05-01"),
            ("2024-05-01/report-2024-05-01T10-11-12.csv", "", "file 2024-05-01 10:11:12"),
            // Buckets are named for those who collect.
            ("s3://audit-210987654321/x", "", ""),
            ("s3://audit-210987654321-2024-05-01", "", ""),
            ("s3://audit-210987654321/123456789012/x", A, ""),
            ("file:///data/123456789012/x", A, ""),
        ]);
    }

    #[test]
    #[rustfmt::skip] // one case, one line
    fn twelve_digits() {
        check(&[
            ("123456789012.csv", A, ""),
            ("prod.123456789012.csv", A, ""),
            ("123456789012 (1).csv", A, ""),
            ("acc123456789012.csv", A, ""),
            ("12345678901.csv", "", ""),
            ("1234567890123.csv", "", ""),
            ("1234-5678-9012.csv", "", ""),
            // Two in one component say nothing, the same one twice does.
            ("123456789012_210987654321.csv", "", ""),
            ("123456789012_123456789012.csv", A, ""),
            ("123456789012/123456789012_210987654321.csv", "", ""),
            // A time of day without punctuation, or an account.
            ("202405011011.csv", "", ""),
            ("report-202405011011.csv", "202405011011", ""),
            ("credentialReport_202405011011.csv", "202405011011", ""),
            ("account_id-202405011011.csv", "202405011011", ""),
            ("123456789012-202405011011.csv", A, "file 2024-05-01 10:11:00"),
            ("123456789012/202405011011.csv", A, "file 2024-05-01 10:11:00"),
            ("123456789012/202405011011/x", A, "folder 2024-05-01 10:11:00"),
            ("202405011011/credentialReport_202405011011.csv", "202405011011", ""),
            ("202405011011/202405021011.csv", "", ""),
            ("202405011011Z.csv", "", "file 2024-05-01 10:11:00"),
            ("202405011011UTC.csv", "", "file 2024-05-01 10:11:00"),
            ("202405012511.csv", "202405012511", ""),
            ("200505011011.csv", "200505011011", ""),
            // Digits of a timestamp.
            ("20240501T101112345678.csv", "", "file 2024-05-01 10:11:12"),
            ("20240501T991112345678.csv", "", "file 2024-05-01"),
            ("20240501-123456789012.csv", A, "file 2024-05-01"),
            // Digits of something else.
            ("550e8400-e29b-41d4-a716-446655440000.csv", "", ""),
            ("3f123456789012ab34.csv", "", ""),
            ("ab12cd123456789012.csv", "", ""),
            ("１123456789012.csv", "", ""),
            ("123456789012².csv", "", ""),
        ]);
    }

    #[test]
    #[rustfmt::skip] // one case, one line
    fn days() {
        check(&[
            ("2024_05_01.csv", "", "file 2024-05-01"),
            ("report.2024.05.01.csv", "", "file 2024-05-01"),
            ("2024-05_01.csv", "", ""),
            ("2024-5-1.csv", "", ""),
            ("2024-02-29.csv", "", "file 2024-02-29"),
            ("2023-02-29.csv", "", ""),
            ("2024-02-30.csv", "", ""),
            ("2024-13-01.csv", "", ""),
            ("2024-00-10.csv", "", ""),
            ("20240431.csv", "", ""),
            ("2006-01-01.csv", "", "file 2006-01-01"),
            ("2005-12-31.csv", "", ""),
            ("2100-12-31.csv", "", "file 2100-12-31"),
            ("2101-01-01.csv", "", ""),
            ("2024-02-30/report-2024-02-31.csv", "", ""),
            ("2024-05-01/report-2024-02-31.csv", "", "folder 2024-05-01"),
            // Never day or month first.
            ("01-05-2024.csv", "", ""),
            ("01052024.csv", "", ""),
            ("20062024.csv", "", ""),
            ("01-05-2024-10-11-12.csv", "", ""),
            ("report_01-05-2024-10-11-12.csv", "", ""),
            ("01.05.2024.10.11.csv", "", ""),
            ("01/05/2024/10/11/x", "", ""),
            ("v1.2-2024-05-01.csv", "", "file 2024-05-01"),
            ("report-2-2024-05-01.csv", "", "file 2024-05-01"),
        ]);
    }

    #[test]
    #[rustfmt::skip] // one case, one line
    fn clocks_and_offsets() {
        check(&[
            ("2024-05-01T00:00:00Z.csv", "", "file 2024-05-01 00:00:00"),
            ("2024-05-01t23:59:59z.csv", "", "file 2024-05-01 23:59:59"),
            ("2024-05-01T24:00:00Z.csv", "", "file 2024-05-01"),
            ("2024-05-01T10:60:00Z.csv", "", "file 2024-05-01"),
            ("20240501256112.csv", "", ""),
            ("20240501-101112.csv", "", "file 2024-05-01 10:11:12"),
            ("20240501_101112.csv", "", "file 2024-05-01 10:11:12"),
            ("2024-05-01T1011Z.csv", "", "file 2024-05-01 10:11:00"),
            ("2024-05-01-1011.csv", "", "file 2024-05-01"),
            ("2024-05-01-10.csv", "", "file 2024-05-01"),
            ("2024-05-01T10-11-12PM.csv", "", "file 2024-05-01"),
            ("2024-05-01T10-11-12 pm.csv", "", "file 2024-05-01"),
            ("2024-05-01T10-11-12CET.csv", "", "file 2024-05-01"),
            ("2024-05-01T10:11:12.345Z.csv", "", "file 2024-05-01 10:11:12"),
            // Offsets.
            ("2024-05-01T01:11:12+02:00.csv", "", "file 2024-04-30 23:11:12"),
            ("2024-05-01 01:11:12.345+0200.csv", "", "file 2024-04-30 23:11:12"),
            ("20240501T101112-0730.csv", "", "file 2024-05-01 17:41:12"),
            ("2024-05-01T10-11-12+99-00.csv", "", "file 2024-05-01"),
            ("2024-05-01T10-11-12+15-00.csv", "", "file 2024-05-01"),
            ("2024-05-01T10-11-12+02-07.csv", "", "file 2024-05-01"),
            ("2024-05-01T10-11-12-0001.csv", "", "file 2024-05-01 10:11:12"),
            ("2024-05-01-10-11-12-0100.csv", "", "file 2024-05-01 10:11:12"),
            // Two days or two times in one component say nothing; a day and its time agree.
            ("2024-04-01_2024-05-01.csv", "", ""),
            ("2024-04-01-10-11-12_2024-05-01-10-11-12.csv", "", ""),
            ("2024-05-03/2024-04-01_to_2024-05-01.csv", "", ""),
            ("20240501T101112Z-20240501T101113Z.csv", "", ""),
            ("2024-05-01_20240501T101112Z.csv", "", "file 2024-05-01 10:11:12"),
            // Seconds since 1970.
            ("report-1714558272.csv", "", "file 2024-05-01 10:11:12"),
            ("report1714558272.csv", "", ""),
            ("report-1000000000.csv", "", ""),
            ("report-4100000000.csv", "", ""),
            ("report-2024050110.csv", "", ""),
            ("report-1714558272000.csv", "", ""),
        ]);
    }

    #[test]
    #[rustfmt::skip] // one case, one line
    fn hostile_paths() {
        check(&[
            ("", "", ""),
            ("/", "", ""),
            ("////", "", ""),
            ("%", "", ""),
            ("%%%/%4/%zz/%+1/%-1/%é", "", ""),
            ("%12345678901.csv", "", ""),
            ("%zz123456789012.csv", A, ""),
            ("%+123456789012.csv", A, ""),
            ("%ff%fe123456789012%c3.csv", A, ""),
            ("%2F2024-05-01%2F.csv", "", "file 2024-05-01"),
            ("%252024-05-01.csv", "", "file 2024-05-01"),
            ("отчёт-123456789012-2024-05-01.csv", A, "file 2024-05-01"),
            ("報告2024-05-01T10:11:12Z報告.csv", "", "file 2024-05-01"),
            ("٢٠٢٤-٠٥-٠١/１２３４５６７８９０１２.csv", "", ""),
            ("2024-05-01\u{301}.csv", "", "file 2024-05-01"),
            ("=/==/=1/year=/month==/day==1/time=/hour=", "", ""),
            ("2024-05-01T", "", "file 2024-05-01"),
            ("2024-05-01+", "", "file 2024-05-01"),
            ("2024-05-01T10:11:12+", "", "file 2024-05-01"),
            ("-2024-05-01-", "", "file 2024-05-01"),
            ("1.2.3.4.5.6.7.8.9.10.11.12.csv", "", ""),
        ]);
    }

    #[test]
    fn long_names_end_in_time_and_do_not_panic() {
        let pieces = [
            "1",
            "12",
            "2024",
            "-",
            "123456789012",
            "202405011011",
            "2024-05-01",
            "a",
            "T",
            "Z",
            "+",
            "%",
            "é",
            "=",
            "/",
            "１",
            "\u{0}",
            "🦀",
            "account_id=",
            "year=2024/month=5/day=1/",
        ];
        for piece in pieces {
            let _ = facts(&piece.repeat(10_000 / piece.len()));
            for other in pieces {
                let _ =
                    facts(&format!("{piece}{other}").repeat(1_000 / (piece.len() + other.len())));
            }
        }
        let long = format!("{}-123456789012-2024-05-01.csv", "x".repeat(10_000));
        check(&[(&long, A, "file 2024-05-01")]);
    }

    /// Sequences of pieces from a fixed linear congruence: whatever is found must be well formed,
    /// and cutting a path anywhere must not panic.
    #[test]
    fn facts_are_well_formed() {
        let pieces = [
            "2024",
            "05",
            "01",
            "5",
            "1",
            "-",
            "_",
            ":",
            "/",
            "T",
            "Z",
            "=",
            "%2",
            "date",
            "year",
            "month",
            "day",
            "time",
            "account",
            "123456789012",
            "202405011011",
            "20240501",
            "101112",
            "+",
            "00",
            "é",
            "\\",
            ".csv",
        ];
        let mut state = 1_u64;
        for _ in 0..3_000 {
            let mut path = String::new();
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = usize::try_from(state >> 33).unwrap_or_default() % pieces.len();
                path.extend(pieces.get(at).copied());
            }
            let found = facts(&path);
            if let Some(id) = &found.account_id {
                assert!(id.len() == 12 && id.chars().all(is_digit), "{path}");
            }
            if let Some(time) = found.time {
                let years = DAY * 12_783..DAY * 47_848; // 2004-12-31 to 2101-01-02
                assert!(years.contains(&time.millis), "{path}");
                assert!(!time.date_only || time.millis % DAY == 0, "{path}");
            }
            for end in (0..path.len()).filter(|end| path.is_char_boundary(*end)) {
                let _ = facts(path.get(..end).unwrap_or_default());
            }
        }
    }

    #[test]
    fn bucket_owner_is_no_fact_but_key_is() {
        let found = facts("s3://logs-210987654321/date=2024-05-01/account_id=123456789012/r.csv");
        let time = KeyTime { millis: 1_714_521_600_000, date_only: true, place: KeyPlace::Folder };
        assert_eq!(found, KeyFacts { account_id: Some(A.to_owned()), time: Some(time) });
        assert_ne!(found.account_id.as_deref(), Some(B));
    }

    #[test]
    fn civil_days() {
        let cases = [
            ((1970, 1, 1), Some(0)),
            ((1969, 12, 31), Some(-1)),
            ((2000, 2, 29), Some(11_016)),
            ((2000, 3, 1), Some(11_017)),
            ((2024, 5, 1), Some(19_844)),
            ((2100, 12, 31), Some(47_846)),
            ((1, 1, 1), Some(-719_162)),
            ((0, 3, 1), Some(-719_468)),
            ((-1, 12, 31), Some(-719_529)),
            ((1900, 2, 29), None),
            ((2100, 2, 29), None),
            ((2024, 0, 1), None),
            ((2024, 13, 1), None),
            ((2024, 4, 31), None),
            ((2024, 4, 0), None),
            ((2024, 4, u32::MAX), None),
            ((2024, u32::MAX, 1), None),
            ((i64::MAX, 1, 1), None),
            ((i64::MIN, 1, 1), None),
        ];
        for ((y, m, d), days) in cases {
            assert_eq!(days_from_civil(y, m, d), days, "{y}-{m}-{d}");
        }
        // Every day of four centuries follows the one before.
        let mut expected = days_from_civil(1899, 12, 31);
        for y in 1900..2300 {
            for (m, d) in (1..=12).flat_map(|m| (1..=31).map(move |d| (m, d))) {
                if let Some(day) = days_from_civil(y, m, d) {
                    expected = expected.map(|day| day + 1);
                    assert_eq!(Some(day), expected, "{y}-{m}-{d}");
                }
            }
        }
    }
}
