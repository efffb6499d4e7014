//! Texts to read about tables, columns and canned queries, in lines that fit a terminal.

use std::fmt::Write as _;

use crate::library::query::CannedQuery;
use crate::output::escape_control;
use crate::schema::{Column, Table};

/// Before the lines of a meaning.
const INDENT: &str = "    ";

/// What a table and its columns mean.
#[must_use]
pub(crate) fn table(table: &Table, width: usize) -> String {
    let mut page = format!("{}: {}\n", table.name, table.doc);
    for column in table.columns() {
        let [name, kind, meaning] = describe(column);
        page.push('\n');
        entry(&format!("{name}  {kind}"), &meaning, width, &mut page);
    }
    page
}

/// What one column of a table means.
#[must_use]
pub(crate) fn column(table: &Table, column: &Column, width: usize) -> String {
    let mut page = String::new();
    let [name, kind, meaning] = describe(column);
    entry(&format!("{}.{name}  {kind}", table.name), &meaning, width, &mut page);
    page
}

/// Name, type, and what the column and each sentinel in it mean.
#[must_use]
pub(crate) fn describe(column: &Column) -> [String; 3] {
    let mut meaning = column.doc.to_owned();
    for (sentinel, means) in column.sentinels {
        meaning.extend(["; ", sentinel.text(), " (NULL): ", means]);
    }
    [column.name.to_owned(), column.kind.sql_name().to_owned(), meaning]
}

/// Adds a name and its meaning, indented, in lines of at most `width` columns, of which there are at
/// least 40.
pub(crate) fn entry(name: &str, meaning: &str, width: usize, page: &mut String) {
    page.extend([name, "\n"]);
    let width = width.max(40);
    let mut column = 0;
    for word in meaning.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length <= width {
            page.push(' ');
            column += 1 + length;
        } else {
            page.push_str(if column > 0 { "\n" } else { "" });
            page.push_str(INDENT);
            column = INDENT.len() + length;
        }
        page.push_str(word);
    }
    page.push('\n');
}

/// Everything about one query, its text last so that it can be copied.
#[must_use]
pub(crate) fn query(query: &CannedQuery) -> String {
    let mut page = String::new();
    let mut line = |label: &str, text: &str| {
        // Strings can always be written to.
        let _ = writeln!(page, "{label:<12} {}", escape_control(text));
    };
    line(query.purpose.word(), &query.id);
    line("title", &query.title);
    if let Some(severity) = query.severity {
        line("severity", severity.word());
    }
    line("description", &query.description);
    if let Some(remediation) = &query.remediation {
        line("remediation", remediation);
    }
    if !query.needs.is_empty() {
        line("needs", &format!("--enrich, for {}", query.needs.join(", ")));
    }
    for (framework, ids) in &query.frameworks {
        line("framework", &format!("{framework}: {}", ids.join(", ")));
    }
    for (name, param) in &query.params {
        let default = param
            .default
            .as_ref()
            .map_or("no default".to_owned(), |text| format!("default {text}"));
        line(
            "parameter",
            &format!("{name}: {}; {default}; {}", param.param_type.words(), param.doc),
        );
    }
    line("file", &query.file.display().to_string());
    page.push('\n');
    page.push_str(&escape_control(&query.sql));
    page
}
