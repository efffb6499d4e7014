use super::*;
use crate::shell::sample;
use crate::shell::vocabulary::Values;

/// The context at the `|` of a text.
fn at_bar(text: &str) -> Context {
    let cursor = text.find('|').unwrap_or(text.len());
    context(&sample::vocabulary(), &text.replacen('|', "", 1), cursor)
}

fn scope(text: &str) -> Vec<(String, usize, usize)> {
    match at_bar(text).due {
        Due::Column(expression) | Due::Value { or: expression, .. } => {
            let tables = expression.scope.into_iter();
            tables.map(|table| (table.name, table.columns.len(), table.depth)).collect()
        }
        _ => Vec::new(),
    }
}

fn tables(all: &[(&str, usize, usize)]) -> Vec<(String, usize, usize)> {
    all.iter().map(|(name, columns, depth)| ((*name).to_owned(), *columns, *depth)).collect()
}

#[test]
fn scopes() {
    for (text, wanted) in [
        ("SELECT | FROM reports", tables(&[("reports", 3, 0)])),
        ("SELECT | FROM reports r, credentials AS \"C\"", tables(&[("r", 3, 0), ("C", 8, 0)])),
        ("SELECT * FROM a.reports WHERE |", tables(&[("reports", 3, 0)])),
        ("SELECT * FROM unknown u WHERE |", tables(&[("u", 0, 0)])),
        ("SELECT * FROM (reports r JOIN credentials c ON |)", tables(&[("r", 3, 0), ("c", 8, 0)])),
        (
            "SELECT * FROM reports r WHERE EXISTS (SELECT 1 FROM credentials WHERE |)",
            tables(&[("credentials", 8, 0), ("r", 3, 1)]),
        ),
        // A subquery in FROM does not see its neighbours.
        ("SELECT * FROM reports, (SELECT | FROM credentials)", tables(&[("credentials", 8, 0)])),
        ("SELECT 1 FROM reports UNION SELECT | FROM credentials", tables(&[("credentials", 8, 0)])),
        ("SELECT * EXCEPT (rows) FROM reports WHERE |", tables(&[("reports", 3, 0)])),
        ("SELECT | FROM generate_series(1, 2) AS g(n)", tables(&[("g", 1, 0)])),
        ("WITH x AS (SELECT * FROM reports) SELECT | FROM x", tables(&[("x", 3, 0)])),
        (
            "WITH x AS (SELECT r.* FROM reports r, credentials) SELECT | FROM x y",
            tables(&[("y", 3, 0)]),
        ),
        // The brackets of the call are not closed yet.
        ("SELECT count(| FROM reports GROUP BY source", tables(&[("reports", 3, 0)])),
        ("SELECT (1 + | FROM reports", tables(&[("reports", 3, 0)])),
        ("SELECT 1 FROM credentials; SELECT |; SELECT 1 FROM reports", tables(&[])),
        ("SELECT * FROM reports WHERE a IS DISTINCT FROM |", tables(&[("reports", 3, 0)])),
        ("SELECT extract(day FROM |) FROM reports", tables(&[("reports", 3, 0)])),
    ] {
        assert_eq!(scope(text), wanted, "{text}");
    }
}

#[test]
fn a_column_keeps_its_values_through_queries() {
    let text = "WITH a AS (SELECT kind AS k FROM credentials), b(q) AS (SELECT k FROM a)
        SELECT * FROM (SELECT q AS z FROM b) t WHERE t.z = '|";
    let Due::Value { column, quoted, .. } = at_bar(text).due else {
        return assert_eq!(at_bar(text).due, Due::Nothing, "not a value");
    };
    assert!(quoted);
    assert_eq!((column.name.as_str(), column.kind), ("z", "text"));
    assert!(matches!(column.values, Values::OneOf(values) if values.len() == 3));
}

#[test]
fn the_word_under_the_cursor() {
    for (text, start, typed, quote) in [
        ("SELECT ab|c", 7, "ab", None),
        ("SELECT |abc", 7, "", None),
        ("SELECT \"a b|", 7, "a b", Some('"')),
        ("SELECT \"a\"\"b|", 7, "a\"b", Some('"')),
        ("SELECT $ab|", 7, "ab", None),
        (r"\d ab|c", 3, "ab", None),
        (r"\d  |", 4, "", None),
        (r"SELECT 1 \g a|", 12, "a", None),
    ] {
        let found = at_bar(text);
        let found = (found.start, found.typed.as_str(), found.quote);
        assert_eq!(found, (start, typed, quote), "{text}");
    }
}

#[test]
fn words_of_a_command() {
    assert_eq!(words(r"\n x a='b c'  d"), [(0, r"\n"), (3, "x"), (5, "a='b c'"), (14, "d")]);
    assert_eq!(words("  "), []);
    assert_eq!(words("'open ended"), [(0, "'open ended")]);
}
