"""An organisation of 30 accounts in moto: read live, collected to S3, queried back from there.

Nobody is let in who has no right: requests must be signed, roles assumed in each account, and what
is not allowed is denied. What is expected is asked of the accounts themselves (ListUsers,
ListAccessKeys …), never read out of a report, and never through credsql.
"""

import json
import os

import boto3
from botocore.exceptions import ClientError

import moto_archive
import moto_enrich
import moto_people
from credsql import Answer, Different, query, run, same
from moto_archive import ALL, FLEET, STORE, stored
from moto_fleet import (
    DAY_1,
    DAY_2,
    EARLIER,
    EXTERNAL_ID,
    UNIT,
    allowed,
)
from moto_people import GENERATE, GET, READ_ONLY, ROLE
from moto_reports import second
from moto_rows import equal, fleet, truth, without


def rows_of(answer: Answer, code: int) -> list[dict]:
    """What a run printed that should end so."""
    if answer.code != code:
        raise Different(f"ended with {answer.code}, not {code}:\n{answer.err.strip()}")
    return json.loads(answer.out)


def set_up() -> str:
    """The organisation, and that moto is as strict as these checks need it."""
    account = fleet().accounts[2]
    role = f"arn:aws:iam::{account.id}:role/"
    limits = {"Effect": "Allow", "Action": [GET, "iam:CreateUser"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [limits]})
    caller = boto3.Session()  # of its own: others may have put other keys into the common one
    sts = caller.client("sts")
    words = sts.assume_role(RoleArn=role + ROLE, RoleSessionName="peer", Policy=policy)
    iam = caller.client(
        "iam",
        aws_access_key_id=words["Credentials"]["AccessKeyId"],
        aws_secret_access_key=words["Credentials"]["SecretAccessKey"],
        aws_session_token=words["Credentials"]["SessionToken"],
    )
    key = os.environ["AWS_ACCESS_KEY_ID"]
    wrong = caller.client("sts", aws_access_key_id=key, aws_secret_access_key="wrong")
    for what, code, request in (
        ("no report yet", "ReportNotPresent", iam.get_credential_report),
        ("not in the session's policy", "AccessDenied", iam.generate_credential_report),
        ("not in the role's", "AccessDenied", lambda: iam.create_user(UserName="eve")),
        ("no such role", "AccessDenied", lambda: assume(sts, role + "Nobody")),
        (
            "does not trust the caller",
            "AccessDenied",
            lambda: assume(sts, role + "OrganizationAccountAccessRole"),
        ),
        ("a wrong signature", "SignatureDoesNotMatch", wrong.get_caller_identity),
    ):
        same(what, code, refusal(request))
    pages = caller.client("organizations").get_paginator("list_accounts").paginate()
    same("accounts on each page", [20, 11], [len(page["Accounts"]) for page in pages])
    zero = sum(account.id.startswith("0") for account in fleet().accounts)
    same("some ids begin with 0", True, zero > 0)
    return f"{len(fleet().accounts)} accounts, 1 suspended, 2 pages, 6 refusals"


def assume(sts, role: str) -> None:
    sts.assume_role(RoleArn=role, RoleSessionName="peer")


def refusal(request) -> str | None:
    """The code of the error a request ends with."""
    try:
        request()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def live() -> str:
    """Every cell of every user of every account, each account by a role assumed there."""
    with fleet().seen("session") as sessions:
        rows = query(ALL, FLEET)
    equal("live", truth(DAY_1), rows)
    places = {(row["account_id"], row["source"]) for row in rows}
    same("a source for each account", len(fleet().accounts), len({source for _, source in places}))
    roles = sorted(f"arn:aws:iam::{account.id}:role/{ROLE}" for account in fleet().accounts)
    same("roles assumed", roles, sorted(session["role_arn"] for session in sessions))
    same(
        "what sessions may do",
        {(GENERATE, GET)},
        {allowed(session) for session in sessions},
    )
    return f"{len(rows)} rows of {len(places)} accounts"


def outcomes() -> str:
    """`reports` has a row for each account: those that are read, and the one that is suspended."""
    sql = (
        "SELECT account_id, account_name, status, generated_time, generated_time_from FROM reports"
    )
    got = {row["account_id"]: row for row in query(sql, FLEET)}
    suspended = got.pop(fleet().suspended.id, None)
    if suspended is None:
        raise Different("the suspended account has no row in reports")
    same(
        "suspended",
        (fleet().suspended.name, "skipped", None),
        (suspended["account_name"], suspended["status"], suspended["generated_time"]),
    )
    for number, account in enumerate(fleet().accounts):
        row = got.pop(account.id, None)
        if row is None:
            raise Different(f"{account.id} has no row in reports")
        same(f"{account.id}: read", True, row["status"] in ("ok", "warning"))
        time = second(EARLIER if number == READ_ONLY else DAY_1)
        same(
            f"{account.id}: name, time and how it is known",
            (account.name, time, "response"),
            (row["account_name"], row["generated_time"], row["generated_time_from"]),
        )
    same("rows of other accounts", {}, got)
    return f"{len(fleet().accounts)} read, 1 skipped"


def choosing() -> str:
    """Some accounts only: by id, by unit, and all but some."""
    everybody = truth(DAY_1)
    two = [fleet().accounts[number] for number in (3, 12)]
    ids = [account.id for account in two]
    with fleet().seen("request") as requests:
        rows = query(ALL, FLEET, "--accounts", ",".join(ids))
    asked = [one for one in requests if "Organizations" in (one["target"] or "")]
    same("requests to Organizations for --accounts", [], asked)
    unnamed = {key: row | {"account_name": None} for key, row in everybody.items()}
    equal("--accounts", {key: row for key, row in unnamed.items() if key[0] in ids}, rows)
    ids = [fleet().accounts[number].id for number in UNIT]
    rows = query(ALL, FLEET, "--ou", fleet().unit)
    equal("--ou", {key: row for key, row in everybody.items() if key[0] in ids}, rows)
    left_out = (0, 17)
    exclude = [word for n in left_out for word in ("--exclude", fleet().accounts[n].id)]
    equal("--exclude", without(everybody, *left_out), query(ALL, FLEET, *exclude))
    return "--accounts, --ou, --exclude"


def one_account() -> str:
    """The caller's own account with its alias; and another by a profile, which is not the account
    of the key in the environment, and where nothing but the report may be asked for.
    """
    own, other = fleet().accounts[0].id, fleet().accounts[1].id
    for source, account, name in (("aws:", own, "team-00"), ("aws:reader", other, None)):
        wanted = {
            key: row | {"account_name": name}
            for key, row in truth(DAY_1).items()
            if key[0] == account
        }
        equal(source, wanted, query(ALL, source))
    return "aws: and aws:PROFILE"


def denied() -> str:
    """Accounts that refuse are told with the reason, and harm no other."""
    accounts = fleet().accounts
    forbidden, wants_id, without_role = 13, 14, 15
    with fleet().unguarded():
        iam = [fleet().client("iam", account.id) for account in accounts]
        moto_people.allow(iam[forbidden], [GENERATE])
        moto_people.trust(iam[wants_id], StringEquals={"sts:ExternalId": EXTERNAL_ID})
        iam[without_role].delete_role_policy(RoleName=ROLE, PolicyName="reports")
        iam[without_role].delete_role(RoleName=ROLE)
    rows = rows_of(run("query", ALL, FLEET, "--format", "json"), 2)
    equal("the others", without(truth(DAY_2), forbidden, wants_id, without_role), rows)
    answer = run(
        "query", "SELECT * FROM reports", FLEET, "--external-id", EXTERNAL_ID, "--format", "json"
    )
    failed = {row["account_id"]: row for row in rows_of(answer, 2) if row["status"] == "failed"}
    wanted = {accounts[forbidden].id: GET, accounts[without_role].id: "sts:AssumeRole"}
    same("failed with the external id", sorted(wanted), sorted(failed))
    for account, action in wanted.items():
        for where, text in (("reports", failed[account]["error"]), ("standard error", answer.err)):
            same(f"{account}: {where} names {action}: {text}", True, action in text)
        same(f"standard error names {account}", True, account in answer.err)
    with fleet().unguarded():
        before = stored()
    answer = run("collect", FLEET, "--to", STORE)
    same(f"exit code of collect\n{answer.err}", 2, answer.code)
    with fleet().unguarded():
        same("versions after collecting from those that let us", before, stored())
        for number in (forbidden, wants_id, without_role):
            moto_people.role(iam[number], number)
    return "a denied action, a role that wants an external id, a role that is not there"


def enriched() -> str:
    """The tables that stand beside the report."""
    return moto_enrich.check(fleet(), FLEET)


CHECKS = [
    ("moto: an organisation of 30 accounts, and nobody gets in without a role", set_up),
    ("moto: the organisation read live", live),
    ("moto: an outcome for each account", outcomes),
    ("moto: some of the accounts", choosing),
    ("moto: one account", one_account),
    *moto_archive.CHECKS,
    ("moto: accounts that refuse", denied),
    ("moto: beside the report", enriched),
]
