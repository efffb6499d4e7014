//! A statement with its parameters as text that Athena runs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use datafusion::common::ScalarValue;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{Cte, Query, Statement as Ast, TableAlias, VisitMut, With};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::place::Place;
use super::scope::{self, Names};
use super::tables;
use crate::error::{Error, Result};
use crate::report::Millis;
use crate::table::selection::Scope;

/// Most bytes of a statement. Source: Athena User Guide, "Service Quotas", query string length.
pub const LONGEST: usize = 262_144;

/// What a `$name` stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// A value, typed as its place asks.
    One(ScalarValue),
    /// Texts, for the inside of `IN ($name)`.
    Many(Vec<String>),
}

/// The exported tables a statement runs over, and in which light.
#[derive(Debug, Clone)]
pub struct Target {
    /// The database of the exported tables.
    pub database: String,
    /// Whose reports the tables of the latest ones show.
    pub shown: Scope,
    /// Hides later reports, and is the clock of the latest ones.
    pub as_of: Option<Millis>,
    /// What `now()` is; `None`: whatever it is when the statement runs.
    pub run_time: Option<Millis>,
}

/// Renders a statement: all on one line, and nothing needed but the exported tables.
///
/// # Errors
/// If a parameter is missing, or the statement is none that Athena can run.
pub fn render(
    statement: &Statement,
    parameters: &BTreeMap<String, Bound>,
    target: &Target,
) -> Result<String> {
    let (query, others) = rendered(statement, parameters, target, tables::known)?;
    if let Some(name) = others.first() {
        return Err(refused(
            format!("table `{name}` is not on Athena"),
            "there are the tables of `credsql schema`, over what was exported",
        ));
    }
    within_limit(query.to_string())
}

/// The syntax tree of a statement rendered, and the tables in it that are none of ours. `known` are
/// the names that become queries of ours.
pub(super) fn rendered(
    statement: &Statement,
    parameters: &BTreeMap<String, Bound>,
    target: &Target,
    known: fn(&str) -> Option<&'static str>,
) -> Result<(Query, Vec<String>)> {
    let Statement::Statement(statement) = statement else {
        return Err(only_queries());
    };
    let Ast::Query(query) = &**statement else {
        return Err(only_queries());
    };
    let mut query = query.clone();
    let names = scope::walk(&mut query, known, &BTreeMap::new());
    let mut needed = Needed { target, parts: Vec::new() };
    for name in &names.used {
        needed.add(name)?;
    }
    let called = needed.called(&names.defined);
    scope::walk(&mut query, known, &called);
    let parts = needed.into_ctes(&called);
    if !parts.is_empty() {
        let with = query.with.get_or_insert_with(|| With {
            with_token: AttachedToken::empty(),
            recursive: false,
            cte_tables: Vec::new(),
        });
        with.cte_tables.splice(0..0, parts);
    }
    let mut place = Place::new(parameters, target.run_time);
    match query.visit(&mut place) {
        ControlFlow::Continue(()) => Ok((*query, names.others)),
        ControlFlow::Break(error) => Err(*error),
    }
}

/// Refuses a text that is longer than Athena takes.
///
/// # Errors
/// If it is.
pub(super) fn within_limit(text: String) -> Result<String> {
    if text.len() <= LONGEST {
        return Ok(text);
    }
    Err(refused(
        format!("as Athena runs it the statement has {} bytes, and {LONGEST} are most", text.len()),
        "ask for fewer things at once; most of a long statement are often the items of a list",
    ))
}

pub(super) fn refused(message: String, hint: &str) -> Error {
    Error::Sql { message, place: None, hint: Some(hint.to_owned()) }
}

fn only_queries() -> Error {
    refused(
        "this statement is no query".to_owned(),
        "Athena runs SELECT, WITH and VALUES for this program, nothing that writes or explains",
    )
}

/// The tables of ours that a statement stands on, each after those it stands on itself.
struct Needed<'a> {
    target: &'a Target,
    parts: Vec<(&'static str, Query)>,
}

impl Needed<'_> {
    fn add(&mut self, name: &'static str) -> Result<()> {
        if self.parts.iter().any(|(known, _)| *known == name) {
            return Ok(());
        }
        let mut query = parsed(&tables::text(name, self.target)?)?;
        // What it calls by a name of its own is the exported table.
        let Names { used, .. } = scope::walk(&mut query, tables::known_within, &BTreeMap::new());
        for beneath in used {
            self.add(beneath)?;
        }
        self.parts.push((name, query));
        Ok(())
    }

    /// What each is called: its name, unless the statement gives that to something of its own, in
    /// whatever letters: Trino does not tell them apart.
    fn called(&self, defined: &BTreeSet<String>) -> BTreeMap<&'static str, String> {
        let is_taken =
            |name: &String| defined.contains(name) || tables::known_within(name).is_some();
        let free = |name: &str| {
            let mut free = format!("all_{name}");
            while is_taken(&free) {
                free.insert_str(0, "all_");
            }
            free
        };
        let call = |name: &'static str| {
            if defined.contains(name) { free(name) } else { name.to_owned() }
        };
        self.parts.iter().map(|(name, _)| (*name, call(name))).collect()
    }

    fn into_ctes(self, called: &BTreeMap<&'static str, String>) -> Vec<Cte> {
        let cte = |(name, mut query): (&'static str, Query)| {
            scope::walk(&mut query, tables::known_within, called);
            let name = called.get(name).map_or(name, String::as_str);
            Cte {
                alias: TableAlias { explicit: false, ..scope::alias(name) },
                query: Box::new(query),
                from: None,
                materialized: None,
                closing_paren_token: AttachedToken::empty(),
            }
        };
        self.parts.into_iter().map(cte).collect()
    }
}

/// Reads a query of ours.
fn parsed(text: &str) -> Result<Query> {
    let mut statements =
        Parser::parse_sql(&GenericDialect {}, text).map_err(|error| Error::Engine(error.into()))?;
    match statements.pop() {
        Some(Ast::Query(query)) => Ok(*query),
        _ => Err(only_queries()),
    }
}

#[cfg(test)]
mod tests;
