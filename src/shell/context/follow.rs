//! Which keywords follow an operand or a table.

use super::clause::{Clause, Opener, takes_from};
use super::walk::Frame;
use crate::shell::keywords;
use crate::shell::lexer::Token;

/// Whether the bracket is that of a cast.
pub(crate) fn is_in_cast(frame: &Frame<'_>) -> bool {
    matches!(&frame.opener, Opener::Call(function)
        if ["cast", "try_cast"].iter().any(|cast| function.eq_ignore_ascii_case(cast)))
}

/// The keywords that may follow a complete operand or table, the likeliest first.
pub(crate) fn followers(last: &Token<'_>, frame: &Frame<'_>) -> Vec<&'static str> {
    let case: &[&str] =
        match frame.cases.last().map(|case| case.last.to_ascii_uppercase()).as_deref() {
            Some("CASE") => &["WHEN"],
            Some("WHEN") => &["THEN"],
            Some("THEN") => &["WHEN", "ELSE", "END"],
            Some(_) => &["END"],
            None => &[],
        };
    let between: &[&str] = if frame.is_between { &["AND"] } else { &[] };
    let rest: [&[&str]; 2] = match (frame.clause, &frame.opener) {
        (Clause::Nested, Opener::Call(function)) if function.eq_ignore_ascii_case("cast") => {
            [&["AS"], keywords::OPERATORS]
        }
        (Clause::Nested, Opener::Call(function)) if takes_from(function) => {
            [&["FROM"], keywords::OPERATORS]
        }
        (Clause::Nested, _) => [keywords::OPERATORS, &["ORDER BY"]],
        (Clause::Select, _) => [keywords::AFTER_ITEM, keywords::OPERATORS],
        (Clause::From, _) if frame.is_joined => [keywords::AFTER_JOINED, keywords::AFTER_TABLE],
        (Clause::From | Clause::Using, _) => [keywords::AFTER_TABLE, &[]],
        (Clause::On, _) => [keywords::OPERATORS, keywords::AFTER_ON],
        (Clause::Where, _) => [keywords::OPERATORS, keywords::AFTER_WHERE],
        (Clause::GroupBy, Opener::Over) => [&["ORDER BY"], keywords::OPERATORS],
        (Clause::GroupBy, _) => [keywords::AFTER_GROUP_BY, keywords::OPERATORS],
        (Clause::Having, _) => [keywords::OPERATORS, keywords::AFTER_HAVING],
        (Clause::OrderBy, _) if last.is("FIRST") || last.is("LAST") => [keywords::AFTER_LIMIT, &[]],
        (Clause::OrderBy, _) if last.is("ASC") || last.is("DESC") => {
            [keywords::AFTER_DIRECTION, &[]]
        }
        (Clause::OrderBy, _) => [keywords::AFTER_ORDER_BY, keywords::OPERATORS],
        (Clause::Limit, _) => [keywords::AFTER_LIMIT, &[]],
        (Clause::Window, _) if last.is_symbol(")") => [keywords::AFTER_HAVING, &[]],
        (Clause::Window, _) => [&["AS ("], &[]],
        (Clause::Start | Clause::With, _) => [keywords::QUERIES, &[]],
    };
    [case, between].into_iter().chain(rest).flatten().copied().collect()
}
