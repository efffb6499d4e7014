"""The organisation's reports in S3: collected once, again, on the next day, and queried back."""

import hashlib
import json
import re
from collections import Counter
from datetime import datetime, timedelta

from credsql import Different, query, run, same, succeed
from moto_fleet import BUCKET, DAY_1, DAY_2, EARLIER, EXTERNAL_ID, MANAGEMENT
from moto_people import READ_ONLY, ROLE
from moto_reports import second
from moto_rows import equal, fleet, truth

FLEET = f"aws-org:{ROLE}"
PREFIX = "reports/"
STORE = f"s3://{BUCKET}/{PREFIX.rstrip('/')}"
OBJECTS = f"/{BUCKET}/{PREFIX}date="
ALL = "SELECT * FROM credential_report"

KEY = re.compile(
    r"date=(?P<date>[0-9-]{10})/account_id=(?P<account>[0-9]{12})/"
    r"credential_report_(?P=account)_(?P<time>[0-9]{8}T[0-9]{6}Z)\.csv"
)


def kept(time: datetime) -> dict[tuple[str, str], dict]:
    """What of the live rows S3 can tell: all but the names of accounts."""
    return {key: row | {"account_name": None} for key, row in truth(time).items()}


def stored(prefix: str = PREFIX) -> list[dict]:
    """Every version of every object but the manifests, and what was deleted."""
    pages = fleet().client("s3").get_paginator("list_object_versions")
    found = []
    for page in pages.paginate(Bucket=BUCKET, Prefix=prefix):
        found += page.get("Versions", []) + page.get("DeleteMarkers", [])
    return [version for version in found if "/_manifests/" not in version["Key"]]


def manifests() -> list[str]:
    """The keys of the manifests."""
    pages = fleet().client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=BUCKET, Prefix=f"{PREFIX}_manifests/").search("Contents[]")
    return sorted(found["Key"] for found in found if found)


def collected() -> str:
    """One object for each account: its name, its bytes, and what is said about it."""
    options = ["--to", STORE, "--external-id", EXTERNAL_ID, "--session-name", "nightly"]
    with fleet().seen("session") as sessions:
        succeed("collect", FLEET, *options)
    told = {(one["external_id"], one["role_session_name"]) for one in sessions}
    same("told when assuming roles", {(EXTERNAL_ID, "nightly")}, told)
    with fleet().unguarded():
        check_objects(DAY_1)
        names = manifests()
        same("one manifest", 1, len(names))
        body = fleet().client("s3").get_object(Bucket=BUCKET, Key=names[0])["Body"].read().decode()
    json.loads(body)
    lost = [one.id for one in [*fleet().accounts, fleet().suspended] if one.id not in body]
    same("accounts the manifest does not mention", [], lost)
    return f"{len(fleet().accounts)} objects and a manifest"


def check_objects(time: datetime) -> dict[str, dict]:
    """Fails unless the newest report of every account is there; what S3 says of each, by key."""
    s3 = fleet().client("s3")
    heads = {}
    for number, account in enumerate(fleet().accounts):
        made = EARLIER if number == READ_ONLY else time
        folder = f"{PREFIX}date={made:%Y-%m-%d}/account_id={account.id}/"
        keys = [one["Key"] for one in stored(folder)]
        same(f"{folder}: objects", 1, len(keys))
        named = KEY.fullmatch(keys[0].removeprefix(PREFIX))
        if not named:
            raise Different(f"the key is not as agreed: {keys[0]}")
        same(f"{keys[0]}: time in the name", f"{made:%Y%m%dT%H%M%SZ}", named["time"])
        report = fleet().client("iam", account.id).get_credential_report()
        same(f"{account.id}: time of boto3", made, report["GeneratedTime"])
        got = s3.get_object(Bucket=BUCKET, Key=keys[0])
        same(f"{keys[0]}: bytes", report["Content"], got["Body"].read())
        told = got["Metadata"]
        same(f"{keys[0]}: account-id", account.id, told.get("account-id"))
        digest = hashlib.sha256(report["Content"]).hexdigest()
        same(f"{keys[0]}: sha256", digest, told.get("sha256"))
        same(
            f"{keys[0]}: generated-time",
            made,
            datetime.fromisoformat(told.get("generated-time", "0001-01-01T00:00:00Z")),
        )
        heads[keys[0]] = got
    return heads


def again() -> str:
    """The same run twice writes nothing; nor does a run an hour later, for AWS gives out the same
    report for four hours, whatever changed.
    """
    with fleet().unguarded():
        before = stored()
    # Versions, because a time to the second would not tell an object written twice within one.
    same("objects", len(fleet().accounts), len(before))
    succeed("collect", FLEET, "--to", STORE)
    with fleet().unguarded():
        same("versions after the same run", before, stored())
        fleet().client("iam", fleet().accounts[2].id).create_user(UserName="zoe")
    fleet().clock(DAY_1 + timedelta(hours=1))
    succeed("collect", FLEET, "--to", STORE)
    with fleet().unguarded():
        same("versions after a run an hour later", before, stored())
        fleet().client("iam", fleet().accounts[2].id).delete_user(UserName="zoe")
    fleet().clock(DAY_1)
    return f"{len(before)} objects, versions and times"


def back_from_s3() -> str:
    """What is queried from S3 is what was queried live."""
    rows = query(ALL, STORE)
    equal("from S3", kept(DAY_1), rows)
    elsewhere = [row["source"] for row in rows if not row["source"].startswith(f"{STORE}/date=")]
    same("sources that are no such object", [], elsewhere)
    return f"{len(rows)} rows"


# What happens between the two days: account, user, and the row of `changes`.
CHANGES = [
    (2, "Bert", "access_key_deactivated", "access_key"),
    (3, "anna", "mfa_disabled", None),
    (6, "Bert", "user_removed", None),
    (6, "Bert", "access_key_removed", "access_key"),
    (6, "Bert", "access_key_removed", "access_key"),
    (8, "zoe", "user_added", None),
    (9, "eva+old@example.com", "access_key_created", "access_key"),
]


def next_day() -> str:
    """A second report of each account, which stands beside the first; with the key that encrypts it
    and the owner the bucket must have.
    """
    with fleet().unguarded():
        first = stored()
        time_passes()
    options = ["--sse-kms-key-id", fleet().kms_key, "--expected-bucket-owner", MANAGEMENT]
    with fleet().seen("request") as requests:
        succeed("collect", FLEET, "--to", STORE, *options)
    with fleet().unguarded():
        heads = check_objects(DAY_2)
        both = stored()
    lost = [one for one in first if one not in both]
    same("objects of the first day that are no longer as they were", [], lost)
    same("objects of both days", 2 * len(first) - 1, len(both))
    old = {one["Key"] for one in first}
    for key, head in heads.items():
        told = (head.get("ServerSideEncryption"), head.get("SSEKMSKeyId"))
        same(f"{key}: encrypted by the key", key not in old, told == ("aws:kms", fleet().kms_key))
    puts = Counter(one["owner"] for one in requests if one["method"] == "PUT")
    same("owners expected when writing", {MANAGEMENT}, set(puts))
    same("objects written, with one manifest", True, puts[MANAGEMENT] >= len(first))
    return f"{len(both)} objects, {puts[MANAGEMENT]} written with a key and an owner"


def time_passes() -> None:
    """Makes CHANGES happen, and lets the day pass."""
    iam = [fleet().client("iam", account.id) for account in fleet().accounts]
    fleet().clock(DAY_1 + timedelta(hours=9))
    [key] = [
        key
        for key in iam[2].list_access_keys(UserName="Bert")["AccessKeyMetadata"]
        if key["Status"] == "Active"
    ]
    iam[2].update_access_key(UserName="Bert", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    [device] = iam[3].list_mfa_devices(UserName="anna")["MFADevices"]
    iam[3].deactivate_mfa_device(UserName="anna", SerialNumber=device["SerialNumber"])
    iam[6].delete_user(UserName="Bert")
    iam[8].create_user(UserName="zoe")
    iam[9].create_access_key(UserName="eva+old@example.com")
    fleet().clock(DAY_2)


def two_days() -> str:
    """The newest report is shown, at the cost of reading no other; the history has both."""
    newest, oldest = kept(DAY_2), kept(DAY_1)
    with fleet().seen("request") as requests:
        equal("newest", newest, query(ALL, STORE))
    reads = Counter(one["method"] for one in requests if one["path"].startswith(OBJECTS))
    same("requests for objects", {"GET": len(fleet().accounts)}, reads)
    rows = query("SELECT * FROM credential_report_history", STORE)
    times = {second(DAY_1): oldest, second(DAY_2): newest, second(EARLIER): newest}
    for time, wanted in times.items():
        wanted = {key: row for key, row in wanted.items() if row["generated_time"] == time}
        equal(f"history, {time}", wanted, [row for row in rows if row["generated_time"] == time])
    same("times", sorted(times), sorted({row["generated_time"] for row in rows}))
    return f"{len(rows)} rows, {len(newest)} of them newest"


def one_date() -> str:
    """A date in the query keeps the reports of other days from being fetched. A day that a key
    tells may be off by one; those asked for are further apart.
    """
    sql = "SELECT * FROM credential_report_history WHERE generated_time < '2026-02-28T00:00:00Z'"
    early = second(EARLIER)
    wanted = {key: row for key, row in kept(DAY_2).items() if row["generated_time"] == early}
    with fleet().seen("request") as requests:
        equal("the earliest day", wanted, query(sql, STORE))
    paths = [one["path"] for one in requests if one["path"].startswith(OBJECTS)]
    days = [path.removeprefix(OBJECTS)[:10] for path in paths]
    same("days that were read", [f"{EARLIER:%Y-%m-%d}"], days)
    return f"{len(wanted)} rows, 1 request for an object"


def changes() -> str:
    """What happened between the two days, and nothing else."""
    sql = 'SELECT account_id, "user", change, kind, previous_time, generated_time FROM changes'
    wanted = [
        (fleet().accounts[number].id, user, change, kind, second(DAY_1), second(DAY_2))
        for number, user, change, kind in CHANGES
    ]
    rows = [tuple(row.values()) for row in query(sql, STORE)]
    same("changes", sorted(wanted, key=repr), sorted(rows, key=repr))
    return ", ".join(change for *_, change, _ in CHANGES)


def wrong_owner() -> str:
    """Nothing is written to a bucket of somebody else."""
    options = ["--to", f"s3://{BUCKET}/elsewhere", "--expected-bucket-owner", "111122223333"]
    answer = run("collect", "aws:", *options)
    same(f"exit code\n{answer.err}", 2, answer.code)
    with fleet().unguarded():
        same("objects written", [], stored("elsewhere/"))
    return "denied"


CHECKS = [
    ("moto: the organisation collected to S3", collected),
    ("moto: collecting again writes nothing", again),
    ("moto: queried back from S3", back_from_s3),
    ("moto: the next day, encrypted by a key", next_day),
    ("moto: two days in S3", two_days),
    ("moto: one day of three", one_date),
    ("moto: changes between two days", changes),
    ("moto: a bucket of somebody else", wrong_owner),
]
