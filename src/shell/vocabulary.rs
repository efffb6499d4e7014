//! What completion, highlighting and hints know: names and one line about each.
//!
//! Plain data, no I/O. Whoever opens the shell fills it once; harvested values are added as reports
//! are read. Names are found whatever their case, as the shell's users type them.

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use crate::schema::Domain;

/// Everything that can be named at the prompt.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    /// Tables and views, in the order in which they are offered.
    pub(crate) tables: Vec<TableWords>,
    /// SQL functions.
    pub(crate) functions: Vec<FunctionWords>,
    /// Canned queries and controls.
    pub(crate) queries: Vec<QueryWords>,
    /// Frameworks that a check can be run for.
    pub(crate) frameworks: Vec<NamedWord>,
    /// Output formats.
    pub(crate) formats: Vec<NamedWord>,
    /// Commands of the shell.
    pub(crate) commands: Vec<CommandWords>,
    /// Variables as set with `\set`: the name without `$`, and the value as its doc.
    pub(crate) variables: Vec<NamedWord>,
    /// Values seen in the reports read so far.
    pub(crate) values: BTreeMap<Domain, BTreeSet<String>>,
}

/// A name and a line about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NamedWord {
    /// The name as typed.
    pub(crate) name: String,
    /// One line for a reader.
    pub(crate) doc: String,
}

/// A table or view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableWords {
    /// The name in SQL, with its schema if it has to be given.
    pub(crate) name: String,
    /// What one row stands for.
    pub(crate) doc: String,
    /// Its columns in order.
    pub(crate) columns: Vec<ColumnWords>,
}

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ColumnWords {
    /// The name in SQL, without quotes.
    pub(crate) name: String,
    /// `text`, `boolean`, `timestamp` or `integer`; empty if not known.
    pub(crate) kind: &'static str,
    /// One line for a reader.
    pub(crate) doc: String,
    /// What it can be compared with.
    pub(crate) values: Values,
}

/// The values that completion offers for a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Values {
    /// No list can be given.
    #[default]
    Any,
    /// One of these.
    OneOf(Vec<String>),
    /// Those seen in the reports.
    Known(Domain),
}

/// A SQL function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FunctionWords {
    /// The name, lower case.
    pub(crate) name: String,
    /// The call as documented: `date_trunc(precision, expression)`.
    pub(crate) signature: String,
    /// One line for a reader.
    pub(crate) doc: String,
}

/// A canned query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueryWords {
    /// The id: the stem of its file.
    pub(crate) id: String,
    /// What it tells.
    pub(crate) title: String,
    /// Its parameters in order.
    pub(crate) parameters: Vec<ParameterWords>,
}

/// A parameter of a canned query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ParameterWords {
    /// The name without `$`.
    pub(crate) name: String,
    /// Its type: `integer`, `boolean`, `text`, …
    pub(crate) kind: String,
    /// The value it has if none is given.
    pub(crate) default: Option<String>,
    /// One line for a reader.
    pub(crate) doc: String,
}

/// A command of the shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CommandWords {
    /// All spellings with their `\` or `.`; the first is the canonical one.
    pub(crate) names: Vec<&'static str>,
    /// Its arguments, for a reader: `[TABLE]`.
    pub(crate) usage: &'static str,
    /// One line for a reader.
    pub(crate) doc: &'static str,
    /// What is due after the name, word by word.
    pub(crate) arguments: &'static [Argument],
}

/// What a command takes at one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Argument {
    /// Name of a table or view.
    Table,
    /// Name of a SQL function.
    Function,
    /// Id of a canned query, or `show`, `run` or `edit` and then the id.
    Query,
    /// `name=value` for the query named before; any number of them.
    Parameter,
    /// Name of a framework.
    Framework,
    /// Name of an output format.
    Format,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A path in the file system.
    Path,
    /// Where reports are read: a path or `demo:`.
    Source,
    /// Name of a variable.
    Variable,
    /// A command's name without its `\`, or whatever else help is given on.
    Command,
    /// Free text to the end of the line.
    Text,
}

impl Vocabulary {
    /// The table or view with this name.
    pub(crate) fn table(&self, name: &str) -> Option<&TableWords> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// The function with this name.
    pub(crate) fn function(&self, name: &str) -> Option<&FunctionWords> {
        self.functions.iter().find(|function| function.name.eq_ignore_ascii_case(name))
    }

    /// The canned query with this id.
    pub(crate) fn query(&self, id: &str) -> Option<&QueryWords> {
        self.queries.iter().find(|query| query.id.eq_ignore_ascii_case(id))
    }

    /// The command with this name, given with its `\` or `.`. Backslash commands differ by case, as
    /// `\g` and `\G` do in psql, so an exact match goes first.
    pub(crate) fn command(&self, name: &str) -> Option<&CommandWords> {
        let exact = self.commands.iter().find(|command| command.names.contains(&name));
        exact.or_else(|| {
            self.commands
                .iter()
                .find(|command| command.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
        })
    }

    /// The values seen so far for a domain.
    pub(crate) fn known(&self, domain: Domain) -> impl Iterator<Item = &str> {
        self.values.get(&domain).into_iter().flatten().map(String::as_str)
    }

    /// Whether any table has a column of this name.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.tables.iter().any(|table| table.column(name).is_some())
    }
}

impl TableWords {
    /// The column with this name.
    pub(crate) fn column(&self, name: &str) -> Option<&ColumnWords> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

impl CommandWords {
    /// The canonical name.
    pub(crate) fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_any_spelling_and_exact_case_goes_first() {
        let command = |names: &[&'static str]| CommandWords {
            names: names.to_vec(),
            ..CommandWords::default()
        };
        let vocabulary = Vocabulary {
            commands: vec![command(&[r"\g"]), command(&[r"\G", ".vertical"])],
            ..Vocabulary::default()
        };
        assert_eq!(vocabulary.command(r"\G").map(CommandWords::name), Some(r"\G"));
        assert_eq!(vocabulary.command(".VERTICAL").map(CommandWords::name), Some(r"\G"));
        assert_eq!(vocabulary.command(r"\x"), None);
    }
}
