//! What helps while a line is edited, as the line editor asks for it.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

use rustyline::Context;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use unicode_width::UnicodeWidthStr;

use super::complete::{Candidate, Completion, complete};
use super::hint::{Hint, hint};
use super::vocabulary::Vocabulary;
use super::{highlight, script};
use crate::output::{escape_line, fit, is_plain};
use crate::run::style::{When, stdout_height, stdout_style};

/// Columns of the longest prompt, `credsql@2026-10-31T12:00:00Z> `.
const LONGEST_PROMPT: usize = 30;

/// Candidates that are few enough to say something about each.
const EXPLAINED: usize = 10;

/// What helps while a line is edited.
pub(super) struct Guide {
    pub(super) vocabulary: Arc<RwLock<Vocabulary>>,
    pub(super) entries: Arc<RwLock<Vec<String>>>,
    pub(super) colored: bool,
    pub(super) hints: bool,
}

impl rustyline::Helper for Guide {}

impl Validator for Guide {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if script::is_complete(context.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

impl Completer for Guide {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let vocabulary = self.vocabulary.read().unwrap_or_else(PoisonError::into_inner);
        match complete(&vocabulary, line, pos) {
            Completion::Words(start, candidates) => Ok((start, listed(candidates))),
            Completion::Path(start) => {
                drop(vocabulary);
                let typed = line.get(start..pos).unwrap_or_default();
                let (at, paths) = FilenameCompleter::new().complete_path(typed, typed.len())?;
                let candidate = |path: Pair| Candidate {
                    display: path.display,
                    replacement: path.replacement,
                    doc: String::new(),
                };
                let plain = paths.into_iter().filter(|path| is_plain(&path.replacement));
                Ok((start + at, listed(plain.map(candidate).collect())))
            }
        }
    }
}

/// Candidates as they are listed: if they are few, with a word about each; if they are more than
/// the screen holds, as many as it does, so that the editor need not page through them.
fn listed(candidates: Vec<Candidate>) -> Vec<Pair> {
    let width = stdout_style(When::Never).width.unwrap_or(80);
    let height = stdout_height();
    let explains = (2..=EXPLAINED.min(height.saturating_sub(2))).contains(&candidates.len());
    let widest = candidates.iter().map(|one| one.display.width()).max().unwrap_or(0);
    let in_a_row = (width / (widest + 2)).max(1);
    let room = in_a_row.saturating_mul(height.saturating_sub(2)).max(1);
    let rest = candidates.len().saturating_sub(room);
    let pair = |candidate: Candidate| {
        let Candidate { replacement, display, doc } = candidate;
        let display = if explains && !doc.is_empty() {
            let line = format!("{display:widest$}  {doc}");
            fit(&line, Some(width.saturating_sub(4))).trim_end().to_owned()
        } else {
            display
        };
        Pair { display, replacement }
    };
    // What all have in common is put in by the editor, which looks at those it is given.
    let common = common_start(candidates.iter().map(|one| one.replacement.as_str()));
    let mut pairs: Vec<Pair> = candidates.into_iter().take(room).map(pair).collect();
    if let Some(last) = pairs.last_mut().filter(|_| rest > 0) {
        *last = Pair { display: format!("… {} more", rest + 1), replacement: common };
    }
    pairs
}

/// What all of some texts begin with.
fn common_start<'a>(mut texts: impl Iterator<Item = &'a str>) -> String {
    let mut common = texts.next().unwrap_or_default();
    for text in texts {
        let same = common.char_indices().zip(text.chars()).find(|((_, a), b)| a != b);
        let end = same.map_or(common.len().min(text.len()), |((at, _), _)| at);
        common = common.get(..end).unwrap_or_default();
    }
    common.to_owned()
}

impl Hinter for Guide {
    type Hint = Hint;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Hint> {
        if !self.hints {
            return None;
        }
        let vocabulary = self.vocabulary.read().unwrap_or_else(PoisonError::into_inner);
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let mut hint = hint(&vocabulary, entries.iter().rev(), line, pos)?;
        hint.display = fit(&escape_line(&hint.display), Some(room_after(line))).into_owned();
        Some(hint)
    }
}

/// The columns left after a line: a hint that went on in the next one would push the prompt up.
fn room_after(line: &str) -> usize {
    let screen = stdout_style(When::Never).width.unwrap_or(80).max(1);
    let (prompt, last) = match line.rsplit_once('\n') {
        Some((_, last)) => (0, last),
        None => (LONGEST_PROMPT, line),
    };
    (screen - 1).saturating_sub((prompt + last.width()) % screen)
}

impl Highlighter for Guide {
    fn highlight<'l>(&self, line: &'l str, pos: usize) -> Cow<'l, str> {
        if !self.colored {
            return Cow::Borrowed(line);
        }
        let vocabulary = self.vocabulary.read().unwrap_or_else(PoisonError::into_inner);
        Cow::Owned(highlight::highlight(line, &vocabulary, pos))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.colored { Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.colored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_texts_have_in_common() {
        assert_eq!(common_start([].into_iter()), "");
        assert_eq!(common_start(["2025-01", "2025-12", "2025"].into_iter()), "2025");
        assert_eq!(common_start(["zoë", "zoé"].into_iter()), "zo");
        assert_eq!(common_start(["a", "b"].into_iter()), "");
    }

    #[test]
    fn a_list_that_is_cut_keeps_what_all_have_in_common() {
        let candidate = |n: usize| Candidate {
            replacement: format!("c{n:04}"),
            display: format!("c{n:04}"),
            doc: String::new(),
        };
        let pairs = listed((0..5_000).map(candidate).collect());
        assert!(pairs.len() < 5_000);
        assert_eq!(pairs.last().map(|pair| pair.replacement.as_str()), Some("c"));
    }
}
