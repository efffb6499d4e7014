//! What is due in a command of the shell.

use super::{Context, Due};
use crate::shell::vocabulary::{Argument, Vocabulary};

/// The words of a command with the places where they begin. Quotes keep blanks in a word and stay
/// part of it.
pub(crate) fn words(command: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let (mut start, mut quote) = (None, None);
    for (at, c) in command.char_indices() {
        if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && c.is_whitespace() {
            words.extend(start.take().and_then(|start| Some((start, command.get(start..at)?))));
            continue;
        } else if quote.is_none() && matches!(c, '\'' | '"') {
            quote = Some(c);
        }
        start.get_or_insert(at);
    }
    words.extend(start.and_then(|start| Some((start, command.get(start..)?))));
    words
}

/// What is due at the end of a command that begins at byte `from`.
pub(crate) fn context(vocabulary: &Vocabulary, command: &str, from: usize) -> Context {
    let mut words = words(command);
    let is_new = command.ends_with(char::is_whitespace)
        && words.last().is_none_or(|(start, word)| start + word.len() < command.len());
    let (start, typed) = if is_new { None } else { words.pop() }.unwrap_or((command.len(), ""));
    let before: Vec<String> = words.iter().map(|(_, word)| (*word).to_owned()).collect();
    let due = match before.first() {
        None => Due::Command,
        Some(name) => vocabulary
            .command(name)
            .and_then(|known| argument(known.arguments, before.get(1..).unwrap_or_default()))
            .map_or(Due::Nothing, |argument| Due::CommandArgument {
                argument,
                words: before.clone(),
            }),
    };
    Context { start: from + start, typed: typed.to_owned(), quote: None, due }
}

/// What is due after these arguments. Parameters and free text go on to the end; a verb before a
/// query's id takes no place of its own.
fn argument(arguments: &[Argument], before: &[String]) -> Option<Argument> {
    let takes_verb = arguments.first() == Some(&Argument::Query);
    let has_verb = takes_verb && before.first().is_some_and(|word| is_verb(word));
    let place = before.len() - usize::from(has_verb);
    arguments.get(place).copied().or_else(|| {
        let last = arguments.last().copied();
        last.filter(|last| matches!(last, Argument::Parameter | Argument::Text))
    })
}

/// Whether the word says what to do with the query named after it.
pub(crate) fn is_verb(word: &str) -> bool {
    VERBS.contains(&word)
}

/// What can be done with a canned query.
pub(crate) const VERBS: [&str; 3] = ["edit", "run", "show"];
