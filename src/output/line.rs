//! One line of a table, and text cut to fit it.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::layout::{Kind, Layout};

/// One line of the grid, with nothing after its last cell.
pub(super) struct Line {
    text: String,
    /// Spaces owed to the cell before, if another follows.
    padding: usize,
    is_empty: bool,
    hides: bool,
}

impl Line {
    pub(super) fn new(layout: &Layout, columns: usize) -> Self {
        let hides = layout.widths.len() < columns;
        Self { text: String::new(), padding: 0, is_empty: true, hides }
    }

    /// Adds a cell of `taken` columns, which `text` may exceed by its colours, to a column of `width`.
    pub(super) fn push(&mut self, text: &str, taken: usize, width: usize, kind: Kind) {
        if !self.is_empty {
            self.space(self.padding);
            self.text.push_str(" │");
        }
        let gap = usize::from(!self.is_empty);
        let room = width.saturating_sub(taken);
        let (before, after) = match kind {
            Kind::Number => (gap + room, 0),
            _ if taken == 0 => (0, gap + room),
            _ => (gap, room),
        };
        self.space(before);
        self.text.push_str(text);
        self.padding = after;
        self.is_empty = false;
    }

    fn space(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n(' ', columns));
    }

    pub(super) fn end(mut self) -> String {
        if self.hides {
            self.push("…", 1, 1, Kind::Text);
        }
        self.text
    }
}

/// `text` cut to `width` columns, the last of them `…`; `None` if it fits.
pub(super) fn shorten(text: &str, width: usize) -> Option<String> {
    // a byte takes at most one column, so this spares most texts the look at their characters
    if text.len() <= width || text.width() <= width {
        return None;
    }
    let room = width.saturating_sub(1);
    let mut taken = 0;
    let mut short: String = text
        .chars()
        .take_while(|c| {
            taken += c.width().unwrap_or(0);
            taken <= room
        })
        .collect();
    // some characters are wider together than apart
    while short.width() > room {
        short.pop();
    }
    short.push('…');
    Some(short)
}

/// A line that is shortened to the columns there are, if there are too few.
#[must_use]
pub fn fit(text: &str, width: Option<usize>) -> Cow<'_, str> {
    match width.and_then(|width| shorten(text, width)) {
        Some(short) => Cow::Owned(short),
        None => Cow::Borrowed(text),
    }
}
