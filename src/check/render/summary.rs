//! The summary to read: each control on a line, the worst first, with the worst of its rows.

use std::fmt::Write as _;
use std::io::Write;

use super::{Look, Render};
use crate::check::judged::Judged;
use crate::check::run::{Checked, Facts, Outcome};
use crate::check::tally::{Tally, Worst};
use crate::check::verdict::{Control, Status};
use crate::decode::time;
use crate::error::Result;
use crate::library::query::Severity;
use crate::output::{OutputError, Style, escape_line, fit};
use crate::report::Millis;

/// What everybody who wonders about an old fact should know. Source: AWS IAM User Guide, "Get
/// credential reports for your AWS account".
pub(super) const FRESHNESS: &str = "AWS makes a new report at most every 4 hours";

const HOUR: Millis = 3_600_000;

pub(super) struct Summary<'a> {
    out: Box<dyn Write + Send + 'a>,
    look: Look,
}

impl<'a> Summary<'a> {
    pub(super) fn new(out: Box<dyn Write + Send + 'a>, look: &Look) -> Self {
        Self { out, look: look.clone() }
    }
}

impl Render for Summary<'_> {
    fn wants_rows(&self) -> bool {
        false
    }

    fn begin(&mut self, _: &Control) -> Result<()> {
        Ok(())
    }

    fn rows(&mut self, _: &Control, _: &Judged) -> Result<()> {
        Ok(())
    }

    fn finish(mut self: Box<Self>, outcome: &Outcome) -> Result<Vec<String>> {
        let mut page = format!(
            "{}\n{}\n\n",
            wrapped(&outcome.title, self.look.style.width),
            wrapped(&reports(&outcome.facts, outcome.run_time), self.look.style.width)
        );
        let id_width = outcome.checked.iter().filter(|checked| checked.unanswered.is_none());
        let id_width = id_width.map(|checked| checked.control.id.len()).max().unwrap_or(0);
        for checked in by_urgency(outcome) {
            control(checked, id_width, &self.look, &mut page);
        }
        unanswered(outcome, &self.look.style, &mut page);
        let _ = write!(page, "\n{}\n", wrapped(&total(outcome), self.look.style.width));
        self.out.write_all(page.as_bytes()).map_err(OutputError::from)?;
        self.out.flush().map_err(OutputError::from)?;
        Ok(Vec::new())
    }
}

/// The controls that were run, the most urgent first.
pub(super) fn by_urgency(outcome: &Outcome) -> Vec<&Checked> {
    let mut checked: Vec<&Checked> =
        outcome.checked.iter().filter(|checked| checked.unanswered.is_none()).collect();
    checked.sort_by(|a, b| {
        (b.tally.status(), b.control.severity)
            .cmp(&(a.tally.status(), a.control.severity))
            .then_with(|| a.control.id.cmp(&b.control.id))
    });
    checked
}

fn control(checked: &Checked, id_width: usize, look: &Look, page: &mut String) {
    let status = checked.tally.status();
    let word = status.map_or("none", Status::word).to_uppercase();
    let severity = checked.control.severity.map_or("", Severity::word);
    let line = format!("{severity:<8}  {:<id_width$}  {}", checked.control.id, counts(&checked.tally));
    let line = fit(&line, look.style.width.map(|width| width.saturating_sub(9)));
    let _ = writeln!(page, "{}  {line}", colored(&format!("{word:<7}"), status, &look.style));
    if status < Some(Status::Unknown) {
        return;
    }
    let indented = |text: &str, page: &mut String| {
        let text = fit(text, look.style.width.map(|width| width.saturating_sub(9)));
        let _ = writeln!(page, "         {text}");
    };
    for worst in &checked.tally.worst {
        indented(&subject(worst), page);
    }
    let urgent: u64 = [Status::Unknown, Status::Alarm, Status::Error]
        .into_iter()
        .map(|status| checked.tally.count(status))
        .sum();
    let shown = u64::try_from(checked.tally.worst.len()).unwrap_or(u64::MAX);
    if urgent > shown {
        indented(&format!("and {} more", urgent - shown), page);
    }
    if look.remediation {
        let width = look.style.width.map(|width| width.saturating_sub(9));
        for line in wrapped(&format!("cure: {}", checked.control.remediation), width).lines() {
            let _ = writeln!(page, "         {line}");
        }
    }
}

/// Who, and why.
pub(super) fn subject(worst: &Worst) -> String {
    let parts = [&worst.account_id, &worst.user, &worst.credential];
    let who: Vec<_> = parts.into_iter().flatten().map(|text| escape_line(text)).collect();
    let status = match worst.status() {
        Status::Alarm => String::new(),
        other => format!("{}: ", other.word()),
    };
    if who.is_empty() {
        return format!("{status}{}", escape_line(&worst.reason));
    }
    format!("{}: {status}{}", who.join(" "), escape_line(&worst.reason))
}

/// How many rows have which status, the gravest first.
pub(super) fn counts(tally: &Tally) -> String {
    let mut counts: Vec<String> = Status::ALL
        .into_iter()
        .rev()
        .filter(|status| tally.count(*status) > 0)
        .map(|status| format!("{} {}", tally.count(status), status.word()))
        .collect();
    if tally.known > 0 {
        counts.push(format!("{} known alarm", tally.known));
    }
    if counts.is_empty() { "nothing to judge".to_owned() } else { counts.join(", ") }
}

/// What was judged, and how old it is.
pub(super) fn reports(facts: &Facts, run_time: Millis) -> String {
    let mut text = format!("{}, {}", many(facts.accounts, "account"), many(facts.users, "user"));
    if let (Some(oldest), Some(newest)) = (facts.oldest, facts.newest) {
        let _ = match oldest == newest {
            true => write!(text, "; reports of {}, {} old", time::format(newest), age(newest, run_time)),
            false => write!(
                text,
                "; reports of {} to {}, {} to {} old",
                time::format(oldest),
                time::format(newest),
                age(newest, run_time),
                age(oldest, run_time)
            ),
        };
        let _ = write!(text, " ({FRESHNESS})");
    }
    if let Some(without) = facts.without_earlier.filter(|without| *without > 0) {
        let verb = if without == 1 { "has" } else { "have" };
        let _ = write!(
            text,
            "; {} {verb} no earlier report, so that all its alarms count as new",
            many(without, "account")
        );
    }
    text
}

fn age(time: Millis, run_time: Millis) -> String {
    let hours = run_time.saturating_sub(time) / HOUR;
    match hours {
        ..0 => "less than no time".to_owned(),
        0..72 => many(hours.unsigned_abs(), "hour"),
        _ => many((hours / 24).unsigned_abs(), "day"),
    }
}

pub(super) fn many(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Requirements that no control answers: one by one for a framework that was asked for, otherwise
/// in a line.
fn unanswered(outcome: &Outcome, style: &Style, page: &mut String) {
    let open: Vec<(&Checked, &String)> = outcome
        .checked
        .iter()
        .filter_map(|checked| Some((checked, checked.unanswered.as_ref()?)))
        .collect();
    if open.is_empty() {
        return;
    }
    if !outcome.names_unanswered {
        let text = format!(
            "{} cannot be told by any credential report; `credsql queries list --framework {}` lists \
             them with what could",
            many(u64::try_from(open.len()).unwrap_or(u64::MAX), "further requirement"),
            open.first()
                .and_then(|(checked, _)| checked.control.requirements.first())
                .map_or("", |(framework, _)| framework)
        );
        let _ = write!(page, "\n{}\n", wrapped(&text, style.width));
        return;
    }
    page.push('\n');
    for (checked, reason) in open {
        let word = colored("UNKNOWN", Some(Status::Unknown), style);
        let width = style.width.map(|width| width.saturating_sub(9));
        let line = format!("{}  {}", checked.control.requirement(), checked.control.title);
        let _ = writeln!(page, "{word}  {}", fit(&line, width));
        let _ = writeln!(page, "         {}", fit(reason, width));
    }
}

/// How many controls have which status.
pub(super) fn total(outcome: &Outcome) -> String {
    let controls: Vec<&Checked> = by_urgency(outcome);
    let of = |status: Option<Status>| {
        controls.iter().filter(|checked| checked.tally.status() == status).count()
    };
    let mut parts: Vec<String> = Status::ALL
        .into_iter()
        .rev()
        .map(|status| (of(Some(status)), status.word()))
        .chain([(of(None), "with nothing to judge")])
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() {
        parts.push("none".to_owned());
    }
    let number = u64::try_from(controls.len()).unwrap_or(u64::MAX);
    format!("{}: {}", many(number, "control"), parts.join(", "))
}

fn colored(text: &str, status: Option<Status>, style: &Style) -> String {
    let color = match status {
        _ if !style.color => return text.to_owned(),
        Some(Status::Error | Status::Alarm) => "1;31",
        Some(Status::Unknown) => "1;33",
        Some(Status::Ok) => "32",
        Some(Status::Info) => "36",
        Some(Status::Skip | Status::Exempt) | None => "2",
    };
    format!("\x1b[{color}m{text}\x1b[0m")
}

/// A text in lines of at most `width` columns, broken between words.
fn wrapped(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else {
        return text.to_owned();
    };
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}
