//! Nothing typed may break anything: all of it is tried on half-typed and mangled text.

use crate::shell::complete::{Completion, complete};
use crate::shell::highlight::{highlight, matching_bracket};
use crate::shell::vocabulary::Vocabulary;
use crate::shell::{context, hint, sample, script};

const TEXTS: &[&str] = &[
    "SELECT c.\"user\", count(*) AS n FROM credentials c WHERE kind IN ('password', 'a''b') GROUP BY 1;",
    "WITH a(x) AS (SELECT 1), b AS (SELECT * FROM a, LATERAL (SELECT 2) t(y)) SELECT b.x FROM b;",
    "SELECT CASE WHEN mfa_active = true THEN E'\\'' ELSE $$;$$ END, $max -- note\n FROM reports;",
    "SELECT * EXCEPT (arn) FROM (reports JOIN credentials USING (source)) UNION ALL SELECT é'ü' /* ; */",
    "\\n root-no-mfa max_age_days=3 only='x y'\n.tables\nhelp\nSELECT 1 \\g out.csv\n;",
    "SELECT extract(year FROM now()) OVER (PARTITION BY partition ORDER BY rows DESC NULLS LAST)",
    "SELECT information_schema.tables.table_name FROM information_schema.tables WHERE x BETWEEN 1 AND 2",
    "WITH RECURSIVE r AS (SELECT * FROM r) SELECT r.* FROM r NATURAL JOIN r JOIN r ON r.a IS NOT DISTINCT FROM '",
];

const PARTS: &[&str] = &[
    " ", "\n", "'", "\"", "`", "(", ")", ",", ".", ";", "\\", "$", "*", "=", "--", "/*", "*/", "é",
    "“", "𝒳", "\u{301}", "\t", "\r\n", "FROM", " AS ", "SELECT ", " IN (", "$$", "0x", "::", "[",
    "WITH ", "UNION ", "\\d ", ".t", "CASE ", "NOT ", "IS ", "e'", "q'", "\u{a0}", "<",
];

/// Numbers in a row that looks random, the same at each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end.max(1)
    }
}

fn without_escapes(painted: &str) -> String {
    let mut parts = painted.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

fn try_text(text: &str) {
    script::is_complete(text);
    for piece in script::split(text) {
        assert!(text.contains(piece.text) && !piece.text.is_empty());
        assert!((1..=text.split('\n').count()).contains(&piece.line));
    }
}

fn try_cursor(vocabulary: &Vocabulary, text: &str, cursor: usize) {
    let (start, candidates) = match complete(vocabulary, text, cursor) {
        Completion::Words(start, candidates) => (start, candidates),
        Completion::Path(start) => (start, Vec::new()),
    };
    assert!(start <= cursor && text.is_char_boundary(start), "{text:?} {cursor}");
    assert!(candidates.iter().all(|one| !one.replacement.is_empty()));
    assert!(candidates.len() <= crate::shell::complete::MOST);
    let context = context::context(vocabulary, text, cursor);
    assert_eq!(context.start, start);
    context::call_at(text, cursor);
    if let Some((a, b)) = matching_bracket(text, cursor) {
        assert!(a.abs_diff(cursor) <= 1 && text.is_char_boundary(b));
    }
    assert_eq!(without_escapes(&highlight(text, vocabulary, cursor)), text);
    let so_far = text.get(..cursor).unwrap_or_default();
    let history = ["SELECT 1", text];
    if let Some(found) = hint::hint(vocabulary, history, so_far, cursor) {
        assert!(!found.display.contains('\n'), "{so_far:?}");
        assert!(
            found
                .completion
                .is_none_or(|rest| text.ends_with(&rest) || "SELECT 1".ends_with(&rest))
        );
    }
}

#[test]
fn every_place_in_every_text() {
    let vocabulary = sample::vocabulary();
    for text in TEXTS {
        for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let (before, after) = text.split_at(cut);
            try_cursor(&vocabulary, text, cut);
            try_text(before);
            try_cursor(&vocabulary, before, cut);
            try_text(after);
            try_cursor(&vocabulary, after, 0);
        }
    }
}

#[test]
fn mangled_texts() {
    let vocabulary = sample::vocabulary();
    let mut numbers = Numbers(42);
    for _ in 0..1_500 {
        let pick = numbers.below(TEXTS.len());
        let mut text: Vec<char> = TEXTS.get(pick).copied().unwrap_or_default().chars().collect();
        for _ in 0..=numbers.below(6) {
            let at = numbers.below(text.len() + 1);
            let end = (at + numbers.below(12)).min(text.len());
            let part = PARTS.get(numbers.below(PARTS.len())).copied().unwrap_or_default();
            text.splice(at..end, part.chars());
        }
        let text: String = text.into_iter().collect();
        try_text(&text);
        for _ in 0..4 {
            let cursor = context::floor(&text, numbers.below(text.len() + 1));
            try_cursor(&vocabulary, &text, cursor);
        }
    }
}

#[test]
fn only_parts() {
    let vocabulary = sample::vocabulary();
    let mut numbers = Numbers(7);
    for _ in 0..1_500 {
        let count = numbers.below(9);
        let text: String = (0..count)
            .map(|_| PARTS.get(numbers.below(PARTS.len())).copied().unwrap_or_default())
            .collect();
        try_text(&text);
        try_cursor(&vocabulary, &text, text.len());
        try_cursor(&vocabulary, &text, context::floor(&text, numbers.below(text.len() + 1)));
    }
}

#[test]
fn a_cursor_that_is_nowhere() {
    let vocabulary = sample::vocabulary();
    complete(&vocabulary, "é", 1);
    complete(&vocabulary, "", 9);
    matching_bracket("é", 1);
    matching_bracket("", 9);
    highlight("(é", &vocabulary, 99);
}

#[test]
fn deep_and_wide_texts() {
    let vocabulary = sample::vocabulary();
    let deep = "SELECT * FROM (".repeat(3_000);
    try_cursor(&vocabulary, &deep, deep.len());
    let ctes: Vec<_> = (0..40).map(|n| format!(", a{n} AS (SELECT * FROM a, a, a{n})")).collect();
    let ctes = ctes.concat();
    let wide = format!("WITH a AS (SELECT * FROM reports){ctes} SELECT  FROM a39");
    try_cursor(&vocabulary, &wide, wide.len() - 9);
}
