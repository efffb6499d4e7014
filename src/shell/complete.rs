//! What may stand where the cursor is, to be chosen with Tab.
//!
//! Does no I/O: where a path is due it says so, and whoever asks lists the directory.

mod command;
mod identifier;
mod matching;

pub(crate) use self::identifier::identifier;

use self::matching::Entry;
use crate::shell::context::{self, Context, Due, Expression};
use crate::shell::keywords;
use crate::shell::vocabulary::{ColumnWords, TableWords, Values, Vocabulary};

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// What replaces the text from the start of the completion to the cursor.
    pub(crate) replacement: String,
    /// How it is listed.
    pub(crate) display: String,
    /// One line about it; may be empty.
    pub(crate) doc: String,
}

impl rustyline::completion::Candidate for Candidate {
    fn display(&self) -> &str {
        &self.display
    }

    fn replacement(&self) -> &str {
        &self.replacement
    }
}

/// What Tab can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// Put one of these in place of what begins at this byte and ends at the cursor.
    Words(usize, Vec<Candidate>),
    /// Complete the path that begins at this byte.
    Path(usize),
}

/// No more choices than this are given.
pub(crate) const MOST: usize = 5_000;

/// The choices at a cursor, in bytes; the likeliest first.
pub(crate) fn complete(vocabulary: &Vocabulary, text: &str, cursor: usize) -> Completion {
    let cursor = context::floor(text, cursor);
    let context = context::context(vocabulary, text, cursor);
    let start = context.start;
    let case = Case::of(&context.typed, text);
    let mut entries = Entries { vocabulary, case, all: Vec::new() };
    let mut spare = keywords::ALL;
    match &context.due {
        Due::Nothing => return Completion::Words(start, Vec::new()),
        Due::Statement => {
            entries.keywords(keywords::STATEMENTS);
            command::bare(&mut entries);
        }
        Due::Command | Due::CommandArgument { .. } => {
            return command::complete(vocabulary, &context);
        }
        Due::TableName { ctes, or_query } => {
            spare = &[];
            entries.tables(ctes.iter().chain(&vocabulary.tables), context.quote);
            entries.keywords(if *or_query { keywords::QUERIES } else { &[] });
        }
        Due::Column(expression) => {
            entries.operands(expression, &context);
            spare = if expression.only_columns || context.quote.is_some() { &[] } else { spare };
        }
        Due::Value { column, quoted, or } => {
            entries.values(column, *quoted);
            let is_enough = context.typed.is_empty() && !entries.all.is_empty();
            if *quoted || is_enough {
                spare = &[];
            } else {
                entries.operands(or, &context);
            }
        }
        Due::Variable => {
            spare = &[];
            entries.all.extend(vocabulary.variables.iter().map(|variable| {
                Entry::new(&variable.name, format!("${}", variable.name), &variable.doc)
            }));
        }
        Due::Keyword(due) => entries.keywords(due),
        Due::Phrase(due) => {
            spare = &[];
            entries.keywords(due);
        }
    }
    let mut rest = Entries { all: Vec::new(), ..entries };
    rest.keywords(spare);
    let mut found = matching::choose(entries.all, rest.all, &context.typed);
    leave_closing_quote(&mut found, &context, text.get(cursor..).unwrap_or_default());
    Completion::Words(start, found)
}

/// Takes the closing quote from the choices if it is there already.
fn leave_closing_quote(found: &mut [Candidate], context: &Context, after: &str) {
    let Some(quote) = context.quote.filter(|quote| after.starts_with(*quote)) else { return };
    for candidate in found {
        if candidate.replacement.ends_with(quote) {
            candidate.replacement.pop();
        }
    }
}

/// The case that keywords are given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Lower,
    Upper,
}

impl Case {
    /// As typed: lower if the word is, else if it is not begun and the statement's keywords are.
    fn of(typed: &str, text: &str) -> Self {
        let is_lower = |word: &str| {
            word.chars().any(char::is_lowercase) && !word.chars().any(char::is_uppercase)
        };
        let is_begun = typed.chars().any(char::is_alphabetic);
        let first = text.split_whitespace().find(|word| keywords::is_keyword(word));
        match (is_begun, first) {
            (true, _) if is_lower(typed) => Self::Lower,
            (false, Some(first)) if is_lower(first) => Self::Lower,
            _ => Self::Upper,
        }
    }
}

/// What could stand here, before it is matched with what was typed.
struct Entries<'a> {
    vocabulary: &'a Vocabulary,
    case: Case,
    all: Vec<Entry>,
}

impl Entries<'_> {
    fn keywords(&mut self, keywords: &[&str]) {
        for keyword in keywords {
            let spelt = match self.case {
                Case::Lower => keyword.to_ascii_lowercase(),
                Case::Upper => (*keyword).to_owned(),
            };
            self.all.push(Entry::new(&spelt, spelt.clone(), ""));
        }
    }

    fn tables<'t>(&mut self, tables: impl Iterator<Item = &'t TableWords>, quote: Option<char>) {
        self.all.extend(
            tables.map(|table| Entry::new(&table.name, identifier(&table.name, quote), &table.doc)),
        );
    }

    /// The values that a column is compared with.
    fn values(&mut self, column: &ColumnWords, quoted: bool) {
        if column.kind == "boolean" && !quoted {
            self.all.extend(["true", "false"].map(|word| Entry::new(word, word.to_owned(), "")));
            return;
        }
        let is_number = column.kind == "integer";
        let values: Vec<&str> = match &column.values {
            _ if is_number && quoted => Vec::new(),
            Values::Any => Vec::new(),
            Values::OneOf(values) => values.iter().map(String::as_str).collect(),
            Values::Known(domain) => self.vocabulary.known(*domain).collect(),
        };
        self.all.extend(values.into_iter().map(|value| {
            let literal = if is_number {
                value.to_owned()
            } else {
                format!("'{}'", value.replace('\'', "''"))
            };
            Entry::new(value, literal, "")
        }));
    }

    /// Columns, tables to take them from, functions and keywords that an operand begins with.
    fn operands(&mut self, expression: &Expression, context: &Context) {
        if let Some(qualifier) = &expression.qualifier {
            let columns = expression.qualified(self.vocabulary, qualifier).unwrap_or_default();
            self.all.extend(columns.iter().map(|column| plain(column, context.quote)));
            return;
        }
        self.columns(expression, context);
        if expression.only_columns || context.quote.is_some() {
            return;
        }
        let stars: Vec<&str> =
            expression.keywords.iter().copied().take_while(|word| !is_usual(word)).collect();
        self.keywords(&stars);
        // There are hundreds: before a letter is typed they would bury the columns.
        if !context.typed.is_empty() {
            self.functions();
        }
        self.keywords(expression.keywords.get(stars.len()..).unwrap_or_default());
    }

    fn columns(&mut self, expression: &Expression, context: &Context) {
        self.all.extend(expression.aliases.iter().map(|column| plain(column, context.quote)));
        if expression.scope.is_empty() {
            let columns = self.vocabulary.tables.iter().flat_map(|table| &table.columns);
            self.all.extend(columns.map(|column| plain(column, context.quote)));
        }
        for table in &expression.scope {
            for column in &table.columns {
                let is_same = |other: &&ColumnWords| other.name.eq_ignore_ascii_case(&column.name);
                let twins = expression
                    .scope
                    .iter()
                    .filter(|other| other.columns.iter().any(|column| is_same(&column)));
                let nearest = twins.clone().map(|twin| twin.depth).min().unwrap_or_default();
                let in_nearest = twins.filter(|twin| twin.depth == nearest).count();
                if table.depth > nearest {
                    continue;
                }
                let mut entry = plain(column, context.quote);
                if in_nearest > 1 && !expression.only_columns {
                    let qualifier = identifier(&table.name, None);
                    entry.replacement = format!("{qualifier}.{}", entry.replacement);
                    entry.display = format!("{}.{}", table.name, column.name);
                }
                self.all.push(entry);
            }
        }
        let is_worth_it = expression.scope.len() > 1 || !context.typed.is_empty();
        if is_worth_it && !expression.only_columns && context.quote.is_none() {
            self.all.extend(expression.scope.iter().filter(|table| !table.name.is_empty()).map(
                |table| {
                    Entry::new(&table.name, format!("{}.", identifier(&table.name, None)), "table")
                },
            ));
        }
    }

    fn functions(&mut self) {
        let mut functions: Vec<_> = self.vocabulary.functions.iter().collect();
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        self.all.extend(functions.into_iter().map(|function| {
            Entry::new(&function.name, format!("{}(", function.name), &function.signature)
        }));
    }
}

/// Whether the keyword is one that any operand may begin with, so that it need not go first.
fn is_usual(word: &str) -> bool {
    keywords::OPERANDS.contains(&word)
}

fn plain(column: &ColumnWords, quote: Option<char>) -> Entry {
    let doc = match (column.kind, column.doc.as_str()) {
        ("", doc) => doc.to_owned(),
        (kind, "") => kind.to_owned(),
        (kind, doc) => format!("{kind} · {doc}"),
    };
    Entry::new(&column.name, identifier(&column.name, quote), &doc)
}

#[cfg(test)]
mod tests;
