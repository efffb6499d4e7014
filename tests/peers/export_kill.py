"""Exports that are killed: a reader sees each day as it was or as it is to be, never half of it.

SIGKILL at twenty moments of an export into an empty folder, and at twenty of one that merges into
each day. Half of the moments are drawn by time, half by how often the folder has changed, since
what matters is what happens between two changes. After each, DuckDB and pyarrow read what is there;
another run completes it, byte for byte as if nothing had happened.
"""

import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow
import pyarrow.dataset

from credsql import BINARY, PATIENCE, Different, same, succeed
from duckdb_compare import connect
from export_dataset import TABLES, export, is_hidden, scratch

SEED = 20261109
KILLS = 20

FLEET = "demo:accounts=5,users=8,days=3"

# Accounts that come with the second export, so that every day is merged.
LATE = 2

# A partition: table and folder.
Partition = tuple[str, str]
# What lies in partitions: their files, by name.
State = dict[Partition, dict[str, bytes]]


@cache
def reports() -> Path:
    folder = scratch("fleet")
    succeed("collect", FLEET, "--to", folder)
    shutil.rmtree(folder / "_manifests", ignore_errors=True)
    return folder


@cache
def complete() -> Path:
    """All reports, exported without interruption."""
    return export(reports(), scratch("complete"))


@cache
def partial() -> Path:
    """The reports of all accounts but a few."""
    accounts = sorted({path.name for path in reports().glob("date=*/account_id=*")})
    kept = set(accounts[: len(accounts) - LATE])
    some = [path for path in sorted(reports().glob("date=*/account_id=*")) if path.name in kept]
    return export(some, scratch("partial"))


def state(dataset: Path) -> State:
    """What a reader can see; names that begin with a dot or an underscore are hidden from it."""
    found: State = {}
    for path in sorted(dataset.rglob("*")):
        name = path.relative_to(dataset)
        if path.is_file() and not is_hidden(name):
            same(f"{path} lies in a day of a table", True, len(name.parts) == 3)
            table, day, file = name.parts
            found.setdefault((table, day), {})[file] = path.read_bytes()
    return found


def changes(dataset: Path) -> Counter:
    """Something that is another when a file, hidden or not, has come, gone, or grown."""
    seen: Counter = Counter()
    for folder, _, names in os.walk(dataset):
        try:
            seen[folder, os.stat(folder).st_ino, 0] += 1
            for name in names:
                found = os.stat(os.path.join(folder, name))
                seen[folder + name, found.st_ino, found.st_size] += 1
        except FileNotFoundError:
            seen[folder, 0, 0] += 1
    return seen


@dataclass
class Moment:
    """When to kill: so many seconds after the start, or after so many changes of the folder."""

    seconds: float
    changes: int | None

    def has_come(self, began: float, seen: int) -> bool:
        if self.changes is not None:
            return seen >= self.changes
        return time.monotonic() - began >= self.seconds


def watched(dataset: Path, moment: Moment | None) -> tuple[int, float, int]:
    """Exports everything and kills it at a moment; exit code, seconds, changes that were seen."""
    command = [BINARY, "export", reports(), "--to", dataset, "--quiet"]
    began = time.monotonic()
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        before, seen = changes(dataset), 0
        while process.poll() is None:
            now = changes(dataset)
            seen, before = seen + (now != before), now
            if moment and moment.has_come(began, seen):
                process.kill()
            if time.monotonic() - began > PATIENCE:
                process.kill()
                raise Different("the export does not end")
        said = process.stderr.read().decode() if process.stderr else ""
    if process.returncode not in (0, -9):
        raise Different(f"the export ended with {process.returncode}:\n{said}")
    return process.returncode, time.monotonic() - began, seen


def counted(dataset: Path) -> list[dict[Partition, int]]:
    """How many rows DuckDB and pyarrow see in each partition."""
    duck: dict[Partition, int] = {}
    arrow: dict[Partition, int] = {}
    flavor = pyarrow.dataset.partitioning(pyarrow.schema([("dt", pyarrow.string())]), flavor="hive")
    for table in TABLES:
        if not any((dataset / table).glob("*/*.parquet")):
            continue
        with connect() as database:
            rows = database.execute(
                f"SELECT dt, count(*) FROM read_parquet('{dataset}/{table}/*/*.parquet', "
                "hive_partitioning = true, hive_types = {'dt': VARCHAR}) GROUP BY dt"
            ).fetchall()
        duck |= {(table, f"dt={day}"): count for day, count in rows}
        read = pyarrow.dataset.dataset(dataset / table, format="parquet", partitioning=flavor)
        days = Counter(read.to_table(["dt"])["dt"].to_pylist())
        arrow |= {(table, f"dt={day}"): count for day, count in days.items()}
    return [duck, arrow]


def consistent(
    what: str, dataset: Path, old: Path | None, counts: list[dict[Partition, int]]
) -> str:
    """Fails unless each partition is the old one or the new one. Tells which there are: `old`,
    `new`, or `both`.
    """
    before, after = state(old) if old else {}, state(complete())
    found = state(dataset)
    same(f"{what}: partitions that are gone", [], sorted(before.keys() - found.keys()))
    kinds = set()
    for partition in after:
        if found.get(partition) == after[partition]:
            kinds.add("new")
        elif found.get(partition) == before.get(partition):
            kinds.add("old")
        else:
            raise Different(
                f"{what}: {'/'.join(partition)} is neither as it was nor as it is to be: "
                f"{ {name: len(content) for name, content in found[partition].items()} }"
            )
    same(f"{what}: partitions nobody asked for", [], sorted(found.keys() - after.keys()))
    for reader, seen in zip(("DuckDB", "pyarrow"), counted(dataset)):
        rows = {p: counts[1 if found[p] == after[p] else 0][p] for p in found}
        same(f"{what}: rows of partitions in {reader}", rows, seen)
    return "both" if len(kinds) > 1 else kinds.pop()


def killed(name: str, old: Callable[[], Path] | None) -> str:
    """Kills exports at moments, looks, and completes them."""
    dice = random.Random(SEED)
    start = old() if old else None
    counts = [counted(start)[0] if start else {}, counted(complete())[0]]
    _, lasts, most = watched(fresh(name, start), None)
    seen: Counter[str] = Counter()
    for number in range(KILLS):
        # Every second one by changes; the last of them is when all is done.
        when = Moment(
            seconds=dice.uniform(0, lasts), changes=dice.randint(1, most) if number % 2 else None
        )
        dataset = fresh(name, start)
        code, _, _ = watched(dataset, when)
        what = f"{name}, killed at {when}"
        kind = consistent(what, dataset, start, counts)
        seen["ended before" if code == 0 else kind] += 1
        export(reports(), dataset)
        same(f"{what}, then completed", state(complete()), state(dataset))
        hidden = [str(path.relative_to(dataset)) for path in dataset.rglob("*") if path.is_file()]
        left = [one for one in hidden if is_hidden(Path(one))]
        wanted = [
            str(path.relative_to(complete()))
            for path in complete().rglob("*")
            if path.is_file() and is_hidden(path.relative_to(complete()))
        ]
        same(f"{what}, then completed: hidden files", sorted(wanted), sorted(left))
    if not seen["both"]:
        raise Different(f"no kill came between two days: {dict(seen)}")
    told = ", ".join(f"{count} saw {kind}" for kind, count in sorted(seen.items()))
    return f"{KILLS} kills within {lasts:.1f} s and {most} changes: {told}"


def fresh(name: str, start: Path | None) -> Path:
    """A folder with a copy of what was there before."""
    dataset = scratch(f"killed-{name}")
    if start:
        shutil.copytree(start, dataset, dirs_exist_ok=True)
    return dataset


def meanwhile() -> str:
    """Readers that look again and again while days are merged."""
    dataset = fresh("read", partial())
    old, new = counted(partial())[0], counted(complete())[0]
    command = [BINARY, "export", reports(), "--to", dataset, "--quiet"]
    looks: Counter[str] = Counter()
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            for reader, seen in zip(("DuckDB", "pyarrow"), counted(dataset)):
                same(f"{reader}: partitions", sorted(old), sorted(seen))
                odd = {p: rows for p, rows in seen.items() if rows not in (old[p], new[p])}
                same(f"{reader}: partitions with other rows", {}, odd)
                looks["old" if seen == old else "new" if seen == new else "both"] += 1
    same("exit code", 0, process.returncode)
    same("rows at the end", [new, new], counted(dataset))
    return f"{looks.total()} looks, {looks['both']} of them between two days"


CHECKS = [
    ("export: killed at twenty moments", lambda: killed("new", None)),
    ("export: killed at twenty moments while it merges", lambda: killed("merged", partial)),
    ("export: read while it merges", meanwhile),
]
