//! The keywords of queries: which there are, and which may follow what.
//!
//! Not sqlparser's list: that has every word of every dialect, most of which are good names for
//! columns and would be noise among completions.

/// What a statement begins with.
pub(crate) const STATEMENTS: &[&str] = &[
    "SELECT",
    "WITH",
    "EXPLAIN",
    "EXPLAIN ANALYZE",
    "DESCRIBE",
    "SHOW TABLES",
    "SHOW COLUMNS FROM",
    "VALUES",
];

/// What a query begins with, inside brackets or after `EXPLAIN`.
pub(crate) const QUERIES: &[&str] = &["SELECT", "WITH", "VALUES"];

/// What an operand begins with.
pub(crate) const OPERANDS: &[&str] = &[
    "CASE",
    "CAST (",
    "TRY_CAST (",
    "NOT",
    "NULL",
    "TRUE",
    "FALSE",
    "EXISTS (",
    "INTERVAL",
    "TIMESTAMP",
    "DATE",
    "EXTRACT (",
    "CURRENT_TIMESTAMP",
    "CURRENT_DATE",
];

/// What follows a complete operand in any expression.
pub(crate) const OPERATORS: &[&str] = &[
    "AND",
    "OR",
    "IS NULL",
    "IS NOT NULL",
    "IN (",
    "NOT IN (",
    "LIKE",
    "NOT LIKE",
    "ILIKE",
    "NOT ILIKE",
    "BETWEEN",
    "NOT BETWEEN",
    "IS TRUE",
    "IS FALSE",
    "IS DISTINCT FROM",
    "IS NOT DISTINCT FROM",
];

/// What follows an item of the select list.
pub(crate) const AFTER_ITEM: &[&str] = &["FROM", "AS", "OVER (", "FILTER (WHERE", "IGNORE NULLS"];

/// What follows a table.
pub(crate) const AFTER_TABLE: &[&str] = &[
    "WHERE",
    "JOIN",
    "LEFT JOIN",
    "GROUP BY",
    "ORDER BY",
    "LIMIT",
    "AS",
    "CROSS JOIN",
    "FULL JOIN",
    "HAVING",
    "INNER JOIN",
    "LEFT ANTI JOIN",
    "LEFT SEMI JOIN",
    "NATURAL JOIN",
    "RIGHT JOIN",
    "OFFSET",
    "UNION ALL",
    "UNION",
    "EXCEPT",
    "INTERSECT",
];

/// What follows a joined table.
pub(crate) const AFTER_JOINED: &[&str] = &["ON", "USING (", "AS"];

/// What may follow each clause once its expression is over.
pub(crate) const AFTER_ON: &[&str] = &[
    "WHERE",
    "JOIN",
    "LEFT JOIN",
    "GROUP BY",
    "ORDER BY",
    "LIMIT",
    "CROSS JOIN",
    "FULL JOIN",
    "INNER JOIN",
    "RIGHT JOIN",
    "HAVING",
    "UNION ALL",
    "UNION",
    "EXCEPT",
    "INTERSECT",
];
/// After `WHERE …`.
pub(crate) const AFTER_WHERE: &[&str] = &[
    "GROUP BY",
    "ORDER BY",
    "LIMIT",
    "HAVING",
    "OFFSET",
    "UNION ALL",
    "UNION",
    "EXCEPT",
    "INTERSECT",
];
/// After `GROUP BY …`.
pub(crate) const AFTER_GROUP_BY: &[&str] =
    &["HAVING", "ORDER BY", "LIMIT", "OFFSET", "UNION ALL", "UNION", "EXCEPT", "INTERSECT"];
/// After `HAVING …`.
pub(crate) const AFTER_HAVING: &[&str] =
    &["ORDER BY", "LIMIT", "OFFSET", "UNION ALL", "UNION", "EXCEPT", "INTERSECT"];
/// After an item of `ORDER BY`.
pub(crate) const AFTER_ORDER_BY: &[&str] =
    &["ASC", "DESC", "NULLS FIRST", "NULLS LAST", "LIMIT", "OFFSET"];
/// After `ASC` or `DESC`.
pub(crate) const AFTER_DIRECTION: &[&str] = &["NULLS FIRST", "NULLS LAST", "LIMIT", "OFFSET"];
/// After `NULLS FIRST`, and after a number of rows.
pub(crate) const AFTER_LIMIT: &[&str] = &["LIMIT", "OFFSET", "UNION ALL", "UNION"];

/// Units of intervals.
pub(crate) const UNITS: &[&str] = &["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];

/// Types to cast to.
pub(crate) const TYPES: &[&str] = &[
    "VARCHAR",
    "BIGINT",
    "INT",
    "DOUBLE",
    "BOOLEAN",
    "DATE",
    "TIMESTAMP",
    "TIME",
    "INTERVAL",
    "DECIMAL",
    "REAL",
    "SMALLINT",
];

/// Words that are begun and have to be gone on with, and how.
pub(crate) const PHRASES: &[(&str, &[&str])] = &[
    ("GROUP", &["BY"]),
    ("ORDER", &["BY"]),
    ("PARTITION", &["BY"]),
    ("NULLS", &["FIRST", "LAST"]),
    (
        "IS",
        &[
            "NULL",
            "NOT NULL",
            "TRUE",
            "NOT TRUE",
            "FALSE",
            "NOT FALSE",
            "DISTINCT FROM",
            "NOT DISTINCT FROM",
        ],
    ),
    ("LEFT", &["JOIN", "OUTER JOIN", "ANTI JOIN", "SEMI JOIN"]),
    ("RIGHT", &["JOIN", "OUTER JOIN", "ANTI JOIN", "SEMI JOIN"]),
    ("FULL", &["JOIN", "OUTER JOIN"]),
    ("INNER", &["JOIN"]),
    ("OUTER", &["JOIN"]),
    ("CROSS", &["JOIN"]),
    ("NATURAL", &["JOIN", "LEFT JOIN", "INNER JOIN", "RIGHT JOIN"]),
    ("ANTI", &["JOIN"]),
    ("SEMI", &["JOIN"]),
    ("UNION", &["ALL", "SELECT", "DISTINCT"]),
    ("EXCEPT", &["SELECT", "ALL"]),
    ("INTERSECT", &["SELECT", "ALL"]),
    ("EXPLAIN", &["SELECT", "WITH", "ANALYZE", "VERBOSE"]),
    ("ANALYZE", &["SELECT", "WITH", "VERBOSE"]),
    ("VERBOSE", &["SELECT", "WITH"]),
    ("SHOW", &["TABLES", "COLUMNS FROM", "FUNCTIONS", "ALL"]),
    ("COLUMNS", &["FROM"]),
    ("EXISTS", &["("]),
    ("OVER", &["("]),
    ("IGNORE", &["NULLS"]),
    ("FILTER", &["(WHERE"]),
];

/// Keywords by themselves, in alphabetical order: what highlighting shows as such, and what is
/// offered when nothing else begins with what was typed.
pub(crate) const ALL: &[&str] = &[
    "ALL",
    "ANALYZE",
    "AND",
    "ANTI",
    "ANY",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "COPY",
    "CREATE",
    "CROSS",
    "CURRENT",
    "CURRENT_DATE",
    "CURRENT_TIMESTAMP",
    "DATE",
    "DEALLOCATE",
    "DELETE",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "DROP",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "EXCLUDE",
    "EXECUTE",
    "EXISTS",
    "EXPLAIN",
    "EXTERNAL",
    "EXTRACT",
    "FALSE",
    "FETCH",
    "FILTER",
    "FIRST",
    "FOLLOWING",
    "FROM",
    "FULL",
    "GROUP",
    "GROUPING",
    "HAVING",
    "IGNORE",
    "ILIKE",
    "IN",
    "INNER",
    "INSERT",
    "INTERSECT",
    "INTERVAL",
    "INTO",
    "IS",
    "JOIN",
    "LAST",
    "LATERAL",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NATURAL",
    "NOT",
    "NULL",
    "NULLS",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARTITION",
    "PRECEDING",
    "PREPARE",
    "QUALIFY",
    "RANGE",
    "RECURSIVE",
    "REPLACE",
    "RIGHT",
    "ROLLUP",
    "ROWS",
    "SELECT",
    "SEMI",
    "SET",
    "SHOW",
    "SIMILAR",
    "SOME",
    "TABLE",
    "THEN",
    "TIMESTAMP",
    "TO",
    "TRUE",
    "TRY_CAST",
    "UNBOUNDED",
    "UNION",
    "UNNEST",
    "UPDATE",
    "USING",
    "VALUES",
    "VERBOSE",
    "VIEW",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHIN",
];

/// Keywords after which an operand is due.
const BEFORE_OPERAND: &[&str] = &[
    "ALL", "AND", "BETWEEN", "BY", "CASE", "DISTINCT", "ELSE", "ESCAPE", "FROM", "HAVING", "ILIKE",
    "IN", "LIKE", "NOT", "ON", "OR", "QUALIFY", "SELECT", "SIMILAR", "THEN", "TO", "WHEN", "WHERE",
];

/// Whether the word is a keyword of queries.
pub(crate) fn is_keyword(word: &str) -> bool {
    let word = word.to_ascii_uppercase();
    ALL.binary_search(&word.as_str()).is_ok()
}

/// Whether an operand is due after this keyword.
pub(crate) fn is_before_operand(word: &str) -> bool {
    BEFORE_OPERAND.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// How a phrase begun with this word goes on.
pub(crate) fn phrase(word: &str) -> Option<&'static [&'static str]> {
    let found = PHRASES.iter().find(|(begun, _)| begun.eq_ignore_ascii_case(word));
    found.map(|(_, rest)| *rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted_for_the_search() {
        assert!(ALL.is_sorted());
        assert!(is_keyword("select") && !is_keyword("user") && !is_keyword("source"));
    }

    #[test]
    fn every_word_that_is_offered_is_a_keyword() {
        let lists =
            [STATEMENTS, QUERIES, OPERANDS, OPERATORS, AFTER_ITEM, AFTER_TABLE, AFTER_WHERE];
        for word in lists.into_iter().flatten().flat_map(|phrase| phrase.split([' ', '('])) {
            let is_object = ["TABLES", "COLUMNS", ""].contains(&word);
            assert!(is_object || is_keyword(word), "{word}");
        }
    }
}
