"""Exports that come after others: twice the same, a new day, an account more, one account alone.

What is proved by bytes and times of files: what does not change is not written. What does change
ends as if everything had been exported at once. And what was exported is read back as a source with
the same rows and the same verdicts.
"""

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pyarrow.parquet

from credsql import BINARY, PATIENCE, Different, query, run, same, succeed
from duckdb_compare import connect
from export_dataset import (
    DEMO,
    DEMO_DAYS,
    HISTORY,
    TABLES,
    columns,
    days_of,
    export,
    export_odd,
    files,
    must_equal,
    odd_reports,
    rows_of,
    scratch,
    told,
)

# Of the raw table, what a dataset does not keep: lines of the files, and columns of other tools.
NOT_KEPT = {"credential_report_raw": {"line", "extras"}}

# What `reports` tells of the file a report was read from, which is now another.
OF_THE_FILE = {"bytes", "sha256", "format", "warnings", "status", "generated_time_from"}

Snapshot = dict[str, tuple[bytes, int]]


def snapshot(dataset: Path) -> Snapshot:
    """Bytes and time of modification of every file, hidden ones as well."""
    found = sorted(path for path in dataset.rglob("*") if path.is_file())
    return {
        str(path.relative_to(dataset)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in found
    }


def unchanged(what: str, before: Snapshot, after: Snapshot) -> None:
    """Fails unless all that was there is there as it was; new files do not matter."""
    lost = sorted(before.keys() - after.keys())
    same(f"{what}: files that are gone", [], lost)
    other = [name for name in before if before[name][0] != after[name][0]]
    same(f"{what}: files with other bytes", [], other)
    written = [name for name in before if before[name][1] != after[name][1]]
    same(f"{what}: files written again with the same bytes", [], written)


def as_at_once(what: str, dataset: Path, *source: object) -> None:
    """Fails unless the visible files are those of one export of everything, byte for byte."""
    at_once = export([*source], scratch("at-once"))
    content = [
        {str(path.relative_to(folder)): path.read_bytes() for path in files(folder)}
        for folder in (at_once, dataset)
    ]
    same(f"{what}: files", sorted(content[0]), sorted(content[1]))
    other = [name for name in content[0] if content[0][name] != content[1][name]]
    same(f"{what}: files that are not as if exported at once", [], other)


@cache
def collected() -> Path:
    """The reports of the organisation as files, below `date=…/account_id=…`."""
    folder = scratch("reports")
    succeed("collect", DEMO, "--to", folder)
    # What remembers the run is of no use here.
    shutil.rmtree(folder / "_manifests", ignore_errors=True)
    return folder


def of_day(day: str) -> Path:
    return collected() / f"date={day}"


@cache
def accounts() -> list[str]:
    return sorted(
        row["account_id"] for row in query("SELECT account_id FROM reports", of_day(DEMO_DAYS[0]))
    )


def of_account(account: str, *days: str) -> list[Path]:
    return [of_day(day) / f"account_id={account}" for day in days or DEMO_DAYS]


def twice() -> str:
    """The same files, and none is written again."""
    count = 0
    for name, source, exporting in (
        ("twice", DEMO, export),
        ("twice-odd", odd_reports(), export_odd),
    ):
        dataset = exporting(source, scratch(name))
        before = snapshot(dataset)
        exporting(source, dataset)
        after = snapshot(dataset)
        unchanged(name, before, after)
        same(f"{name}: new files", [], sorted(after.keys() - before.keys()))
        count += len(after)
    return f"{count} files"


def new_day() -> str:
    """A new day is added, and nothing else is written."""
    first, second, third = DEMO_DAYS
    dataset = export([of_day(first), of_day(second)], scratch("days"))
    before = snapshot(dataset)
    export(of_day(third), dataset)
    unchanged("after a new day", before, snapshot(dataset))
    same("days", DEMO_DAYS, days_of(dataset, HISTORY))
    as_at_once("after a new day", dataset, *map(of_day, DEMO_DAYS))
    return f"{len(snapshot(dataset)) - len(before)} files added"


def new_account() -> str:
    """A day that gains an account, which is neither the first nor the last, is merged."""
    late = accounts()[2]
    others = [path for account in accounts() if account != late for path in of_account(account)]
    dataset = export(others, scratch("accounts"))
    before = snapshot(dataset)
    day = DEMO_DAYS[1]
    export(of_account(late, day), dataset)
    after = snapshot(dataset)
    elsewhere = {name: kept for name, kept in before.items() if f"dt={day}" not in name}
    unchanged("other days", elsewhere, after)
    changed = {name for name in after if before.get(name) != after[name]}
    same("days written", {True}, {f"dt={day}" in name for name in changed})
    as_at_once("after a new account", dataset, *others, *of_account(late, day))
    return f"{len(changed)} files written, {len(elsewhere)} left alone"


def one_account() -> str:
    """Exporting one account never wipes the others."""
    dataset = export(collected(), scratch("one"))
    before = snapshot(dataset)
    for account in accounts():
        export(of_account(account), dataset)
        unchanged(f"after {account} alone", before, snapshot(dataset))
    return f"{len(accounts())} accounts, one by one"


def replaced() -> str:
    """A day is written anew only if asked for, and other days stay."""
    dataset = export(collected(), scratch("replace"))
    before = snapshot(dataset)
    account, day = accounts()[3], DEMO_DAYS[2]
    export(of_account(account, day), dataset, "--if-exists", "replace")
    after = snapshot(dataset)
    elsewhere = {name: kept for name, kept in before.items() if f"dt={day}" not in name}
    unchanged("other days", elsewhere, after)
    for table in TABLES:
        [path] = (dataset / table / f"dt={day}").glob("*.parquet")
        left = set(pyarrow.parquet.ParquetFile(path).read(["account_id"])["account_id"].to_pylist())
        same(f"{table}: accounts left", {account}, left)
    return "1 account left"


def refused() -> str:
    """With `--if-exists error` a day that is there is left alone, with exit code 2."""
    dataset = export([of_day(day) for day in DEMO_DAYS[1:]], scratch("refuse"))
    before = snapshot(dataset)
    answer = run("export", collected(), "--to", dataset, "--if-exists", "error")
    same(f"exit code\n{answer.err}", 2, answer.code)
    after = snapshot(dataset)
    unchanged("after the refusal", before, after)
    export(of_day(DEMO_DAYS[0]), dataset, "--if-exists", "error")
    as_at_once("after a new day", dataset, *map(of_day, DEMO_DAYS))
    return answer.err.strip().splitlines()[0]


def some_tables() -> str:
    """Only the tables that are asked for."""
    dataset = export(DEMO, scratch("tables"), "--tables", HISTORY)
    same("tables", [HISTORY], sorted({path.parts[-3] for path in files(dataset)}))
    answer = run("export", DEMO, "--to", dataset, "--tables", "changes")
    same(f"exit code for a table that is not exported\n{answer.err}", 2, answer.code)
    return f"{len(files(dataset))} files"


def at_the_same_time() -> str:
    """Exports of different days, all at once."""
    dataset = scratch("concurrent")
    running = [
        subprocess.Popen(
            [BINARY, "export", of_day(day), "--to", dataset, "--quiet"], stderr=subprocess.PIPE
        )
        for day in DEMO_DAYS
    ]
    said = [process.communicate(timeout=PATIENCE)[1].decode() for process in running]
    same(f"exit codes\n{said}", [0, 0, 0], [process.returncode for process in running])
    as_at_once("after exports at the same time", dataset, *map(of_day, DEMO_DAYS))
    return f"{len(running)} at once"


def by_account() -> str:
    """A folder for each account, if asked for; the account is then not in the file."""
    dataset = export(DEMO, scratch("by-account"), "--partition-by", "account_id")
    rows = 0
    for table in TABLES:
        kinds = columns(table)
        for path in files(dataset / table):
            day, account, name = path.relative_to(dataset / table).parts
            same(f"{path}: name", "part-00000.parquet", name)
            same(
                f"{path}: folders", ["dt", "account_id"], [day.split("=")[0], account.split("=")[0]]
            )
            wanted = [name for name in kinds if name != "account_id"]
            same(f"{path}: columns", wanted, pyarrow.parquet.ParquetFile(path).schema_arrow.names)
        shown = [name for name in kinds if name != "cell_states"]
        values = [
            f'epoch_ms("{name}")' if kinds[name] == "timestamp" else f'"{name}"' for name in shown
        ]
        relation = (
            f"read_parquet('{dataset}/{table}/*/*/*.parquet', hive_partitioning = true, "
            "hive_types = {'dt': VARCHAR, 'account_id': VARCHAR})"
        )
        with connect() as database:
            read = database.execute(f"SELECT {', '.join(values)} FROM {relation}").fetchall()
        rows += must_equal(f"{table} by account", shown, told(table, DEMO), read)
    return f"{rows} rows"


def all_tables() -> list[str]:
    return [row["table"] for row in rows_of_schema()]


def rows_of_schema() -> list[dict]:
    import json

    return json.loads(succeed("schema", "--format", "json"))


def shown_rows(table: str, left_out: set[str], *source: object) -> list[str]:
    """The rows of a table as text, sorted, without some columns."""
    rows = rows_of(f"SELECT * FROM {table}", *source)
    return sorted(repr({key: row[key] for key in row if key not in left_out}) for row in rows)


def read_back() -> str:
    """A dataset as a source has the rows of what it was made from, in every table."""
    rows = 0
    for name, source in (("demo", DEMO), ("odd", readable())):
        dataset = export(source, scratch(f"back-{name}"))
        for table in all_tables():
            # Its texts are rebuilt from values, in the spelling of AWS, which odd reports lack.
            if (name, table) == ("odd", "credential_report_raw"):
                continue
            left_out = NOT_KEPT.get(table, set()) | (OF_THE_FILE if table == "reports" else set())
            wanted, got = (shown_rows(table, left_out, one) for one in (source, dataset))
            must_equal(f"{name}, {table} read back", ["row"], pairs(wanted), pairs(got))
            rows += len(got)
    return f"{rows} rows of {len(all_tables())} tables, 2 datasets"


def pairs(rows: list[str]) -> list[tuple]:
    return [(row,) for row in rows]


def verdicts() -> str:
    """Every control says the same of a dataset as of what it was made from."""
    rows = 0
    everything = [f"--control={control['id']}" for control in controls()]
    for name, source in (("demo", DEMO), ("odd", readable())):
        dataset = export(source, scratch(f"verdicts-{name}"))
        answers = [run("check", one, *everything, "--format", "csv") for one in (source, dataset)]
        if answers[0].code not in (0, 1, 2) or not answers[0].out:
            raise Different(f"check of {source} ended with {answers[0].code}:\n{answers[0].err}")
        wanted, got = (answer.out.decode().splitlines() for answer in answers)
        must_equal(f"verdicts on {name}", ["row"], pairs(wanted), pairs(got))
        same(f"order of the verdicts on {name}", wanted, got)
        same(f"exit code on {name}", answers[0].code, answers[1].code)
        rows += len(got)
    return f"{len(everything)} controls, {rows} rows"


def controls() -> list[dict]:
    return rows_of("SELECT id FROM controls", DEMO)


def with_newer() -> str:
    """A dataset and newer reports beside it are as good as all; what is in both counts once."""
    dataset = export([of_day(day) for day in DEMO_DAYS[:2]], scratch("older"))
    rows = 0
    for newer in ([of_day(DEMO_DAYS[2])], [of_day(day) for day in DEMO_DAYS[1:]]):
        for table in ("credential_report_history", "credential_report", "credentials", "changes"):
            wanted = shown_rows(table, set(), collected())
            got = shown_rows(table, set(), dataset, *newer)
            must_equal(f"{table} of both", ["row"], pairs(wanted), pairs(got))
            rows += len(got)
    return f"{rows} rows"


@cache
def readable() -> Path:
    """The files of the corpus that can be read."""
    corpus = odd_reports()
    told = rows_of("SELECT source, status FROM reports", corpus)
    kept = scratch("readable")
    for row in told:
        if row["status"] in ("ok", "warning"):
            path = Path(row["source"])
            shutil.copy2(path, kept / path.name)
    return kept


CHECKS = [
    ("export: twice writes nothing", twice),
    ("export: a new day", new_day),
    ("export: a day that gains an account", new_account),
    ("export: one account alone", one_account),
    ("export: replaced", replaced),
    ("export: refused", refused),
    ("export: some tables", some_tables),
    ("export: different days at the same time", at_the_same_time),
    ("export: by account", by_account),
    ("export: read back, every table", read_back),
    ("export: read back, every verdict", verdicts),
    ("export: read back beside newer reports", with_newer),
]
