"""Trino's own grammar takes every statement that is kept in Athena, and the queries as written.

`trino-query-parser` is the grammar of Trino 422, generated from its source. It knows the language,
not the functions: names and types are for the peers that execute.
"""

import re

from trino_query_parser import parse_statement

from athena_scripts import scripts
from credsql import PROJECT, Different

# What DataFusion takes and Trino does not: the grammar must notice each of them.
WRONG = [
    "SELECT active IS TRUE FROM credentials",
    "SELECT created_time::date FROM credentials",
    "SELECT arn FROM credentials WHERE arn ILIKE '%admin%'",
    "SELECT arn FROM credentials LIMIT 1 OFFSET 1",
    "SELECT arn FROM credentials ORDER",
]


def refusal(statement: str) -> str | None:
    """What the grammar has against a statement, or `None`."""
    try:
        parse_statement(statement)
    except Exception as error:  # the parser has an exception of its own for each of its layers
        return f"{type(error).__name__}: {error}"
    return None


def without_parameters(text: str) -> str:
    """A file of `queries/`: a `?` is Trino's parameter, and statements come without semicolon."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return re.sub(r"\$[a-z_]+", "?", code).strip().rstrip(";")


def notices() -> str:
    """Statements of another dialect must be refused, or nothing is proved."""
    taken = [statement for statement in WRONG if refusal(statement) is None]
    if taken:
        raise Different("the grammar takes what Trino does not:\n" + "\n".join(taken))
    return f"{len(WRONG)} refused"


def as_written() -> str:
    """The texts of `queries/` and of the views are in the subset that both engines share."""
    folder = PROJECT / "queries"
    files = sorted([*folder.glob("*.sql"), *folder.glob("views/*.sql")])
    found = {file.name: refusal(without_parameters(file.read_text())) for file in files}
    return judged(found)


def as_rendered() -> str:
    """Views and canned queries as they are kept in Athena. Tables are made in words of Hive."""
    texts = {name: text for name, text in scripts().items() if name[0] in "45"}
    return judged({name: refusal(text.strip().rstrip(";")) for name, text in texts.items()})


def judged(found: dict[str, str | None]) -> str:
    """Fails with what was refused."""
    refused = [f"{name}: {why}" for name, why in found.items() if why]
    if refused or not found:
        raise Different("\n".join([f"{len(refused)} of {len(found)} refused", *refused[:3]]))
    return f"{len(found)} statements"


CHECKS = [
    ("trino grammar: what it does not know is noticed", notices),
    ("trino grammar: queries and views as they are written", as_written),
    ("trino grammar: views and queries as they are kept in Athena", as_rendered),
]
