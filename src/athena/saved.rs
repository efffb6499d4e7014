//! The views and the canned queries as texts to keep in Athena.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use datafusion::common::ScalarValue;
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast::Query;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::render::{Bound, Target, rendered, within_limit};
use super::tables;
use crate::decode::time;
use crate::error::{Error, Result};
use crate::library::Library;
use crate::library::query::{CannedQuery, Param, ParamType, Value};
use crate::schema::{Column, Table};
use crate::table::controls;
use crate::table::selection::Scope;

/// The names that are views over the exported tables; the other tables of `credsql schema` are
/// exported themselves, or known only to a run that asks AWS for more.
pub const VIEWS: [&str; 5] =
    ["credential_report", "credential_report_raw", "credentials", "changes", "controls"];

/// A view.
#[derive(Debug, Clone)]
pub struct View {
    /// Its name.
    pub name: &'static str,
    /// What one row stands for.
    pub doc: &'static str,
    /// Its columns in order.
    pub columns: Vec<&'static Column>,
    /// The query that it is.
    pub sql: String,
}

/// A canned query with its parameters as literals.
#[derive(Debug, Clone)]
pub struct Saved {
    /// The stem of its file.
    pub id: String,
    /// What holds when all is well, or what is shown.
    pub title: String,
    /// Why it matters.
    pub description: String,
    /// What its parameters are, a line for each; and what else it needs.
    pub remarks: Vec<String>,
    /// The query.
    pub sql: String,
}

/// What a canned query reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The exported tables alone.
    Tables,
    /// The views as well, which have to be there; much shorter.
    Views,
}

/// The views, in the order of the list of tables. None stands on another.
///
/// # Errors
/// If one is longer than Athena takes, as the list of controls may be with many of one's own.
pub fn views(library: &Library, database: &str) -> Result<Vec<View>> {
    let of = |name: &'static str| {
        let table = Table::named(name)
            .ok_or_else(|| Error::usage(format!("there is no table `{name}`"), ""))?;
        let columns: Vec<&'static Column> = table.columns().collect();
        let sql = if name == "controls" {
            list_of_controls(library, &columns)
        } else {
            let names = columns.iter().map(|column| tables::column_name("", column));
            let sql = tables::select(names, name);
            let statement = parsed(&sql)?;
            pretty(&rendered(&statement, &BTreeMap::new(), &target(database), tables::known)?.0)
        };
        Ok(View { name, doc: table.doc, columns, sql: within_limit(sql)? })
    };
    VIEWS.into_iter().map(of).collect()
}

/// The canned queries, in order of id.
///
/// # Errors
/// If one cannot be rendered.
pub fn queries(library: &Library, database: &str, over: Over) -> Result<Vec<Saved>> {
    library.iter().map(|query| saved(query, database, over)).collect()
}

fn saved(query: &CannedQuery, database: &str, over: Over) -> Result<Saved> {
    let mut remarks = Vec::new();
    let mut parameters = BTreeMap::new();
    for (name, param) in &query.params {
        let mut remark = format!("{name}: {}", param.doc);
        let bound = if let Some(default) = &param.default {
            let _ = write!(remark, " (here {default})");
            bound(param.param_type, default)
        } else {
            remark.push_str(" (has no default: put yours in)");
            stand_in(param)
        };
        remarks.push(remark);
        parameters.insert(name.clone(), bound);
    }
    let known = match over {
        Over::Tables => tables::known,
        Over::Views => tables::known_beside_views,
    };
    let statement = parsed(&query.sql)?;
    let (tree, others) = rendered(&statement, &parameters, &target(database), known)?;
    let not_ours = others.iter().filter(|name| Table::named(name).is_none());
    remarks.extend(not_ours.map(|name| format!("Reads `{name}`, a table of your own")));
    Ok(Saved {
        id: query.id.clone(),
        title: query.title.clone(),
        description: query.description.clone(),
        remarks,
        sql: within_limit(pretty(&tree))?,
    })
}

/// What is kept is asked at any time: nothing is hidden, and now is when it is asked.
fn target(database: &str) -> Target {
    Target { database: database.to_owned(), shown: Scope::Latest, as_of: None, run_time: None }
}

/// The value of a text, typed as its parameter is.
fn bound(param_type: ParamType, text: &str) -> Bound {
    let as_text = || ScalarValue::Utf8(Some(text.to_owned()));
    let value = match param_type.value(text) {
        Value::List(texts) => return Bound::Many(texts),
        Value::One(_) => match param_type {
            ParamType::Integer => text.parse().ok().map(|value| ScalarValue::Int64(Some(value))),
            ParamType::Number => text.parse().ok().map(|value| ScalarValue::Float64(Some(value))),
            ParamType::Boolean => text.parse().ok().map(|value| ScalarValue::Boolean(Some(value))),
            ParamType::Timestamp => time::parse(text)
                .map(|time| ScalarValue::TimestampMillisecond(Some(time.millis), None)),
            ParamType::Text | ParamType::TextList => None,
        },
    };
    Bound::One(value.unwrap_or_else(as_text))
}

/// Something of its type for a parameter that has no default.
fn stand_in(param: &Param) -> Bound {
    match param.param_type {
        ParamType::Integer | ParamType::Number => bound(param.param_type, "0"),
        ParamType::Boolean => bound(param.param_type, "false"),
        ParamType::Timestamp => bound(param.param_type, "1970-01-01"),
        ParamType::Text => bound(param.param_type, &param.doc),
        ParamType::TextList => Bound::Many(vec![param.doc.clone()]),
    }
}

fn parsed(sql: &str) -> Result<Statement> {
    let mut statements = DFParser::parse_sql(sql)?;
    statements.pop_front().ok_or_else(|| Error::usage("there is no statement", ""))
}

/// The query on lines of its own. Whoever prints so indents within texts too if a line is all they
/// are; then on one line.
fn pretty(query: &Query) -> String {
    let (lines, line) = (format!("{query:#}"), query.to_string());
    let read = |text: &str| Parser::parse_sql(&GenericDialect {}, text).ok();
    if read(&lines).is_some_and(|tree| Some(tree) == read(&line)) { lines } else { line }
}

/// Table `controls` as a query: what a library has is nothing that is exported.
fn list_of_controls(library: &Library, columns: &[&Column]) -> String {
    let cell = |text: &Option<String>| match text {
        Some(text) => format!("'{}'", text.replace('\'', "''")),
        None => "CAST(NULL AS VARCHAR)".to_owned(),
    };
    let row = |query: &CannedQuery| {
        let cells: Vec<String> = controls::row(query).iter().map(cell).collect();
        format!("  ({})", cells.join(", "))
    };
    let rows: Vec<String> = library.controls().map(row).collect();
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let names = names.join(", ");
    format!("SELECT {names}\nFROM (VALUES\n{}\n) AS controls ({names})", rows.join(",\n"))
}

#[cfg(test)]
mod tests;
