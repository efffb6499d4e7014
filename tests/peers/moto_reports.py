"""Reports of an account in moto, in every shape in which people keep them.

What is expected is asked of the account itself (ListUsers, ListAccessKeys …), never read out of
the report. Proved: every shape gives the same right rows; wrappers give the time of generation; each
credential that exists has one row; answers that are no report are refused.
"""

import base64
import contextlib
import gzip
import json
from datetime import datetime, timezone
from pathlib import Path

import boto3

import moto_account
from credsql import SCRATCH, Different, query, run, same
from report_writer import COLUMNS

FOLDER = SCRATCH / "moto"
GENERATED = "2015-02-02T20:02:02Z"  # what moto says of every report

# Shapes that carry the time of generation, and shapes that do not.
WRAPPED = ["cli.json", "cli.json.gz", "cli.txt", "boto3.json", "answer.xml"]
BARE = ["plain.csv", "plain.csv.gz", "content.b64"]

# The row of a user without any credential.
EMPTY = dict.fromkeys(COLUMNS) | {
    name: False for name in COLUMNS if name.endswith(("_active", "_enabled"))
}


def write_shapes() -> str:
    """Makes the account and saves its report; `expected.json` says what is in it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with moto_account.server(FOLDER) as address:
        early = moto_account.aws(address, "iam", "get-credential-report")
        save("too-early.csv", early.stdout + early.stderr)
        moto_account.populate(address)
        for name in ("started.json", "complete.json"):
            save(name, fetch(address, "iam", "generate-credential-report"))
        iam = boto3.client("iam", endpoint_url=address)
        answer = iam.get_credential_report()
        save("plain.csv", answer["Content"])
        save("plain.csv.gz", gzip.compress(answer["Content"]))
        save("cli.json", fetch(address, "iam", "get-credential-report"))
        save("cli.json.gz", gzip.compress((FOLDER / "cli.json").read_bytes()))
        save("cli.txt", fetch(address, "iam", "get-credential-report", "--output", "text"))
        save(
            "content.b64",
            fetch(
                address, "iam", "get-credential-report", "--query", "Content", "--output", "text"
            ),
        )
        save("boto3.json", json.dumps(answer, default=as_boto3_users_do).encode())
        save("answer.xml", moto_account.raw_answer(address))
        save("expected.json", json.dumps(expected(iam)).encode())
    same(
        "the CLI's Content",
        answer["Content"],
        base64.b64decode((FOLDER / "content.b64").read_bytes()),
    )
    return f"{len(WRAPPED + BARE)} shapes"


def save(name: str, content: bytes) -> None:
    (FOLDER / name).write_bytes(content)


def fetch(address: str, *arguments: str) -> bytes:
    done = moto_account.aws(address, *arguments)
    if done.returncode != 0:
        raise RuntimeError(f"aws {' '.join(arguments)}: {done.stderr.decode()}")
    return done.stdout


def as_boto3_users_do(value: object) -> str:
    """Bytes as text and times as `str` gives them: `2015-02-02 20:02:02+00:00`."""
    return value.decode() if isinstance(value, bytes) else str(value)


def second(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def expected(iam) -> list[dict]:
    """The rows of the report, by what the other calls of the API say."""
    rows = []
    for user in iam.list_users()["Users"]:
        name = user["UserName"]
        created = second(user["CreateDate"])
        row = EMPTY | {"user": name, "arn": user["Arn"], "user_creation_time": created}
        row["password_last_changed"] = (
            created  # moto writes it for every user, with a password or without
        )
        with contextlib.suppress(iam.exceptions.NoSuchEntityException):
            row["password_enabled"] = bool(iam.get_login_profile(UserName=name)["LoginProfile"])
        row["mfa_active"] = bool(iam.list_mfa_devices(UserName=name)["MFADevices"])
        for slot, key in enumerate(
            iam.list_access_keys(UserName=name)["AccessKeyMetadata"], start=1
        ):
            use = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
            row[f"access_key_{slot}_active"] = key["Status"] == "Active"
            row[f"access_key_{slot}_last_rotated"] = second(key["CreateDate"])
            row[f"access_key_{slot}_last_used_date"] = (
                second(use["LastUsedDate"]) if "LastUsedDate" in use else None
            )
        for slot, cert in enumerate(
            iam.list_signing_certificates(UserName=name)["Certificates"], start=1
        ):
            row[f"cert_{slot}_active"] = cert["Status"] == "Active"
        rows.append(
            row | {"account_id": moto_account.ACCOUNT, "partition": "aws", "is_root": False}
        )
    return rows


def reads(path: Path, stdin: bytes = b"") -> None:
    """Fails unless credsql sees in this file what the account holds."""
    wanted = json.loads((FOLDER / "expected.json").read_bytes())
    got = {row["user"]: row for row in query("SELECT * FROM credential_report", path, stdin=stdin)}
    same(f"{path}: users", sorted(row["user"] for row in wanted), sorted(got))
    for row in wanted:
        for column, value in row.items():
            same(f"{path}: {row['user']}: {column}", value, got[row["user"]][column])


def every_shape() -> str:
    """Each file alone, and one from standard input."""
    for name in WRAPPED + BARE:
        reads(FOLDER / name)
    reads(Path("-"), stdin=(FOLDER / "answer.xml").read_bytes())
    rows = len(json.loads((FOLDER / "expected.json").read_bytes()))
    return f"{len(WRAPPED + BARE)} files and standard input, {rows} users, no root"


def generated_time() -> str:
    """Told by the answer of AWS where there is one; by the file's own time where there is none."""
    for name in WRAPPED + BARE:
        [report] = query(
            "SELECT generated_time, generated_time_from, rows, account_id FROM reports",
            FOLDER / name,
        )
        told = (report["generated_time"] == GENERATED, report["generated_time_from"])
        same(
            f"{name}: time",
            (True, "response") if name in WRAPPED else (False, "modification time"),
            told,
        )
        same(f"{name}: account", moto_account.ACCOUNT, report["account_id"])
    return GENERATED


def words_for_no_value() -> str:
    """The raw table keeps which word stood where a typed table has NULL."""
    columns = ["password_last_used", "password_next_rotation", "access_key_1_last_used_date"]
    columns += ["access_key_1_last_used_region", "cert_1_last_rotated"]
    names = ", ".join(columns)
    sql = f"""SELECT "user", {names} FROM credential_report_raw WHERE "user" IN ('anna', 'dora')"""
    got = query(sql, FOLDER / "cli.json")
    shared = ["not_supported", "N/A", "not_supported", "N/A"]
    wanted = {"anna": ["no_information", *shared], "dora": ["not_supported", *shared]}
    same("words", wanted, {row["user"]: [row[name] for name in columns] for row in got})
    return "N/A, no_information and not_supported"


def one_row_per_credential() -> str:
    """`credentials` has a row for each password, key and certificate there is, and no other."""
    wanted = [
        ("anna", "password", None, True, "never"),
        ("bert", "access_key", 1, True, "never"),
        ("bert", "access_key", 2, False, "never"),
        ("ci-deploy", "access_key", 1, True, "used"),
        ("eva+old", "access_key", 1, False, "never"),
        ("eva+old", "password", None, True, "never"),
        ("soap.client", "signing_certificate", 1, True, "unknown"),
    ]
    columns = ["user", "kind", "slot", "active", "last_used_status"]
    for name in WRAPPED + BARE:
        rows = query('SELECT * FROM credentials ORDER BY "user", kind, slot', FOLDER / name)
        same(
            f"{name}: credentials",
            wanted,
            [tuple(row[column] for column in columns) for row in rows],
        )
    return f"{len(wanted)} credentials"


def refuses_other_answers() -> str:
    """What the CLI says while there is no report is never taken for one with nobody in it."""
    words = {
        "too-early.csv": "ReportNotPresent",
        "started.json": "generated",
        "complete.json": "COMPLETE",
    }
    for name, word in words.items():
        answer = run("query", "SELECT * FROM credential_report", FOLDER / name, "--format", "json")
        same(f"{name}: exit code", 2, answer.code)
        same(f"{name}: the message says {word}", True, word in answer.err)
    return "an error, STARTED and COMPLETE"


def notices_a_changed_cell() -> str:
    """The report of another day, in which one key is no longer active, must not pass."""
    text = (FOLDER / "plain.csv").read_text()
    before, bert, after = text.partition("\nbert,")
    altered = FOLDER / "altered.csv"
    altered.write_text(before + bert + after.replace(",true,", ",false,", 1))
    same("the copy differs", False, altered.read_text() == text)
    try:
        reads(altered)
    except Different as found:
        same("what was noticed", True, "bert: access_key_1_active" in str(found))
        return "a deactivated key"
    raise Different("a deactivated key went unnoticed")


CHECKS = [
    ("moto: an account with its report in every shape", write_shapes),
    ("moto: every shape gives what the account holds", every_shape),
    ("moto: the comparison notices a changed cell", notices_a_changed_cell),
    ("moto: time of generation and account", generated_time),
    ("moto: one row per credential", one_row_per_credential),
    ("moto: answers that are no report are refused", refuses_other_answers),
    ("moto: words for no value", words_for_no_value),
]
