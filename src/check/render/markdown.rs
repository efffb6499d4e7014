//! The summary as Markdown, for a comment on a change or a page of a wiki.

use std::fmt::Write as _;
use std::io::Write;

use super::summary::Open;
use super::{Look, Render, summary};
use crate::check::judged::Judged;
use crate::check::run::{Checked, Outcome};
use crate::check::verdict::{Control, Status};
use crate::error::Result;
use crate::library::query::Severity;
use crate::output::{OutputError, escape_markdown};

pub(super) struct Markdown<'a> {
    out: Box<dyn Write + Send + 'a>,
    look: Look,
}

impl<'a> Markdown<'a> {
    pub(super) fn new(out: Box<dyn Write + Send + 'a>, look: &Look) -> Self {
        Self { out, look: look.clone() }
    }
}

impl Render for Markdown<'_> {
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
            "## {}\n\n{}\n\n**{}**\n\n| status | severity | control | rows | requirement |\n|---|---|---|---|---|\n",
            escape_markdown(&outcome.title),
            escape_markdown(&summary::reports(&outcome.facts, outcome.run_time)),
            summary::total(outcome)
        );
        let controls = summary::by_urgency(outcome);
        for checked in &controls {
            row(checked, &mut page);
        }
        for checked in controls {
            if checked.tally.status() >= Some(Status::Unknown) {
                section(checked, self.look.remediation, &mut page);
            }
        }
        open(outcome, &mut page);
        self.out.write_all(page.as_bytes()).map_err(OutputError::from)?;
        self.out.flush().map_err(OutputError::from)?;
        Ok(Vec::new())
    }
}

fn row(checked: &Checked, page: &mut String) {
    let control = &checked.control;
    let _ = writeln!(
        page,
        "| {} | {} | `{}` | {} | {} |",
        checked.tally.status().map_or("none", Status::word),
        control.severity.map_or("", Severity::word),
        control.id,
        summary::counts(&checked.tally),
        escape_markdown(&control.requirement())
    );
}

fn section(checked: &Checked, remediation: bool, page: &mut String) {
    let control = &checked.control;
    let _ = write!(page, "\n### `{}`\n\n{}\n\n", control.id, escape_markdown(&control.title));
    for worst in &checked.tally.worst {
        let _ = writeln!(page, "- {}", escape_markdown(&summary::subject(worst)));
    }
    if let Some(more) = summary::more(&checked.tally) {
        let _ = writeln!(page, "- {more}");
    }
    if remediation {
        let _ = write!(page, "\n{}\n", escape_markdown(&control.remediation));
    }
}

/// Requirements that no control answers.
fn open(outcome: &Outcome, page: &mut String) {
    match summary::open(outcome) {
        Open::None => {}
        // The backticks of the sentence are meant.
        Open::Many(text) => {
            let _ = write!(page, "\n{text}\n");
        }
        Open::Each(requirements) => {
            page.push_str("\n### Not told by any credential report\n\n");
            for (control, reason) in requirements {
                let text =
                    format!("{}: {}; {reason}", summary::requirement_or_id(control), control.title);
                let _ = writeln!(page, "- {}", escape_markdown(&text));
            }
        }
    }
}
