"""Table `changes` against a second implementation, over random histories of tiny accounts."""

import csv
import io
import random
import shutil
from collections import Counter
from pathlib import Path

import changes_histories
import changes_reference
from credsql import SCRATCH, Different, run

ACCOUNTS = 300
SEEDS = (1, 2)


def histories(seed: int) -> Path:
    """A folder of reports that is the same for the same seed."""
    folder = SCRATCH / f"changes-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    random.seed(seed)
    for number in range(ACCOUNTS):
        changes_histories.account(folder, number)
    return folder


def found(folder: Path) -> Counter:
    """What the program says; reports that are broken on purpose make it end with 2."""
    answer = run("query", "-q", "--format", "csv", "SELECT * FROM changes", folder)
    rows = csv.reader(io.StringIO(answer.out.decode()))
    if next(rows, None) != changes_reference.COLUMNS:
        raise Different(f"the columns of changes are others\n{answer.err}")
    return Counter((*row[:-1], row[-1].removeprefix(f"{folder}/")) for row in rows)


def check() -> str:
    """Every row, both ways."""
    total = 0
    for seed in SEEDS:
        folder = histories(seed)
        wanted = Counter(changes_reference.all_changes(folder))
        got = found(folder)
        wrong = changes_reference.in_order((wanted - got) + (got - wanted))
        if wrong:
            lines = [
                ("wanted " if (wanted - got)[row] else "found  ") + ",".join(row)
                for row in wrong[:20]
            ]
            raise Different(f"seed {seed}: {len(wrong)} rows differ\n" + "\n".join(lines))
        total += sum(wanted.values())
    if total < 1000:
        raise Different(f"only {total} changes: the histories have lost their events")
    return f"{total} changes in {ACCOUNTS * len(SEEDS)} histories"


CHECKS = [("changes: random histories and a second implementation", check)]
