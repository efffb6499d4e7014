//! Which names of a statement are tables of ours, and what they are called in the rendered one.
//!
//! A name is looked for as SQL does: in the WITH of the query it stands in, as far as that has come,
//! then in those around it, then among the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectName, Query, TableAlias, TableFactor, VisitMut, VisitorMut,
};

/// What became of a walk over a query.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The tables of ours that it reads, in the order in which it first does.
    pub(super) used: Vec<&'static str>,
    /// All other tables it reads.
    pub(super) others: Vec<String>,
    /// The names it gives to queries of its own, in lower case.
    pub(super) defined: BTreeSet<String>,
}

/// Finds the tables that a query reads, and calls ours as `called` says, where it does.
pub(super) fn walk(
    query: &mut Query,
    known: fn(&str) -> Option<&'static str>,
    called: &BTreeMap<&'static str, String>,
) -> Names {
    let mut walk = Walk { known, called, frames: Vec::new(), names: Names::default() };
    let _: ControlFlow<()> = query.visit(&mut walk);
    walk.names
}

struct Walk<'a> {
    known: fn(&str) -> Option<&'static str>,
    called: &'a BTreeMap<&'static str, String>,
    frames: Vec<Frame>,
    names: Names,
}

/// A query that is being walked over.
struct Frame {
    /// The names in its WITH.
    with: Vec<String>,
    /// How many of them are known by now: each sees those before it.
    seen: usize,
    /// Whether each sees itself as well.
    recursive: bool,
    /// Whether it stands in the WITH of the query around it.
    in_with: bool,
}

impl VisitorMut for Walk<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let with = query.with.as_ref();
        let names: Vec<String> = with
            .map(|with| with.cte_tables.iter().map(|cte| folded(&cte.alias.name)).collect())
            .unwrap_or_default();
        self.names.defined.extend(names.iter().map(|name| name.to_ascii_lowercase()));
        // The queries of a WITH are walked over before all else of theirs.
        let in_with = self.frames.last().is_some_and(|frame| frame.seen < frame.with.len());
        let recursive = with.is_some_and(|with| with.recursive);
        self.frames.push(Frame { with: names, seen: 0, recursive, in_with });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        let ended = self.frames.pop();
        if ended.is_some_and(|frame| frame.in_with)
            && let Some(around) = self.frames.last_mut()
        {
            around.seen += 1;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, alias, args: None, .. } = factor {
            self.table(name, alias);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        // A column may be named with the schema of its table.
        if let Expr::CompoundIdentifier(parts) = expression
            && let [of_schema @ .., _, _] = &parts[..]
            && is_public(of_schema)
        {
            let rest = parts.split_off(of_schema.len());
            *parts = rest;
        }
        ControlFlow::Continue(())
    }
}

impl Walk<'_> {
    fn table(&mut self, name: &mut ObjectName, alias: &mut Option<TableAlias>) {
        let parts: Option<Vec<&Ident>> = name.0.iter().map(|part| part.as_ident()).collect();
        let parts: Vec<Ident> = parts.unwrap_or_default().into_iter().cloned().collect();
        let Some((last, of_schema)) = parts.split_last() else {
            return self.names.others.push(name.to_string());
        };
        let written = folded(last);
        let is_bare = of_schema.is_empty();
        if is_bare && self.is_in_scope(&written) {
            return;
        }
        let ours = (self.known)(&written).filter(|_| is_bare || is_public(of_schema));
        let Some(ours) = ours else {
            return self.names.others.push(name.to_string());
        };
        if !self.names.used.contains(&ours) {
            self.names.used.push(ours);
        }
        if let Some(called) = self.called.get(ours) {
            *name = ObjectName::from(vec![Ident::new(called)]);
            if called != ours && alias.is_none() {
                *alias = Some(self::alias(ours));
            }
        }
    }

    fn is_in_scope(&self, name: &str) -> bool {
        self.frames.iter().any(|frame| {
            let seen = frame.seen + usize::from(frame.recursive);
            frame.with.iter().take(seen).any(|known| known == name)
        })
    }
}

/// An alias of no columns.
pub(super) fn alias(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: Ident::new(name), columns: vec![], at: None }
}

/// A name as it is looked for: without quotes in lower case.
fn folded(name: &Ident) -> String {
    if name.quote_style.is_some() { name.value.clone() } else { name.value.to_ascii_lowercase() }
}

/// Whether this is the schema of our tables, with or without their catalog.
fn is_public(parts: &[Ident]) -> bool {
    let folded: Vec<String> = parts.iter().map(folded).collect();
    matches!(
        &folded.iter().map(String::as_str).collect::<Vec<_>>()[..],
        ["public"] | ["datafusion", "public"]
    )
}
