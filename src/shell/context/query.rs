//! What is known of a query: its tables and what its columns are called.

use crate::shell::keywords::is_keyword;
use crate::shell::lexer::{Kind, Token};

/// A query: a `SELECT` with its tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// The query around it whose tables it may name.
    pub(crate) parent: Option<usize>,
    /// The level whose common table expressions it sees.
    pub(crate) group: usize,
    /// The tables of its `FROM`.
    pub(crate) tables: Vec<TableRef>,
    /// Its columns.
    pub(crate) outputs: Vec<Output>,
}

/// A table in `FROM`.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableRef {
    /// Its name as written, without quotes; empty of a subquery.
    pub(crate) name: String,
    /// What it is called in this query.
    pub(crate) alias: Option<String>,
    /// New names for its columns: `AS t(a, b)`.
    pub(crate) names: Vec<String>,
    /// The query it is, if it is one.
    pub(crate) subquery: Option<usize>,
}

/// A common table expression.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cte {
    /// Its name.
    pub(crate) name: String,
    /// The level of queries that sees it.
    pub(crate) group: usize,
    /// Names of its columns if given: `WITH t(a, b) AS`.
    pub(crate) names: Vec<String>,
    /// Its body.
    pub(crate) block: Option<usize>,
}

/// A column that a query gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// All columns of all its tables, or of the one named.
    Star(Option<String>),
    /// A column and the name of the column it is taken from unchanged, if it is.
    Named {
        /// What it is called.
        name: String,
        /// The column it shows.
        source: Option<String>,
        /// Whether the name was given by the query.
        is_alias: bool,
    },
}

/// What an item of a select list gives; an expression without a name gives nothing that could be
/// referred to.
pub(crate) fn outputs(item: &[Token<'_>]) -> Option<Output> {
    let item = match item {
        [first, rest @ ..] if ["SELECT", "DISTINCT", "ALL"].iter().any(|word| first.is(word)) => {
            match rest {
                [second, rest @ ..] if second.is("DISTINCT") || second.is("ALL") => rest,
                _ => rest,
            }
        }
        _ => item,
    };
    match item {
        [.., table, dot, star] if dot.is_symbol(".") && star.is_symbol("*") => {
            Some(Output::Star(table.name()))
        }
        [star, ..] if star.is_symbol("*") => Some(Output::Star(None)),
        [expression @ .., word, alias] if word.is("AS") => {
            let source = plain_column(expression);
            Some(Output::Named { name: alias.name()?, source, is_alias: true })
        }
        [expression @ .., alias] if is_operand(expression) && alias.name().is_some() => {
            let is_keyword = alias.kind == Kind::Word && is_keyword(alias.text);
            let source = plain_column(expression);
            (!is_keyword).then_some(Output::Named { name: alias.name()?, source, is_alias: true })
        }
        _ => {
            let name = plain_column(item)?;
            Some(Output::Named { source: Some(name.clone()), name, is_alias: false })
        }
    }
}

/// The column, if the expression is one: `a`, `t.a`, `s.t.a`.
fn plain_column(expression: &[Token<'_>]) -> Option<String> {
    match expression {
        [column] => column.name(),
        [.., dot, column] if dot.is_symbol(".") => {
            let is_path =
                expression.iter().all(|part| part.name().is_some() || part.is_symbol("."));
            is_path.then(|| column.name())?
        }
        _ => None,
    }
}

/// Whether the tokens end as an expression may end.
fn is_operand(expression: &[Token<'_>]) -> bool {
    expression.last().is_some_and(|last| match last.kind {
        Kind::Quoted | Kind::Text | Kind::Number | Kind::Parameter => true,
        Kind::Symbol => matches!(last.text, ")" | "]"),
        Kind::Word => {
            !["AND", "OR", "NOT", "THEN", "ELSE", "WHEN", "CASE", "LIKE", "ILIKE", "IN", "IS"]
                .iter()
                .any(|word| last.is(word))
        }
        _ => false,
    })
}
