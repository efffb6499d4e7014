//! Rows that are not as wide as their header.
//!
//! What can be proved is recovered; of the rest only that somebody stands there is kept, with every
//! doubtful cell unknown. No row is dropped and no cell slides into another column.

use super::cell;
use super::layout::Layout;
use super::records::{Span, slice};
use crate::schema::{ARN, Kind, REPORT, REPORT_WIDTH, USER};

/// What became of a broken record.
pub(super) struct Repaired {
    /// Rows as wide as the header.
    pub rows: Vec<Vec<Span>>,
    /// What was wrong, and what was done.
    pub message: String,
}

/// A broken record and what is known of its place.
pub(super) struct Broken<'a> {
    /// The text the spans point into.
    pub text: &'a str,
    /// The cells as they were found.
    pub cells: &'a [Span],
    /// The header.
    pub layout: &'a Layout,
    /// Whether the record ends where the file ends, without a line end.
    pub last: bool,
}

impl Broken<'_> {
    /// Recovers what can be proved.
    #[must_use]
    pub(super) fn repair(&self) -> Repaired {
        let found = self.cells.len();
        let width = self.layout.width();
        let what = format!("{found} cells under {width} columns");
        if let Some(rows) = self.glued() {
            let message = if rows.len() == 1 {
                format!("{what}: a header is glued to the row, which was pulled apart")
            } else {
                format!("{what}: {} rows glued into one line were pulled apart", rows.len())
            };
            return Repaired { rows, message };
        }
        if let Some(row) = self.surplus_blanks() {
            return Repaired {
                rows: vec![row],
                message: format!("{what}: the last are empty and were left out"),
            };
        }
        if let Some(row) = self.comma_in_name() {
            return Repaired {
                rows: vec![row],
                message: format!("{what}: an unquoted comma in the user name was undone"),
            };
        }
        if let Some(row) = self.cut_off() {
            let message = format!(
                "{what}: the file ends inside this row, its last {} cells are unknown",
                width - found + 1
            );
            return Repaired { rows: vec![row], message };
        }
        let rows = self.by_arn();
        if rows.len() > 1 {
            let message = format!(
                "{what}: {} users stand in this line; only they can be trusted, the other cells are unknown",
                rows.len()
            );
            return Repaired { rows, message };
        }
        let row = self.name_only();
        let message = if self.layout.report[USER].is_some_and(|user| row[user] != Span::UNREADABLE)
        {
            format!("{what}: only the user and the ARN can be trusted, the other cells are unknown")
        } else {
            format!("{what}: nothing in this row can be trusted, all of it is unknown")
        };
        Repaired { rows: vec![row], message }
    }

    fn text(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |&span| slice(self.text, span))
    }

    /// AWS ends a report without a line end, so joined reports glue the last row of one to the
    /// header or the first row of the next: the joint is one cell.
    fn glued(&self) -> Option<Vec<Vec<Span>>> {
        let width = self.layout.width();
        let step = width.checked_sub(1).filter(|&step| step > 1)?;
        let pieces = self.cells.len().checked_sub(1)? / step;
        if pieces < 2 || pieces * step + 1 != self.cells.len() {
            return None;
        }
        let mut rows = Vec::with_capacity(pieces);
        let mut first = *self.cells.first()?;
        for piece in 0..pieces {
            let begin = piece * step;
            let joint = *self.cells.get(begin + step)?;
            let next = if piece + 1 < pieces { Some(self.split(begin + step)?) } else { None };
            let last = next.map_or(joint, |split| Span { end: split, ..joint });
            let mut row = vec![first];
            row.extend_from_slice(self.cells.get(begin + 1..begin + step)?);
            row.push(last);
            // The ARNs prove where rows begin; a cell that cannot be read is the cell's own trouble.
            if !self.is_header(&row) {
                rows.push(row);
            }
            first = next.map_or(joint, |split| Span { start: split, ..joint });
        }
        Some(rows)
    }

    /// Where the joint cell splits: before the name that the ARN after it repeats, or before the
    /// first name of the header.
    fn split(&self, joint: usize) -> Option<u32> {
        let text = self.text(joint);
        let next = self.text(joint + 1);
        let first = &self.layout.names[0];
        let begins_header = self.layout.names.get(1).is_some_and(|name| name == next);
        let name = if begins_header {
            first.as_str()
        } else if self.layout.report[USER] == Some(0) && self.layout.report[ARN] == Some(1) {
            // The root row repeats its name nowhere, but the name is fixed.
            if next.ends_with(":root") {
                "<root_account>"
            } else {
                next.strip_prefix("arn:")?.rsplit('/').next()?
            }
        } else {
            return None;
        };
        let head = text.strip_suffix(name).filter(|_| !name.is_empty())?;
        Some(self.cells[joint].start + u32::try_from(head.len()).ok()?)
    }

    fn is_header(&self, row: &[Span]) -> bool {
        row.iter()
            .zip(&self.layout.names)
            .all(|(&span, name)| slice(self.text, span).trim() == name)
    }

    /// Whether every cell is something its column may hold.
    fn fits(&self, row: &[Span]) -> bool {
        (0..REPORT_WIDTH).all(|column| {
            let Some(&span) = self.layout.report[column].and_then(|position| row.get(position))
            else {
                return true;
            };
            let text = slice(self.text, span);
            match (column, REPORT[column].kind) {
                (ARN, _) => text.is_empty() || text.starts_with("arn:"),
                (_, Kind::Boolean) => cell::read_flag(text) != Err(cell::State::Unreadable),
                (_, Kind::Timestamp) => cell::read_time(text) != Err(cell::State::Unreadable),
                _ => true,
            }
        })
    }

    /// Separators at the end of a row, as spreadsheets leave them.
    fn surplus_blanks(&self) -> Option<Vec<Span>> {
        let width = self.layout.width();
        let blank = (width..self.cells.len()).all(|index| self.text(index).trim().is_empty());
        let row = self.cells.get(..width).filter(|_| blank)?.to_vec();
        self.fits(&row).then_some(row)
    }

    /// A comma is legal in a user name, and the ARN repeats it: the ARN's beginning tells how many
    /// commas the name has.
    fn comma_in_name(&self) -> Option<Vec<Span>> {
        let (user, arn) = (self.layout.report[USER]?, self.layout.report[ARN]?);
        let extra = self.cells.len().checked_sub(self.layout.width()).filter(|&extra| extra > 0)?;
        if arn != user + 1 {
            return None;
        }
        let found = (arn..=arn + extra).find(|&index| self.text(index).starts_with("arn:"))?;
        let in_user = found - arn;
        let arn_end = found + (extra - in_user);
        let joined = |from: usize, to: usize| {
            let (first, last) = (self.cells.get(from)?, self.cells.get(to)?);
            (first.start <= last.end).then_some(Span { start: first.start, end: last.end })
        };
        let (user_span, arn_span) = (joined(user, found - 1)?, joined(found, arn_end)?);
        if slice(self.text, arn_span).rsplit('/').next()? != slice(self.text, user_span) {
            return None;
        }
        let mut row = self.cells.get(..user)?.to_vec();
        row.extend([user_span, arn_span]);
        row.extend_from_slice(self.cells.get(arn_end + 1..)?);
        (row.len() == self.layout.width() && self.fits(&row)).then_some(row)
    }

    /// A file that stops in the middle of its last row: what stands before the last cell is whole.
    fn cut_off(&self) -> Option<Vec<Span>> {
        let whole = self.cells.len().checked_sub(1)?;
        if !self.last || self.cells.len() >= self.layout.width() || !self.names_agree() {
            return None;
        }
        let mut row = self.cells[..whole].to_vec();
        if !self.fits(&row) {
            return None;
        }
        row.resize(self.layout.width(), Span::UNREADABLE);
        Some(row)
    }

    /// Whether user and ARN stand in their places: each proves the other.
    fn names_agree(&self) -> bool {
        let (Some(user), Some(arn)) = (self.layout.report[USER], self.layout.report[ARN]) else {
            return false;
        };
        let (user, arn) = (self.text(user).trim(), self.text(arn));
        arn.starts_with("arn:")
            && (arn.rsplit('/').next().is_some_and(|name| name == user && arn.contains('/'))
                || (arn.ends_with(":root") && user == "<root_account>"))
    }

    /// One row for each ARN in the line, with the user before it where the two agree.
    fn by_arn(&self) -> Vec<Vec<Span>> {
        let Some(arn) = self.layout.report[ARN] else { return Vec::new() };
        let row = |index: usize| {
            let mut row = vec![Span::UNREADABLE; self.layout.width()];
            row[arn] = self.cells[index];
            let text = self.text(index);
            let name = if text.ends_with(":root") {
                "<root_account>"
            } else {
                text.rsplit('/').next().unwrap_or_default()
            };
            if let (Some(user), Some(before)) = (self.layout.report[USER], index.checked_sub(1))
                && let Some(head) =
                    self.text(before).strip_suffix(name).filter(|_| !name.is_empty())
            {
                let span = self.cells[before];
                let skipped = u32::try_from(head.len()).unwrap_or_default();
                row[user] = Span { start: span.start.saturating_add(skipped), ..span };
            }
            row
        };
        (0..self.cells.len())
            .filter(|&index| self.text(index).starts_with("arn:"))
            .map(row)
            .collect()
    }

    fn name_only(&self) -> Vec<Span> {
        let mut row = vec![Span::UNREADABLE; self.layout.width()];
        if self.names_agree() {
            for column in [USER, ARN] {
                if let Some(position) = self.layout.report[column]
                    && let Some(&span) = self.cells.get(position)
                {
                    row[position] = span;
                }
            }
        }
        row
    }
}
