//! Input taken apart into statements and commands.
//!
//! One splitter for the prompt, for `-c`, for files and for `\i`, so that a text means the same
//! wherever it is read. It knows where statements end, not whether they are good.

use crate::shell::lexer::{Kind, Lexer};

/// A statement or a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    /// What it is.
    pub(crate) kind: PieceKind,
    /// The text without the `;` of a statement, and without blanks and comments before it.
    pub(crate) text: &'a str,
    /// The line of its first character, from 1 on.
    pub(crate) line: usize,
    /// Where it ends in the text, in bytes.
    pub(crate) end: usize,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// A statement that was ended with `;`.
    Sql,
    /// A command of the shell: the rest of its line.
    Command,
    /// A statement that ends without `;`: with the text, or where a command begins.
    Unfinished,
}

/// The statements and commands of a text, in order. What holds only blanks and comments is left out.
///
/// A command begins with `\` anywhere outside quotes and comments, or, where a line begins and no
/// statement is open, with `.` and a letter or with `help`, `quit` or `exit` alone. It ends with
/// its line, and a `;` in it stays, save after those three words.
pub(crate) fn split(text: &str) -> Vec<Piece<'_>> {
    let mut lines = Lines { text, at: 0, line: 1 };
    regions(text)
        .filter(Region::is_piece)
        .map(|region| Piece {
            kind: region.kind,
            text: text.get(region.start..region.end).unwrap_or_default().trim_end(),
            line: lines.line_of(region.start),
            end: region.end,
        })
        .collect()
}

/// Whether Enter should submit: there is nothing but blanks and comments, or the last thing is a
/// command or a statement ended with `;`. What has an open quote or comment is not complete.
pub(crate) fn is_complete(text: &str) -> bool {
    let last = regions(text).last();
    last.is_none_or(|region| {
        region.closed && (region.kind != PieceKind::Unfinished || !region.is_piece())
    })
}

/// A piece and the blanks and comments before it, in bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    /// What it is.
    pub(crate) kind: PieceKind,
    /// Where the piece before it has ended.
    pub(crate) from: usize,
    /// Its first character that is not blank or comment; `end` if there is none.
    pub(crate) start: usize,
    /// Where it ends, without the `;`.
    pub(crate) end: usize,
    /// Whether its quotes and comments are closed.
    pub(crate) closed: bool,
}

impl Region {
    fn is_piece(&self) -> bool {
        self.start < self.end
    }
}

/// All of the text as regions, empty statements and a last one without content included.
pub(crate) fn regions(text: &str) -> Regions<'_> {
    Regions { text, lexer: Lexer::new(text, 0), from: 0, command: None }
}

/// The region that a cursor is in: what it would add to if something were typed.
pub(crate) fn region_at(text: &str, cursor: usize) -> Region {
    let nothing = Region {
        kind: PieceKind::Unfinished,
        from: cursor,
        start: cursor,
        end: cursor,
        closed: true,
    };
    regions(text)
        .find(|region| region.from <= cursor && cursor <= region.end)
        .filter(|region| region.kind != PieceKind::Command || region.start <= cursor)
        .unwrap_or(nothing)
}

/// Iterates over the regions of a text. Takes time linear in its length.
#[derive(Clone, Debug)]
pub(crate) struct Regions<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    from: usize,
    /// Where a command begins that a statement was cut off by.
    command: Option<usize>,
}

impl Iterator for Regions<'_> {
    type Item = Region;

    fn next(&mut self) -> Option<Region> {
        if let Some(start) = self.command.take() {
            return Some(self.command_from(start));
        }
        if self.from >= self.text.len() {
            return None;
        }
        let (mut start, mut closed) = (None, true);
        while let Some(token) = self.lexer.next() {
            closed = token.closed;
            match token.kind {
                Kind::Semicolon => {
                    return Some(self.statement(start, token.start, token.end(), true));
                }
                Kind::Backslash if start.is_none() => return Some(self.command_from(token.start)),
                Kind::Backslash => {
                    self.command = Some(token.start);
                    let end = token.start;
                    return Some(self.cut(start, end));
                }
                _ if token.is_filler() || start.is_some() => {}
                _ if self.is_plain_command(token.start) => {
                    return Some(self.command_from(token.start));
                }
                _ => start = Some(token.start),
            }
        }
        let end = self.text.len();
        Some(Region {
            closed,
            kind: PieceKind::Unfinished,
            ..self.statement(start, end, end, closed)
        })
    }
}

impl Regions<'_> {
    /// A statement that ends at `end`; what follows begins at `after`.
    fn statement(
        &mut self,
        start: Option<usize>,
        end: usize,
        after: usize,
        closed: bool,
    ) -> Region {
        let from = std::mem::replace(&mut self.from, after);
        Region { kind: PieceKind::Sql, from, start: start.unwrap_or(end), end, closed }
    }

    /// A statement that a command cuts off.
    fn cut(&mut self, start: Option<usize>, end: usize) -> Region {
        Region { kind: PieceKind::Unfinished, ..self.statement(start, end, end, true) }
    }

    /// The command that begins here and ends with its line.
    fn command_from(&mut self, start: usize) -> Region {
        let rest = self.text.get(start..).unwrap_or_default();
        let end = start + rest.find('\n').unwrap_or(rest.len());
        let from = std::mem::replace(&mut self.from, end);
        self.lexer.jump(end);
        let end = if is_bare_word(rest.lines().next().unwrap_or_default()) {
            start + rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())
        } else {
            end
        };
        Region { kind: PieceKind::Command, from, start, end, closed: true }
    }

    /// Whether a command without backslash begins here: only where a line begins.
    fn is_plain_command(&self, start: usize) -> bool {
        let line_so_far = self
            .text
            .get(self.from..start)
            .and_then(|before| before.rsplit('\n').next())
            .unwrap_or_default();
        let is_first = self.from == 0
            || self.text.get(self.from..start).is_some_and(|before| before.contains('\n'));
        if !is_first || !line_so_far.trim().is_empty() {
            return false;
        }
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let mut chars = line.chars();
        (chars.next() == Some('.') && chars.next().is_some_and(char::is_alphabetic))
            || is_bare_word(line)
    }
}

/// Whether the line is a word that is a command by itself, with or without `;`.
fn is_bare_word(line: &str) -> bool {
    let line = line.trim();
    let word = line.strip_suffix(';').unwrap_or(line).trim_end();
    ["help", "quit", "exit"].iter().any(|bare| word.eq_ignore_ascii_case(bare))
}

/// Counts lines as places are asked for in ascending order.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn line_of(&mut self, place: usize) -> usize {
        let between = self.text.get(self.at..place).unwrap_or_default();
        self.line += between.matches('\n').count();
        self.at = place;
        self.line
    }
}

#[cfg(test)]
mod tests;
