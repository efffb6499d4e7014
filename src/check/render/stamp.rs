//! Instants as other programs read them.

use chrono::{DateTime, Datelike, Timelike};

/// Stands for an instant that cannot be written where a format demands one.
const EPOCH: &str = "1970-01-01T00:00:00.000Z";

/// An instant, given in milliseconds since 1970, as RFC 3339 in UTC. None for years that RFC 3339
/// has no spelling for.
pub(super) fn rfc3339(millis: i64) -> Option<String> {
    let time = DateTime::from_timestamp_millis(millis)?;
    (0..=9999).contains(&time.year()).then(|| {
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            time.year(),
            time.month(),
            time.day(),
            time.hour(),
            time.minute(),
            time.second(),
            time.timestamp_subsec_millis()
        )
    })
}

/// [`rfc3339`] where a format demands an instant.
pub(super) fn required(millis: i64) -> String {
    rfc3339(millis).unwrap_or_else(|| EPOCH.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_to_the_millisecond() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1_767_323_045_006, "2026-01-02T03:04:05.006Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(rfc3339(millis).as_deref(), Some(text));
            assert_eq!(required(millis), text);
        }
    }

    #[test]
    fn an_instant_without_a_spelling_is_none() {
        for millis in [253_402_300_800_000, i64::MAX, i64::MIN] {
            assert_eq!(rfc3339(millis), None);
            assert_eq!(required(millis), EPOCH);
        }
    }
}
