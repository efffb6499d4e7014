//! Names as they have to be written in SQL.

use datafusion::sql::sqlparser::ast::{Expr, SelectItem, SetExpr, Statement};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

/// The name as it can be written in a statement: in quotes if it needs them, or if one is typed
/// already. A dot parts a schema from a table.
pub(crate) fn identifier(name: &str, quote: Option<char>) -> String {
    let parts = name.split('.').map(|part| match quote {
        Some(quote @ ('"' | '`')) => quoted(part, quote),
        _ if is_plain(part) => part.to_owned(),
        _ => quoted(part, '"'),
    });
    parts.collect::<Vec<_>>().join(".")
}

fn quoted(name: &str, quote: char) -> String {
    let doubled = format!("{quote}{quote}");
    format!("{quote}{}{quote}", name.replace(quote, &doubled))
}

/// Whether the name means itself without quotes: it has no capitals, which would be lost, and the
/// parser takes it for a name. `user`, for one, it takes for a function.
fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_')
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && is_name_to_parser(name)
}

fn is_name_to_parser(name: &str) -> bool {
    let sql = format!("SELECT {name}, {name} FROM {name} WHERE {name} = 1");
    let Ok(statements) = Parser::parse_sql(&GenericDialect {}, &sql) else { return false };
    let [Statement::Query(query)] = statements.as_slice() else { return false };
    let SetExpr::Select(select) = query.body.as_ref() else { return false };
    select.projection.len() == 2
        && select.projection.iter().all(|item| {
            matches!(item, SelectItem::UnnamedExpr(Expr::Identifier(found)) if found.value == name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_where_they_are_needed() {
        for plain in ["arn", "_", "source", "partition", "status", "rows", "format", "kind", "a.b"]
        {
            assert_eq!(identifier(plain, None), plain);
        }
        for (name, written) in [
            ("user", "\"user\""),
            ("select", "\"select\""),
            ("Mixed", "\"Mixed\""),
            ("a b", "\"a b\""),
            ("a\"b", "\"a\"\"b\""),
            ("", "\"\""),
        ] {
            assert_eq!(identifier(name, None), written);
        }
        assert_eq!(identifier("arn", Some('"')), "\"arn\"");
    }
}
