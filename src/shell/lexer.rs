//! The text as tokens, however half-typed it is.
//!
//! Why not sqlparser's tokenizer: it gives up at the first quote that is not closed yet, which at a
//! prompt is the normal state; it counts lines and columns where an editor needs bytes; and it
//! copies every token, which a long script cannot afford. What a string, a comment or a name is
//! must be the same to both, so tests hold this lexer against that tokenizer.
//!
//! Nothing is lost: the tokens' texts, one after the other, are the input.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// White space.
    Blank,
    /// `-- …` without the end of the line, or `/* … */`, nested.
    Comment,
    /// A keyword or a name without quotes.
    Word,
    /// A name in double quotes or backticks.
    Quoted,
    /// A string of any spelling: `'…'`, `E'…'`, `X'…'`, `$$…$$`, …
    Text,
    /// A number.
    Number,
    /// `$name`, `$1` or a `$` that nothing follows yet.
    Parameter,
    /// `;`
    Semicolon,
    /// `\`
    Backslash,
    /// An operator, a bracket or any other character.
    Symbol,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it begins, in bytes.
    pub(crate) start: usize,
    /// The characters, with quotes and all.
    pub(crate) text: &'a str,
    /// Whether a quoted thing or comment is ended; true of everything else.
    pub(crate) closed: bool,
}

impl Token<'_> {
    /// Where it ends, in bytes.
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is white space or comment.
    pub(crate) fn is_filler(&self) -> bool {
        matches!(self.kind, Kind::Blank | Kind::Comment)
    }

    /// Whether it is this word, without quotes, in any case.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is this operator or bracket.
    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    /// The name that a word or a quoted name stands for.
    pub(crate) fn name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_owned()),
            Kind::Quoted => Some(unquote(self.text)),
            _ => None,
        }
    }
}

/// What stands between quotes, with doubled quotes made single; the closing one may be missing.
pub(crate) fn unquote(text: &str) -> String {
    let mut chars = text.chars();
    let Some(quote) = chars.next() else { return String::new() };
    let mut inner = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        if c == quote && chars.next() != Some(quote) {
            break;
        }
        inner.push(c);
    }
    inner
}

/// The tokens of a text from some place on.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Tokens from byte `at` on, which is where a token begins.
    pub(crate) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// Goes on at byte `at`, for those who read a part of the text in another way.
    pub(crate) fn jump(&mut self, at: usize) {
        self.at = at;
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.text.get(self.at..)?;
        let (kind, length, closed) = scan(rest)?;
        let token = Token { kind, start: self.at, text: rest.get(..length)?, closed };
        self.at = token.end();
        Some(token)
    }
}

/// Kind, length in bytes and closedness of the token that the text begins with.
fn scan(rest: &str) -> Option<(Kind, usize, bool)> {
    let first = rest.chars().next()?;
    let open = |kind, (length, closed)| (kind, length, closed);
    Some(match first {
        c if c.is_whitespace() => (Kind::Blank, span(rest, char::is_whitespace), true),
        '\'' => open(Kind::Text, quoted(rest, 0, '\'')),
        '"' | '`' => open(Kind::Quoted, quoted(rest, 0, first)),
        '-' if rest.starts_with("--") => (Kind::Comment, span(rest, |c| c != '\n'), true),
        '/' if rest.starts_with("/*") => open(Kind::Comment, block_comment(rest)),
        '$' => dollar(rest),
        ';' => (Kind::Semicolon, 1, true),
        '\\' => (Kind::Backslash, 1, true),
        '0'..='9' => (Kind::Number, number(rest), true),
        '.' if rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => {
            (Kind::Number, number(rest), true)
        }
        c if starts_name(c) => match prefixed_text(rest) {
            Some(end) => open(Kind::Text, end),
            None => (Kind::Word, span(rest, is_in_name), true),
        },
        c => (Kind::Symbol, operator(rest).unwrap_or(c.len_utf8()), true),
    })
}

/// Whether a name without quotes may begin with this.
fn starts_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '#' | '@')
}

/// Whether a name without quotes may go on with this.
fn is_in_name(c: char) -> bool {
    starts_name(c) || c.is_ascii_digit() || c == '$'
}

/// How many bytes at the beginning are such characters.
fn span(rest: &str, is_inside: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !is_inside(c)).unwrap_or(rest.len())
}

/// Length of a quoted thing whose quote stands at byte `from`; a doubled quote does not end it.
fn quoted(rest: &str, from: usize, quote: char) -> (usize, bool) {
    let mut at = from + quote.len_utf8();
    while let Some(found) = rest.get(at..).and_then(|rest| rest.find(quote)) {
        at += found + quote.len_utf8();
        if !rest.get(at..).is_some_and(|rest| rest.starts_with(quote)) {
            return (at, true);
        }
        at += quote.len_utf8();
    }
    (rest.len(), false)
}

/// As [`quoted`], where a backslash takes the meaning from the character after it.
fn escaped(rest: &str, from: usize) -> (usize, bool) {
    let mut chars = rest.char_indices().skip_while(|(at, _)| *at <= from).peekable();
    while let Some((at, c)) = chars.next() {
        let doubled = c == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'');
        if c == '\\' || doubled {
            chars.next();
        } else if c == '\'' {
            return (at + 1, true);
        }
    }
    (rest.len(), false)
}

/// Length of what ends with `end`, looked for from byte `from` on.
fn until(rest: &str, from: usize, end: &str) -> (usize, bool) {
    let found = rest.get(from..).and_then(|rest| rest.find(end));
    found.map_or((rest.len(), false), |found| (from + found + end.len(), true))
}

/// Length of a string with letters before its quote; none if the letters are a plain word.
fn prefixed_text(rest: &str) -> Option<(usize, bool)> {
    let (letters, quote) = rest.char_indices().take(3).find(|(_, c)| matches!(c, '\'' | '"'))?;
    let triple = if quote == '"' { "\"\"\"" } else { "'''" };
    match (rest.get(..letters)?.to_ascii_lowercase().as_str(), quote) {
        ("e" | "x", '\'') => Some(escaped(rest, letters)),
        ("r", _) if rest.get(letters..)?.starts_with(triple) => {
            Some(until(rest, letters + 3, triple))
        }
        // Two quotes are an empty raw string, whatever follows.
        ("r", _) if rest.get(letters..)?.starts_with(triple.get(..2)?) => Some((letters + 2, true)),
        ("b" | "r", _) | ("n" | "u&", '\'') => Some(quoted(rest, letters, quote)),
        ("q" | "nq", '\'') => Some(chosen_quotes(rest, letters + 1)),
        _ => None,
    }
}

/// Length of `q'[…]'`, whose inner quote stands at byte `from`.
fn chosen_quotes(rest: &str, from: usize) -> (usize, bool) {
    let Some(inner) = rest.get(from..).and_then(|rest| rest.chars().next()) else {
        return (rest.len(), false);
    };
    let end = match inner {
        '[' => ']',
        '{' => '}',
        '<' => '>',
        '(' => ')',
        other => other,
    };
    until(rest, from + inner.len_utf8(), &format!("{end}'"))
}

/// Length of a block comment; comments nest.
fn block_comment(rest: &str) -> (usize, bool) {
    let (mut at, mut depth) = (2, 1_usize);
    while let Some(found) = rest.get(at..).and_then(|rest| rest.find(['*', '/'])) {
        at += found;
        let here = rest.get(at..).unwrap_or_default();
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return (at, true);
            }
        } else {
            at += 1;
        }
    }
    (rest.len(), false)
}

/// `$$…$$`, `$tag$…$tag$`, `$name` or a lone `$`.
fn dollar(rest: &str) -> (Kind, usize, bool) {
    let is_in_tag = |c: char| c.is_alphanumeric() || c == '_';
    let tag_end = rest.get(1..).map_or(0, |rest| span(rest, is_in_tag)) + 1;
    if !rest.get(tag_end..).is_some_and(|rest| rest.starts_with('$')) {
        return (Kind::Parameter, tag_end, true);
    }
    let delimiter = rest.get(..=tag_end).unwrap_or("$$");
    let (length, closed) = until(rest, delimiter.len(), delimiter);
    (Kind::Text, length, closed)
}

/// Length of a number: digits, fraction, exponent, or hexadecimal digits after `0x`.
fn number(rest: &str) -> usize {
    let digits = |at: usize| rest.get(at..).map_or(0, |rest| span(rest, |c| c.is_ascii_digit()));
    if let Some(hex) = rest.strip_prefix("0x") {
        return 2 + span(hex, |c| c.is_ascii_hexdigit());
    }
    let mut at = digits(0);
    if rest.get(at..).is_some_and(|rest| rest.starts_with('.')) {
        at += 1;
        at += digits(at);
    }
    if rest.get(at..).is_some_and(|rest| rest.starts_with(['e', 'E'])) {
        let signed = rest.get(at + 1..).is_some_and(|rest| rest.starts_with(['+', '-']));
        let exponent = at + 1 + usize::from(signed);
        if digits(exponent) > 0 {
            at = exponent + digits(exponent);
        }
    }
    at
}

/// Length of an operator of more than one character.
fn operator(rest: &str) -> Option<usize> {
    const LONG: [&str; 14] =
        ["//", "->>", "<=>", "<>", "!=", "<=", ">=", "==", "||", "::", ":=", "=>", "->", "!~"];
    LONG.iter().find(|operator| rest.starts_with(**operator)).map(|operator| operator.len())
}

#[cfg(test)]
mod tests;
