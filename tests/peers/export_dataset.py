"""Exported datasets, and what credsql itself says their rows are.

Rows are compared as tuples in the order of the columns, with times as milliseconds since 1970, so
that no reader's idea of a time zone comes between.
"""

import csv
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from credsql import CORPUS, SCRATCH, Different, run, same, succeed

TABLES = ["credential_report_history", "credentials_history", "reports"]
HISTORY = TABLES[0]

# What Hive calls the partition of rows that have no value there.
NO_DAY = "__HIVE_DEFAULT_PARTITION__"

DEMO = "demo:accounts=6,users=25,days=3"
DEMO_DAYS = ["2026-10-29", "2026-10-30", "2026-10-31"]

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# The letters of `cell_states` for texts that stand for no value.
STATES = {"n/a": "a", "no_information": "i", "not_supported": "s", "": "e"}

# Words of other programs that stand for an empty cell.
STATES |= dict.fromkeys(["none", "null", "nil", "nan", "not_applicable"], "e")

SHOWN = 3

Rows = list[tuple]


def scratch(name: str) -> Path:
    """An empty folder for a check."""
    folder = SCRATCH / "export" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def odd_reports() -> Path:
    """The files of the corpus, with times of modification that spread over ten days: most of these
    files tell no other time, and a fresh copy of the project would give them all one.
    """
    folder = scratch("corpus")
    first = datetime(2026, 5, 1, 21, tzinfo=timezone.utc)
    names = sorted(path.name for path in CORPUS.iterdir() if path.name != "manifest.json")
    for number, name in enumerate(names):
        made = (first + timedelta(hours=3 * number)).timestamp()
        shutil.copyfile(CORPUS / name, folder / name)
        os.utime(folder / name, (made, made))
    return folder


def export(source: object, to: Path, *options: object) -> Path:
    """Exports reports that can all be read; the folder."""
    succeed("export", *sources(source), "--to", to, *options)
    return to


def export_odd(source: Path, to: Path, *options: object) -> Path:
    """Exports reports of which some cannot be read, which exit code 2 has to say."""
    answer = run("export", *sources(source), "--to", to, *options)
    same(f"exit code where reports cannot be read\n{answer.err}", 2, answer.code)
    return to


def sources(source: object) -> Iterable[object]:
    return source if isinstance(source, list) else [source]


def columns(table: str) -> dict[str, str]:
    """The columns of an exported table and the words for their types."""
    listed = json.loads(succeed("schema", table, "--format", "json"))
    kinds = {column["column"]: column["type"] for column in listed}
    # Which report is the newest changes with the next export.
    kinds.pop("is_latest", None)
    return kinds | ({"cell_states": "text"} if table == HISTORY else {})


def told(table: str, *source: object) -> Rows:
    """The rows of a table as credsql shows them, without what only the exported table has. Files
    that are no reports, and that nobody named, are no part of a dataset.
    """
    kinds = columns(table)
    shown = [name for name in kinds if name != "cell_states"]
    sql = f"SELECT {', '.join(map(quoted, shown))} FROM {table}"
    if table == "reports":
        sql += " WHERE status <> 'skipped'"
    return [tuple(plain(row[name], kinds[name]) for name in shown) for row in rows_of(sql, *source)]


def rows_of(sql: str, *source: object) -> list[dict]:
    """The rows of a query, even if some reports cannot be read."""
    return json.loads(run("query", sql, *source, "--format", "json").out)


def plain(value: object, kind: str) -> object:
    """A value of JSON: times as milliseconds."""
    if kind != "timestamp" or value is None:
        return value
    return (datetime.fromisoformat(str(value)) - EPOCH) // timedelta(milliseconds=1)


def quoted(name: str) -> str:
    """A name in SQL."""
    return f'"{name}"'


def with_days(table: str, rows: Rows) -> Rows:
    """Rows with the partition they have to lie in: the day of `generated_time` in UTC."""
    shown = [name for name in columns(table) if name != "cell_states"]
    made = shown.index("generated_time")
    return [(*row, day(row[made])) for row in rows]


def day(millis: int | None) -> str | None:
    """The day of a time, in UTC."""
    return None if millis is None else f"{EPOCH + timedelta(milliseconds=millis):%Y-%m-%d}"


def must_equal(what: str, names: list[str], wanted: Rows, got: Rows) -> int:
    """Fails unless both have the same rows, duplicates counted; the number of rows."""
    only_wanted, only_got = Counter(wanted) - Counter(got), Counter(got) - Counter(wanted)
    if not only_wanted and not only_got:
        return len(got)
    lines = [
        f"{what}: {len(wanted)} rows wanted, {len(got)} read; {only_wanted.total()} are missing, "
        f"{only_got.total()} should not be there"
    ]
    for row in sorted(only_wanted, key=repr)[:SHOWN]:
        nearest = max(only_got, key=lambda other: alike(row, other), default=None)
        lines.append(f"  missing: {short(row)}")
        if nearest and alike(row, nearest) * 2 > len(row):
            lines += [
                f"    {name}: wanted {short(a)}, read {short(b)}"
                for name, a, b in zip(names, row, nearest)
                if a != b
            ]
    lines += [f"  too many: {short(row)}" for row in sorted(only_got, key=repr)[:SHOWN]]
    raise Different("\n".join(lines))


def alike(left: tuple, right: tuple) -> int:
    """How many values two rows have in common."""
    return sum(a == b for a, b in zip(left, right))


def must_notice(read: Rows, table: str, source: object) -> str:
    """Fails unless one changed value among the rows that were read is found out; what is said."""
    names = [*(name for name in columns(table) if name != "cell_states"), "dt"]
    column = names.index("mfa_active")
    altered = [list(row) for row in read]
    altered[-1][column] = not altered[-1][column]
    try:
        must_equal(table, names, with_days(table, told(table, source)), [*map(tuple, altered)])
    except Different as found:
        said = str(found).splitlines()[2].strip()
        same(f"the column is named in {found}", True, said.startswith("mfa_active:"))
        return said
    raise Different("a changed value went unnoticed")


def short(value: object) -> str:
    """Some of a value, for people."""
    text = repr(value)
    return text if len(text) < 200 else f"{text[:200]}… ({len(text)} characters)"


def files(dataset: Path) -> list[Path]:
    """All that a reader finds: names that begin with a dot or an underscore are hidden from it."""
    found = (path for path in dataset.rglob("*") if path.is_file())
    return sorted(path for path in found if not is_hidden(path.relative_to(dataset)))


def is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts if not part.startswith("__HIVE"))


def days_of(dataset: Path, table: str) -> list[str]:
    """The days of a table, by its folders."""
    return sorted(path.name.removeprefix("dt=") for path in (dataset / table).iterdir())


def users(report: Path) -> list[str]:
    """The names of a report in AWS's own form, from the top."""
    with report.open(newline="") as lines:
        return [row["user"] for row in csv.DictReader(lines)]
