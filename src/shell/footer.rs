//! The lines below a result: how many rows, how long it took, how old what it says is, and what is
//! not to be seen.

use std::time::Duration;

use indicatif::HumanCount;

use super::Shell;
use super::receive::Received;
use crate::decode::time;
use crate::output::Footer;
use crate::report::Millis;
use crate::run::telling;

impl Shell {
    /// Says what is to be said below a result, which went to `place` if results were redirected.
    pub(super) fn say_footer(
        &mut self,
        received: &Received,
        oldest: Option<Millis>,
        place: Option<&str>,
    ) {
        if self.settings.quiet {
            return;
        }
        if self.is_interactive {
            let mut text = rows_in_words(received);
            if let Some(place) = place {
                text.push_str(" to ");
                text.push_str(place);
            }
            if self.settings.timing {
                text.push_str(", ");
                text.push_str(&duration_in_words(received.took));
            }
            if let Some(oldest) = oldest {
                let as_of = self.engine.collection().options.as_of;
                let now = as_of.unwrap_or_else(|| self.now());
                text.push_str("; oldest report ");
                text.push_str(&time::format(oldest));
                text.push_str(&age_in_words(now.saturating_sub(oldest)));
            }
            if let Some(bill) = self.engine.workspace.bill() {
                text.push_str("; ");
                text.push_str(&bill);
            }
            telling::aside(&format!("({text})"));
        }
        for text in &received.notes {
            telling::note(text);
        }
        if let Some(shown) = received.shown {
            self.say_left_out(&received.footer);
            if shown < received.rows && !received.stopped {
                telling::note(
                    "`\\rows all` shows all rows from now on, `\\last` those of this result",
                );
            }
        }
    }

    /// Says what a table had to leave out or change, and how to see it.
    pub(super) fn say_left_out(&self, footer: &Footer) {
        if let Some(text) = footer.note() {
            let cure = if footer.leaves_out() { "; `\\x on` shows everything" } else { "" };
            self.note(&format!("{text}{cure}"));
        }
    }
}

fn rows_in_words(received: &Received) -> String {
    let rows = received.rows;
    let least = if received.stopped { "at least " } else { "" };
    let plural = if rows == 1 { "" } else { "s" };
    match received.shown {
        Some(shown) if shown < rows => {
            format!("first {} of {least}{} rows", HumanCount(shown), HumanCount(rows))
        }
        _ => format!("{least}{} row{plural}", HumanCount(rows)),
    }
}

fn duration_in_words(took: Duration) -> String {
    match took.as_secs() {
        0 => format!("{} ms", took.as_millis()),
        seconds @ 1..60 => format!("{seconds}.{:02} s", took.subsec_millis() / 10),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// How long ago something was.
fn age_in_words(age: Millis) -> String {
    const MINUTE: Millis = 60_000;
    const HOUR: Millis = 60 * MINUTE;
    const DAY: Millis = 24 * HOUR;
    let of = |unit: Millis, name: &str| {
        let number = age / unit;
        format!(", {number} {name}{} ago", if number == 1 { "" } else { "s" })
    };
    match age {
        DAY.. => of(DAY, "day"),
        HOUR..DAY => of(HOUR, "hour"),
        MINUTE..HOUR => of(MINUTE, "minute"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let words = |millis| duration_in_words(Duration::from_millis(millis));
        assert_eq!(words(0), "0 ms");
        assert_eq!(words(999), "999 ms");
        assert_eq!(words(1_000), "1.00 s");
        assert_eq!(words(59_999), "59.99 s");
        assert_eq!(words(60_000), "1 min 0 s");
    }

    #[test]
    fn ages() {
        assert_eq!(age_in_words(-1), "");
        assert_eq!(age_in_words(59_999), "");
        assert_eq!(age_in_words(60_000), ", 1 minute ago");
        assert_eq!(age_in_words(86_399_999), ", 23 hours ago");
        assert_eq!(age_in_words(86_400_000), ", 1 day ago");
    }

    #[test]
    fn what_was_not_seen_is_said() {
        let of = |rows, shown, stopped| {
            rows_in_words(&Received { rows, shown, stopped, ..Received::default() })
        };
        assert_eq!(of(1, Some(1), false), "1 row");
        assert_eq!(of(0, Some(0), false), "0 rows");
        assert_eq!(of(10_000_000, Some(1_000), false), "first 1,000 of 10,000,000 rows");
        assert_eq!(of(8_192, Some(1_000), true), "first 1,000 of at least 8,192 rows");
        assert_eq!(of(8_192, Some(8_192), true), "at least 8,192 rows");
    }
}
