//! What is said of how old live reports are.

use super::{Asked, Live};
use crate::aws::report;
use crate::decode::time;
use crate::report::{Millis, TimeBasis};

/// How old the reports are, and from when on AWS will make new ones: whoever mends something and
/// asks again gets the old report until then.
pub(super) fn age(live: &Live, asked: &[Asked], now: Millis) -> Option<String> {
    let times = asked.iter().map(|asked| asked.found.origin.time);
    let times = times.filter(|time| time.basis == TimeBasis::Response).map(|time| time.millis);
    let (oldest, newest) = (times.clone().min()?, times.clone().max()?);
    let newest_time = newest;
    let fresh_from = report::fresh_from(newest);
    let fresh = if fresh_from > now {
        format!("; AWS makes a new one from {} on", time::format(fresh_from))
    } else {
        String::new()
    };
    let newest = format!("{}{}", time::format(newest), old(now - newest));
    let live = name(live);
    Some(if oldest == newest_time {
        let reports = if times.count() == 1 { "the report is" } else { "all reports are" };
        format!("{live}: {reports} of {newest}{fresh}")
    } else {
        let oldest = format!("{}{}", time::format(oldest), old(now - oldest));
        format!("{live}: the oldest report is of {oldest}, the newest of {newest}{fresh}")
    })
}

/// The source in a sentence, where a colon at its end would be followed by another.
pub(super) fn name(live: &Live) -> String {
    live.to_string().trim_end_matches(':').to_owned()
}

/// An age in words: minutes up to two hours, hours up to two days, then days.
fn old(age: Millis) -> String {
    let minutes = age / 60_000;
    match minutes {
        ..=0 => String::new(),
        1..120 => format!(" ({minutes} min old)"),
        120..2880 => format!(" ({} h old)", minutes / 60),
        _ => format!(" ({} days old)", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_one_unit() {
        let of = |minutes: Millis| old(minutes * 60_000);
        assert_eq!([of(-5), of(0)], ["", ""]);
        assert_eq!([of(1), of(119)], [" (1 min old)", " (119 min old)"]);
        assert_eq!([of(120), of(2879)], [" (2 h old)", " (47 h old)"]);
        assert_eq!(of(2880), " (2 days old)");
    }
}
