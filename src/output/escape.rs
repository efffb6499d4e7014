//! Text from data on its way to a terminal, where a control character would be obeyed.

use std::borrow::Cow;
use std::fmt::Write;

/// Shows control characters and changes of writing direction as `\x1b` or `\u{202e}`; the door through
/// which every text from data goes to a terminal.
///
/// Line ends and tabs are kept, so it suits text of several lines. A single value goes through
/// [`escape_line`], lest a line end in it fakes a line of ours.
#[must_use]
pub fn escape_control(text: &str) -> Cow<'_, str> {
    escape(text, Notation::Rust, |c| matches!(c, '\n' | '\t'))
}

/// [`escape_control`] for a value that has to stay on one line: line ends and tabs become `\n` and `\t`.
#[must_use]
pub fn escape_line(text: &str) -> Cow<'_, str> {
    escape(text, Notation::Rust, |_| false)
}

/// Whether a text can be shown on one line as it is.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    matches!(escape_line(text), Cow::Borrowed(_))
}

/// How an escaped character is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// `\x1b`, `\u{202e}`
    Rust,
    /// `\u001b`, `\u202e`: inside a JSON string the same value as before
    Json,
}

pub(super) fn escape(text: &str, notation: Notation, keep: fn(char) -> bool) -> Cow<'_, str> {
    let hidden = |c: char| acts(c) && !keep(c);
    let Some(first) = text.find(hidden) else {
        return Cow::Borrowed(text);
    };
    let (clean, rest) = text.split_at(first);
    let mut escaped = String::with_capacity(text.len() + 16);
    escaped.push_str(clean);
    for c in rest.chars() {
        if hidden(c) {
            notation.spell(c, &mut escaped);
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Whether a terminal acts on the character and does not show it: C0, DEL and C1, marks and overrides
/// of the writing direction, and the two line ends of Unicode.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl Notation {
    fn spell(self, c: char, out: &mut String) {
        let code = u32::from(c);
        // writing to a string cannot fail
        let _ = match (self, c) {
            (Notation::Json, _) => write!(out, "\\u{code:04x}"),
            (Notation::Rust, '\n') => write!(out, "\\n"),
            (Notation::Rust, '\t') => write!(out, "\\t"),
            (Notation::Rust, '\r') => write!(out, "\\r"),
            (Notation::Rust, c) if c.is_ascii() => write!(out, "\\x{code:02x}"),
            (Notation::Rust, _) => write!(out, "\\u{{{code:x}}}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        let cases = [
            ("plain ü 漢 👍", "plain ü 漢 👍"),
            ("\x1b[2J\x1b]0;x\x07", r"\x1b[2J\x1b]0;x\x07"),
            ("\0\x7f\u{85}\u{9b}", r"\x00\x7f\u{85}\u{9b}"),
            ("a\u{202e}b\u{2066}c\u{200f}", r"a\u{202e}b\u{2066}c\u{200f}"),
            ("over\rwritten", r"over\rwritten"),
        ];
        for (text, shown) in cases {
            assert_eq!(escape_control(text), shown);
            assert_eq!(escape_line(text), shown);
        }
        assert_eq!(escape_control("two\n\tlines"), "two\n\tlines");
        assert_eq!(escape_line("two\n\tlines"), r"two\n\tlines");
        assert!(matches!(escape_line("plain"), Cow::Borrowed(_)));
    }
}
