"""Checks the files that `credsql export --ddl quicksight` writes, against the rows of a query.

Python's own csv module reads them. QuickSight's side is its rules as they are documented: a
manifest that ends in .json, UTF-8 without a mark, one form of every date, a record a line.
"""

import csv
import json
import re
import shutil
from pathlib import Path

from credsql import SCRATCH, Different, query, same, succeed

SOURCE = "demo:accounts=4,users=20,days=3"
LOCATION = "s3://exampleorg-quicksight/credsql"
TABLES = ["credential_report", "credentials", "reports"]

# The folder of these files in a dataset.
FOLDER = "quicksight"

# A user may be named like a formula: IAM allows = + - @ in names.
HEADER = """user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,
password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,
access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,
access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,
access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,
cert_2_active,cert_2_last_rotated""".replace("\n", "")
FORMULAS = ["=1+1", "+1", "-1", "@sum"]
PLAIN = ["anna", "a=1", "1-1"]


def exported(folder: str, *arguments: object) -> Path:
    """The folder with the files."""
    target = SCRATCH / folder
    shutil.rmtree(target, ignore_errors=True)
    options = ["--ddl", "quicksight", "--location", LOCATION]
    succeed("export", *arguments, "--to", target, *options)
    return target / FOLDER


def rows(target: Path, table: str) -> list[dict[str, str]]:
    """The rows of all files that the manifest of a table names."""
    manifest = json.loads((target / f"{table}.manifest.json").read_text())
    same("settings", "CSV", manifest["globalUploadSettings"]["format"])
    same("qualifier", '"', manifest["globalUploadSettings"]["textqualifier"])
    same("header", "true", manifest["globalUploadSettings"]["containsHeader"])
    read = []
    for uri in [uri for place in manifest["fileLocations"] for uri in place["URIs"]]:
        if not uri.startswith(f"{LOCATION}/{FOLDER}/"):
            raise Different(f"the manifest of {table} names {uri}")
        path = target / uri.removeprefix(f"{LOCATION}/{FOLDER}/")
        if path.read_bytes().startswith(b"\xef\xbb\xbf"):
            raise Different(f"{path} has a byte order mark")
        lines = path.read_text(encoding="utf-8").splitlines()
        with path.open(newline="", encoding="utf-8") as file:
            found = list(csv.DictReader(file, strict=True))
        same(f"lines of {path}", len(found) + 1, len(lines))
        read += found
    return read


def text(value: object) -> str:
    """A value of a query's JSON as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    moment = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z", str(value))
    return f"{moment[1]} {moment[2]}" if moment else str(value)


def same_rows() -> str:
    """Every file of a manifest has the rows of the table, empty where there is no value."""
    target = exported("quicksight", SOURCE)
    count = 0
    for table in TABLES:
        wanted = [
            {name: text(value) for name, value in row.items()}
            for row in query(f"SELECT * FROM {table}", SOURCE)
        ]
        got = rows(target, table)
        order = [tuple(row.values()) for row in got]
        same(f"rows of {table}", sorted(tuple(row.values()) for row in wanted), sorted(order))
        same(f"columns of {table}", list(wanted[0]), list(got[0]))
        count += len(got)
    manifests = sorted(one.name for one in target.glob("*.json"))
    same("manifests", [f"{table}.manifest.json" for table in sorted(TABLES)], manifests)
    return f"{count} rows"


def formulas() -> str:
    """Names like formulas get an apostrophe if that is asked for, and no other cell does."""
    report = SCRATCH / "formulas.csv"
    lines = [
        f"{name},arn:aws:iam::111122223333:user/{name},2020-01-01T00:00:00Z,false"
        ",N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        for name in FORMULAS + PLAIN
    ]
    report.write_text("\n".join([HEADER, *lines]) + "\n")
    plain = rows(exported("formulas", report), "credential_report")
    safe = rows(exported("formulas", report, "--spreadsheet-safe"), "credential_report")
    same("as they are", sorted(FORMULAS + PLAIN), sorted(row["user"] for row in plain))
    wanted = [f"'{name}" for name in FORMULAS] + PLAIN
    same("neutralised", sorted(wanted), sorted(row["user"] for row in safe))
    for before, after in zip(plain, safe, strict=True):
        same("other cells", before | {"user": ""}, after | {"user": ""})
    return f"{len(FORMULAS)} formulas"


CHECKS = [
    ("quicksight: files and manifests", same_rows),
    ("quicksight: formulas", formulas),
]
