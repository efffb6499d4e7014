//! One cell: which word for "no value" it is, or what value.

use super::time::{self, ParsedTime};
use crate::schema::Sentinel;

/// What a cell said. NULL alone would make one fact of five.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A value that could be read.
    Value,
    /// One of AWS's words for "no value".
    Sentinel(Sentinel),
    /// Nothing, or another tool's word for nothing.
    Empty,
    /// The report does not have the column.
    Missing,
    /// Something that is neither a value of the column nor a word for none.
    Unreadable,
}

impl State {
    /// The letter in `cell_states`.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Value => 'v',
            Self::Sentinel(Sentinel::NotApplicable) => 'a',
            Self::Sentinel(Sentinel::NoInformation) => 'i',
            Self::Sentinel(Sentinel::NotSupported) => 's',
            Self::Empty => 'e',
            Self::Missing => 'm',
            Self::Unreadable => 'u',
        }
    }

    /// The state with this letter.
    #[must_use]
    pub const fn from_letter(letter: u8) -> Option<Self> {
        Some(match letter {
            b'v' => Self::Value,
            b'a' => Self::Sentinel(Sentinel::NotApplicable),
            b'i' => Self::Sentinel(Sentinel::NoInformation),
            b's' => Self::Sentinel(Sentinel::NotSupported),
            b'e' => Self::Empty,
            b'm' => Self::Missing,
            b'u' => Self::Unreadable,
            _ => return None,
        })
    }
}

/// Words other tools write for "no value", beside the empty cell.
const OTHER_WORDS: [&str; 5] = ["none", "null", "nil", "nan", "not_applicable"];

/// The zero time of Go, which some exporters write for a missing date.
const GO_ZERO: i64 = -62_135_596_800_000;

/// The state of a cell that has no value, or `None` if it has some text of its own.
#[must_use]
pub fn absent(cell: &str) -> Option<State> {
    // The exact words first: they are nearly all there is.
    match cell {
        "N/A" => return Some(State::Sentinel(Sentinel::NotApplicable)),
        "no_information" => return Some(State::Sentinel(Sentinel::NoInformation)),
        "not_supported" => return Some(State::Sentinel(Sentinel::NotSupported)),
        _ => {}
    }
    let word = cell.trim();
    if word.is_empty() {
        return Some(State::Empty);
    }
    if let Some(sentinel) = Sentinel::ALL.into_iter().find(|s| s.text().eq_ignore_ascii_case(word))
    {
        return Some(State::Sentinel(sentinel));
    }
    is_other_word(word).then_some(State::Empty)
}

/// Whether a cell is a word for "no value" that AWS does not write.
#[must_use]
pub fn is_other_word(cell: &str) -> bool {
    let word = cell.trim();
    OTHER_WORDS.iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// Reads a flag, in any case: AWS writes `true`, its guide prints TRUE, scripts write True.
///
/// # Errors
/// The state of a cell that is no flag.
pub fn read_flag(cell: &str) -> Result<bool, State> {
    match cell {
        "true" => return Ok(true),
        "false" => return Ok(false),
        _ => {}
    }
    let word = cell.trim();
    if word.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if word.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(absent(cell).unwrap_or(State::Unreadable))
    }
}

/// Reads a date.
///
/// # Errors
/// The state of a cell that is no date. The zero times of Go and of Unix are what some exporters
/// write for "none": AWS is younger than both.
pub fn read_time(cell: &str) -> Result<ParsedTime, State> {
    match time::parse(cell).or_else(|| time::parse(cell.trim())) {
        Some(time) if time.millis == 0 || time.millis == GO_ZERO => Err(State::Empty),
        Some(time) => Ok(time),
        None => Err(absent(cell).unwrap_or(State::Unreadable)),
    }
}

/// Reads a text other than a name. A date is no region and no service: the row has slid.
///
/// # Errors
/// The state of a cell that holds no such text.
pub fn read_text(cell: &str) -> Result<&str, State> {
    if let Some(state) = absent(cell) {
        return Err(state);
    }
    let text = cell.trim();
    if text.starts_with(|c: char| c.is_ascii_digit()) && time::parse(text).is_some() {
        return Err(State::Unreadable);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_keeps_the_three_sentinels_apart() {
        for (cell, expected) in [
            ("N/A", Some(State::Sentinel(Sentinel::NotApplicable))),
            ("N/A ", Some(State::Sentinel(Sentinel::NotApplicable))),
            ("no_information", Some(State::Sentinel(Sentinel::NoInformation))),
            ("No_Information", Some(State::Sentinel(Sentinel::NoInformation))),
            ("not_supported", Some(State::Sentinel(Sentinel::NotSupported))),
            ("", Some(State::Empty)),
            ("  ", Some(State::Empty)),
            ("None", Some(State::Empty)),
            ("true", None),
            ("N/AA", None),
        ] {
            assert_eq!(absent(cell), expected, "{cell:?}");
        }
    }

    #[test]
    fn flags_are_true_false_or_told_apart() {
        assert_eq!(read_flag("TRUE"), Ok(true));
        assert_eq!(read_flag(" False "), Ok(false));
        assert_eq!(read_flag(""), Err(State::Empty));
        for text in ["maybe", "1", "yes", "2024-01-05T10:11:12Z"] {
            assert_eq!(read_flag(text), Err(State::Unreadable), "{text}");
        }
    }

    #[test]
    fn zero_times_are_no_dates() {
        for cell in ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00"] {
            assert_eq!(read_time(cell), Err(State::Empty), "{cell}");
        }
        assert_eq!(read_time("2024-02-30T10:00:00Z"), Err(State::Unreadable));
        assert_eq!(read_text("2024-02-20T10:00:00Z"), Err(State::Unreadable));
    }

    #[test]
    fn letters_round_trip() {
        for letter in b"vaisemu" {
            let state = State::from_letter(*letter).expect("a known letter");
            assert_eq!(state.letter(), char::from(*letter));
        }
    }
}
