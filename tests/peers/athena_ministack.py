"""An Athena that executes statements gives the same answers as credsql does here.

ministack serves the API and runs the statements over the exported files in its S3; what DuckDB,
which works in it, has otherwise than Trino is told in `athena_dialect.py`. Proved: the dataset
written to S3 is that of a folder; the printed DDL makes its tables known; every canned query as it
is printed for Athena, and every control and statement with `--engine athena`, have the same rows as
here, with pages, a clock of the past and Ctrl-C.
"""

import atexit
import contextlib
import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

import boto3

import moto_account
from athena_scripts import scripts
from credsql import BINARY, CORPUS, PATIENCE, PROJECT, Answer, Different, run, same
from export_dataset import TABLES, files, is_hidden, must_equal, rows_of, scratch
from sql_text import statements

HERE = Path(__file__).resolve().parent
FIXTURES = PROJECT / "tests" / "fixtures"

# The fixtures of the controls have every case of theirs; the organisation has more than a page of
# rows; the last is no report yet, and its failure is a row.
SOURCES = [
    FIXTURES / "controls",
    "demo:accounts=6,users=30,days=4",
    CORPUS / "generate-started.csv",
]

DATABASE, BUCKET = "iam", "credential-data"
PREFIX = "exported/"
LOCATION = f"s3://{BUCKET}/exported"
RESULTS = f"s3://{BUCKET}/results/"
ENGINE = ["--engine", "athena", "--athena-database", DATABASE, "--athena-output", RESULTS]

AS_OF = "2026-10-30T12:00:00Z"

# What a query without defaults is asked with: its parameter, and what stands for that in its text.
STAND_INS = {"everything-about-a-user": ("name", "User name or ARN", "alice")}

open_things = contextlib.ExitStack()
atexit.register(open_things.close)


@dataclass
class Athena:
    """A server with the exported tables."""

    address: str

    def client(self, service: str):
        return boto3.client(service, endpoint_url=self.address)

    def execute(self, statement: str) -> list[tuple]:
        """The rows of a statement, as text, with the names of its columns first."""
        athena = self.client("athena")
        started = athena.start_query_execution(
            QueryString=statement,
            QueryExecutionContext={"Database": DATABASE},
            ResultConfiguration={"OutputLocation": RESULTS},
        )
        query = started["QueryExecutionId"]
        deadline = time.monotonic() + PATIENCE
        while (status := self.status(query))["State"] in ("QUEUED", "RUNNING"):
            if time.monotonic() > deadline:
                raise Different(f"the server does not end\n{statement}")
            time.sleep(0.02)
        if status["State"] != "SUCCEEDED":
            raise Different(f"{status['StateChangeReason']}\n{statement}")
        rows: list[tuple] = []
        pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=query)
        for page in pages:
            for row in page["ResultSet"]["Rows"]:
                rows.append(tuple(cell.get("VarCharValue") for cell in row["Data"]))
        return rows

    def status(self, query: str) -> dict:
        found = self.client("athena").get_query_execution(QueryExecutionId=query)
        return found["QueryExecution"]["Status"]


@cache
def athena() -> Athena:
    """The one server of these checks; this process and its children speak to it."""
    folder = scratch("athena")
    before = dict(os.environ)

    def restore() -> None:
        os.environ.clear()
        os.environ.update(before)

    open_things.callback(restore)
    program = (os.environ["PEERS_MINISTACK"], HERE / "athena_server.py", folder)
    address = open_things.enter_context(
        moto_account.server(folder, *program, alive="/_ministack/health")
    )
    os.environ |= {"AWS_ENDPOINT_URL": address, "AWS_REGION": moto_account.REGION}
    server = Athena(address)
    server.client("s3").create_bucket(Bucket=BUCKET)
    return server


def told(*arguments: object) -> Answer:
    """A run over reports of which one cannot be read, and with alarms perhaps."""
    answer = run(*arguments)
    if answer.code not in (0, 1, 2) or not answer.out:
        words = " ".join(map(str, arguments))
        raise Different(f"credsql {words}\nended with {answer.code}:\n{answer.err.strip()}")
    return answer


@cache
def dataset() -> Path:
    """The dataset in a folder."""
    folder = scratch("athena-dataset")
    answer = run("export", *SOURCES, "--to", folder)
    same(f"exit code, as one report cannot be read\n{answer.err}", 2, answer.code)
    return folder


def written() -> str:
    """The same keys and bytes in S3 as files in a folder; and again, nothing is written."""
    s3 = athena().client("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    wanted = {str(path.relative_to(dataset())): path.read_bytes() for path in files(dataset())}
    found = []
    for _ in range(2):
        answer = run("export", *SOURCES, "--to", LOCATION)
        same(f"exit code, as one report cannot be read\n{answer.err}", 2, answer.code)
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix=PREFIX)
        versions = [one for page in pages for one in page.get("Versions", [])]
        visible = [one["Key"] for one in versions if not is_hidden(Path(one["Key"]))]
        same("keys, one version of each", sorted(PREFIX + name for name in wanted), sorted(visible))
        found.append({(one["Key"], one["VersionId"]) for one in versions})
    for name, content in wanted.items():
        stored = s3.get_object(Bucket=BUCKET, Key=PREFIX + name)["Body"].read()
        same(f"{name}: bytes as in a folder", True, stored == content)
    same("versions after the same run", found[0], found[1])
    return f"{len(wanted)} objects"


@cache
def printed() -> dict[str, str]:
    """The printed scripts, by name of their files."""
    return scripts(LOCATION, DATABASE)


def defined() -> str:
    """The printed tables. The server makes databases through Glue alone, and has no need to be told
    of partitions.
    """
    athena().client("glue").create_database(DatabaseInput={"Name": DATABASE})
    rows = 0
    for table in TABLES:
        [statement] = statements(printed()[f"2-table-{table}.sql"])
        athena().execute(statement)
        counted = athena().execute(f'SELECT count(*) AS n FROM "{DATABASE}"."{table}"')
        condition = "status <> 'skipped'" if table == "reports" else "true"
        here = rows_of(f"SELECT count(*) AS n FROM {table} WHERE {condition}", *SOURCES)
        same(f"{table}: rows", [("n",), (str(here[0]["n"]),)], counted)
        rows += here[0]["n"]
    return f"{len(TABLES)} tables, {rows} rows"


def canned() -> str:
    """Every canned query as it is printed, through boto3, against `queries run`; but those that
    join a table of one's own, which is not ours to define.
    """
    rows = 0
    texts = {
        name.removeprefix("5-query-").removesuffix(".sql"): text
        for name, text in printed().items()
        if name.startswith("5-query-") and "people" not in text
    }
    controls = {row["id"] for row in rows_of("SELECT id FROM controls", SOURCES[0])}
    same("controls that are not printed", set(), controls - texts.keys())
    for query, script in texts.items():
        arguments: list[object] = []
        if query in STAND_INS:
            parameter, stand_in, value = STAND_INS[query]
            script = script.replace(f"'{stand_in}'", f"'{value}'")
            arguments += ["--param", f"{parameter}={value}"]
        [statement] = statements(script)
        # Some look at the clock, which may strike between.
        for last in (False, True):
            wanted = rows_here("queries", "run", query, *SOURCES, *arguments)
            names, *got = athena().execute(statement)
            try:
                rows += must_equal(query, [*names], named(wanted, names), plain(got))
                break
            except Different:
                if last:
                    raise
    return f"{len(texts)} queries, {rows} rows"


def rows_here(*arguments: object) -> list[dict]:
    return json.loads(told(*arguments, "--format", "json").out)


def named(rows: list[dict], names: tuple) -> list[tuple]:
    """Rows of JSON in the order of these names, as plain text."""
    if rows:
        same("columns", [*names], [*rows[0]])
    return [tuple(text(row[name]) for name in names) for row in rows]


def text(value: object) -> str | None:
    """A value of JSON as these checks compare it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return None if value is None else str(value)


TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}( UTC)?")


def plain(rows: list[tuple]) -> list[tuple]:
    """Rows of Athena, with times as JSON has them here, and 3.0 as 3."""
    return [tuple(map(plain_cell, row)) for row in rows]


def plain_cell(cell: str | None) -> str | None:
    if cell is None:
        return None
    if TIME.fullmatch(cell):
        time = datetime.fromisoformat(cell.removesuffix(" UTC")).replace(tzinfo=timezone.utc)
        return (
            time.isoformat(timespec="milliseconds")
            .replace(".000+00:00", "Z")
            .replace("+00:00", "Z")
        )
    return cell.removesuffix(".0") if re.fullmatch(r"-?\d+\.0", cell) else cell


def checked() -> str:
    """Every control, in one run on Athena and one here: the same rows in the same order, and the
    same exit code; with the clock of the reports, as of a day in the past, and what is new.
    """
    everything = [
        f"--control={row['id']}" for row in rows_of("SELECT id FROM controls", SOURCES[0])
    ]
    rows = 0
    for arguments in ([], ["--as-of", AS_OF], ["--only-new"]):
        wanted = told("check", *SOURCES, *everything, *arguments, "--format", "csv")
        got = told("check", *ENGINE, *everything, *arguments, "--format", "csv")
        what = f"check {' '.join(arguments)}"
        mine, theirs = (answer.out.decode().splitlines() for answer in (wanted, got))
        must_equal(what, ["row"], [(row,) for row in mine], [(row,) for row in theirs])
        same(f"{what}: order", mine, theirs)
        same(f"{what}: exit code\n{got.err}", wanted.code, got.code)
        rows += len(theirs)
    return f"{len(everything)} controls, three times, {rows} rows"


QUERIES = [
    # More than a page.
    "SELECT * FROM credential_report_history",
    "SELECT * FROM credentials_history",
    "SELECT * FROM credential_report",
    "SELECT * FROM credentials",
    "SELECT * FROM changes",
    "SELECT account_id, count(*), max(mfa_active) FROM credential_report GROUP BY account_id",
    "SELECT max(password_last_used) AS last, count(password_last_used) AS n FROM credential_report",
    "SELECT \"user\", mfa_active FROM credential_report WHERE arn = 'nobody''s'",
    "WITH credentials AS (SELECT 'own' AS kind) SELECT kind FROM credentials",
    "SELECT kind, sum(age_days) AS days, avg(idle_days) AS idle FROM credentials GROUP BY kind",
]


def queried() -> str:
    """Statements with `--engine athena` have the same rows here, typed."""
    rows = most = 0
    for sql in QUERIES:
        here = rows_here("query", sql, *SOURCES)
        there = rows_here("query", sql, *ENGINE)
        columns = [*here[0]] if here else []
        wanted, got = (
            [tuple(json.dumps(row.get(name)) for name in columns or row) for row in answer]
            for answer in (here, there)
        )
        most = max(most, must_equal(sql, columns, wanted, got))
        rows += len(got)
    same(f"{most} rows are more than a page", True, most > 1000)
    return f"{len(QUERIES)} statements, {rows} rows"


# A thousand million rows: this takes DuckDB some seconds.
LONG = """SELECT sum(length(a.arn) % length(b.arn) + length(c.arn)) AS n
    FROM credential_report_history AS a
    CROSS JOIN credential_report_history AS b CROSS JOIN credential_report_history AS c"""


def interrupted() -> str:
    """Ctrl-C ends the run with exit code 130 and stops the query on the server."""
    listing = athena().client("athena").list_query_executions
    before = set(listing()["QueryExecutionIds"])
    command = [BINARY, "query", LONG, *ENGINE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + PATIENCE
        while not (new := set(listing()["QueryExecutionIds"]) - before):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise Different(f"nothing was started:\n{process.communicate()[1].decode()}")
            time.sleep(0.05)
        [query] = new
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=PATIENCE)[1].decode()
    same(f"exit code\n{said}", 130, process.returncode)
    same("state on the server", "CANCELLED", athena().status(query)["State"])
    return "stopped"


CHECKS = [
    ("athena: the dataset in S3", written),
    ("athena: the printed tables", defined),
    ("athena: every canned query as printed", canned),
    ("athena: every control with --engine athena", checked),
    ("athena: statements with --engine athena", queried),
    ("athena: Ctrl-C", interrupted),
]
