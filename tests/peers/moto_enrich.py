"""The tables beside the report, against what boto3 says of the same accounts."""

import json
import re
from datetime import timedelta

from credsql import Different, same, succeed
from moto_fleet import DAY_2, Fleet, allowed
from moto_people import ENRICH, GENERATE, GET, SAME_SECOND
from moto_reports import second

POLICY = [
    "MinimumPasswordLength",
    "RequireUppercaseCharacters",
    "RequireLowercaseCharacters",
    "RequireNumbers",
    "RequireSymbols",
    "PasswordReusePrevention",
    "ExpirePasswords",
    "MaxPasswordAge",
    "HardExpiry",
    "AllowUsersToChangePassword",
]

# An account in which a key is made after its report.
LATE = 18


def column(name: str) -> str:
    """AccountMFAEnabled becomes account_mfa_enabled."""
    return re.sub("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def account_summary(iam, _: int) -> list[dict]:
    """Counts and quotas. AWS tells whether root has a password; moto does not."""
    told = iam.get_account_summary()["SummaryMap"]
    missing = {"account_password_present": None, "more": "{}"}
    return [missing | {column(name): value for name, value in told.items()}]


def password_policy(iam, _: int) -> list[dict]:
    """The account's own policy, or that it has none."""
    try:
        policy = iam.get_account_password_policy()["PasswordPolicy"]
    except iam.exceptions.NoSuchEntityException:
        return [{"is_set": False} | {column(name): None for name in POLICY}]
    return [{"is_set": True} | {column(name): policy.get(name) for name in POLICY}]


def virtual_mfa_devices(iam, _: int) -> list[dict]:
    """Devices with the user they are assigned to, if any."""
    rows = []
    for device in iam.list_virtual_mfa_devices()["VirtualMFADevices"]:
        user, enabled = device.get("User", {}), device.get("EnableDate")
        serial = device["SerialNumber"]
        rows.append(
            {
                "serial_number": serial,
                "user": user.get("UserName"),
                "arn": user.get("Arn"),
                "is_assigned": bool(user),
                "is_root": serial.endswith(":mfa/root-account-mfa-device"),
                "enabled_time": enabled and second(enabled),
            }
        )
    return rows


def access_key_ids(iam, number: int) -> list[dict]:
    """Every key of every user. moto writes keys into the slots of a report in the order in which it
    lists them.
    """
    rows = []
    for user in iam.list_users()["Users"]:
        keys = iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]
        for slot, key in enumerate(keys, start=1):
            basis = "created_time"
            if len(keys) == 2 and number in SAME_SECOND:
                basis = SAME_SECOND[number]
            if key["CreateDate"] > DAY_2:
                basis = "not in report"
            rows.append(
                {
                    "user": user["UserName"],
                    "arn": user["Arn"],
                    "access_key_id": key["AccessKeyId"],
                    "status": key["Status"],
                    "active": key["Status"] == "Active",
                    "created_time": second(key["CreateDate"]),
                    "slot": slot if basis.startswith("created_time") else None,
                    "slot_basis": basis,
                }
            )
    return rows


def user_tags(iam, _: int) -> list[dict]:
    """Every tag of every user."""
    return [
        {"user": user["UserName"], "arn": user["Arn"], "key": tag["Key"], "value": tag["Value"]}
        for user in iam.list_users()["Users"]
        for tag in iam.list_user_tags(UserName=user["UserName"])["Tags"]
    ]


TABLES = [account_summary, password_policy, virtual_mfa_devices, access_key_ids, user_tags]


def truth(fleet: Fleet) -> dict[str, list[dict]]:
    """The rows of every table."""
    rows: dict[str, list[dict]] = {table.__name__: [] for table in TABLES}
    with fleet.unguarded():
        for number, account in enumerate(fleet.accounts):
            told = {"account_id": account.id, "account_name": account.name, "partition": "aws"}
            for table in TABLES:
                found = table(fleet.client("iam", account.id), number)
                rows[table.__name__] += [told | row for row in found]
    return rows


def read(source: str, *options: str) -> dict[str, list[dict]]:
    """What the tables hold, by one run: a JSON document for each."""
    sql = "; ".join(f"SELECT * FROM {table.__name__}" for table in TABLES)
    text = succeed("query", sql, source, "--format", "json", *options).decode()
    documents, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        document, end = decoder.raw_decode(text)
        documents.append(document)
        text = text[end:]
    return {table.__name__: rows for table, rows in zip(TABLES, documents, strict=True)}


def check(fleet: Fleet, source: str) -> str:
    """Fails unless every table has these rows when asked to, and none when not."""
    with fleet.unguarded():
        fleet.clock(DAY_2 + timedelta(hours=1))
        iam = fleet.client("iam", fleet.accounts[LATE].id)
        iam.create_access_key(UserName="eva+old@example.com")
    wanted = truth(fleet)
    with fleet.seen("session") as sessions:
        got = read(source, "--enrich")
    may = {tuple(sorted([GENERATE, GET, *ENRICH]))}
    same("what sessions may do", may, {allowed(session) for session in sessions})
    for table, rows in got.items():
        undated = [row for row in rows if row.pop("collected_time") is None]
        same(f"{table}: rows without a time", [], undated)
        equal(table, wanted[table], rows)
    empty = {table.__name__: [] for table in TABLES}
    same("tables nobody asked for", empty, read(source, "--accounts", fleet.accounts[0].id))
    return ", ".join(f"{len(rows)} of {table}" for table, rows in wanted.items())


def equal(table: str, wanted: list[dict], got: list[dict]) -> None:
    """Fails with the first rows that are in one and not in the other."""

    def lines(rows: list[dict]) -> list[str]:
        return sorted(json.dumps(row, sort_keys=True) for row in rows)

    missing = sorted(set(lines(wanted)) - set(lines(got)))
    extra = sorted(set(lines(got)) - set(lines(wanted)))
    if missing or extra or len(wanted) != len(got):
        raise Different(
            f"{table}: {len(wanted)} rows wanted, {len(got)} found\n"
            f"  missing {missing[:2]}\n  too many {extra[:2]}"
        )
