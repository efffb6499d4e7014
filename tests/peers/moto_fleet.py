"""An organisation of 30 accounts in a moto server, and what boto3 says is in it.

The accounts are filled, and asked what they hold, through moto's own back door: a header names the
account, and authorisation is off meanwhile. credsql has no such door. It comes as a user with a key
and a policy, and has to assume a role in each account.
"""

import contextlib
import functools
import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import boto3
from botocore.config import Config

import moto_account
import moto_people
import moto_reports
from moto_people import GENERATE, GET, READ_ONLY, ROLE

HERE = Path(__file__).resolve().parent

MANAGEMENT = moto_account.ACCOUNT
ACCOUNTS = 30
EXTERNAL_ID = "credsql-2026"
BUCKET = "log-archive"

# These are in an organisational unit.
UNIT = (4, 9)

# Just before midnight in UTC: a day by another zone would be the wrong one.
EARLIER = datetime.fromisoformat("2026-02-27T06:30:00+00:00")
DAY_1 = datetime.fromisoformat("2026-03-01T23:59:58+00:00")
DAY_2 = datetime.fromisoformat("2026-03-02T23:59:59+00:00")

# What the caller may do. HeadBucket and HeadObject are names of moto's; AWS has them under
# ListBucket and GetObject.
CALLER = [
    {
        "Effect": "Allow",
        "Action": [
            "organizations:ListAccounts",
            "organizations:ListAccountsForParent",
            "organizations:ListOrganizationalUnitsForParent",
            "iam:ListAccountAliases",
            GENERATE,
            GET,
        ],
        "Resource": "*",
    },
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::*:role/{ROLE}"},
    {
        "Effect": "Allow",
        "Action": ["s3:ListBucket", "s3:GetBucketLocation", "s3:HeadBucket"],
        "Resource": f"arn:aws:s3:::{BUCKET}",
    },
    {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject", "s3:HeadObject"],
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    },
]


@dataclass
class Account:
    """One account of the organisation."""

    id: str
    name: str


@dataclass
class Fleet:
    """The organisation and the server it lives in."""

    address: str
    folder: Path
    accounts: list[Account]  # those that are active
    suspended: Account
    unit: str  # with the two accounts of UNIT, one of them in a unit below
    kms_key: str

    def client(self, service: str, account: str = MANAGEMENT):
        """Speaks to a service as that account, through the back door."""
        return back_door(self.address, service, account)

    def clock(self, time: datetime) -> None:
        """Sets the time by which IAM lives."""
        call(f"{self.address}/clock", "PUT", time.isoformat())

    @contextlib.contextmanager
    def seen(self, kind: str) -> Iterator[list[dict]]:
        """What the server notes meanwhile: each `request`, or each `session` that is begun by
        assuming a role. The list is filled at the end.
        """
        journal = self.folder / "journal"
        before = len(journal.read_text().splitlines())
        lines: list[dict] = []
        yield lines
        new = map(json.loads, journal.read_text().splitlines()[before:])
        lines += [line for line in new if line["kind"] == kind]

    def truth(self, time: datetime) -> dict[tuple[str, str], dict]:
        """The rows of `credential_report` by account and user, made at this time, by what the
        other calls of the API say.
        """
        rows = {}
        for number, account in enumerate(self.accounts):
            made = moto_reports.second(EARLIER if number == READ_ONLY else time)
            told = {"account_id": account.id, "account_name": account.name}
            told |= {"generated_time": made, "clock_time": made}
            for row in moto_reports.expected(self.client("iam", account.id)):
                rows[account.id, row["user"]] = row | told
        return rows

    @contextlib.contextmanager
    def unguarded(self) -> Iterator[None]:
        """Opens the back door for a while."""
        call(f"{self.address}/moto-api/reset-auth", "POST", "inf")
        try:
            yield
        finally:
            call(f"{self.address}/moto-api/reset-auth", "POST", "0")


def allowed(session: dict) -> tuple[str, ...]:
    """The actions of the policy with which a role was assumed."""
    statements = json.loads(session["policy"])["Statement"]
    actions: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        said = statement["Action"]
        actions |= {said} if isinstance(said, str) else set(said)
    return tuple(sorted(actions))


def call(address: str, method: str, body: str) -> None:
    # As a form, which is what urllib says otherwise, moto would take the body apart.
    kind = {"Content-Type": "text/plain"}
    request = urllib.request.Request(address, body.encode(), kind, method=method)
    with urllib.request.urlopen(request, timeout=30):
        pass


@functools.cache
def back_door(address: str, service: str, account: str):
    """A client whose requests name the account they are for."""
    client = boto3.client(
        service,
        endpoint_url=address,
        aws_access_key_id=moto_account.WORDS.access_key,
        aws_secret_access_key=moto_account.WORDS.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )

    def name_account(params: dict, **_: object) -> None:
        params["headers"]["x-moto-account-id"] = account

    client.meta.events.register("before-call", name_account)
    return client


@contextlib.contextmanager
def server(folder: Path) -> Iterator[Fleet]:
    """Runs the server, fills it, and makes this process the caller. The clock stands at the first
    day, and authorisation is on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / "journal"
    journal.unlink(missing_ok=True)
    before = dict(os.environ)
    program = (sys.executable, HERE / "moto_stricter.py", journal)
    try:
        with moto_account.server(folder, *program) as address:
            # The same ids of accounts and keys in every run.
            call(f"{address}/moto-api/seed?a=4", "POST", "")
            yield fill(address, folder)
    finally:
        os.environ.clear()
        os.environ.update(before)


def fill(address: str, folder: Path) -> Fleet:
    fleet = Fleet(address, folder, [], Account("", ""), "", "")
    organizations = fleet.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    ids = [MANAGEMENT]
    for number in range(1, ACCOUNTS + 1):
        made = organizations.create_account(
            AccountName=f"Team {number:02}, Ops", Email=f"team{number}@example.com"
        )
        ids.append(made["CreateAccountStatus"]["AccountId"])
    organizations.close_account(AccountId=ids[-1])
    listed = organizations.get_paginator("list_accounts").paginate().search("Accounts[]")
    accounts = {account["Id"]: Account(account["Id"], account["Name"]) for account in listed}
    fleet.accounts = [accounts[account] for account in ids[:-1]]
    fleet.suspended = accounts[ids[-1]]
    units(fleet)
    keys = call_in(fleet)
    for number, account in enumerate(fleet.accounts):
        moto_people.people(fleet, number, account)
    fleet.clock(EARLIER)
    for _ in range(2):
        fleet.client("iam", fleet.accounts[READ_ONLY].id).generate_credential_report()
    storage(fleet)
    fleet.clock(DAY_1)
    profiles(folder, fleet, keys)
    call(f"{address}/moto-api/reset-auth", "POST", "0")
    return fleet


def units(fleet: Fleet) -> None:
    """A unit with an account, and with a unit that has the other."""
    organizations = fleet.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    parent = root
    for name, number in zip(("Workloads", "Production"), UNIT, strict=True):
        made = organizations.create_organizational_unit(ParentId=parent, Name=name)
        parent = made["OrganizationalUnit"]["Id"]
        fleet.unit = fleet.unit or parent
        organizations.move_account(
            AccountId=fleet.accounts[number].id, SourceParentId=root, DestinationParentId=parent
        )


def call_in(fleet: Fleet) -> dict[str, dict]:
    """Makes the caller, and a user in the second account who may read that account's report."""
    fleet.clock(datetime.fromisoformat("2024-11-05T08:00:00+00:00"))
    least = [{"Effect": "Allow", "Action": [GENERATE, GET], "Resource": "*"}]
    keys = {}
    for user, account, policy in (
        ("auditor", fleet.accounts[0], CALLER),
        ("reader", fleet.accounts[1], least),
    ):
        iam = fleet.client("iam", account.id)
        iam.create_user(UserName=user)
        document = json.dumps({"Version": "2012-10-17", "Statement": policy})
        iam.put_user_policy(UserName=user, PolicyName="least", PolicyDocument=document)
        keys[user] = iam.create_access_key(UserName=user)["AccessKey"]
    return keys


def profiles(folder: Path, fleet: Fleet, keys: dict[str, dict]) -> None:
    """The caller's key in the environment, the reader's as a profile; the rest of the machine's
    set-up is hidden already.
    """
    (folder / "aws-config").write_text(
        f"[profile reader]\nregion = eu-central-1\n"
        f"aws_access_key_id = {keys['reader']['AccessKeyId']}\n"
        f"aws_secret_access_key = {keys['reader']['SecretAccessKey']}\n"
    )
    os.environ |= {
        "AWS_ENDPOINT_URL": fleet.address,
        "AWS_ACCESS_KEY_ID": keys["auditor"]["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["auditor"]["SecretAccessKey"],
        "AWS_REGION": moto_account.REGION,
    }


def storage(fleet: Fleet) -> None:
    """A bucket that keeps every version, so that nothing can be written twice unnoticed."""
    s3 = fleet.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    fleet.kms_key = fleet.client("kms").create_key()["KeyMetadata"]["Arn"]
