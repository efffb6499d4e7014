//! The words of a session: what completion, highlighting and hints know.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLockReadGuard};
use std::thread;

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use clap::ValueEnum;
use datafusion::execution::SessionState;
use datafusion::logical_expr::Documentation;

use super::vocabulary::{
    ColumnWords, CommandWords, FunctionWords, NamedWord, ParameterWords, QueryWords, TableWords,
    Values, Vocabulary,
};
use super::{Shell, command};
use crate::decode::columns::CellSource;
use crate::library::query::CannedQuery;
use crate::output::{Format, is_plain};
use crate::schema::{self, Column, Domain, Kind, LINEAGE, REPORT, TABLES, Table};
use crate::table::cache::Cache;

/// Values remembered of one kind: nobody looks through more.
const MOST_VALUES: usize = 20_000;

impl Shell {
    /// The words, to look at.
    pub(super) fn vocabulary(&self) -> RwLockReadGuard<'_, Vocabulary> {
        self.vocabulary.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns everything that is known before a report is read.
    pub(super) fn learn(&mut self) {
        let state = self.engine.session().state();
        let words = Vocabulary {
            tables: TABLES.iter().map(table).collect(),
            functions: functions(&state),
            queries: self.library.iter().map(query).collect(),
            frameworks: self
                .library
                .frameworks()
                .map(|framework| word(&framework.id, &framework.title))
                .collect(),
            formats: Format::value_variants().iter().copied().filter_map(format).collect(),
            commands: command::all().map(command_words).collect(),
            ..Vocabulary::default()
        };
        *self.vocabulary.write().unwrap_or_else(PoisonError::into_inner) = words;
        self.know_variables();
    }

    /// Learns it if that was not done yet: a script seldom asks.
    pub(super) fn learn_once(&mut self) {
        let is_known = !self.vocabulary().functions.is_empty();
        if !is_known {
            self.learn();
        }
    }

    /// Learns the tables that are not built in: the user's own, and the last result.
    pub(super) fn know_tables(&mut self) {
        let session = Arc::clone(self.engine.session());
        let names = session.table_names();
        let is_own = |name: &String| Table::named(name).is_none() && is_plain(name);
        let own: Vec<String> = names.into_iter().filter(is_own).collect();
        let learned = self.engine.run(async move {
            let mut tables = Vec::new();
            for name in own {
                // A table that cannot be described is not offered.
                let Ok(schema) = session.columns(&name).await else {
                    continue;
                };
                let fields = schema.fields().iter().filter(|field| is_plain(field.name()));
                let columns = fields.map(|field| ColumnWords {
                    name: field.name().clone(),
                    kind: kind(field.data_type()),
                    ..same_name(field.name())
                });
                let columns = columns.collect();
                tables.push(TableWords { name, doc: String::new(), columns });
            }
            Ok(tables)
        });
        if let Ok(tables) = learned {
            let mut vocabulary = self.vocabulary.write().unwrap_or_else(PoisonError::into_inner);
            vocabulary.tables.truncate(TABLES.len());
            vocabulary.tables.extend(tables);
        }
    }

    /// Learns the variables.
    pub(super) fn know_variables(&self) {
        let variables = self.variables.iter();
        let words = variables.map(|(name, value)| word(name, &value.to_string())).collect();
        self.vocabulary.write().unwrap_or_else(PoisonError::into_inner).variables = words;
    }

    /// Learns values from what is read, in the background, if more was read since the last time.
    pub(super) fn know_values(&mut self) {
        let cache = Arc::clone(&self.engine.collection().cache);
        let bytes = cache.bytes();
        let busy = self.harvest.as_ref().is_some_and(|harvest| !harvest.is_finished());
        // A cache that was emptied has nothing to add: what was learned stays.
        if busy || bytes == self.harvested || bytes == 0 {
            return;
        }
        self.harvested = bytes;
        let vocabulary = Arc::clone(&self.vocabulary);
        self.harvest = Some(thread::spawn(move || {
            let mut values: BTreeMap<Domain, BTreeSet<String>> = BTreeMap::new();
            for (source, domain) in harvested() {
                harvest(&cache, source, values.entry(domain).or_default());
            }
            vocabulary.write().unwrap_or_else(PoisonError::into_inner).values = values;
        }));
    }
}

/// The columns whose values are worth remembering, by where they are kept.
fn harvested() -> impl Iterator<Item = (CellSource, Domain)> {
    let of_report =
        REPORT.iter().enumerate().map(|(position, column)| (CellSource::Report(position), column));
    let ours = LINEAGE.iter().filter_map(|column| match column.values {
        schema::Values::Known(Domain::Account) => Some((CellSource::AccountId, column)),
        schema::Values::Known(Domain::AccountName) => Some((CellSource::AccountName, column)),
        _ => None,
    });
    of_report.chain(ours).filter_map(|(source, column)| match column.values {
        schema::Values::Known(domain) => Some((source, domain)),
        _ => None,
    })
}

fn harvest(cache: &Cache, source: CellSource, values: &mut BTreeSet<String>) {
    for array in cache.arrays(source) {
        if values.len() >= MOST_VALUES {
            return;
        }
        let _ = distinct(&array, values);
    }
}

/// Adds the values of a column of text. `None` if it is something else. Values with control
/// characters are not for the line editor, which would pass them on to the terminal.
fn distinct(array: &ArrayRef, values: &mut BTreeSet<String>) -> Option<()> {
    let texts = cast(array, &DataType::Utf8).ok()?;
    for text in texts.as_string_opt::<i32>()?.iter().flatten() {
        if !values.contains(text) && is_plain(text) {
            values.insert(text.to_owned());
        }
    }
    Some(())
}

fn word(name: &str, doc: &str) -> NamedWord {
    NamedWord { name: name.to_owned(), doc: doc.to_owned() }
}

fn format(format: Format) -> Option<NamedWord> {
    let value = format.to_possible_value()?;
    let doc = value.get_help().map(ToString::to_string).unwrap_or_default();
    Some(word(value.get_name(), &doc))
}

fn table(table: &Table) -> TableWords {
    TableWords {
        name: table.name.to_owned(),
        doc: table.doc.to_owned(),
        columns: table.columns().map(column).collect(),
    }
}

fn column(column: &Column) -> ColumnWords {
    ColumnWords {
        name: column.name.to_owned(),
        kind: match column.kind {
            Kind::Text => "text",
            Kind::Boolean => "boolean",
            Kind::Timestamp => "timestamp",
            Kind::Integer => "integer",
        },
        doc: column.doc.to_owned(),
        values: match column.values {
            schema::Values::Any => Values::Any,
            schema::Values::OneOf(values) => {
                Values::OneOf(values.iter().map(|&value| value.to_owned()).collect())
            }
            schema::Values::Known(domain) => Values::Known(domain),
        },
    }
}

/// What is known of a column of ours with this name: a result or a list of one's own often has it.
fn same_name(name: &str) -> ColumnWords {
    let mut columns = TABLES.iter().flat_map(Table::columns);
    columns.find(|column| column.name == name).map(column).unwrap_or_default()
}

pub(super) fn kind(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "boolean",
        other if other.is_temporal() => "timestamp",
        other if other.is_integer() => "integer",
        other if other.is_numeric() => "number",
        _ => "text",
    }
}

fn query(query: &CannedQuery) -> QueryWords {
    let parameters = query.params.iter().map(|(name, param)| ParameterWords {
        name: name.clone(),
        kind: param.param_type.words().to_owned(),
        default: param.default.clone(),
        doc: param.doc.clone(),
    });
    QueryWords {
        id: query.id.clone(),
        title: query.title.clone(),
        parameters: parameters.collect(),
    }
}

fn command_words(command: &command::Command) -> CommandWords {
    CommandWords {
        names: command.names.to_vec(),
        usage: command.usage,
        doc: command.doc,
        arguments: command.arguments,
    }
}

/// All functions of the engine, in order of name.
fn functions(state: &SessionState) -> Vec<FunctionWords> {
    let scalar = state.scalar_functions().iter().map(|(name, f)| function(name, f.documentation()));
    let aggregate =
        state.aggregate_functions().iter().map(|(name, f)| function(name, f.documentation()));
    let window = state.window_functions().iter().map(|(name, f)| function(name, f.documentation()));
    let table = state.table_functions().keys().map(|name| function(name, None));
    let mut all: Vec<FunctionWords> = scalar.chain(aggregate).chain(window).chain(table).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup_by(|a, b| a.name == b.name);
    all
}

fn function(name: &str, documentation: Option<&Documentation>) -> FunctionWords {
    let signature = documentation.map_or_else(
        || format!("{name}(…)"),
        |text| text.syntax_example.lines().next().unwrap_or_default().to_owned(),
    );
    let doc = documentation.map_or_else(String::new, |text| {
        text.description.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    FunctionWords { name: name.to_owned(), signature, doc }
}
