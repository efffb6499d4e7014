"""Where the Athena of the tests is another than Amazon's: DuckDB runs the statements, not Trino.

Everything that has to be otherwise is in these tables, with the reason. A function that Trino has
and DuckDB lacks is given to DuckDB, with Trino's meaning; texts are rewritten only where the
grammar differs.
"""

import re

# DuckDB's settings, and why.
SETTINGS = [
    ("TimeZone = 'UTC'", "Athena counts time in UTC"),
    ("integer_division = true", "7 / 2 is 3 in Trino and 3.5 in DuckDB"),
    ("autoinstall_known_extensions = false", "nothing is fetched from elsewhere"),
    ("autoload_known_extensions = false", "nothing is fetched from elsewhere"),
]

# Functions of Trino in words of DuckDB, and why.
MACROS = [
    (
        "to_unixtime(t) AS epoch(t)",
        "DuckDB has the seconds since 1970 under another name",
    ),
    (
        "date_diff(unit, a, b) AS date_sub(unit, a, b)",
        "Trino counts whole elapsed units, DuckDB's function of this name counts the boundaries "
        "between them: 23:00 to 01:00 is a day there and none in Trino",
    ),
    (
        "date_format(t, form) AS strftime(t, replace(replace(form, '%i', '%M'), '%s', '%S'))",
        "Trino has MySQL's patterns, in which %i is the minute and %s the second",
    ),
    (
        "array_join(list, between) AS array_to_string(list, between)",
        "the same under another name",
    ),
]

# Rewritten texts: a pattern, what takes its place, and why.
REWRITES = [
    (
        r"\)\s+IGNORE\s+NULLS\s+OVER\b",
        " IGNORE NULLS) OVER",
        "Trino has these words after the brackets of a function, as the standard, DuckDB within",
    ),
]

# The same for definitions of tables.
DDL_REWRITES = [
    (
        r"\\'",
        "''",
        "in Hive's DDL a backslash stands before a quote in a text, ministack knows a second quote",
    ),
]


def as_ministack_parses(statement: str) -> str:
    """A definition of a table in words that ministack knows; any other statement as it is."""
    if statement.startswith("CREATE EXTERNAL TABLE"):
        for pattern, words, _ in DDL_REWRITES:
            statement = re.sub(pattern, words, statement)
    return statement


def in_words_of_duckdb(statement: str) -> str:
    """The statement with what DuckDB's grammar has otherwise."""
    for pattern, words, _ in REWRITES:
        statement = re.sub(pattern, words, statement, flags=re.IGNORECASE)
    return statement
