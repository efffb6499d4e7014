"""Runs ministack, an Athena that executes statements, more like Amazon's in a few places.

    athena_server.py FOLDER PORT

Runs in an environment of its own: what ministack requires does not go with what moto does. Listens
on the loopback interface alone and writes into the folder alone. Changed are, beside the dialect: a
table has the columns and types it was declared with, as in Hive; results are written as Athena
writes and names them, and the header counts as a row of the first page; names that a `WITH` within
a `WITH` binds are no tables.
"""

import datetime
import os
import sys

import duckdb

from athena_dialect import MACROS, SETTINGS, as_ministack_parses, in_words_of_duckdb

folder, port = sys.argv[1:]

# What ministack's modules read when they are imported.
os.environ |= {
    "BIND_HOST": "127.0.0.1",
    "GATEWAY_PORT": port,
    "HOME": folder,
    "TMPDIR": folder,
    "S3_DATA_DIR": os.path.join(folder, "s3"),
    "STATE_DIR": os.path.join(folder, "state"),
    "SERVICES": "s3,glue,athena,sts",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "LOG_LEVEL": "WARNING",
    # There is nobody to ask for containers.
    "DOCKER_HOST": "unix:///nonexistent",
}

from ministack import app  # noqa: E402
from ministack.services import athena  # noqa: E402

# Rows of a page, the header of the first among them.
PAGE = 1000

connect = duckdb.connect


def trino_like(*arguments: object, **options: object) -> duckdb.DuckDBPyConnection:
    """A database that knows what statements for Trino use."""
    database = connect(*arguments, **options)
    for setting, _ in SETTINGS:
        database.execute(f"SET {setting}")
    for macro, _ in MACROS:
        database.execute(f"CREATE MACRO {macro}")
    return database


table_relation = athena._table_relation


def declared_relation(table: dict, files: list[str]) -> str:
    """The files of a table with the columns and types of its declaration."""
    relation = table_relation(table, files)
    if not relation.startswith("read_parquet("):
        return relation
    declared = table["StorageDescriptor"]["Columns"] + (table.get("PartitionKeys") or [])
    columns = [
        f'CAST("{column["Name"]}" AS {athena._duckdb_type(column)}) AS "{column["Name"]}"'
        for column in declared
    ]
    return f"(SELECT {', '.join(columns)} FROM {relation})"


table_references = athena._table_references


def unshadowed_references(query: str) -> list:
    """The tables of a statement: no names that a `WITH` binds, at whatever depth."""
    tokens = [token[:2] for token in athena._sql_tokens(query)]
    bound = {
        name
        for (_, name), *rest, (_, first) in zip(tokens, tokens[1:], tokens[2:], tokens[3:])
        if rest == [("name", "as"), ("punct", "(")] and first in ("select", "with", "values")
    }
    found = table_references(query)
    return [one for one in found if one.database is not None or one.table not in bound]


def text(value: object) -> str:
    """A value in a result, as Athena writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        zone = " UTC" if value.tzinfo else ""
        return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}{zone}"
    if isinstance(value, list):
        return f"[{', '.join(map(text, value))}]"
    return str(value)


run = athena._run_duckdb


async def run_named(*arguments: object) -> dict:
    """Trino calls what has no name by its position, DuckDB by its text."""
    result = await run(*arguments)
    result["columns"] = [
        name if name.isidentifier() else f"_col{position}"
        for position, name in enumerate(result["columns"])
    ]
    return result


start = athena._start_query_execution


def start_query(data: dict) -> object:
    """Athena puts results into a folder, whether or not its name ends in a slash."""
    where = data.get("ResultConfiguration", {})
    if where.get("OutputLocation"):
        where["OutputLocation"] = where["OutputLocation"].rstrip("/") + "/"
    return start(data | {"QueryString": as_ministack_parses(data.get("QueryString", ""))})


paths = athena._rewrite_data_paths


async def rewritten(query: str, *place: object) -> object:
    """The statement as DuckDB has to be told it."""
    return await paths(in_words_of_duckdb(query), *place)


results = athena._get_query_results


def page(data: dict) -> object:
    """A page of a result: at most a thousand rows, the header of the first among them."""
    wanted = data.get("MaxResults", PAGE)
    if not 1 <= wanted <= PAGE:
        message = f"MaxResults is {wanted}, must be between 1 and {PAGE}"
        return athena.error_response_json("InvalidRequestException", message, 400)
    header = 0 if data.get("NextToken") else 1
    return results(data | {"MaxResults": wanted - header})


duckdb.connect = trino_like
athena._table_relation = declared_relation
athena._table_references = unshadowed_references
athena._run_duckdb = run_named
athena._datum_text = text
athena._start_query_execution = start_query
athena._rewrite_data_paths = rewritten
athena._get_query_results = page
athena._DUCKDB_TYPE_MAP["TIMESTAMP WITH TIME ZONE"] = "timestamp with time zone"
del sys.argv[1:]
app.main()
