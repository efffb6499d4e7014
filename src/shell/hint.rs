//! Grey text after the cursor: what was typed before, or what is known about what is being typed.

use std::borrow::Cow;

use crate::shell::context::{self, Due};
use crate::shell::script::{self, PieceKind};
use crate::shell::vocabulary::{QueryWords, Vocabulary};

/// Grey text after the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// What is shown: one line.
    pub(crate) display: String,
    /// What is put in if the hint is taken; hints that only tell something put in nothing.
    pub(crate) completion: Option<String>,
}

impl rustyline::hint::Hint for Hint {
    fn display(&self) -> &str {
        &self.display
    }

    fn completion(&self) -> Option<&str> {
        self.completion.as_deref()
    }
}

/// A hint is no longer than this many characters, unless it comes from the history.
pub(crate) const WIDEST: usize = 60;

/// The hint for a text with the cursor at its end; elsewhere there is none.
///
/// `history` gives earlier entries, the newest first; it is read no further than needed.
pub(crate) fn hint<S: AsRef<str>>(
    vocabulary: &Vocabulary,
    history: impl IntoIterator<Item = S>,
    text: &str,
    cursor: usize,
) -> Option<Hint> {
    if cursor != text.len() || text.is_empty() {
        return None;
    }
    from_history(history, text).or_else(|| about(vocabulary, text).map(|about| told(&about)))
}

/// The rest of the newest entry that begins with the text.
fn from_history<S: AsRef<str>>(history: impl IntoIterator<Item = S>, text: &str) -> Option<Hint> {
    if text.trim().is_empty() {
        return None;
    }
    history.into_iter().find_map(|entry| {
        let rest = entry.as_ref().strip_prefix(text).filter(|rest| !rest.trim().is_empty())?;
        let mut lines = rest.lines();
        let first = lines.next().unwrap_or_default();
        let display = match lines.next() {
            Some(_) => format!("{first} …"),
            None => first.to_owned(),
        };
        Some(Hint { display, completion: Some(rest.to_owned()) })
    })
}

/// What is known about the end of the text.
fn about(vocabulary: &Vocabulary, text: &str) -> Option<String> {
    let region = script::region_at(text, text.len());
    if region.kind == PieceKind::Command {
        return command(vocabulary, text.get(region.start..)?);
    }
    column(vocabulary, text).or_else(|| {
        let function = context::call_at(text, text.len())?;
        Some(vocabulary.function(&function)?.signature.clone())
    })
}

/// The column whose full name the text ends with.
fn column(vocabulary: &Vocabulary, text: &str) -> Option<String> {
    // A name in quotes is looked at as if its last quote were not typed yet.
    let text = text.strip_suffix('"').unwrap_or(text);
    let context = context::context(vocabulary, text, text.len());
    let (Due::Column(expression) | Due::Value { or: expression, .. }) = &context.due else {
        return None;
    };
    let column = expression.column(vocabulary, &context.typed)?;
    match (column.kind, column.doc.as_str()) {
        ("", "") => None,
        ("", doc) => Some(doc.to_owned()),
        (kind, "") => Some(kind.to_owned()),
        (kind, doc) => Some(format!("{kind} · {doc}")),
    }
}

/// How a command is used, or what the query it names can be given.
fn command(vocabulary: &Vocabulary, command: &str) -> Option<String> {
    let words = context::words(command);
    let (_, name) = words.first()?;
    let known = vocabulary.command(name)?;
    if words.len() == 1 {
        let about = [known.usage, known.doc].join("  ");
        return Some(about.trim().to_owned()).filter(|about| !about.is_empty());
    }
    let is_ended = command.ends_with(char::is_whitespace);
    let query = words.iter().skip(1).find_map(|(_, word)| vocabulary.query(word))?;
    let rest = parameters(query, &words);
    (is_ended && !rest.is_empty()).then_some(rest)
}

/// The parameters that are not given yet: `max_age_days=90 account=…`.
fn parameters(query: &QueryWords, words: &[(usize, &str)]) -> String {
    let is_given = |name: &str| {
        words.iter().any(|(_, word)| word.split_once('=').is_some_and(|(given, _)| given == name))
    };
    let rest = query.parameters.iter().filter(|parameter| !is_given(&parameter.name));
    let rest = rest.map(|parameter| {
        let value = parameter.default.as_deref().unwrap_or("…");
        format!("{}={value}", parameter.name)
    });
    rest.collect::<Vec<_>>().join(" ")
}

/// A hint that only tells something: one line, not too long, a blank before it.
fn told(about: &str) -> Hint {
    let line = about.lines().next().unwrap_or_default().trim();
    let room = WIDEST - 1;
    let line: Cow<'_, str> = match line.char_indices().nth(room) {
        None => Cow::Borrowed(line),
        Some(_) => Cow::Owned(line.chars().take(room - 1).chain(['…']).collect()),
    };
    Hint { display: format!(" {line}"), completion: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::sample;

    fn display(history: &[&str], text: &str) -> String {
        let hint = hint(&sample::vocabulary(), history, text, text.len());
        hint.map(|hint| hint.display).unwrap_or_default()
    }

    #[test]
    fn the_rest_of_what_was_entered_before() {
        let newest_first = ["SELECT 1;", "SELECT\n2\n;", "SELECT 1;"];
        let of = |text: &str| hint(&sample::vocabulary(), newest_first, text, text.len());
        let wanted = |display: &str, completion: &str| {
            Some(Hint { display: display.to_owned(), completion: Some(completion.to_owned()) })
        };
        assert_eq!(of("SEL"), wanted("ECT 1;", "ECT 1;"));
        assert_eq!(of("SELECT\n"), wanted("2 …", "2\n;"));
        assert_eq!(of("SELECT 1;"), None);
        assert_eq!(of(" "), None);
        assert_eq!(hint(&sample::vocabulary(), newest_first, "SEL", 2), None);
    }

    #[test]
    fn what_is_known() {
        for (text, wanted) in [
            ("SELECT date_trunc(", " date_trunc(precision, expression)"),
            ("SELECT date_trunc('day', ", " date_trunc(precision, expression)"),
            ("SELECT date_trunc('day', now(", " now()"),
            ("SELECT date_trunc('day', now()", " date_trunc(precision, expression)"),
            ("SELECT nope(", ""),
            ("SELECT password_last_changed", " timestamp · when the password was last set"),
            ("SELECT * FROM credentials c WHERE c.active", " boolean"),
            ("SELECT * FROM credentials c WHERE c.nope", ""),
            ("SELECT \"user", " text · Name of the IAM user; the root user is written <roo…"),
            ("SELECT credentials.\"active\"", " boolean"),
            ("SELECT \"", ""),
            ("SELECT password_last_changed ", ""),
            (r"\d", " [TABLE]"),
            (r"\d x", ""),
            (r"\n root-no-mfa ", " max_age_days=90 strict=true only=…"),
            (r"\n run root-no-mfa strict=false ", " max_age_days=90 only=…"),
            (r"\nope", ""),
            ("SELECT '", ""),
        ] {
            assert_eq!(display(&[], text), wanted, "{text}");
            assert!(display(&[], text).chars().count() <= WIDEST);
        }
    }
}
