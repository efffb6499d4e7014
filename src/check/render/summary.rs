//! The summary to read: each control on a line, the worst first, with the worst of its rows. Or, with
//! all rows, each control in the order they are run.

use std::fmt::Write as _;
use std::io::Write;

use unicode_width::UnicodeWidthStr;

use super::{Look, Render};
use crate::check::facts::Facts;
use crate::check::judged::Judged;
use crate::check::run::{Checked, Outcome};
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

impl Summary<'_> {
    fn write(&mut self, text: &str) -> Result<()> {
        Ok(self.out.write_all(text.as_bytes()).map_err(OutputError::from)?)
    }
}

impl Render for Summary<'_> {
    fn wants_rows(&self) -> bool {
        self.look.all
    }

    fn begin(&mut self, control: &Control) -> Result<()> {
        if !self.look.all {
            return Ok(());
        }
        let severity = control.severity.map_or("", Severity::word);
        let head = format!("{}  {severity}  {}", control.id, control.requirement());
        let head = escape_line(&head);
        let style = self.look.style;
        let head = colored(&fit(head.trim_end(), style.width), "1", &style);
        self.write(&format!("{head}\n{}\n", wrapped(&escape_line(&control.title), style.width, "")))
    }

    fn rows(&mut self, _: &Control, rows: &Judged) -> Result<()> {
        if !self.look.all {
            return Ok(());
        }
        let style = self.look.style;
        rows.verdicts().try_for_each(|verdict| {
            let mut lines = String::new();
            let who = who(verdict.account_id, verdict.user, verdict.credential);
            row(verdict.status, &format!("{who}{}", verdict.reason), &style, &mut lines);
            self.write(&lines)
        })
    }

    fn end(&mut self, _: &Control, tally: &Tally) -> Result<()> {
        if self.look.all { self.write(&format!("{}\n\n", counts(tally))) } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>, outcome: &Outcome) -> Result<Vec<String>> {
        let style = self.look.style;
        let mut page = String::new();
        for text in [&outcome.title, &reports(&outcome.facts, outcome.run_time)] {
            let _ = writeln!(page, "{}", wrapped(text, style.width, ""));
        }
        if !self.look.all {
            page.push('\n');
            let run = outcome.checked.iter().filter(|checked| checked.unanswered.is_none());
            let id_width = run.map(|checked| checked.control.id.len()).max().unwrap_or(0);
            for checked in by_urgency(outcome) {
                control(checked, id_width, &self.look, &mut page);
            }
            unanswered(outcome, &style, &mut page);
            page.push('\n');
        }
        let _ = writeln!(page, "{}", wrapped(&total(outcome), style.width, ""));
        self.write(&page)?;
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
    let severity = checked.control.severity.map_or("", Severity::word);
    let id = &checked.control.id;
    let line = format!("{severity:<8}  {id:<id_width$}  {}", counts(&checked.tally));
    let line = escape_line(&line);
    let lines = wrapped(&line, look.style.width, INDENT);
    // What is in alarm and was before is not fine.
    let is_known = checked.tally.known > 0 && status < Some(Status::Unknown);
    let word =
        if is_known { colored("KNOWN  ", "1;33", &look.style) } else { word(status, &look.style) };
    let _ = writeln!(page, "{word}  {}", lines.trim_start());
    if status < Some(Status::Unknown) {
        return;
    }
    for worst in &checked.tally.worst {
        indented(&subject(worst), &look.style, page);
    }
    if let Some(more) = more(&checked.tally) {
        indented(&more, &look.style, page);
    }
    if look.remediation {
        indented(&format!("cure: {}", checked.control.remediation), &look.style, page);
    }
}

/// The column at which what belongs to a status begins.
const INDENT: &str = "         ";

/// A status and what belongs to it.
fn row(status: Status, text: &str, style: &Style, page: &mut String) {
    let mut lines = String::new();
    indented(text, style, &mut lines);
    let _ = write!(page, "{}  {}", word(Some(status), style), lines.trim_start());
}

fn indented(text: &str, style: &Style, page: &mut String) {
    let _ = writeln!(page, "{}", wrapped(&escape_line(text), style.width, INDENT));
}

/// Who, and why.
pub(super) fn subject(worst: &Worst) -> String {
    let status = match worst.status() {
        Status::Alarm => String::new(),
        other => format!("{}: ", other.word()),
    };
    let who = who(worst.account_id.as_deref(), worst.user.as_deref(), worst.credential.as_deref());
    format!("{who}{status}{}", worst.reason)
}

/// Account, user and credential, as far as they are judged.
fn who(account_id: Option<&str>, user: Option<&str>, credential: Option<&str>) -> String {
    let who: Vec<&str> = [account_id, user, credential].into_iter().flatten().collect();
    if who.is_empty() { String::new() } else { format!("{}: ", who.join(" ")) }
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
    let mut text =
        format!("{}, {}", many(facts.accounts(), "account"), many(facts.users(), "user"));
    if let (Some(oldest), Some(newest)) = (facts.oldest(), facts.newest()) {
        let (newest_age, oldest_age) = (age(newest, run_time), age(oldest, run_time));
        let newest = time::format(newest);
        let _ = if newest_age == oldest_age {
            write!(text, "; reports of {newest}, {newest_age} old")
        } else {
            let oldest = time::format(oldest);
            write!(text, "; reports of {oldest} to {newest}, {newest_age} to {oldest_age} old")
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

/// Requirements that no control answers.
fn unanswered(outcome: &Outcome, style: &Style, page: &mut String) {
    match open(outcome) {
        Open::None => {}
        Open::Many(text) => {
            let _ = write!(page, "\n{}\n", wrapped(&text, style.width, ""));
        }
        Open::Each(requirements) => {
            page.push('\n');
            for (control, reason) in requirements {
                let line = format!("{}: {}", requirement_or_id(control), control.title);
                row(Status::Unknown, &line, style, page);
                indented(reason, style, page);
            }
        }
    }
}

/// Requirements that no control answers: one by one for a framework that was asked for, otherwise
/// in a sentence.
pub(super) enum Open<'a> {
    None,
    Many(String),
    Each(Vec<(&'a Control, &'a str)>),
}

pub(super) fn open(outcome: &Outcome) -> Open<'_> {
    let open: Vec<(&Control, &str)> = outcome
        .checked
        .iter()
        .filter_map(|checked| Some((&checked.control, checked.unanswered.as_deref()?)))
        .collect();
    if open.is_empty() {
        return Open::None;
    }
    let required = |(control, _): &&(&Control, &str)| !control.requirements.is_empty();
    let framework =
        open.iter().find(required).and_then(|(control, _)| control.requirements.first());
    let Some((framework, _)) = framework.filter(|_| !outcome.names_unanswered) else {
        return Open::Each(open);
    };
    let count = |is_counted: fn(&Control) -> bool| {
        let counted = open.iter().filter(|(control, _)| is_counted(control));
        counted.map(|(control, _)| control.requirements.len()).sum::<usize>()
    };
    // Only controls are of some severity.
    let by_more = match count(|control| control.severity.is_some()) {
        0 => String::new(),
        by_more => format!(" ({by_more} of them by a live source with --enrich)"),
    };
    let mut text = format!(
        "{} cannot be told by any credential report; `credsql queries list --framework {framework}` \
         lists them with what could{by_more}",
        many(u64::try_from(count(|_| true)).unwrap_or(u64::MAX), "further requirement")
    );
    for (control, reason) in open.iter().filter(|open| !required(open)) {
        let _ = write!(text, "; {} {reason}", control.id);
    }
    Open::Many(text)
}

/// The requirements that a control answers to, or the control where nothing requires it.
pub(super) fn requirement_or_id(control: &Control) -> String {
    if control.requirements.is_empty() { control.id.clone() } else { control.requirement() }
}

/// How many urgent rows there are beyond the worst that are named.
pub(super) fn more(tally: &Tally) -> Option<String> {
    let urgent: u64 = [Status::Unknown, Status::Alarm, Status::Error]
        .into_iter()
        .map(|status| tally.count(status))
        .sum();
    let shown = u64::try_from(tally.worst.len()).unwrap_or(u64::MAX);
    (urgent > shown).then(|| format!("and {} more", urgent - shown))
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
    // A control with an error is no better for its alarms.
    let alarms = controls.iter().map(|checked| checked.tally.count(Status::Alarm)).sum();
    let alarms = if alarms > 0 { format!("; {}", many(alarms, "alarm")) } else { String::new() };
    format!("{}: {}{alarms}", many(number, "control"), parts.join(", "))
}

/// A status in capitals and in its colour.
fn word(status: Option<Status>, style: &Style) -> String {
    let text = format!("{:<7}", status.map_or("none", Status::word).to_uppercase());
    let color = match status {
        Some(Status::Error | Status::Alarm) => "1;31",
        Some(Status::Unknown) => "1;33",
        Some(Status::Ok) => "32",
        Some(Status::Info) => "36",
        Some(Status::Skip | Status::Exempt) | None => "2",
    };
    colored(&text, color, style)
}

fn colored(text: &str, color: &str, style: &Style) -> String {
    if style.color { format!("\x1b[{color}m{text}\x1b[0m") } else { text.to_owned() }
}

/// A text in lines of at most `width` columns, broken between words, each after `indent`.
fn wrapped(text: &str, width: Option<usize>, indent: &str) -> String {
    let width = width.unwrap_or(usize::MAX);
    let mut lines = indent.to_owned();
    let mut column = indent.len();
    for word in text.split(' ') {
        let length = word.width();
        if column > indent.len() && column + 1 + length > width {
            lines.push('\n');
            lines.push_str(indent);
            column = indent.len();
        } else if column > indent.len() {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}
