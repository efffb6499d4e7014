#!/usr/bin/env python3
"""How long an export of a million rows takes, and how large it is, beside DuckDB's.

    target/peers-venv/bin/python benches/export_duckdb.py target/release/credsql [FOLDER [ACCOUNTS]]

Both read the same CSV files, 250 users in each, and write the wide table as Parquet with zstd:
credsql with `export --tables credential_report_history`, DuckDB with `COPY … TO`, every column
typed as ours are and the lineage with it. Runs alternate; the time of a run is that of a process of its
own, from its start to its end. The column `cell_states` is ours alone and not counted. Needs duckdb
and pyarrow, which `tests/peers/run` installs.
"""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet

USERS, RUNS = 250, 5

TIMES = ("_time", "_used", "_changed", "_rotation", "_rotated", "_date")
FLAGS = ("_active", "_enabled")
TABLE = "credential_report_history"
MEGABYTE = 1_000_000


def kind(column: str) -> str:
    """The type of a report column."""
    if column.endswith(TIMES):
        return "TIMESTAMPTZ"
    return "BOOLEAN" if column.endswith(FLAGS) else "VARCHAR"


def reports(program: str, folder: Path, accounts: int) -> list[Path]:
    """The CSV files, written once."""
    folder = folder / f"reports-{accounts}"
    if not folder.exists():
        source = f"demo:accounts={accounts},users={USERS},days=1"
        # Some accounts of the organisation have no report, which exit code 2 says.
        done = subprocess.run(
            [program, "collect", source, "--to", folder], capture_output=True, check=False
        )
        assert done.returncode in (0, 2), done.stderr.decode()
    return sorted(folder.glob("date=*/account_id=*/*.csv"))


def copy(files: list[Path], out: Path) -> str:
    """What DuckDB runs. Rows stay in the order of the files, which is that of the accounts; a
    report of the older kind, which has no last column, is NULL there.
    """
    header = max((path.open().readline().strip().split(",") for path in files), key=len)
    types = ", ".join(f"'{name}': '{kind(name)}'" for name in header)
    made = "strptime(regexp_extract(source, '_([0-9]{8}T[0-9]{6}Z)', 1), '%Y%m%dT%H%M%SZ')"
    return f"""
        SET TimeZone = 'UTC';
        SET enable_progress_bar = false;
        COPY (
            SELECT {", ".join(f'"{name}"' for name in header)},
                split_part(arn, ':', 5) AS account_id, NULL::VARCHAR AS account_name,
                split_part(arn, ':', 2) AS partition, split_part(arn, ':', 6) = 'root' AS is_root,
                {made}::TIMESTAMPTZ AS generated_time, source, {made}::TIMESTAMPTZ AS clock_time
            FROM read_csv('{files[0].parents[2]}/date=*/account_id=*/*.csv', auto_detect = false,
                header = true, delim = ',', quote = '"', escape = '"', columns = {{{types}}},
                filename = 'source', hive_partitioning = false, null_padding = true,
                nullstr = ['N/A', 'no_information', 'not_supported', ''])
        ) TO '{out}' (FORMAT parquet, COMPRESSION zstd);"""


def run_duckdb(files: list[Path], out: Path) -> None:
    code = f"import duckdb; duckdb.execute({copy(files, out)!r})"
    subprocess.run([sys.executable, "-c", code], check=True)


def run_credsql(program: str, files: list[Path], out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    command = [program, "export", files[0].parents[2], "--tables", TABLE, "--to", out, "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def sizes(files: list[Path]) -> tuple[int, int, int]:
    """Rows, bytes, and bytes of `cell_states`."""
    rows = total = states = 0
    for path in files:
        footer = pyarrow.parquet.ParquetFile(path).metadata
        rows += footer.num_rows
        total += path.stat().st_size
        for group in range(footer.num_row_groups):
            columns = footer.row_group(group)
            for number in range(columns.num_columns):
                chunk = columns.column(number)
                if chunk.path_in_schema == "cell_states":
                    states += chunk.total_compressed_size
    return rows, total, states


def main(program: str, folder: Path, accounts: int) -> None:
    """Runs both in turn and prints a table."""
    program = str(Path(program).resolve())
    folder.mkdir(parents=True, exist_ok=True)
    files = reports(program, folder, accounts)
    csv_bytes = sum(path.stat().st_size for path in files)
    ours, theirs = folder / "credsql", folder / "duckdb.parquet"
    seconds: dict[str, list[float]] = {"credsql": [], "DuckDB": []}
    for _ in range(RUNS):
        for name, work in (
            ("credsql", lambda: run_credsql(program, files, ours)),
            ("DuckDB", lambda: run_duckdb(files, theirs)),
        ):
            began = time.monotonic()
            work()
            seconds[name].append(time.monotonic() - began)
    rows, total, states = sizes(sorted(ours.glob(f"{TABLE}/*/*.parquet")))
    peer_rows, peer_total, _ = sizes([theirs])
    assert rows == peer_rows, (rows, peer_rows)
    middle = {name: statistics.median(runs) for name, runs in seconds.items()}
    print(f"{rows} rows of {len(files)} reports, {csv_bytes / MEGABYTE:.0f} MB of CSV")
    print(f"{'':14}{'seconds':>9}{'all runs':>34}{'MB':>8}")
    for name, size in (("credsql", total - states), ("DuckDB", peer_total)):
        runs = " ".join(f"{one:.2f}" for one in seconds[name])
        print(f"{name:14}{middle[name]:9.2f}{runs:>34}{size / MEGABYTE:8.1f}")
    ratios = middle["credsql"] / middle["DuckDB"], (total - states) / peer_total
    print(f"{'ratio':14}{ratios[0]:9.2f}{'':34}{ratios[1]:8.2f}")
    print(f"cell_states, not counted: {states / MEGABYTE:.1f} MB")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        given[0],
        Path((given[1:] or ["target/bench-export"])[0]),
        int((given[2:] or ["4050"])[0]),
    )
