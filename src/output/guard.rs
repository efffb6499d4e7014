//! A writer in front of a terminal.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Format;
use super::escape::{Notation, escape};

/// Passes UTF-8 text on to a terminal and escapes the control characters in it as
/// [`escape_control`](super::escape_control) does, wherever a write happens to end.
///
/// For the formats meant for machines: csv, tsv, json and ndjson. JSON is escaped in its own notation, so
/// what is copied from the screen is still the same JSON. The other formats escape by themselves, and
/// their colours would not survive this. A character that the last write left unfinished is not shown.
#[derive(Debug)]
pub struct TerminalGuard<W: Write> {
    inner: W,
    notation: Notation,
    /// The first one to three bytes of a character whose end is still to come.
    unfinished: Vec<u8>,
}

impl<W: Write> TerminalGuard<W> {
    /// Guards `inner`, a terminal, against text of `format`.
    pub fn new(inner: W, format: Format) -> Self {
        let notation = match format {
            Format::Json | Format::Ndjson => Notation::Json,
            _ => Notation::Rust,
        };
        Self { inner, notation, unfinished: Vec::new() }
    }

    fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        for chunk in bytes.utf8_chunks() {
            let text = escape(chunk.valid(), self.notation, |c| matches!(c, '\n' | '\t'));
            self.inner.write_all(text.as_bytes())?;
            let mut shown = String::new();
            for byte in chunk.invalid() {
                // writing to a string cannot fail
                let _ = write!(shown, "\\x{byte:02x}");
            }
            self.inner.write_all(shown.as_bytes())?;
        }
        Ok(())
    }
}

impl<W: Write> Write for TerminalGuard<W> {
    fn write(&mut self, new: &[u8]) -> io::Result<usize> {
        if self.unfinished.is_empty() {
            let (whole, rest) = split_unfinished(new);
            self.unfinished.extend_from_slice(rest);
            self.pass(whole)?;
        } else {
            let mut bytes = std::mem::take(&mut self.unfinished);
            bytes.extend_from_slice(new);
            let (whole, rest) = split_unfinished(&bytes);
            self.unfinished.extend_from_slice(rest);
            self.pass(whole)?;
        }
        Ok(new.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Cuts off the start of a character at the very end.
fn split_unfinished(bytes: &[u8]) -> (&[u8], &[u8]) {
    let starts_a_character = |tail: &[u8]| {
        std::str::from_utf8(tail)
            .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    // `length` is at most `bytes.len()`, so neither the subtraction nor the split can fail
    (1..=bytes.len().min(3))
        .map(|length| bytes.split_at(bytes.len() - length))
        .find(|(_, tail)| starts_a_character(tail))
        .unwrap_or((bytes, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guarded(format: Format, writes: &[&[u8]]) -> String {
        let mut screen = Vec::new();
        let mut guard = TerminalGuard::new(&mut screen, format);
        for bytes in writes {
            guard.write_all(bytes).unwrap();
        }
        guard.flush().unwrap();
        drop(guard);
        String::from_utf8(screen).unwrap()
    }

    #[test]
    fn escapes_wherever_a_write_ends() {
        let text = "a\tü漢👍\x1b[31m\u{9b}\u{202e}b\r\n";
        let shown = "a\tü漢👍\\x1b[31m\\u{9b}\\u{202e}b\\r\n";
        assert_eq!(guarded(Format::Csv, &[text.as_bytes()]), shown);
        for size in 1..5 {
            let writes: Vec<_> = text.as_bytes().chunks(size).collect();
            assert_eq!(guarded(Format::Csv, &writes), shown, "writes of {size} bytes");
        }
    }

    #[test]
    fn json_stays_the_same_json() {
        assert_eq!(
            guarded(Format::Json, &["\"\x7f\u{85}\u{202e}\"".as_bytes()]),
            r#""\u007f\u0085\u202e""#
        );
    }

    #[test]
    fn bytes_that_are_not_text_are_shown() {
        assert_eq!(
            guarded(Format::Csv, &[b"a\xff\x9bb", b"\xe2\x80", b"c"]),
            r"a\xff\x9bb\xe2\x80c"
        );
    }
}
