"""DuckDB reads a report for itself and tells which rows credsql reads otherwise."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from credsql import Different
from report_writer import COLUMNS, ERAS

SENTINELS = ["N/A", "no_information", "not_supported"]

# What a cell can never be, so that DuckDB takes no text for NULL.
NO_TEXT = "\x01 no cell says this"

TIME_ENDINGS = ("_time", "_used", "_changed", "_rotation", "_rotated", "_date")
FLAG_ENDINGS = ("_active", "_enabled")

# Differences to show before saying how many there are.
SHOWN = 3


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that reaches for nothing beyond this machine and counts time in UTC."""
    database = duckdb.connect()
    for setting in (
        "TimeZone = 'UTC'",
        "autoinstall_known_extensions = false",
        "preserve_insertion_order = true",
    ):
        database.execute(f"SET {setting}")
    return database


def kind(column: str) -> str:
    """The type of a report column, told from its name alone."""
    if column in COLUMNS and column.endswith(TIME_ENDINGS):
        return "TIMESTAMPTZ"
    if column in COLUMNS and column.endswith(FLAG_ENDINGS):
        return "BOOLEAN"
    return "VARCHAR"


def quoted(text: object) -> str:
    """An SQL text literal."""
    return "'" + str(text).replace("'", "''") + "'"


def typed(files: str | list[Path], header: list[str]) -> str:
    """SQL that reads reports with typed columns. The empty cell is NULL as the sentinels are."""
    nulls = ", ".join(map(quoted, [*SENTINELS, ""]))
    return read(files, {name: kind(name) for name in header}, f"nullstr = [{nulls}]")


# DuckDB's words for NULL hold in every column alike. In credsql, by design, a user called
# `no_information` has a name; the ARN tells it.
USER = """coalesce("user", regexp_extract(arn, '[^:/]*$'))"""

# What credsql tells of every row beside its cells.
LINEAGE = f"""* REPLACE ({USER} AS "user"),
    split_part(arn, ':', 5) AS account_id, split_part(arn, ':', 2) AS partition,
    split_part(arn, ':', 6) = 'root' AS is_root,
    regexp_extract(source, 'date=([0-9-]+)', 1)::TIMESTAMPTZ AS generated_time"""


def as_text(files: str | list[Path], header: list[str]) -> str:
    """SQL that reads reports with every cell as the text it is; no cell is NULL."""
    return read(files, dict.fromkeys(header, "VARCHAR"), f"nullstr = {quoted(NO_TEXT)}")


def every_era(folder: Path, reader, values: str) -> str:
    """SQL for the rows of `<folder>/<era>/date=…/account_id=…`; columns an era lacks are NULL."""
    read = [
        reader(str(folder / era / "*" / "*" / "*.csv"), COLUMNS[:width])
        for era, (_, width) in ERAS.items()
    ]
    rows = " UNION ALL BY NAME ".join(f"SELECT * FROM {era}" for era in read)
    return f"SELECT {values} FROM ({rows})"


def read(files: str | list[Path], columns: dict[str, str], options: str) -> str:
    """SQL that reads CSV with nothing left to guess; column `source` is the file of a row."""
    paths = quoted(files) if isinstance(files, str) else "[" + ", ".join(map(quoted, files)) + "]"
    types = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in columns.items())
    return (
        f"read_csv({paths}, auto_detect = false, header = true, "
        f"delim = ',', quote = '\"', escape = '\"', "
        f"columns = {{{types}}}, filename = 'source', hive_partitioning = false, {options})"
    )


@dataclass
class Difference:
    """Rows that only one side has, duplicates counted."""

    only_peer: list[tuple]
    only_credsql: list[tuple]
    counts: tuple[int, int]
    columns: list[str]

    def explain(self) -> str:
        """The first differing rows, with only those columns in which the two sides differ."""
        lines = [f"{self.counts[0]} rows only DuckDB has, {self.counts[1]} rows only credsql has"]
        for peer, ours in zip(self.only_peer, self.only_credsql):
            lines.append(f"  {dict(zip(self.columns, peer)).get('arn')}")
            for name, wanted, got in zip(self.columns, peer, ours):
                if wanted != got:
                    lines.append(f"    {name}: DuckDB {wanted!r}, credsql {got!r}")
        if not (self.only_peer and self.only_credsql):
            lines += [f"  only DuckDB: {row}" for row in self.only_peer]
            lines += [f"  only credsql: {row}" for row in self.only_credsql]
        return "\n".join(lines)


def difference(
    database: duckdb.DuckDBPyConnection, peer: str, ours: str, columns: list[str]
) -> Difference | None:
    """What two tables do not have in common, or `None`."""
    names = ", ".join(f'"{name}"' for name in columns)
    shown = ", ".join(f'"{name}"::VARCHAR' for name in columns)
    rows, counts = [], []
    for left, right in ((peer, ours), (ours, peer)):
        only = f"(SELECT {names} FROM {left} EXCEPT ALL SELECT {names} FROM {right})"
        database.execute(f"CREATE OR REPLACE TEMP TABLE only_left AS FROM {only}")
        counts.append(database.execute("SELECT count(*) FROM only_left").fetchone()[0])
        order = "arn, source" if "source" in columns else "arn"
        rows.append(
            database.execute(
                f"SELECT {shown} FROM only_left ORDER BY {order} LIMIT {SHOWN}"
            ).fetchall()
        )
    return Difference(*rows, tuple(counts), columns) if any(counts) else None


def must_agree(
    database: duckdb.DuckDBPyConnection, peer: str, ours: str, columns: list[str], of: object
) -> int:
    """Fails unless both tables have the same types and the same rows; the number of rows."""
    types = [
        [
            (name, type_)
            for name, type_, *_ in database.execute(f"DESCRIBE {side}").fetchall()
            if name in columns
        ]
        for side in (peer, ours)
    ]
    if dict(types[0]) != dict(types[1]):
        ours_by_name = dict(types[1])
        changed = [
            f"  {name}: DuckDB {type_}, credsql {ours_by_name.get(name)}"
            for name, type_ in types[0]
            if type_ != ours_by_name.get(name)
        ]
        raise Different("\n".join([f"{of}: columns differ", *changed]))
    if found := difference(database, peer, ours, columns):
        raise Different(f"{of}: {found.explain()}")
    return database.execute(f"SELECT count(*) FROM {ours}").fetchone()[0]
