"""Checks the CloudFormation template that `credsql export --ddl cloudformation` prints.

cfn-lint says whether CloudFormation would take it, the models that the AWS CLI is made of whether
the services would; Trino's grammar reads what is in it of SQL, and DuckDB the files it is about.
"""

import base64
import functools
import json
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import version

import botocore.session
import duckdb
import export_quicksight
import trino_query_parser
from botocore.validate import ParamValidator
from credsql import SCRATCH, Different, same, succeed
from templates import REGIONS, described, lint
from templates_reader import Stack

DATABASE = "audit"
LOCATION = "s3://exampleorg-credential-reports/dataset"
OWNER = "arn:aws:quicksight:eu-west-1:222233334444:user/default/Auditor"

# Options, by the layout of the dataset that they are for.
LAYOUTS = {"by-day": [], "by-day-and-account": ["--partition-by", "account_id"]}

GIVEN = {
    "DataLocation": LOCATION,
    "ResultsLocation": "s3://exampleorg-athena-results/credsql",
}

# The largest template that CloudFormation reads from a bucket, in bytes.
LARGEST = 1_000_000

# A kind of column in `credsql schema`, in the Data Catalog, in Trino, in DuckDB, in QuickSight.
KINDS = {
    "text": ("string", "varchar", "VARCHAR", "STRING"),
    "boolean": ("boolean", "boolean", "BOOLEAN", "BOOLEAN"),
    "timestamp": ("timestamp", "timestamp(3)", "TIMESTAMP WITH TIME ZONE", "DATETIME"),
    "integer": ("bigint", "bigint", "BIGINT", "INTEGER"),
}
HIVE, TRINO, DUCKDB, QUICKSIGHT = range(4)


@functools.cache
def printed(layout: str) -> str:
    """The template as credsql prints it."""
    options = ["--database", DATABASE, "--location", LOCATION, *LAYOUTS[layout]]
    return succeed("export", "--ddl", "cloudformation", *options).decode()


def template(layout: str) -> dict:
    return json.loads(printed(layout))


def stack(layout: str, region: str = "eu-west-1", partition: str = "aws", **given: str) -> Stack:
    """The template under the parameters that have no default, and others."""
    read = template(layout)
    first = {"FirstDay": "2026-01-01"} if "FirstDay" in read["Parameters"] else {}
    return Stack(read, GIVEN | first | given, Region=region, Partition=partition)


def of_type(made: Stack, kind: str) -> dict[str, dict]:
    """The resources of a type that a stack has, by their logical ids."""
    types = {name: one["Type"] for name, one in made.template["Resources"].items()}
    return {name: one for name, one in made.resources.items() if types[name] == kind}


def tables(made: Stack, kind: str) -> dict[str, dict]:
    inputs = [one["TableInput"] for one in of_type(made, "AWS::Glue::Table").values()]
    return {one["Name"]: one for one in inputs if one["TableType"] == kind}


def definition(view: dict) -> dict:
    """What Athena reads of a view."""
    found = re.fullmatch(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/", view["ViewOriginalText"])
    return json.loads(base64.b64decode(found[1], validate=True))


@functools.cache
def schema(table: str) -> list[tuple[str, str]]:
    """The columns of a table and their kinds, as credsql tells them."""
    rows = json.loads(succeed("schema", table, "--format", "json"))
    return [(row["column"], row["type"]) for row in rows]


def columns(table: dict) -> list[tuple[str, str]]:
    return [(one["Name"], one["Type"]) for one in table["StorageDescriptor"]["Columns"]]


def linted() -> str:
    """Clean for cfn-lint, its smallest remarks included, with nothing told to be ignored."""
    size = 0
    for layout in LAYOUTS:
        path = SCRATCH / f"athena-{layout}.json"
        text = printed(layout)
        size = max(size, len(text.encode()))
        path.write_text(text)
        for regions in ([], ["--regions", *REGIONS]):
            if said := lint(path, "--include-checks", "I", *regions):
                raise Different(said)
        path.write_text(text.replace('"OutputLocation"', '"OutputPlace"'))
        if "OutputPlace" not in lint(path):
            raise Different("cfn-lint says nothing about a planted mistake")
    if size > LARGEST:
        raise Different(f"a template of {size} bytes")
    return f"{size:,} bytes, {len(REGIONS)} partitions, cfn-lint {version('cfn-lint')}"


def presented() -> str:
    """Every parameter is described, constrained, and shown once in the console.

    What the template shows as its deployment gives those that have to be given.
    """
    count = 0
    for layout in LAYOUTS:
        read = template(layout)
        count += described(layout, printed(layout), read)
        shown = read["Metadata"]["Deploy"]
        given = shown[shown.index("--parameter-overrides") + 1 :]
        Stack(read, dict(one.split("=", 1) for one in given))
    return f"{count} parameters"


def refused() -> str:
    """Values that would break the stack are refused before anything is made."""
    cases = [
        ("DataLocation", "s3://bucket/dataset/"),
        ("DataLocation", "s3://bucket//dataset"),
        ("DataLocation", "bucket/dataset"),
        ("DataLocation", "s3://arn:aws:s3:eu-west-1:111122223333:accesspoint/name"),
        ("ResultsLocation", ""),
        ("ResultsLocation", "https://bucket.s3.amazonaws.com/results"),
        ("ResultsKmsKeyArn", "alias/results"),
        ("ResultsBucketAccountId", "12345"),
        ("FirstDay", "2026-13-01"),
        ("FirstDay", "NOW-1YEARS"),
        ("PartitionProjection", "yes"),
        ("ScanLimitBytes", "0"),
        ("WorkGroupName", "two words"),
        ("QuickSightPrincipalArn", "arn:aws:iam::222233334444:user/Auditor"),
        ("RefreshTime", "24:00"),
    ]
    for parameter, value in cases:
        try:
            stack("by-day", **{parameter: value})
        except Different as difference:
            if parameter in str(difference):
                continue
            raise
        raise Different(f"the template takes {value!r} as {parameter}")
    return f"{len(cases)} values"


def requests(made: Stack) -> Iterator[tuple[str, str, str, dict]]:
    """What CloudFormation asks of the services, as far as a request is the properties."""
    calls = {
        "AWS::Glue::Database": ("glue", "CreateDatabase"),
        "AWS::Glue::Table": ("glue", "CreateTable"),
        "AWS::Athena::WorkGroup": ("athena", "CreateWorkGroup"),
        "AWS::Athena::NamedQuery": ("athena", "CreateNamedQuery"),
        "AWS::QuickSight::DataSource": ("quicksight", "CreateDataSource"),
        "AWS::QuickSight::DataSet": ("quicksight", "CreateDataSet"),
        "AWS::QuickSight::RefreshSchedule": ("quicksight", "CreateRefreshSchedule"),
    }
    for name, properties in made.resources.items():
        request = dict(properties)
        kind = made.template["Resources"][name]["Type"]
        if kind == "AWS::Athena::WorkGroup":
            # These are for CloudFormation alone, or called otherwise by the service.
            del request["RecursiveDeleteOption"], request["State"]
            settings = dict(request.pop("WorkGroupConfiguration"))
            settings["BytesScannedCutoffPerQuery"] = int(settings["BytesScannedCutoffPerQuery"])
            request["Configuration"] = settings
        if kind == "AWS::QuickSight::DataSet":
            del request["IngestionWaitPolicy"]
        if kind == "AWS::QuickSight::RefreshSchedule":
            schedule = request["Schedule"]
            frequency = dict(schedule["ScheduleFrequency"])
            frequency["Timezone"] = frequency.pop("TimeZone")
            request["Schedule"] = schedule | {"ScheduleFrequency": frequency}
        yield (name, *calls[kind], request)


def modelled() -> str:
    """Every resource is a request that the client of its service would send."""
    session = botocore.session.get_session()
    count = 0
    for layout in LAYOUTS:
        for name, service, operation, request in requests(
            stack(layout, QuickSightPrincipalArn=OWNER)
        ):
            model = session.get_service_model(service).operation_model(operation)
            report = ParamValidator().validate(request, model.input_shape)
            if report.has_errors():
                raise Different(f"{name}: {report.generate_report()}")
            count += 1
    return f"{count} requests"


def tables_are_the_files() -> str:
    """The columns of each table are those of the Parquet files, and the days those of the paths."""
    count = 0
    for layout, options in LAYOUTS.items():
        target = SCRATCH / f"template-{layout}"
        shutil.rmtree(target, ignore_errors=True)
        succeed("export", "demo:accounts=2,users=5,days=2", "--to", target, *options)
        found = tables(stack(layout), "EXTERNAL_TABLE")
        same("tables", sorted(one.name for one in target.iterdir() if one.is_dir()), sorted(found))
        for name, table in found.items():
            location = table["StorageDescriptor"]["Location"]
            same(f"location of {name}", f"{LOCATION}/{name}/", location)
            files = sorted((target / name).rglob("*.parquet"))
            asked = f"DESCRIBE SELECT * FROM read_parquet('{files[0]}', hive_partitioning=false)"
            described_by = {one[DUCKDB]: one[HIVE] for one in KINDS.values()}
            read = [(row[0], described_by[row[1]]) for row in duckdb.sql(asked).fetchall()]
            same(f"columns of {name}, {layout}", read, columns(table))
            keys = [part.split("=")[0] for part in files[0].relative_to(target / name).parts[:-1]]
            # In the plain layout the reports are read whole, whatever folder they are in.
            wanted = [] if (layout, name) == ("by-day", "reports") else keys
            got = [one["Name"] for one in table["PartitionKeys"]]
            same(f"partitions of {name}, {layout}", wanted, got)
            count += len(read)
    return f"{count} columns"


def views_are_as_promised() -> str:
    """Views have the columns of `credsql schema`, and SQL that Trino parses."""
    made = stack("by-day")
    found = tables(made, "VIRTUAL_VIEW")
    promised = {"credential_report", "credential_report_raw", "credentials", "changes", "controls"}
    same("views", sorted(promised), sorted(found))
    for name, view in found.items():
        read = definition(view)
        wanted = [(column, KINDS[kind]) for column, kind in schema(name)]
        types = [(one["name"], one["type"]) for one in read["columns"]]
        same(f"columns of {name}", [(column, kind[TRINO]) for column, kind in wanted], types)
        same(f"catalog of {name}", [(column, kind[HIVE]) for column, kind in wanted], columns(view))
        same(f"database of {name}", (DATABASE, "awsdatacatalog"), (read["schema"], read["catalog"]))
        trino_query_parser.parse_statement(read["originalSql"])
    return f"{len(found)} views"


def queries_are_canned() -> str:
    """Every canned query is saved, within Athena's limits, without parameters left."""
    made = stack("by-day")
    saved = of_type(made, "AWS::Athena::NamedQuery").values()
    listed = json.loads(succeed("queries", "list", "--format", "json"))
    same("queries", sorted(one["id"] for one in listed), sorted(one["Name"] for one in saved))
    for one in saved:
        trino_query_parser.parse_statement(one["QueryString"])
        if found := re.search(r"\$[a-z_]+", re.sub(r"'[^']*'", "", one["QueryString"])):
            raise Different(f"{one['Name']} still has {found[0]}")
        same(f"database of {one['Name']}", "<Database>", one["Database"])
        if len(one["QueryString"].encode()) > 262_144 or len(one["Description"].encode()) > 1024:
            raise Different(f"{one['Name']} is too long")
    return f"{len(saved)} queries"


def days() -> str:
    """Athena looks for the days that it is told, or days are registered by a saved query."""
    made = stack("by-day", FirstDay="2025-06-30")
    for name, table in tables(made, "EXTERNAL_TABLE").items():
        has = table["Parameters"].get("projection.dt.range")
        same(f"days of {name}", None if name == "reports" else "2025-06-30,NOW", has)
    plain = stack("by-day", PartitionProjection="false")
    names = [one["Name"] for one in of_type(plain, "AWS::Athena::NamedQuery").values()]
    for name, table in tables(plain, "EXTERNAL_TABLE").items():
        if any(key.startswith("projection") for key in table["Parameters"]):
            raise Different(f"{name} projects all the same")
        repair = f"register-days-of-{name.replace('_', '-')}"
        same(f"query for {name}", bool(table["PartitionKeys"]), repair in names)
    return "projected and registered"


def for_quicksight() -> str:
    """Data sets are there for those who name an owner, one id each, refreshed every day."""
    kinds = [f"AWS::QuickSight::{kind}" for kind in ("DataSource", "DataSet", "RefreshSchedule")]
    without = stack("by-day")
    same("without an owner", [], [kind for kind in kinds if of_type(without, kind)])
    made = stack("by-day", QuickSightPrincipalArn=OWNER, RefreshTime="04:30")
    sets = of_type(made, "AWS::QuickSight::DataSet").values()
    schedules = of_type(made, "AWS::QuickSight::RefreshSchedule").values()
    ids = sorted(one["DataSetId"] for one in sets)
    same("data sets", len(set(ids)), len(ids))
    same("refreshed", ids, sorted(one["DataSetId"] for one in schedules))
    catalog = tables(made, "EXTERNAL_TABLE") | tables(made, "VIRTUAL_VIEW")
    for one in sets:
        [table] = [table["RelationalTable"] for table in one["PhysicalTableMap"].values()]
        types = {kind[HIVE]: kind[QUICKSIGHT] for kind in KINDS.values()}
        wanted = [(name, types[kind]) for name, kind in columns(catalog[table["Name"]])]
        got = [(column["Name"], column["Type"]) for column in table["InputColumns"]]
        same(f"columns of {one['Name']}", wanted, got)
        same("owner", [OWNER], [grant["Principal"] for grant in one["Permissions"]])
    for one in schedules:
        same("time", "04:30", one["Schedule"]["ScheduleFrequency"]["TimeOfTheDay"])
    return f"{len(ids)} data sets"


def results_are_kept() -> str:
    """Results go where the stack says, encrypted, to nobody else's bucket, within the limit."""
    key = "arn:aws:kms:eu-west-1:222233334444:key/0a1b2c3d"
    cases = [
        ({}, {"EncryptionOption": "SSE_S3"}, "222233334444"),
        ({"ResultsKmsKeyArn": key}, {"EncryptionOption": "SSE_KMS", "KmsKey": key}, "222233334444"),
        ({"ResultsBucketAccountId": "1" * 12}, {"EncryptionOption": "SSE_S3"}, "1" * 12),
    ]
    for given, encryption, owner in cases:
        [group] = of_type(stack("by-day", **given), "AWS::Athena::WorkGroup").values()
        settings = group["WorkGroupConfiguration"]
        results = settings["ResultConfiguration"]
        same("enforced", True, settings["EnforceWorkGroupConfiguration"])
        same("encryption", encryption, results["EncryptionConfiguration"])
        same("owner", owner, results["ExpectedBucketOwner"])
        same("location", GIVEN["ResultsLocation"], results["OutputLocation"])
        same("limit", "107374182400", str(settings["BytesScannedCutoffPerQuery"]))
    return f"{len(cases)} workgroups"


def partitions() -> str:
    """No ARN is of one partition."""
    for layout in LAYOUTS:
        china = {"region": "cn-north-1", "partition": "aws-cn"}
        owner = OWNER.replace("arn:aws:", "arn:aws-cn:")
        made = stack(layout, QuickSightPrincipalArn=owner, **china)
        for name, one in made.resources.items():
            # A canned query may compare with ARNs, and speak of them.
            words = ("QueryString", "Description")
            rest = {key: value for key, value in one.items() if key not in words}
            if "arn:aws:" in json.dumps(rest):
                raise Different(f"{name} has an ARN of another partition in China")
    return f"{len(LAYOUTS)} templates"


CHECKS = [
    ("athena template: cfn-lint", linted),
    ("athena template: parameters and outputs are described", presented),
    ("athena template: wrong parameters are refused", refused),
    ("athena template: the services take every resource", modelled),
    ("athena template: tables are as the files", tables_are_the_files),
    ("athena template: views are as promised", views_are_as_promised),
    ("athena template: every canned query is saved", queries_are_canned),
    ("athena template: days are found or registered", days),
    ("athena template: QuickSight", for_quicksight),
    ("athena template: results", results_are_kept),
    ("athena template: every partition", partitions),
    *export_quicksight.CHECKS,
]
