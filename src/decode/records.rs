//! Rows of cells as slices of one text, whatever they were read from.

use super::layout::Layout;
use super::refusal::Refusal;
use super::warning::Warnings;

/// Where a cell stands in the text of its chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A cell whose column this row does not have.
    pub const MISSING: Self = Self { start: u32::MAX, end: u32::MAX };
    /// A cell of a broken row, which cannot be told.
    pub const UNREADABLE: Self = Self { start: u32::MAX, end: 0 };

    /// A span from offsets, which fit because chunks are bounded far below 4 GiB.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
        }
    }
}

/// The text of a cell, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// What stands there.
    Text(&'a str),
    /// The column is missing.
    Missing,
    /// The row is broken here.
    Unreadable,
}

impl<'a> Cell<'a> {
    /// The text, if there is one.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Missing | Self::Unreadable => None,
        }
    }
}

/// A chunk of rows, all as wide as the header.
#[derive(Debug, Default)]
pub struct Records {
    /// What the spans point into.
    pub text: String,
    /// `width` spans for each row.
    pub cells: Vec<Span>,
    /// Line of each row in the file, from 1; 0 where there are no lines.
    pub lines: Vec<u64>,
    /// Cells per row.
    pub width: usize,
    /// Rows of which cells had to be given up, ascending, with the line as it was delivered.
    pub given_up: Vec<(usize, String)>,
    /// The header of these rows, where it is another than that of the rows before.
    pub new_layout: Option<Layout>,
}

impl Records {
    /// Forgets all rows, keeping the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.lines.clear();
        self.given_up.clear();
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// One cell; `position` is `None` for a column the header does not have.
    #[must_use]
    pub fn cell(&self, row: usize, position: Option<usize>) -> Cell<'_> {
        let Some(position) = position else {
            return Cell::Missing;
        };
        match self.cells.get(row * self.width + position) {
            None | Some(&Span::MISSING) => Cell::Missing,
            Some(&Span::UNREADABLE) => Cell::Unreadable,
            Some(&span) => Cell::Text(slice(&self.text, span)),
        }
    }

    /// Adds a cell that stands in no file, for rows that are made rather than sliced.
    pub fn push_text(&mut self, cell: &str) {
        let start = self.text.len();
        self.text.push_str(cell);
        self.cells.push(Span::new(start, self.text.len()));
    }
}

/// The text of a span. Spans are made at the edges of cells, so they always lie on characters.
#[must_use]
pub fn slice(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// A stream of chunks of rows.
pub trait Rows {
    /// Tells before the first chunk that nothing is wanted but whose the rows are: cells that do not
    /// tell that may be given as missing.
    fn only_identities(&mut self) {}

    /// Replaces `records` by the next chunk. `false` at the end.
    ///
    /// # Errors
    /// If the input breaks or a record outgrows every bound.
    fn next(&mut self, records: &mut Records, warnings: &mut Warnings) -> Result<bool, Refusal>;
}
