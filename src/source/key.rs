//! What a path or an object key tells about the report behind it: the account and the time.
//!
//! Collectors write both into names and folders, each in its own way. This module only reads
//! strings, and its first rule is that no fact is better than a wrong one: days are read in the
//! order year, month, day alone, must be real, and a name that says two things says nothing.
//!
//! A component is read from one run of digits to the next. What a day, a clock and an offset may
//! look like is in [`DAYS`], [`CLOCKS`] and [`OFFSETS`], and nowhere else.

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
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            rest.split_once('/').map_or("", |(_, key)| key)
        }
        _ => path,
    };
    let mut names: Vec<String> = key.split(['/', '\\']).map(percent_decoded).collect();
    let file = names.pop().unwrap_or_default();
    let mut finds = folder_finds(&names);
    finds.extend(name_finds(&file, (Level::FileName, 0)));
    finds.sort_by_key(|find| find.rank);
    KeyFacts {
        account_id: account(&finds),
        time: time(&finds),
    }
}

/// Days since 1970-01-01 of a day of the Gregorian calendar, or `None` if there is no such day.
/// Years beyond 9999 on either side are refused.
#[must_use]
pub fn days_from_civil(y: i64, m: u32, d: u32) -> Option<i64> {
    let is_leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let last = match m {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(-9999..=9999).contains(&y) || !(1..=12).contains(&m) || !(1..=last).contains(&d) {
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
const CLOCKS: &str = "T00:00:00.000000 T00:00:00.000 T00:00:00 T00:00 T0000 \
                      T000000.000000 T000000.000 T000000000000 T000000000 T000000 \
                      UTC00:00:00 UTC000000 UTC00:00 UTC0000 ~00:00:00.000000 ~00:00:00 ~000000";

/// Offsets from UTC right after a clock. A minus counts only after a `T`.
const OFFSETS: &str = "+00:00 +0000 -00:00 -0000";

/// Words before 12 digits that make them an account even if they could be a time.
const ACCOUNT_WORDS: [&str; 4] = ["report", "credential", "credentials", "account"];

/// Keys of `key=value` folders, lower case without `_` and `-`. Any other key says nothing.
const ACCOUNT_KEYS: [&str; 4] = ["account", "accountid", "awsaccount", "awsaccountid"];
const TIME_KEYS: [&str; 8] = ["date", "day", "ds", "dt", "hour", "time", "timestamp", "ts"];

/// What a component is, the most trusted first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// A folder `account_id=…`.
    AccountKey,
    FileName,
    Folder,
}

/// The level of a component and how far it is from the file: less is better.
type Rank = (Level, usize);

/// Something found in a component. Twelve digits that may be an account or `YYYYMMDDhhmm` are
/// both until the rest of the key decides.
#[derive(Clone, Copy)]
struct Find<'a> {
    rank: Rank,
    account: Option<&'a str>,
    time: Option<KeyTime>,
}

impl KeyTime {
    /// A time of day if there is one, else the whole day.
    fn new(level: Level, day: i64, clock: Option<i64>) -> Self {
        Self {
            millis: day * DAY + clock.unwrap_or(0),
            date_only: clock.is_none(),
            place: if level == Level::FileName {
                KeyPlace::FileName
            } else {
                KeyPlace::Folder
            },
        }
    }

    /// The sharper of the two if they are the same instant, or one is the whole day of the other.
    fn agree(self, other: Self) -> Option<Self> {
        let is_same = match self.date_only || other.date_only {
            true => self.millis.div_euclid(DAY) == other.millis.div_euclid(DAY),
            false => self.millis == other.millis,
        };
        is_same.then_some(if self.date_only && !other.date_only {
            other
        } else {
            self
        })
    }
}

/// The account of the best component that has one, if it has only one.
fn account(finds: &[Find]) -> Option<String> {
    let sure = finds.iter().filter(|find| find.time.is_none());
    let mut accounts = sure.filter_map(|find| Some((find.rank, find.account?)));
    let (best, id) = accounts.next()?;
    let mut others = accounts.take_while(|(rank, _)| *rank == best);
    others.all(|(_, other)| other == id).then(|| id.to_owned())
}

/// The time of the best component that has one, if it has only one. A bare date is sharpened by
/// a folder further out that has a time of the same day.
fn time(finds: &[Find]) -> Option<KeyTime> {
    let is_other = |find: &Find, id| find.time.is_none() && find.account.is_some_and(|a| a != id);
    let is_time = |id| finds.iter().any(|find| is_other(find, id));
    let times = finds.iter().filter(|find| find.account.is_none_or(is_time));
    let times: Vec<(Rank, KeyTime)> = times.filter_map(|f| Some((f.rank, f.time?))).collect();
    let mut parts = times.chunk_by(|(a, _), (b, _)| a == b).map(|part| {
        let (_, first) = part.first()?;
        part.iter()
            .try_fold(*first, |time, (_, next)| time.agree(*next))
    });
    let best = parts.next()??;
    let sharper = parts
        .flatten()
        .find_map(|time| best.agree(time).filter(|t| !t.date_only));
    Some(if best.date_only {
        sharper.unwrap_or(best)
    } else {
        best
    })
}

/// What the folders say, each by itself and together.
fn folder_finds(names: &[String]) -> Vec<Find<'_>> {
    let rank = |at: usize| (Level::Folder, names.len() - at);
    let each = names.iter().enumerate();
    let mut finds: Vec<Find> = each
        .flat_map(|(at, name)| name_finds(name, rank(at)))
        .collect();
    for (at, window) in names.windows(3).enumerate() {
        let [y, m, d] = window else { continue };
        let day = day_of(field(y, "year"), field(m, "month"), field(d, "day"));
        // `01/05/2024/10/11` has its year last.
        let before = at.checked_sub(2).and_then(|from| names.get(from..at));
        let is_year_last = before.is_some_and(|b| b.iter().all(|name| number(name, 2).is_some()));
        let time = day
            .filter(|_| !is_year_last)
            .map(|day| KeyTime::new(Level::Folder, day, None));
        finds.extend(time.map(|_| Find {
            rank: rank(at + 2),
            account: None,
            time,
        }));
    }
    let clock = names.iter().rev().find_map(|name| hive_clock(name));
    for time in finds.iter_mut().filter_map(|find| find.time.as_mut()) {
        if time.date_only {
            *time = KeyTime::new(Level::Folder, time.millis / DAY, clock);
        }
    }
    finds
}

/// What one component says.
fn name_finds(name: &str, rank: Rank) -> Vec<Find<'_>> {
    let key = hive(name)
        .filter(|_| rank.0 == Level::Folder)
        .map(|(key, _)| key);
    let (mut finds, mut rest) = (Vec::new(), name);
    while let Some((head, text)) = next_digits(name, rest) {
        let (account, time);
        (account, time, rest) = read(head, text, rank.0);
        finds.extend(match key.as_deref() {
            None => Some(Find {
                rank,
                account,
                time,
            }),
            Some(key) if ACCOUNT_KEYS.contains(&key) => {
                let rank = (Level::AccountKey, rank.1);
                account.map(|_| Find {
                    rank,
                    account,
                    time: None,
                })
            }
            Some(key) if TIME_KEYS.contains(&key) => time.map(|_| Find {
                rank,
                account: None,
                time,
            }),
            Some(_) => None,
        });
    }
    finds
}

/// The account or time that begins with the digits of `text`, and what follows it.
fn read<'a>(
    head: &str,
    text: &'a str,
    level: Level,
) -> (Option<&'a str>, Option<KeyTime>, &'a str) {
    let (digits, tail) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    if is_part_of_an_id(head, tail) {
        return (None, None, tail);
    }
    if let Some((day, clock, rest)) = moment(head, text) {
        return (None, Some(KeyTime::new(level, day, clock)), rest);
    }
    let moment = split_moment(digits).filter(|_| !follows_account_word(head));
    match digits.len() {
        10 if level == Level::FileName => (None, epoch(head, digits, tail), tail),
        12 => (
            Some(digits),
            moment.map(|(day, clock)| KeyTime::new(level, day, Some(clock))),
            tail,
        ),
        _ => (None, None, tail),
    }
}

/// A hexadecimal hash, the end of a UUID, or a number that goes on in another script.
fn is_part_of_an_id(head: &str, tail: &str) -> bool {
    let is_hex = |c: char| c.is_ascii_hexdigit();
    let is_letter = |c: char| is_hex(c) && !c.is_ascii_digit();
    let mut groups = head.rsplit('-');
    let ends_uuid = groups.next() == Some("")
        && (0..3).all(|_| {
            groups
                .next()
                .is_some_and(|g| g.len() == 4 && g.chars().all(is_hex))
        });
    head.trim_end_matches(is_letter).ends_with(char::is_numeric)
        || tail
            .trim_start_matches(is_letter)
            .starts_with(char::is_numeric)
        || ends_uuid
}

/// The day `text` begins with, the time of day if a clock follows, and what comes after.
fn moment<'a>(head: &str, text: &'a str) -> Option<(i64, Option<i64>, &'a str)> {
    let (digits, rest, _) = strip(text, DAYS)?;
    if digits.len() > 8 {
        let (day, clock) = split_moment(&digits)?;
        let (offset, rest) = offset(rest, false);
        return Some((
            day,
            offset.map(|offset| clock - offset),
            rest,
        ));
    }
    // `01-05-2024-10-11` has its year last.
    let mut before = head.rsplit(|c: char| !c.is_ascii_digit());
    let is_short = |number: Option<&str>| number.is_some_and(|n| matches!(n.len(), 1 | 2));
    if before.next() == Some("") && is_short(before.next()) && is_short(before.next()) {
        return None;
    }
    let day = packed_day(&digits)?;
    let Some((digits, rest, pattern)) = strip(rest, CLOCKS) else {
        return Some((day, None, rest));
    };
    let (offset, rest) = offset(rest, pattern.starts_with('T'));
    let clock = clock_of(&digits)
        .zip(offset)
        .map(|(clock, offset)| clock - offset);
    Some((day, clock, rest))
}

/// The offset from UTC that follows a clock, 0 where none is written, and what comes after it.
/// `None` if what follows makes the clock doubtful.
fn offset(text: &str, is_marked: bool) -> (Option<i64>, &str) {
    let word = first_word(text);
    let rest = text.trim_start_matches(word);
    let half_day = first_word(rest.trim_start_matches([' ', '-', '_'])).to_ascii_lowercase();
    let is_utc = ["", "z", "utc", "gmt"].contains(&word.to_ascii_lowercase().as_str());
    if !is_utc || half_day == "am" || half_day == "pm" {
        return (None, text);
    }
    let written = strip(rest, OFFSETS).filter(|(_, _, sign)| is_marked || sign.starts_with('+'));
    let offset = written.and_then(|(digits, after, _)| Some((clock_of(&digits)?, after)));
    match offset.filter(|(offset, _)| *offset <= 14 * HOUR && offset % (15 * MINUTE) == 0) {
        Some((offset, after)) if rest.starts_with('-') => (Some(-offset), after),
        Some((offset, after)) => (Some(offset), after),
        None => ((!rest.starts_with('+')).then_some(0), rest),
    }
}

/// Ten digits that stand alone and cannot be `YYYYMMDDhh` are seconds since 1970.
fn epoch(head: &str, digits: &str, tail: &str) -> Option<KeyTime> {
    let is_glued = head.ends_with(char::is_alphabetic) || tail.starts_with(char::is_alphabetic);
    let is_hour = split_moment(&format!("{digits}00")).is_some();
    // From 2006 on, like every other time.
    let seconds = digits
        .parse()
        .ok()
        .filter(|s| (1_136_073_600..4_100_000_000_i64).contains(s))?;
    let time = KeyTime::new(Level::FileName, 0, Some(seconds * 1_000));
    (!is_glued && !is_hour).then_some(time)
}

fn follows_account_word(head: &str) -> bool {
    let head = head
        .trim_end_matches(|c: char| !c.is_alphanumeric())
        .to_ascii_lowercase();
    let head = head.strip_suffix("_id").unwrap_or(&head);
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
        let is_whole = !rest.starts_with(|c: char| c.is_ascii_digit());
        let digits = || start.chars().filter(char::is_ascii_digit).collect();
        (is_whole && pattern.bytes().zip(start.bytes()).all(fits))
            .then(|| (digits(), rest, pattern))
    })
}

/// The next digits at or after the start of `rest`, which ends `name`: what stands before them in
/// the name, and what begins with them.
fn next_digits<'a>(name: &'a str, rest: &'a str) -> Option<(&'a str, &'a str)> {
    let start = rest.find(|c: char| c.is_ascii_digit())?;
    name.split_at_checked(name.len() - rest.len() + start)
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or_default()
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

/// A whole number of at most so many digits and nothing else.
fn number(text: &str, digits: usize) -> Option<u32> {
    let is_number = text.len() <= digits && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// The day of a year from 2006 to 2100, a month and a day.
fn day_of(y: &str, m: &str, d: &str) -> Option<i64> {
    let year = number(y, 4).filter(|year| (2006..=2100).contains(year))?;
    days_from_civil(i64::from(year), number(m, 2)?, number(d, 2)?)
}

/// The day of `YYYYMMDD`.
fn packed_day(digits: &str) -> Option<i64> {
    day_of(digits.get(..4)?, digits.get(4..6)?, digits.get(6..)?)
}

/// The day and the time of day of `YYYYMMDDhhmm` or `YYYYMMDDhhmmss`.
fn split_moment(digits: &str) -> Option<(i64, i64)> {
    Some((packed_day(digits.get(..8)?)?, clock_of(digits.get(8..)?)?))
}

/// Milliseconds since midnight of `hhmm` or `hhmmss`, the latter with 3, 6 or 9 further digits.
fn clock_of(digits: &str) -> Option<i64> {
    let part = |range| digits.get(range).map_or(Some(0), |text| number(text, 3));
    let (hour, minute, second, millis) = (part(0..2)?, part(2..4)?, part(4..6)?, part(6..9)?);
    let is_clock =
        matches!(digits.len(), 4 | 6 | 9 | 12 | 15) && hour < 24 && minute < 60 && second < 60;
    is_clock.then(|| i64::from((hour * 3600 + minute * 60 + second) * 1_000 + millis))
}

/// `%41` becomes `A`; anything that is no such escape stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let code = piece
            .get(..2)
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(code.unwrap_or(b'%'));
        let rest = if code.is_some() {
            piece.get(2..)
        } else {
            Some(piece)
        };
        bytes.extend_from_slice(rest.unwrap_or_default().as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
