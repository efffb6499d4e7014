//! What is due where the cursor is.
//!
//! Works on half-typed text: from the tokens around the cursor and a light walk over the statement,
//! not from a parse. Only the statement or command under the cursor counts; what follows the cursor
//! counts as much as what precedes it, since `FROM` is often there first.

mod brackets;
mod clause;
mod command;
mod expression;
mod follow;
mod place;
mod query;
mod scope;
mod walk;
mod words;

pub(crate) use self::clause::Opener;
pub(crate) use self::command::{VERBS, is_verb, words};
pub(crate) use self::expression::Expression;

use self::walk::Walk;
use crate::shell::lexer::{Kind, Lexer, Token, unquote};
use crate::shell::script::{self, PieceKind};
use crate::shell::vocabulary::{Argument, ColumnWords, TableWords, Vocabulary};

/// What is being typed and what it should become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    /// Where the word under the cursor begins, with its quote if it has one.
    pub(crate) start: usize,
    /// That word up to the cursor, without quotes.
    pub(crate) typed: String,
    /// The quote that it begins with.
    pub(crate) quote: Option<char>,
    /// What is due.
    pub(crate) due: Due,
}

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing that could be told.
    Nothing,
    /// A statement or a command.
    Statement,
    /// The name of a command, with its `\` or `.`.
    Command,
    /// An argument of a command; the words of the command so far, its name first.
    CommandArgument {
        /// What it takes here.
        argument: Argument,
        /// The words before.
        words: Vec<String>,
    },
    /// A table, a view or one of these common table expressions.
    TableName {
        /// The common table expressions.
        ctes: Vec<TableWords>,
        /// Whether a query may begin here too, in brackets.
        or_query: bool,
    },
    /// An operand.
    Column(Expression),
    /// A value to compare this column with, or another operand.
    Value {
        /// The column.
        column: ColumnWords,
        /// Whether the cursor is inside the quotes of a string.
        quoted: bool,
        /// What else may stand here.
        or: Expression,
    },
    /// A variable.
    Variable,
    /// Keywords, the likeliest first. Others may do, but no names.
    Keyword(Vec<&'static str>),
    /// One of these keywords and nothing else.
    Phrase(Vec<&'static str>),
}

impl Context {
    fn nothing(cursor: usize) -> Self {
        Self { start: cursor, typed: String::new(), quote: None, due: Due::Nothing }
    }
}

/// Finds out what is due at a cursor, in bytes.
pub(crate) fn context(vocabulary: &Vocabulary, text: &str, cursor: usize) -> Context {
    let cursor = floor(text, cursor);
    let region = script::region_at(text, cursor);
    let so_far = text.get(region.start..cursor).unwrap_or_default();
    if region.kind == PieceKind::Command || so_far == "." {
        return command::context(vocabulary, so_far, region.start);
    }
    let all: Vec<Token<'_>> =
        Lexer::new(text, region.from).take_while(|token| token.start < region.end).collect();
    let Some(word) = word_at(&all, text, cursor) else { return Context::nothing(cursor) };
    let mut tokens = all;
    tokens.retain(|token| !token.is_filler() && Some(token.start) != word.token);
    let at = tokens.partition_point(|token| token.start < word.start);
    // In place of the word stands something that is none, so that its neighbours do not touch.
    tokens.insert(at, Token { kind: Kind::Blank, start: word.start, text: "", closed: true });
    let walk = Walk::new(&tokens, at);
    let place = place::Place { vocabulary, tokens: &tokens, at, walk: &walk };
    let due = match word.kind {
        Kind::Parameter => Due::Variable,
        Kind::Text => place.in_string(),
        _ if word.touches(&tokens, at) => Due::Nothing,
        _ => place.due(),
    };
    // A table's name is completed as a whole, schema and all.
    match place.dotted_start() {
        Some(start) if matches!(due, Due::TableName { .. }) => {
            let typed = text.get(start..cursor).unwrap_or_default().to_owned();
            Context { start, typed, quote: None, due }
        }
        _ => Context { start: word.start, typed: word.typed, quote: word.quote, due },
    }
}

/// The function whose call the cursor is in, innermost first.
pub(crate) fn call_at(text: &str, cursor: usize) -> Option<String> {
    let cursor = floor(text, cursor);
    let region = script::region_at(text, cursor);
    if region.kind == PieceKind::Command {
        return None;
    }
    let tokens: Vec<Token<'_>> = Lexer::new(text, region.from)
        .take_while(|token| token.start < cursor)
        .filter(|token| !token.is_filler())
        .collect();
    match Walk::new(&tokens, tokens.len()).frame().opener {
        Opener::Call(function) => Some(function),
        _ => None,
    }
}

/// The last character boundary not after `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The word under the cursor.
struct WordAt {
    kind: Kind,
    start: usize,
    typed: String,
    quote: Option<char>,
    /// Where its token begins, if it is one that the statement has to be read without.
    token: Option<usize>,
}

impl WordAt {
    /// Whether nothing parts the cursor from an operand before it, so that no word can begin here.
    fn touches(&self, tokens: &[Token<'_>], at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        before.is_some_and(|token| {
            token.end() == self.start
                && (matches!(token.kind, Kind::Text | Kind::Number | Kind::Quoted)
                    || token.is_symbol(")"))
        })
    }
}

/// The word under the cursor; nothing inside comments and where no word can be gone on with.
fn word_at(tokens: &[Token<'_>], text: &str, cursor: usize) -> Option<WordAt> {
    let none =
        WordAt { kind: Kind::Blank, start: cursor, typed: String::new(), quote: None, token: None };
    let Some(token) = tokens.iter().find(|token| token.start < cursor && cursor <= token.end())
    else {
        return Some(none);
    };
    let typed = text.get(token.start..cursor)?;
    let is_inside = cursor < token.end() || !token.closed;
    let is_line_comment = token.text.starts_with("--");
    let word = WordAt { kind: token.kind, start: token.start, token: Some(token.start), ..none };
    match token.kind {
        Kind::Comment if is_inside || is_line_comment => None,
        Kind::Word => Some(WordAt { typed: typed.to_owned(), ..word }),
        Kind::Parameter => Some(WordAt { typed: typed.trim_start_matches('$').to_owned(), ..word }),
        Kind::Number => None,
        Kind::Text if is_inside && !token.text.starts_with('\'') => None,
        Kind::Text | Kind::Quoted if is_inside => {
            Some(WordAt { typed: unquote(typed), quote: typed.chars().next(), ..word })
        }
        _ => Some(WordAt { start: cursor, kind: Kind::Blank, token: None, ..word }),
    }
}

#[cfg(test)]
mod tests;
