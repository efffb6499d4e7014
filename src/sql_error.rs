//! DataFusion's errors in words for the person who typed the statement: what, where, what instead.

use datafusion::common::{DataFusionError, SchemaError};

use crate::aws::trouble::Trouble;
use crate::error::{Error, Place};

/// Names at least this much alike are taken for one another.
const LIKE: f64 = 0.8;

/// Names listed when nothing is near enough to what was typed.
const LISTED: usize = 8;

/// What can be named in SQL, asked for when a name is unknown.
pub trait Names {
    /// Tables and views.
    fn tables(&self) -> Vec<String>;
    /// Functions of all kinds.
    fn functions(&self) -> Vec<String>;
}

/// Turns an error about a statement into one with the place and a suggestion.
#[must_use]
pub fn explain(error: &DataFusionError, sql: &str, names: &dyn Names) -> Error {
    let root = error.find_root();
    if let DataFusionError::ResourcesExhausted(message) = root {
        return Error::Sql {
            message: format!("not enough memory: {}", first_line(message)),
            place: None,
            hint: Some(
                "give more with `--memory-limit 8G`, or ask for fewer columns or rows".to_owned(),
            ),
        };
    }
    if let DataFusionError::External(ours) = root
        && let Some(trouble) = ours.downcast_ref::<Trouble>()
    {
        return Error::Aws(trouble.clone());
    }
    let text = plain(error);
    let (message, hint, word) = match root {
        DataFusionError::SchemaError(schema_error, _) => unknown_column(schema_error, &text),
        DataFusionError::Plan(_) => unknown_table_or_function(&text, names),
        DataFusionError::SQL(..) => (text.clone(), misspelt(&text), None),
        _ => (text.clone(), None, None),
    };
    let place = span(error)
        .or_else(|| place_in_text(&text, sql))
        .or_else(|| only_place(sql, word.as_deref()?));
    match place {
        Some((line, column)) => Error::Sql {
            message: without_place(&message).to_owned(),
            place: Some(Place {
                line: usize::try_from(line).unwrap_or(usize::MAX),
                is_told: sql.trim().contains('\n'),
                excerpt: caret(sql, line, column),
            }),
            hint,
        },
        None => Error::Sql { message, place: None, hint },
    }
}

/// The text of an error without prefixes of the engine's own classification.
#[must_use]
pub fn plain(error: &DataFusionError) -> String {
    let text = match error.find_root() {
        DataFusionError::SQL(parser, _) => parser.to_string(),
        root => root.strip_backtrace(),
    };
    // Asking the user to report a mistake of theirs to another project helps nobody.
    let mut text = text
        .split("\nThis issue was likely caused by")
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    let prefixes = [
        "sql parser error: ",
        "SQL error: ",
        "Error during planning: ",
        "Schema error: ",
        "Execution error: ",
        "Internal error: ",
        "Arrow error: ",
        "Csv error: ",
        "Cast error: ",
    ];
    while let Some(rest) = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        text = rest;
    }
    text.to_owned()
}

/// Words that begin a statement or a part of it.
const KEYWORDS: [&str; 18] = [
    "SELECT",
    "WITH",
    "FROM",
    "WHERE",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "JOIN",
    "UNION",
    "EXPLAIN",
    "ANALYZE",
    "DESCRIBE",
    "SHOW",
    "VALUES",
    "INTERSECT",
    "EXCEPT",
    "OFFSET",
];

/// The keyword that the parser's `found: SELCT` was meant to be.
fn misspelt(text: &str) -> Option<String> {
    let (_, found) = text.rsplit_once("found: ")?;
    let word: String = found.chars().take_while(|c| c.is_alphabetic()).collect();
    let known = KEYWORDS.map(str::to_owned);
    let near = nearest(&word, &known).filter(|near| !near.eq_ignore_ascii_case(&word))?;
    Some(format!("did you mean `{near}`?"))
}

type Words = (String, Option<String>, Option<String>);

fn unknown_column(error: &SchemaError, text: &str) -> Words {
    let SchemaError::FieldNotFound { field, valid_fields } = error else {
        return (text.to_owned(), None, None);
    };
    let names: Vec<String> = valid_fields.iter().map(|column| column.name.clone()).collect();
    (
        format!("there is no column `{}`", field.name),
        suggestion(&field.name, &names, "columns"),
        Some(field.name.clone()),
    )
}

fn unknown_table_or_function(text: &str, names: &dyn Names) -> Words {
    if let Some(name) =
        text.strip_prefix("table '").and_then(|rest| rest.strip_suffix("' not found"))
    {
        let name = name.rsplit('.').next().unwrap_or(name);
        let (message, hint) = no_table(name, names);
        return (message, hint, Some(name.to_owned()));
    }
    if let Some((name, _)) =
        text.strip_prefix("Invalid function '").and_then(|rest| rest.split_once('\''))
    {
        // DataFusion always names one, however far, and not always the nearest.
        let near = nearest(name, &names.functions()).map(|near| format!("did you mean `{near}`?"));
        return (format!("there is no function `{name}`"), near, Some(name.to_owned()));
    }
    // DataFusion lists one error for each signature.
    if let Some((function, errors)) = text.split_once(" failed to match any signature, errors: ")
        && let Some(received) =
            errors.split("but received ").nth(1).and_then(|rest| rest.split([' ', ',']).next())
    {
        let name = function.trim_start_matches("Function ").trim_matches('\'');
        let hint = "`credsql schema` shows the types of columns; CAST makes one type of another"
            .to_owned();
        return (
            format!("function `{name}` does not take {received}"),
            Some(hint),
            Some(name.to_owned()),
        );
    }
    (text.to_owned(), None, None)
}

/// That there is no such table, and what there is instead.
#[must_use]
pub fn no_table(name: &str, names: &dyn Names) -> (String, Option<String>) {
    (format!("there is no table `{name}`"), suggestion(name, &names.tables(), "tables"))
}

/// The nearest name, if any is near.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let likeness =
        |other: &String| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(nearest) > LIKE).then_some(nearest.as_str())
}

/// The nearest name, or the first few.
fn suggestion(name: &str, known: &[String], kind: &str) -> Option<String> {
    if let Some(nearest) = nearest(name, known) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    if known.is_empty() {
        return None;
    }
    let mut names: Vec<&str> = known.iter().map(String::as_str).collect();
    names.dedup();
    let more = if names.len() > LISTED { ", …" } else { "" };
    Some(format!("{kind} are {}{more}", names[..names.len().min(LISTED)].join(", ")))
}

fn span(error: &DataFusionError) -> Option<(u64, u64)> {
    let span = error.diagnostic()?.span?;
    Some((span.start.line, span.start.column))
}

/// `… at Line: 1, Column: 8` of the parser, or its `found: EOF`.
fn place_in_text(text: &str, sql: &str) -> Option<(u64, u64)> {
    if text.ends_with("found: EOF") {
        let sql = sql.trim_end();
        return place_of(sql, sql.len());
    }
    let (_, rest) = text.rsplit_once("Line: ")?;
    let (line, rest) = rest.split_once(", Column: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((line.parse().ok()?, digits.parse().ok()?))
}

fn without_place(message: &str) -> &str {
    message.rsplit_once(" at Line: ").map_or(message, |(message, _)| message)
}

/// Where a word stands, if it stands in one place only.
fn only_place(sql: &str, word: &str) -> Option<(u64, u64)> {
    let mut places = sql.match_indices(word).filter(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        edge(sql[..*at].chars().next_back()) && edge(sql[at + word.len()..].chars().next())
    });
    let (at, _) = places.next()?;
    if places.next().is_some() {
        return None;
    }
    place_of(sql, at)
}

/// Line and column of a byte, from 1.
fn place_of(sql: &str, at: usize) -> Option<(u64, u64)> {
    let before = sql.get(..at)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Some((u64::try_from(line).ok()?, u64::try_from(column).ok()?))
}

/// The line of the statement with a mark under the place.
fn caret(sql: &str, line: u64, column: u64) -> String {
    let (Ok(index), Ok(column)) =
        (usize::try_from(line.saturating_sub(1)), usize::try_from(column.saturating_sub(1)))
    else {
        return String::new();
    };
    let Some(text) = sql.lines().nth(index) else {
        return String::new();
    };
    // A long line is shown around the place.
    let start = column.saturating_sub(50);
    let shown: String =
        text.chars().skip(start).take(76).map(|c| if c == '\t' { ' ' } else { c }).collect();
    format!("\n  {}\n  {}^", crate::output::escape_control(&shown), " ".repeat(column - start))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}
