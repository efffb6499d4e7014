//! Colours for what is being typed.
//!
//! Only colours of the 16-colour palette that can be read on light and dark: no yellow, no black or
//! white, nothing that is only bright. Every character stays where it is: without the escape
//! sequences the result is the input.

use crate::shell::keywords;
use crate::shell::lexer::{Kind, Lexer, Token};
use crate::shell::script::{self, PieceKind};
use crate::shell::vocabulary::Vocabulary;

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const MAGENTA: &str = "35";
const CYAN: &str = "36";
const BRACKET: &str = "1;4";

/// The text with colours: keywords and commands bold, strings green, numbers and functions cyan,
/// parameters magenta, comments dim, unknown commands red; the bracket at the cursor and the one
/// that matches it are marked.
pub(crate) fn highlight(text: &str, vocabulary: &Vocabulary, cursor: usize) -> String {
    paint(text, vocabulary, matching_bracket(text, cursor))
}

/// The bracket at the cursor, or else right before it, and the one that matches it; in bytes.
/// Brackets in strings and comments are none.
pub(crate) fn matching_bracket(text: &str, cursor: usize) -> Option<(usize, usize)> {
    let region = script::region_at(text, cursor.min(text.len()));
    if region.kind == PieceKind::Command {
        return None;
    }
    let mut open: Vec<Token<'_>> = Vec::new();
    let mut pairs = Vec::new();
    let brackets = Lexer::new(text, region.from)
        .take_while(|token| token.start < region.end)
        .filter(|token| token.kind == Kind::Symbol);
    for token in brackets {
        let opening = match token.text {
            "(" | "[" | "{" => {
                open.push(token);
                continue;
            }
            ")" => "(",
            "]" => "[",
            "}" => "{",
            _ => continue,
        };
        if let Some(pair) = open.pop_if(|last| last.text == opening) {
            pairs.push((pair.start, token.start));
        }
    }
    let at = |place: usize| {
        let pair = pairs.iter().find(|(open, close)| *open == place || *close == place)?;
        Some(if pair.0 == place { *pair } else { (pair.1, pair.0) })
    };
    at(cursor).or_else(|| at(cursor.checked_sub(1)?))
}

fn paint(text: &str, vocabulary: &Vocabulary, brackets: Option<(usize, usize)>) -> String {
    let mut painted = Painted::default();
    let mut done = 0;
    for region in script::regions(text) {
        let end = if region.kind == PieceKind::Command { region.start } else { region.end };
        paint_sql(&mut painted, text, done, end, vocabulary, brackets);
        done = end;
        if region.kind == PieceKind::Command {
            let command = text.get(region.start..region.end).unwrap_or_default();
            paint_command(&mut painted, command, vocabulary);
            done = region.end;
        }
    }
    paint_sql(&mut painted, text, done, text.len(), vocabulary, brackets);
    painted.text
}

fn paint_sql(
    painted: &mut Painted,
    text: &str,
    from: usize,
    to: usize,
    vocabulary: &Vocabulary,
    brackets: Option<(usize, usize)>,
) {
    let tokens: Vec<Token<'_>> =
        Lexer::new(text, from).take_while(|token| token.start < to).collect();
    let mut previous = None;
    for (index, token) in tokens.iter().enumerate() {
        let mut rest = tokens.iter().skip(index + 1).filter(|token| !token.is_filler());
        let is_bracket = brackets.is_some_and(|(a, b)| token.start == a || token.start == b);
        let colour = match token.kind {
            Kind::Comment => DIM,
            Kind::Text => GREEN,
            Kind::Number => CYAN,
            Kind::Parameter => MAGENTA,
            Kind::Word => word(token, previous, rest.next(), vocabulary),
            _ if is_bracket => BRACKET,
            _ => "",
        };
        painted.push(token.text, colour);
        previous = Some(token).filter(|token| !token.is_filler()).or(previous);
    }
}

/// The colour of a word by its neighbours.
fn word(
    token: &Token<'_>,
    previous: Option<&Token<'_>>,
    next: Option<&Token<'_>>,
    vocabulary: &Vocabulary,
) -> &'static str {
    let is_dot = |other: Option<&Token<'_>>| other.is_some_and(|other| other.is_symbol("."));
    let is_call = next.is_some_and(|next| next.is_symbol("("));
    let is_phrase = next.is_some_and(|next| next.is("BY"));
    match () {
        () if is_dot(previous) || is_dot(next) => "",
        () if is_call && vocabulary.function(token.text).is_some() => CYAN,
        () if !keywords::is_keyword(token.text) => "",
        () if vocabulary.has_column(token.text) && !is_phrase => "",
        () => BOLD,
    }
}

fn paint_command(painted: &mut Painted, command: &str, vocabulary: &Vocabulary) {
    let length = command.find(char::is_whitespace).unwrap_or(command.len());
    let (name, arguments) = command.split_at_checked(length).unwrap_or((command, ""));
    let is_begun = || {
        let mut names = vocabulary.commands.iter().flat_map(|command| &command.names);
        arguments.is_empty() && names.any(|known| known.starts_with(name))
    };
    let colour = match vocabulary.command(name.trim_end_matches(';')) {
        Some(_) => BOLD,
        None if is_begun() => "",
        None => RED,
    };
    painted.push(name, colour);
    painted.push(arguments, "");
}

/// Text with escape sequences.
#[derive(Default)]
struct Painted {
    text: String,
}

impl Painted {
    fn push(&mut self, text: &str, colour: &str) {
        if colour.is_empty() || text.is_empty() {
            self.text.push_str(text);
        } else {
            self.text.extend(["\x1b[", colour, "m", text, "\x1b[0m"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::sample;

    /// Colours as `<bold:SELECT>`, to be read.
    fn shown(text: &str) -> String {
        let names = [
            (BRACKET, "bracket"),
            (BOLD, "bold"),
            (DIM, "dim"),
            (RED, "red"),
            (GREEN, "green"),
            (MAGENTA, "magenta"),
            (CYAN, "cyan"),
        ];
        let painted = paint(text, &sample::vocabulary(), None);
        let shown = names.iter().fold(painted, |painted, (code, name)| {
            painted.replace(&format!("\x1b[{code}m"), &format!("<{name}:"))
        });
        shown.replace("\x1b[0m", ">")
    }

    #[test]
    fn colours() {
        for (text, wanted) in [
            ("SELECT 1", "<bold:SELECT> <cyan:1>"),
            ("select arn from x", "<bold:select> arn <bold:from> x"),
            ("lower('a", "<cyan:lower>(<green:'a>"),
            ("lower", "lower"),
            ("$max -- why", "<magenta:$max> <dim:-- why>"),
            ("x /* open", "x <dim:/* open>"),
            ("partition, PARTITION BY", "partition, <bold:PARTITION> <bold:BY>"),
            ("t.select", "t.select"),
            (r"\d cr", r"<bold:\d> cr"),
            (r"\nope cr", r"<red:\nope> cr"),
            (r"\chec", r"\chec"),
            (".tables", "<bold:.tables>"),
            (r"SELECT 1 \d x", r"<bold:SELECT> <cyan:1> <bold:\d> x"),
            ("quit;", "<bold:quit>;"),
            ("\"select\" 'it''s", "\"select\" <green:'it''s>"),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }

    #[test]
    fn brackets() {
        let text = "f(a, (b), ')')";
        assert_eq!(matching_bracket(text, 1), Some((1, 13)));
        assert_eq!(matching_bracket(text, 14), Some((13, 1)));
        assert_eq!(matching_bracket(text, 8), Some((7, 5)));
        assert_eq!(matching_bracket(text, 11), None);
        assert_eq!(matching_bracket("(]", 0), None);
        let painted = highlight("(1)", &sample::vocabulary(), 0);
        assert_eq!(painted, "\x1b[1;4m(\x1b[0m\x1b[36m1\x1b[0m\x1b[1;4m)\x1b[0m");
    }
}
