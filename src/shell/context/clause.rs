//! The clauses of a query and what a statement's words do to them.

use crate::shell::lexer::{Kind, Token};

/// The part of a statement that a place belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Clause {
    /// Before the first word that tells.
    #[default]
    Start,
    /// Names and bodies of common table expressions.
    With,
    /// The select list.
    Select,
    /// Tables and joins.
    From,
    /// A join's condition.
    On,
    /// A join's columns.
    Using,
    /// `WHERE`
    Where,
    /// `GROUP BY` and `PARTITION BY`
    GroupBy,
    /// `HAVING` and `QUALIFY`
    Having,
    /// `ORDER BY`
    OrderBy,
    /// Names of windows and what they are.
    Window,
    /// `LIMIT` and `OFFSET`
    Limit,
    /// Inside brackets: an expression or arguments.
    Nested,
}

/// What opened a bracket.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) enum Opener {
    /// Nothing: the statement itself.
    #[default]
    Statement,
    /// A subquery, or the body of a common table expression.
    Query,
    /// A function call.
    Call(String),
    /// The list after `column IN`, where the column's name stands at this token.
    In(usize),
    /// A window: `OVER (`, or `AS (` after its name
    Over,
    /// A list of names: of columns in `USING (…)`, or new ones after an alias.
    Names,
    /// Tables joined inside brackets.
    Joins,
    /// Any other expression.
    Group,
}

/// Words that are never the alias of a table.
const NOT_AN_ALIAS: [&str; 42] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "MINUS",
    "ON",
    "JOIN",
    "INNER",
    "CROSS",
    "FULL",
    "LEFT",
    "RIGHT",
    "NATURAL",
    "USING",
    "ANTI",
    "SEMI",
    "OUTER",
    "SET",
    "QUALIFY",
    "WINDOW",
    "END",
    "FOR",
    "AS",
    "LATERAL",
    "WITH",
    "TABLESAMPLE",
    "SAMPLE",
    "AND",
    "OR",
    "NOT",
    "VALUES",
    "PIVOT",
    "UNPIVOT",
    "SORT",
];

/// Whether the word can be the alias of a table.
pub(crate) fn may_be_alias(token: &Token<'_>) -> bool {
    token.kind == Kind::Quoted
        || (token.kind == Kind::Word && !NOT_AN_ALIAS.iter().any(|reserved| token.is(reserved)))
}

/// Whether the words are functions whose arguments are parted by `FROM`.
pub(crate) fn takes_from(function: &str) -> bool {
    ["extract", "trim", "substring", "overlay", "position"]
        .iter()
        .any(|name| function.eq_ignore_ascii_case(name))
}

/// Whether the word combines two queries.
pub(crate) fn is_set_operator(token: &Token<'_>) -> bool {
    ["UNION", "INTERSECT", "EXCEPT", "MINUS"].iter().any(|word| token.is(word))
}

/// Whether a query begins with this word.
pub(crate) fn begins_query(token: &Token<'_>) -> bool {
    ["SELECT", "WITH", "VALUES"].iter().any(|word| token.is(word))
}

/// The clause that a word begins by itself, for a query that has its tables; `BY` is asked for
/// where only the two words together mean it.
pub(crate) fn clause_of(token: &Token<'_>, next: Option<&Token<'_>>) -> Option<Clause> {
    let by = next.is_none_or(|next| next.is("BY"));
    [
        ("WHERE", Clause::Where),
        ("HAVING", Clause::Having),
        ("QUALIFY", Clause::Having),
        ("WINDOW", Clause::Window),
        ("LIMIT", Clause::Limit),
        ("OFFSET", Clause::Limit),
    ]
    .into_iter()
    .chain(by.then_some(("GROUP", Clause::GroupBy)))
    .chain(by.then_some(("ORDER", Clause::OrderBy)))
    .find(|(word, _)| token.is(word))
    .map(|(_, clause)| clause)
}
