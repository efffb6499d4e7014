//! Where the cells of a record stand: the separators of one block of text, and RFC 4180 quotes.

use memchr::{memchr, memchr_iter, memchr2};

use super::records::Span;

/// A quoted cell longer than this has lost its closing quote.
const LONGEST_QUOTED: usize = 1 << 20;

/// One block of text and how it is separated.
pub(super) struct Scan<'t> {
    /// The text; it ends on a line end unless nothing follows.
    pub(super) text: &'t str,
    /// Between cells.
    pub(super) delimiter: u8,
    /// Between records.
    pub(super) line_end: u8,
    /// Whether nothing follows this block.
    pub(super) ended: bool,
}

/// A record that was found.
pub(super) struct Record {
    /// Where the next one begins.
    pub(super) end: usize,
    /// Line ends in it.
    pub(super) lines: u64,
    /// Whether the text ended before a line end.
    pub(super) unterminated: bool,
    /// Whether a cell began with a quote that nothing closes.
    pub(super) stray_quote: bool,
}

impl Scan<'_> {
    /// Finds the cells of the record that begins at `start`. `None` if it does not end in this
    /// block and more is to come. Cells whose doubled quotes were undone are put into `side`; their
    /// spans count on from the end of the text.
    pub(super) fn record(
        &self,
        start: usize,
        spans: &mut Vec<Span>,
        side: &mut String,
    ) -> Option<Record> {
        let bytes = self.text.as_bytes();
        let rest = bytes.get(start..)?;
        let end = memchr(self.line_end, rest).map(|end| start + end);
        if end.is_none() && !self.ended {
            return None;
        }
        let line = &bytes[start..end.unwrap_or(bytes.len())];
        if memchr(b'"', line).is_some() {
            return self.quoted_record(start, spans, side);
        }
        let length = if line.ends_with(b"\r") { line.len() - 1 } else { line.len() };
        let mut cell = start;
        for delimiter in memchr_iter(self.delimiter, &line[..length]) {
            spans.push(Span::new(cell, start + delimiter));
            cell = start + delimiter + 1;
        }
        spans.push(Span::new(cell, start + length));
        Some(Record {
            end: end.map_or(bytes.len(), |end| end + 1),
            lines: 1,
            unterminated: end.is_none(),
            stray_quote: false,
        })
    }

    /// RFC 4180. A quote that nothing closes is text: it must not swallow the rows after it.
    fn quoted_record(
        &self,
        start: usize,
        spans: &mut Vec<Span>,
        side: &mut String,
    ) -> Option<Record> {
        let bytes = self.text.as_bytes();
        let mut record =
            Record { end: bytes.len(), lines: 1, unterminated: true, stray_quote: false };
        let mut position = start;
        loop {
            if bytes.get(position) == Some(&b'"') {
                match self.closing_quote(position) {
                    Quote::Closed(close) => {
                        let inner = &self.text[position + 1..close];
                        let breaks = memchr_iter(self.line_end, inner.as_bytes()).count();
                        record.lines += u64::try_from(breaks).unwrap_or(0);
                        spans.push(self.unquoted(position + 1, inner, side));
                        position = close + 1;
                    }
                    Quote::Unfinished => return None,
                    Quote::Stray => {
                        record.stray_quote = true;
                        position = self.plain_cell(position, spans);
                    }
                }
            } else {
                position = self.plain_cell(position, spans);
            }
            match bytes.get(position) {
                Some(&byte) if byte == self.delimiter => position += 1,
                Some(b'\r') if bytes.get(position + 1) == Some(&self.line_end) => {
                    return Some(Record { end: position + 2, unterminated: false, ..record });
                }
                Some(_) if position + 1 < bytes.len() || bytes[position] == self.line_end => {
                    return Some(Record { end: position + 1, unterminated: false, ..record });
                }
                _ => return if self.ended { Some(record) } else { None },
            }
        }
    }

    /// An unquoted cell; returns where it ends.
    fn plain_cell(&self, start: usize, spans: &mut Vec<Span>) -> usize {
        let rest = &self.text.as_bytes()[start..];
        let length = memchr2(self.delimiter, self.line_end, rest).unwrap_or(rest.len());
        let at_line_end = rest.get(length).is_none_or(|&byte| byte == self.line_end);
        let trimmed =
            if at_line_end && rest[..length].ends_with(b"\r") { length - 1 } else { length };
        spans.push(Span::new(start, start + trimmed));
        start + length
    }

    /// Where the cell that opens at `open` closes: at a quote before a delimiter or a line end.
    fn closing_quote(&self, open: usize) -> Quote {
        let bytes = self.text.as_bytes();
        let limit = bytes.len().min(open + LONGEST_QUOTED);
        let mut position = open + 1;
        while let Some(found) = memchr(b'"', &bytes[position..limit]) {
            let quote = position + found;
            match bytes.get(quote + 1) {
                Some(b'"') => position = quote + 2,
                Some(&byte) if byte == self.delimiter || byte == self.line_end || byte == b'\r' => {
                    return Quote::Closed(quote);
                }
                None if self.ended => return Quote::Closed(quote),
                None => return Quote::Unfinished,
                Some(_) => return Quote::Stray,
            }
            if position > limit {
                break;
            }
        }
        if self.ended || limit < bytes.len() { Quote::Stray } else { Quote::Unfinished }
    }

    fn unquoted(&self, start: usize, inner: &str, side: &mut String) -> Span {
        if !inner.contains("\"\"") {
            return Span::new(start, start + inner.len());
        }
        let from = self.text.len() + side.len();
        side.push_str(&inner.replace("\"\"", "\""));
        Span::new(from, self.text.len() + side.len())
    }
}

enum Quote {
    Closed(usize),
    /// More text is needed to tell.
    Unfinished,
    /// Nothing closes it.
    Stray,
}
