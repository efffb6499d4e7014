"""The reports on which verdicts are compared, and what the controls say of them.

Four kinds: the fixtures of the controls, whose users say which boundary they are; a synthetic
organisation; the regular files of the corpus; and drawn reports, full of times around the limits.
They are laid out in folders so that each report is the latest of its account in one of them.
"""

import csv
import io
import json
import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from credsql import CORPUS, PROJECT, SCRATCH, query, same, succeed
from report_writer import COLUMNS, NO_KEY
from verdicts_rules import Report, Row

FIXTURES = PROJECT / "tests" / "fixtures" / "controls"
FOLDER = SCRATCH / "verdicts"
DEMO = "demo:accounts=20,users=60,days=3,end=2026-09-30"
SEED = 20260330
DRAWN = 160
USERS = 14
NOW = "2026-10-01T12:00:00Z"
DOCUMENTED = COLUMNS[:22]

# Where a time can stand: days back from the report, each exact, a second or some hours off.
DAYS_BACK = [0, 1, 2, 3, 7, 44, 45, 46, 89, 90, 91, 400]
SECONDS_OFF = [0, 0, -1, 1, -6 * 3600, 6 * 3600, 23 * 3600]
# Seconds from a user to its key, for keys made along with it.
ALONG = [0, 1, 9, 10, 11, 59, 60, 61, 3600, -30]
# Beginnings of each other, and one that LIKE takes for another.
NAMES = ["ann", "anna", "ann_lee", "annxlee", "Bo", "bobby", "ci", "ci-2", "dan", "eve", "fay"]
CLOCKS = ["12:00:00", "00:00:00", "00:20:00", "23:59:59"]

# What a control says: by ARN and credential, the status and the reason.
Said = dict[str, dict[str | None, tuple[str, str]]]


def parse(name: str, answer: dict) -> Report:
    """A report from an answer of get-credential-report."""
    lines = csv.DictReader(io.StringIO(answer["Content"], newline=""))
    rows = tuple(Row(line) for line in lines)
    return Report(
        name, datetime.fromisoformat(answer["GeneratedTime"]), tuple(lines.fieldnames), rows
    )


def account(report: Report) -> str:
    return report.rows[0]["arn"].split(":")[4]


def answers() -> Iterator[tuple[str, dict]]:
    """Every report as (name, answer)."""
    for path in sorted(FIXTURES.glob("*.json")):
        yield f"fixture {path.stem}", json.loads(path.read_bytes())
    yield from demo()
    yield from corpus()
    dice = random.Random(SEED)
    for number in range(DRAWN):
        yield f"drawn {number}", drawn(dice, number)


def answer(rows: list[list[str]], generated: str) -> dict:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return {"Content": text.getvalue().rstrip("\n"), "GeneratedTime": generated}


def demo() -> Iterator[tuple[str, dict]]:
    found = defaultdict(list)
    for row in query("SELECT * FROM credential_report_raw ORDER BY source, line", DEMO):
        found[row["account_id"], row["generated_time"]].append(row)
    for (number, generated), rows in found.items():
        columns = [name for name in COLUMNS if rows[0][name] is not None]
        cells = [[row[name] for name in columns] for row in rows]
        yield f"demo {number} {generated}", answer([columns, *cells], generated)


def corpus() -> Iterator[tuple[str, dict]]:
    """Files with all documented columns, regular rows and flags that no spreadsheet has changed.

    Each is moved to an account of its own, since many of them share one.
    """
    for number, path in enumerate(sorted(CORPUS.glob("*.csv"))):
        try:
            text = path.read_bytes().decode()
            table = list(csv.reader(io.StringIO(text, newline="")))
        except (UnicodeDecodeError, csv.Error):
            continue
        if len(table) < 2 or not set(DOCUMENTED) <= set(table[0]):
            continue
        rows = [dict(zip(table[0], row)) for row in table[1:] if len(row) == len(table[0])]
        accounts = Counter(":".join(row["arn"].split(":")[:5]) for row in rows)
        regular = len(rows) == len(table) - 1 and len(accounts) == 1
        edited = {"TRUE", "True"} & {cell for row in table for cell in row}  # by a spreadsheet
        different = len({row["arn"] for row in rows}) == len(rows)
        if regular and different and not edited and "\0" not in text:
            old, new = accounts.popitem()[0].split(":")[4], f"{800_000_000_000 + number}"
            moved = [[cell.replace(f":{old}:", f":{new}:") for cell in row] for row in table]
            yield f"corpus {path.name}", answer(moved, NOW)


def drawn(dice: random.Random, number: int) -> dict:
    """A report in the form of AWS: root of today or of before 2024, users around every limit."""
    now = datetime.fromisoformat(f"2026-09-{number % 28 + 1:02}T{dice.choice(CLOCKS)}+00:00")
    partition = dice.choice(["aws"] * 6 + ["aws-us-gov", "aws-cn"])
    info = number % 5 == 0
    columns = COLUMNS if info else DOCUMENTED
    prefix = f"arn:{partition}:iam::{700_000_000_000 + number}:"

    def when() -> str:
        back = timedelta(days=dice.choice(DAYS_BACK), seconds=dice.choice(SECONDS_OFF))
        if dice.random() < 0.02:
            back = timedelta(seconds=dice.choice([-600, -7200, -86400 * 400]))
        return iso(now - back)

    def key(born: str, states: list[str]) -> str:
        state = dice.choice(states)
        if state == "none":
            return NO_KEY
        rotated = when()
        if dice.random() < 0.3:
            rotated = iso(datetime.fromisoformat(born) + timedelta(seconds=dice.choice(ALONG)))
        if dice.random() < 0.02:
            rotated = "N/A"
        if dice.random() < 0.3:
            return f"{state},{rotated},N/A,N/A,N/A"
        return f"{state},{rotated},{when()},us-east-1,s3"

    def tail(born: str, states: list[str]) -> list[str]:
        more = ["1 additional access key"] if dice.random() < 0.2 else ["N/A"]
        keys = f"{key(born, states)},{key(born, states)}".split(",")
        return [*keys, "false", "N/A", "false", "N/A", *(more if info else [])]

    def root() -> list[str]:
        born, mfa = "2019-01-01T00:00:00Z", dice.choice(["true", "false"])
        last = dice.choice([when(), when(), "no_information", "N/A"])
        cells = dice.choice(
            [
                f"true,{last},2020-01-01T00:00:00Z,not_supported,{mfa}",
                f"not_supported,{last},not_supported,not_supported,{mfa}",
                f"false,{dice.choice(['N/A', last])},N/A,not_supported,{mfa}",
            ]
        )
        states = dice.choice([["none"], ["none", "true", "false"]])
        return ["<root_account>", f"{prefix}root", born, *cells.split(","), *tail(born, states)]

    def user(name: str) -> list[str]:
        path = dice.choice(["", "", "people/"])
        born = when() if dice.random() < 0.3 else "2020-05-05T05:05:35Z"
        old = f"{when()},{when()}" if dice.random() < 0.2 else "N/A,N/A"
        password = f"false,{old},N/A"
        if dice.random() < 0.6:
            last = when() if dice.random() < 0.7 else "no_information"
            password = f"true,{last},{when()},N/A"
        cells = [*password.split(","), dice.choice(["true", "false"])]
        keys = tail(born, ["none", "true", "true", "false"])
        return [name, f"{prefix}user/{path}{name}", born, *cells, *keys]

    names = dice.sample(NAMES, k=len(NAMES)) + [f"user-{n}" for n in range(USERS - len(NAMES))]
    rows = [root()] if dice.random() < 0.95 else []
    return answer([list(columns), *rows, *map(user, names)], iso(now))


def iso(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def rounds() -> list[tuple[Path, list[Report]]]:
    """Writes all reports; no folder has two of one account."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    found: list[tuple[Path, list[Report]]] = []
    times = Counter()
    for name, content in answers():
        report = parse(name, content)
        turn = times[account(report)]
        times[account(report)] += 1
        if turn == len(found):
            found.append((FOLDER / f"round-{turn + 1}", []))
            found[turn][0].mkdir(parents=True)
        folder, reports = found[turn]
        (folder / f"{len(reports):03}.json").write_text(json.dumps(content))
        reports.append(report)
    return found


@cache
def said(folder: Path, control: str, parameters: tuple[str, ...], queries: Path | None) -> Said:
    """The status and reason that a control gives to each user, by credential."""
    options = [f"--param={parameter}" for parameter in parameters]
    options += ["--queries", str(queries)] if queries else []
    text = succeed("queries", "run", control, folder, "--quiet", "--format", "json", *options)
    found: Said = defaultdict(dict)
    for row in json.loads(text):
        if row["arn"] is None:  # the row of root that is not in the report
            continue
        rows = found[row["arn"]]
        same(f"{control} says one thing of {row}", False, row["credential"] in rows)
        rows[row["credential"]] = (row["status"], row["reason"])
    return found


def summary() -> str:
    """What there is to compare."""
    reports = [report for _, reports in rounds() for report in reports]
    kinds = Counter(report.name.split()[0] for report in reports)
    rows = sum(len(report.rows) for report in reports)
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"{len(reports)} reports ({counted}), {rows} rows, in {len(rounds())} folders"
