"""DuckDB and credsql read the same million rows, which neither of them wrote.

1501 reports: one big, the others of a usual size, in the folders `credsql collect` makes. Proved:
the exact number of rows; every typed value; account, partition, root and time of each row; its
file; every cell as delivered, byte for byte, with the right line number.
"""

import shutil
from pathlib import Path

import duckdb

from credsql import SCRATCH, Different, query_to, same
from duckdb_compare import LINEAGE, as_text, connect, difference, every_era, must_agree, typed
from report_writer import COLUMNS, ROWS, write

REPORTS = SCRATCH / "million"


def generate() -> str:
    """Writes the reports anew: the folder is exactly what the generator of today makes."""
    shutil.rmtree(REPORTS, ignore_errors=True)
    write(REPORTS)
    files = list(REPORTS.rglob("*.csv"))
    return f"{len(files)} reports, {sum(path.stat().st_size for path in files) // 1_000_000} MB"


def load_values(database: duckdb.DuckDBPyConnection) -> list[str]:
    """Fills `peer` and `ours` with typed rows; the columns to compare."""
    ours = query_to(SCRATCH / "values.parquet", "SELECT * FROM credential_report_history", REPORTS)
    load(database, every_era(REPORTS, typed, LINEAGE), ours)
    return [*COLUMNS, "account_id", "partition", "is_root", "generated_time", "source"]


def load_texts(database: duckdb.DuckDBPyConnection) -> list[str]:
    """Fills `peer` and `ours` with rows of text; the columns to compare."""
    values = """*, CASE WHEN "user" = '<root_account>' THEN 2
        ELSE regexp_extract(arn, ':user/line-([0-9]+)/', 1)::BIGINT END AS line"""
    ours = query_to(SCRATCH / "texts.parquet", "SELECT * FROM credential_report_raw", REPORTS)
    load(database, every_era(REPORTS, as_text, values), ours)
    return [*COLUMNS, "line", "source"]


def load(database: duckdb.DuckDBPyConnection, peer: str, ours: Path) -> None:
    """Reads both sides once; `peer` is SQL, `ours` a Parquet file."""
    database.execute(f"CREATE TABLE peer AS {peer}")
    database.execute(f"CREATE TABLE ours AS FROM '{ours}'")


def compare(loader, column: str, other: str) -> str:
    """Both sides must have the same rows; and with one cell of one row changed, exactly that one
    may differ. `other` is SQL for what the cell is changed to.
    """
    with connect() as database:
        columns = loader(database)
        same("rows", ROWS, must_agree(database, "peer", "ours", columns, "a million rows"))

        database.execute(
            f"""UPDATE ours SET "{column}" = {other} WHERE arn = (
                SELECT arn FROM ours WHERE "{column}" IS NOT NULL ORDER BY hash(arn) LIMIT 1)"""
        )
        found = difference(database, "peer", "ours", columns)
        if not found:
            raise Different(f"a changed cell of {column} in a million rows went unnoticed")
        same("rows that differ once a cell is changed", (1, 1), found.counts)
    return f"{ROWS} rows"


CHECKS = [
    ("a million rows: written", generate),
    (
        "a million rows, typed values: the same in DuckDB until a cell is changed",
        lambda: compare(
            load_values, "password_last_used", "password_last_used + INTERVAL 1 SECOND"
        ),
    ),
    (
        "a million rows, delivered text: the same in DuckDB until a cell is changed",
        lambda: compare(load_texts, "access_key_2_last_used_region", "'not_supported'"),
    ),
]
