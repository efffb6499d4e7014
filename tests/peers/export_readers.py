"""DuckDB and pyarrow read exported datasets, and each file is as every other reader needs it.

Proved for a synthetic organisation and for the odd files of `tests/corpus`: the same rows as
credsql shows, column by column, NULL included; types by the Parquet footers; order; `cell_states`
against the delivered text.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyarrow
import pyarrow.dataset
import pyarrow.parquet

from credsql import Different, same, succeed
from duckdb_compare import connect
from export_dataset import (
    DEMO,
    DEMO_DAYS,
    HISTORY,
    NO_DAY,
    STATES,
    TABLES,
    Rows,
    columns,
    days_of,
    export,
    export_odd,
    files,
    must_equal,
    must_notice,
    odd_reports,
    quoted,
    rows_of,
    scratch,
    told,
    users,
    with_days,
)

DUCKDB_TYPES = {
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "integer": "BIGINT",
}

# How each kind is written: physical type, logical type.
PARQUET_TYPES = {
    "text": ("BYTE_ARRAY", {"Type": "String"}),
    "boolean": ("BOOLEAN", {"Type": "None"}),
    "timestamp": (
        "INT64",
        {"Type": "Timestamp", "isAdjustedToUTC": True, "timeUnit": "milliseconds"},
    ),
    "integer": ("INT64", {"Type": "None"}),
}

ARROW_TYPES = {
    "text": pyarrow.string(),
    "boolean": pyarrow.bool_(),
    "timestamp": pyarrow.timestamp("ms", "UTC"),
    "integer": pyarrow.int64(),
}

# What footers say of themselves.
SAID = re.compile(r"(schema|version|digest|sha256)")


@cache
def datasets() -> dict[str, tuple[object, Path]]:
    """What was exported, and where to."""
    odd = odd_reports()
    return {
        "demo": (DEMO, export(DEMO, scratch("demo"))),
        "corpus": (odd, export_odd(odd, scratch("odd"))),
    }


def layout() -> str:
    """One file for a day and table, under agreed names, and nothing else."""
    count = 0
    for source, dataset in datasets().values():
        for table in TABLES:
            days = {row[-1] or NO_DAY for row in with_days(table, told(table, source))}
            same(f"{dataset}: days of {table}", sorted(days), days_of(dataset, table))
        for path in files(dataset):
            named = path.relative_to(dataset).parts
            same(f"{path}: parts of the name", 3, len(named))
            same(f"{path}: table", True, named[0] in TABLES)
            same(f"{path}: name", "part-00000.parquet", named[2])
            count += 1
    same("days of the organisation", DEMO_DAYS, days_of(datasets()["demo"][1], HISTORY))
    if NO_DAY not in days_of(datasets()["corpus"][1], "reports"):
        raise Different("no report of the corpus has no time, so the partition for it is untested")
    return f"{count} files"


def every_dataset(read: Callable[[Path, str], Rows]) -> str:
    """Reads each table of each dataset and compares it with what credsql shows."""
    rows = 0
    for name, (source, dataset) in datasets().items():
        for table in TABLES:
            shown = [*(name for name in columns(table) if name != "cell_states"), "dt"]
            wanted = with_days(table, told(table, source))
            rows += must_equal(f"{name}, {table}", shown, wanted, read(dataset, table))
    return f"{rows} rows of {len(TABLES)} tables, {len(datasets())} datasets"


def read_duckdb(dataset: Path, table: str) -> Rows:
    """What DuckDB reads, after a look at its types."""
    kinds = columns(table)
    relation = (
        f"read_parquet('{dataset}/{table}/*/*.parquet', hive_partitioning = true, "
        "hive_types = {'dt': VARCHAR})"
    )
    with connect() as database:
        described = database.execute(f"DESCRIBE FROM {relation}").fetchall()
        wanted = {name: DUCKDB_TYPES[kind] for name, kind in kinds.items()} | {"dt": "VARCHAR"}
        same(f"{table}: columns in DuckDB", wanted, {name: kind for name, kind, *_ in described})
        same(f"{table}: their order", [*wanted], [name for name, *_ in described])
        values = [
            f"epoch_ms({quoted(name)})" if kind == "timestamp" else quoted(name)
            for name, kind in kinds.items()
            if name != "cell_states"
        ]
        return database.execute(f"SELECT {', '.join(values)}, dt FROM {relation}").fetchall()


def read_pyarrow(dataset: Path, table: str) -> Rows:
    """What pyarrow reads, after a look at its types."""
    kinds = columns(table)
    by_day = pyarrow.dataset.partitioning(pyarrow.schema([("dt", pyarrow.string())]), flavor="hive")
    read = pyarrow.dataset.dataset(dataset / table, format="parquet", partitioning=by_day)
    wanted = {name: ARROW_TYPES[kind] for name, kind in kinds.items()} | {"dt": pyarrow.string()}
    same(f"{table}: columns in pyarrow", wanted, dict(zip(read.schema.names, read.schema.types)))
    rows = read.to_table()
    shown = [name for name in wanted if name != "cell_states"]
    return list(
        zip(
            *(
                (
                    rows[name].cast(pyarrow.int64())
                    if kinds.get(name) == "timestamp"
                    else rows[name]
                ).to_pylist()
                for name in shown
            )
        )
    )


def footers() -> str:
    """What is written into each file, by its footer: types, bounds, compression, and no word that
    only Arrow understands.
    """
    said: set[str] = set()
    every = [
        (path, columns(table))
        for _, dataset in datasets().values()
        for table in TABLES
        for path in files(dataset / table)
    ]
    for path, kinds in every:
        footer = pyarrow.parquet.ParquetFile(path).metadata
        described = [footer.schema.column(number) for number in range(len(footer.schema))]
        same(f"{path}: columns", [*kinds], [column.name for column in described])
        for number, (column, (name, kind)) in enumerate(zip(described, kinds.items())):
            if name != name.lower():
                raise Different(f"{path}: {name} is not in lower case")
            physical, logical = PARQUET_TYPES[kind]
            same(f"{path}, {name}: physical type", physical, column.physical_type)
            same(f"{path}, {name}: logical type", logical, logical_type(column, logical))
            same(f"{path}, {name}: repeated", 0, column.max_repetition_level)
            for group in range(footer.num_row_groups):
                chunk = footer.row_group(group).column(number)
                same(f"{path}, {name}: compression", "ZSTD", chunk.compression)
                check_bounds(f"{path}, {name}", chunk)
        words = {key.decode(): value.decode() for key, value in (footer.metadata or {}).items()}
        if "ARROW:schema" in words:
            raise Different(f"{path}: the footer has a schema for Arrow")
        said |= {f"{key}={value}" for key, value in words.items()}
        kinds_said = {found[0] for key in words for found in SAID.finditer(key)}
        if not {"schema", "version"} <= kinds_said or not kinds_said & {"digest", "sha256"}:
            raise Different(f"{path}: schema version, program version or digest missing in {words}")
    version = succeed("--version").decode().split()[1]
    if not any(version in word for word in said):
        raise Different(f"no footer says version {version}: {sorted(said)[:9]}")
    return f"{len(every)} files, {len(said)} different words about them"


def logical_type(column, wanted: dict) -> dict:
    """What the footer says of a column's meaning, as far as it is wanted."""
    said = json.loads(column.logical_type.to_json())
    return {key: said.get(key) for key in wanted}


def check_bounds(what: str, chunk) -> None:
    """Fails unless a column tells how many are NULL, and the least and greatest of the others."""
    bounds = chunk.statistics
    if bounds is None or bounds.null_count is None:
        raise Different(f"{what}: no statistics")
    if bounds.null_count < chunk.num_values and not bounds.has_min_max:
        raise Different(f"{what}: has values, and no bounds")


def order() -> str:
    """Accounts ascending in each file; within a report, the order of the report."""
    reports = scratch("collected")
    succeed("collect", DEMO, "--to", reports)
    wanted = {}
    for path in reports.rglob("*.csv"):
        [account] = [part[11:] for part in path.parts if part.startswith("account_id=")]
        [made] = [part[5:] for part in path.parts if part.startswith("date=")]
        wanted[made, account] = users(path)
    got: dict[tuple[str, str], list[str]] = {}
    for path in files(datasets()["demo"][1] / HISTORY):
        rows = pyarrow.parquet.ParquetFile(path).read(["account_id", "user"]).to_pylist()
        accounts = [row["account_id"] for row in rows]
        same(f"{path}: order of accounts", sorted(accounts), accounts)
        for row in rows:
            key = (path.parent.name.removeprefix("dt="), row["account_id"])
            got.setdefault(key, []).append(row["user"])
    same("reports", sorted(wanted), sorted(got))
    for key, names in wanted.items():
        same(f"{key}: order of users", names, got[key])
    for path in files(datasets()["corpus"][1]):
        accounts = pyarrow.parquet.ParquetFile(path).read(["account_id"])["account_id"].to_pylist()
        known = [account for account in accounts if account is not None]
        same(f"{path}: order of accounts", sorted(known), known)
    return f"{len(wanted)} reports, {sum(map(len, wanted.values()))} users"


def states() -> str:
    """`cell_states` says of each cell what the delivered text was."""
    seen = set()
    for source, dataset in datasets().values():
        raw = query_raw(source)
        names = [*columns(HISTORY)][:23]
        exported: dict[tuple, list[dict]] = {}
        for path in files(dataset / HISTORY):
            for row in pyarrow.parquet.ParquetFile(path).read().to_pylist():
                exported.setdefault((row["source"], row["account_id"]), []).append(row)
        same("reports", set(raw), set(exported))
        for report, texts in raw.items():
            for text, row in zip(texts, exported[report], strict=True):
                letters = row["cell_states"]
                same(f"{report}: length of {letters!r}", len(names), len(letters))
                for name, letter in zip(names, letters):
                    wanted = allowed(text[name], row[name])
                    if letter not in wanted:
                        raise Different(
                            f"{report}: {row['user']}, {name}: state {letter} "
                            f"of {text[name]!r:.99}, which is {row[name]!r:.99}; {wanted} was expected"
                        )
                    seen.add(letter)
    same("states that occur", sorted("vaisemu"), sorted(seen))
    return f"all of {''.join(sorted(seen))} occur"


def query_raw(source: object) -> dict[tuple, list[dict]]:
    """The delivered text of each report, from the top; a file may hold several accounts."""
    texts: dict[tuple, list[dict]] = {}
    for row in rows_of("SELECT * FROM credential_report_raw", source):
        texts.setdefault((row["source"], row["account_id"]), []).append(row)
    for rows in texts.values():
        if all(row["line"] is not None for row in rows):
            rows.sort(key=lambda row: row["line"])
    return texts


def allowed(text: str | None, value: object) -> str:
    """The letters that may stand for a cell, from its text and its typed value."""
    if value is not None:
        return "v"
    if text is None:
        return "mu"
    # A text that is none of the words is no value of the column's type.
    return STATES.get(text.strip().lower(), "u")


CHECKS = [
    ("export: one file for a day and table", layout),
    ("export: the same rows in DuckDB", lambda: every_dataset(read_duckdb)),
    ("export: the same rows in pyarrow", lambda: every_dataset(read_pyarrow)),
    (
        "export: DuckDB, a changed value is noticed",
        lambda: must_notice(read_duckdb(datasets()["demo"][1], HISTORY), HISTORY, DEMO),
    ),
    ("export: what the footers say", footers),
    ("export: order of rows", order),
    ("export: the states of cells", states),
]
