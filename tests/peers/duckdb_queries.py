"""DuckDB and credsql answer the same statements about the same archive of reports.

120 reports of 40 accounts in folders `date=…/account_id=…`, one of them longer than a batch.
Proved: each statement has the same rows, and in the same order if it asks for one, whether or not
its filter leaves reports out; and again when everything is asked a second time in another order
within the same run, by then from the decoded columns it keeps.
"""

import json
import random
import shutil
from datetime import date, timedelta

import duckdb

from credsql import SCRATCH, Different, same, succeed
from duckdb_compare import LINEAGE, SHOWN, connect, every_era, typed
from report_writer import ERAS, Pools, report
from statements import SUMS, TABLES, all_statements, is_ordered

REPORTS = SCRATCH / "queries"
SEED = 20260207

ACCOUNTS = 40
REPORTS_PER_ACCOUNT = 3
DAYS = 120
# The last report of the last account has more rows than a batch.
SIZES = [20, 40, 80, 160]
LONGEST = 9000

# The cell that is changed to see whether the comparison notices.
CHANGED = "password_last_used"


def generate() -> str:
    """Writes the reports anew."""
    shutil.rmtree(REPORTS, ignore_errors=True)
    dice = random.Random(SEED)
    pools = {era: Pools(dice, zone) for era, (zone, _) in ERAS.items()}
    for number in range(ACCOUNTS):
        era = list(ERAS)[number % len(ERAS)]
        account = str(100_000_000_000 + number)
        sizes = dice.choices(SIZES, k=REPORTS_PER_ACCOUNT)
        if number == ACCOUNTS - 1:
            sizes[-1] = LONGEST
        days = sorted(dice.sample(range(DAYS), k=REPORTS_PER_ACCOUNT))
        for day, rows in zip(days, sizes):
            folder = REPORTS / era / f"date={date(2025, 1, 1) + timedelta(days=day)}"
            path = folder / f"account_id={account}" / "credential-report.csv"
            path.parent.mkdir(parents=True)
            path.write_bytes(report(dice, pools[era], era, account, rows).encode())
    files = list(REPORTS.rglob("*.csv"))
    return f"{len(files)} reports, {sum(path.stat().st_size for path in files) // 1_000_000} MB"


def load(database: duckdb.DuckDBPyConnection) -> None:
    """Gives DuckDB the tables of credsql."""
    history, latest = TABLES
    database.execute(f"CREATE TABLE {history} AS {every_era(REPORTS, typed, LINEAGE)}")
    database.execute(
        f"""CREATE VIEW {latest} AS FROM {history} SEMI JOIN (
            SELECT account_id, max(generated_time) AS generated_time
            FROM {history} GROUP BY account_id) USING (account_id, generated_time)"""
    )


def ask_duckdb(database: duckdb.DuckDBPyConnection, statement: str) -> list[str]:
    """The rows of an answer as JSON, with times as credsql writes them."""
    columns = database.execute(f"DESCRIBE {statement}").fetchall()
    shown = [
        f"""strftime("{name}", '%Y-%m-%dT%H:%M:%SZ')"""
        if type_ == "TIMESTAMP WITH TIME ZONE"
        else f'"{name}"'
        for name, type_, *_ in columns
    ]
    rows = database.execute(f"SELECT {', '.join(shown)} FROM ({statement})").fetchall()
    names = [name for name, *_ in columns]
    return [json.dumps(dict(zip(names, row))) for row in rows]


def ask_credsql(statements: list[str]) -> list[list[str]]:
    """The answers of one run to all statements, the rows of each as JSON."""
    script = SCRATCH / "queries.sql"
    script.write_text(";\n".join(statements))
    text = succeed("query", "--file", script, REPORTS, "--format", "json").decode()
    answers, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        answer, end = decoder.raw_decode(text)
        answers.append([json.dumps(row) for row in answer])
        text = text[end:]
    return answers


def differing(
    database: duckdb.DuckDBPyConnection, asked: list[tuple[str, list[str]]]
) -> dict[str, str]:
    """The statements that DuckDB answers otherwise, with the first rows that are not the same."""
    expected = {statement: ask_duckdb(database, statement) for statement in dict(asked)}
    found = {}
    for time, (statement, ours) in enumerate(asked, start=1):
        peer = expected[statement]
        if not is_ordered(statement):
            peer, ours = sorted(peer), sorted(ours)
        if peer != ours and statement not in found:
            pairs = [pair for pair in zip(peer, ours) if pair[0] != pair[1]][:SHOWN]
            found[statement] = "\n".join(
                [f"{statement}\n  {time}. of the run: {len(peer)} rows in DuckDB, {len(ours)} here"]
                + [f"    DuckDB  {wanted}\n    credsql {got}" for wanted, got in pairs]
            )
    return found


def compare() -> str:
    """All answers must be the same; and once a cell is changed, only those that show it may not."""
    history, latest = TABLES
    statements = all_statements()
    dice = random.Random(SEED)
    order = dice.sample(statements, k=len(statements)) + dice.sample(statements, k=len(statements))
    asked = list(zip(order, ask_credsql(order), strict=True))
    with connect() as database:
        load(database)
        if found := differing(database, asked):
            first = list(found.values())[:SHOWN]
            raise Different("\n".join([f"{len(found)} statements differ", *first]))

        database.execute(
            f"""UPDATE {history} SET {CHANGED} = {CHANGED} + INTERVAL 1 SECOND WHERE arn = (
                SELECT arn FROM {latest} WHERE {CHANGED} IS NOT NULL ORDER BY hash(arn) LIMIT 1)"""
        )
        noticed = differing(database, asked)
    sums = {" ".join(SUMS.format(table=table, filter="true").split()) for table in TABLES}
    same("sums over everything that did not notice a changed cell", set(), sums - noticed.keys())
    unconcerned = [statement for statement in noticed if CHANGED not in statement]
    same("statements that differ without a word of the changed cell", [], unconcerned)
    rows = sum(len(answer) for _, answer in asked)
    return f"{len(statements)} statements, each asked twice; {rows} rows; {len(noticed)} noticed"


CHECKS = [
    ("queries: reports written", generate),
    ("queries: the same answers in DuckDB until a cell is changed", compare),
]
