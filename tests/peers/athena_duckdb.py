"""DuckDB runs what Athena would be given, over what was exported, and answers as credsql does.

Every view and every canned query, as the scripts for Athena have them. DuckDB is no Trino: where
both know a function by another name, or by one name with another meaning, the statement says so
before it is run (`in_words_of_duckdb`). What is proved is that the exported tables are enough, that
names lead where they should, and that nothing of a statement is lost by rendering it.
"""

import json
import re
import shutil
from datetime import date, timedelta

import duckdb

from athena_scripts import DATABASE, scripts
from credsql import CORPUS, PROJECT, SCRATCH, Different, run
from duckdb_compare import SHOWN, connect, quoted

DATASET = SCRATCH / "athena-dataset"
DATED = SCRATCH / "athena-corpus"
FIXTURES = PROJECT / "tests" / "fixtures"
SOURCES = [FIXTURES / "controls", DATED, "demo:accounts=6,users=12,days=30"]
PEOPLE = FIXTURES / "people.csv"

# A parameter that has no default stands in the script as what it means.
STAND_INS = {"everything-about-a-user": ("User name or ARN", "name", "alice")}

# Trino's functions, by what DuckDB has in their place. Its own date_diff counts midnights.
MACROS = """
CREATE MACRO whole_units(unit, since, until) AS date_sub(unit, since, until);
CREATE MACRO to_unixtime(time) AS epoch(time);
CREATE MACRO date_format(time, form) AS strftime(time, form);
"""

# A time as credsql writes it: with a fraction only where there is one.
RFC_3339 = """strftime("{name}", '%Y-%m-%dT%H:%M:%S') || CASE
    WHEN date_trunc('second', "{name}") = "{name}" THEN ''
    ELSE strftime("{name}", '.%g')
END || 'Z'"""


def told(*arguments: object) -> bytes:
    """What a run printed. One report of the demonstration cannot be read, which is exit code 2."""
    answer = run(*arguments)
    if answer.code not in (0, 2):
        words = " ".join(map(str, arguments))
        raise Different(f"credsql {words}\nended with {answer.code}:\n{answer.err.strip()}")
    return answer.out


def date_corpus() -> None:
    """Gives every file of the corpus a day of its own: of two reports of one account that say
    nothing of their times, which counts as the latest is a matter of their bytes."""
    shutil.rmtree(DATED, ignore_errors=True)
    for days, path in enumerate(sorted(CORPUS.iterdir())):
        folder = DATED / str(date(2025, 1, 1) + timedelta(days=days))
        folder.mkdir(parents=True)
        shutil.copyfile(path, folder / path.name)


def export() -> str:
    """Writes the dataset anew."""
    date_corpus()
    shutil.rmtree(DATASET, ignore_errors=True)
    told("export", *SOURCES, "--to", DATASET)
    return f"{len(list(DATASET.rglob('*.parquet')))} files"


def load(database: duckdb.DuckDBPyConnection) -> None:
    """The exported tables under the names that statements give them. Times lose their zone, which
    no column has in Athena."""
    database.execute(f"SET integer_division = true; CREATE SCHEMA {DATABASE}; {MACROS}")
    for table in sorted(path.name for path in DATASET.iterdir() if path.is_dir()):
        read = (
            f"read_parquet({quoted(DATASET / table / '*' / '*.parquet')}, union_by_name = true, "
            "hive_partitioning = true, hive_types = {'dt': VARCHAR})"
        )
        columns = [
            f'CAST("{name}" AS TIMESTAMP) AS "{name}"' if "TIME ZONE" in type_ else f'"{name}"'
            for name, type_, *_ in database.execute(f"DESCRIBE FROM {read}").fetchall()
        ]
        database.execute(
            f"CREATE TABLE {DATABASE}.{table} AS SELECT {', '.join(columns)} FROM {read}"
        )
    database.execute(
        f"CREATE TABLE people AS FROM read_csv({quoted(PEOPLE)}, all_varchar = true)"
    )


def in_words_of_duckdb(statement: str) -> str:
    """The same with `IGNORE NULLS` inside the brackets, and all three digits of a fraction."""
    fraction = re.compile(r"substr\(CAST\((\w+) AS VARCHAR\), 20, 4\)", re.IGNORECASE)
    statement = fraction.sub(r"strftime(\1, '.%g')", statement)
    mark = ") IGNORE NULLS OVER"
    while (end := statement.find(mark)) >= 0:
        statement = statement[:end] + " IGNORE NULLS) OVER" + statement[end + len(mark) :]
    return re.sub(r"\bdate_diff\(", "whole_units(", statement)


def answer(database: duckdb.DuckDBPyConnection, statement: str) -> list[str]:
    """The rows of a statement as JSON, with times as credsql writes them."""
    described = database.execute(f"DESCRIBE {statement}").fetchall()
    shown = [
        RFC_3339.format(name=name) if "TIMESTAMP" in type_ else f'"{name}"'
        for name, type_, *_ in described
    ]
    rows = database.execute(f"SELECT {', '.join(shown)} FROM ({statement})").fetchall()
    return listed([dict(zip([name for name, *_ in described], row)) for row in rows])


def listed(rows: list[dict]) -> list[str]:
    """Rows in an order that no engine decides; 3 and 3.0 are one number."""
    whole = lambda value: int(value) if isinstance(value, float) and value == int(value) else value
    return sorted(
        json.dumps({name: whole(value) for name, value in row.items()}) for row in rows
    )


def compare(name: str, ask_duckdb, ask_credsql) -> int:
    """Fails unless both answer the same. Twice if not: some statements look at the clock."""
    for _ in range(2):
        wanted, got = listed(json.loads(ask_credsql())), ask_duckdb()
        if wanted == got:
            return len(got)
    pairs = [pair for pair in zip(wanted, got) if pair[0] != pair[1]][:SHOWN]
    lines = [f"{name}: {len(wanted)} rows in credsql, {len(got)} in DuckDB"]
    for pair in pairs:
        ours, peer = map(json.loads, pair)
        apart = [column for column in ours if ours[column] != peer.get(column)]
        lines += [f"  {ours.get('arn')}"]
        lines += [f"    {at}: credsql {ours[at]!r}, DuckDB {peer.get(at)!r}" for at in apart]
    raise Different("\n".join(lines))


def compare_view(database: duckdb.DuckDBPyConnection, view: str) -> int:
    """Compares all rows of a view."""
    # A dataset is read back without what only the files of reports have.
    source = [DATASET] if view == "credential_report_raw" else SOURCES
    command = ["query", f"SELECT * FROM {view}", *source, "--format", "json"]
    return compare(
        view,
        lambda: answer(database, f"SELECT * FROM {DATABASE}.{view}"),
        lambda: told(*command),
    )


def views() -> str:
    """The five views show what the tables of that name do."""
    rows = 0
    with connect() as database:
        load(database)
        texts = {name: text for name, text in scripts().items() if name.startswith("4-view-")}
        for text in texts.values():
            database.execute(in_words_of_duckdb(text))
        for name in texts:
            rows += compare_view(database, name.removeprefix("4-view-").removesuffix(".sql"))
        # Once the flags of root are turned over, the same comparison must fail.
        database.execute(
            f"UPDATE {DATABASE}.credential_report_history "
            "SET mfa_active = NOT mfa_active WHERE is_root"
        )
        try:
            compare_view(database, "credential_report")
        except Different:
            return f"{len(texts)} views, {rows} rows"
    raise Different("flags that were turned over are not noticed")


def queries() -> str:
    """Every canned query, with its default parameters."""
    rows = 0
    with connect() as database:
        load(database)
        texts = {name: text for name, text in scripts().items() if name.startswith("5-query-")}
        for name, text in texts.items():
            query = name.removeprefix("5-query-").removesuffix(".sql")
            arguments = ["--table", f"people={PEOPLE}"] if "people" in text else []
            if query in STAND_INS:
                stand_in, parameter, value = STAND_INS[query]
                text = text.replace(f"'{stand_in}'", quoted(value))
                arguments += ["--param", f"{parameter}={value}"]
            statement = in_words_of_duckdb(text).strip().rstrip(";")
            statement = "\n".join(l for l in statement.splitlines() if not l.startswith("--"))
            command = ["queries", "run", query, *SOURCES, *arguments, "--format", "json"]
            rows += compare(
                query, lambda: answer(database, statement), lambda: told(*command)
            )
    return f"{len(texts)} queries, {rows} rows"


CHECKS = [
    ("athena in DuckDB: a dataset exported", export),
    ("athena in DuckDB: the views", views),
    ("athena in DuckDB: every canned query", queries),
]
