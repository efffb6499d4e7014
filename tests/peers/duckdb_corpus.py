"""DuckDB reads the plain files of `tests/corpus` and must see what credsql sees.

Proved for every cell of every column that AWS documents: the typed value in
`credential_report_history`, and the delivered text, its line and so which word for "no value" it
was in `credential_report_raw`.
"""

import csv
import io
import json
from pathlib import Path

import duckdb

from credsql import CORPUS, SCRATCH, Different, query_to, same
from duckdb_compare import USER, as_text, connect, kind, must_agree, typed
from report_writer import COLUMNS

LEAST = 15
LINEAGE = ["account_id", "partition", "is_root"]


def plain_header(content: bytes) -> list[str] | None:
    """The header of a plain report, told from its bytes: comma-separated UTF-8 without NUL, one
    kind of line end, one line per row, as many cells in each as in the header, no blanks around
    cells.

    Files of other kinds are either no CSV, or CSV whose rows credsql repairs and DuckDB refuses or
    guesses; what must come of those is told by the manifest.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.removesuffix(end).split(end)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    header = rows[0] if rows else []
    regular = (
        len(header) > 2
        and {"user", "arn"} <= set(header)
        and len(rows) == len(lines)
        and not any("\n" in line or "\r" in line or "\0" in line for line in lines)
        and all(len(row) == len(header) for row in rows)
        and all(cell == cell.strip() for row in rows for cell in row)
    )
    return header if regular else None


def accepted_reports() -> list[Path]:
    """What the manifest says is accepted without a remark."""
    entries = json.loads((CORPUS / "manifest.json").read_text())
    return [CORPUS / entry["file"] for entry in entries if entry["class"] == "accept"]


def compare_values(
    path: Path, header: list[str], credsql: Path, database: duckdb.DuckDBPyConnection
) -> int:
    """Compares typed rows: what DuckDB makes of `path` against Parquet that credsql wrote."""
    value = {
        # Milliseconds are what credsql keeps, DuckDB has microseconds.
        name: f"date_trunc('millisecond', {name})" if kind(name) == "TIMESTAMPTZ" else f'"{name}"'
        for name in header
    } | {"user": USER}
    # A column the report does not have is there all the same, as NULL.
    columns = ", ".join(f'{value.get(name, "NULL")}::{kind(name)} AS "{name}"' for name in COLUMNS)
    account = "split_part(arn, ':', 5)"
    database.execute(
        f"""CREATE OR REPLACE TEMP TABLE peer AS SELECT {columns},
            -- An account id has 12 digits; anything else in an ARN is, by design, no account id.
            CASE WHEN regexp_full_match({account}, '[0-9]{{12}}') THEN {account} END AS account_id,
            split_part(arn, ':', 2) AS partition,
            ("user" IS NOT DISTINCT FROM '<root_account>' OR split_part(arn, ':', 6) = 'root')
                AS is_root
            FROM {typed([path], header)}"""
    )
    database.execute(f"CREATE OR REPLACE TEMP TABLE ours AS FROM '{credsql}'")
    return must_agree(database, "peer", "ours", COLUMNS + LINEAGE, path.name)


def compare_texts(
    path: Path, header: list[str], credsql: Path, database: duckdb.DuckDBPyConnection
) -> int:
    """Compares every cell as text, and the line it stands in."""
    columns = ", ".join(
        f'"{name}"' if name in header else f'NULL::VARCHAR AS "{name}"' for name in COLUMNS
    )
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE peer AS "
        f"SELECT {columns}, 1 + row_number() OVER () AS line FROM {as_text([path], header)}"
    )
    database.execute(f"CREATE OR REPLACE TEMP TABLE ours AS FROM '{credsql}'")
    return must_agree(database, "peer", "ours", [*COLUMNS, "line"], path.name)


def all_agree(table: str, compare) -> str:
    """Compares every plain report among the accepted ones through one table."""
    accepted = accepted_reports()
    headers = [(path, plain_header(path.read_bytes())) for path in accepted]
    reports = [(path, header) for path, header in headers if header]
    if len(reports) < LEAST:
        raise Different(f"only {len(reports)} reports are plain, at least {LEAST} were wanted")
    rows = 0
    with connect() as database:
        for path, header in reports:
            ours = query_to(SCRATCH / "corpus.parquet", f"SELECT * FROM {table}", path)
            read = compare(path, header, ours, database)
            same(f"{path.name}: rows", len(list(csv.reader(path.open(newline="")))) - 1, read)
            rows += read
    return f"{len(reports)} plain reports of {len(accepted)} accepted, {rows} rows"


def notices_a_changed_cell(table: str, compare, before: bytes, after: bytes) -> str:
    """DuckDB reads a copy with one other cell: the comparison has to fail and to name the column."""
    path = CORPUS / "era-2023-plus-offset.csv"
    header = plain_header(path.read_bytes())
    same("the report is plain", True, header is not None)
    altered = SCRATCH / path.name
    altered.write_bytes(path.read_bytes().replace(before, after, 1))
    same("the copy differs", False, altered.read_bytes() == path.read_bytes())
    ours = query_to(SCRATCH / "corpus.parquet", f"SELECT * FROM {table}", path)
    with connect() as database:
        compare(path, header, ours, database)
        try:
            compare(altered, header, ours, database)
        except Different as found:
            told = str(found)
            once = "1 rows only DuckDB has, 1 rows only credsql has"
            same("only the changed row differs", True, once in told)
            return told.splitlines()[-1].strip()
    raise Different(f"a changed cell in {altered.name} went unnoticed")


CHECKS = [
    (
        "corpus, typed values: the same in DuckDB",
        lambda: all_agree("credential_report_history", compare_values),
    ),
    (
        "corpus, typed values: the comparison notices a changed cell",
        lambda: notices_a_changed_cell(
            "credential_report_history", compare_values, b",true,", b",false,"
        ),
    ),
    (
        "corpus, delivered text: the same in DuckDB",
        lambda: all_agree("credential_report_raw", compare_texts),
    ),
    (
        "corpus, delivered text: the comparison notices a changed cell",
        lambda: notices_a_changed_cell(
            "credential_report_raw", compare_texts, b",N/A,", b",no_information,"
        ),
    ),
]
