"""What is in each account of the organisation: the role that reads it, and users of every kind."""

import json
from datetime import datetime, timedelta

import boto3

import moto_account

ROLE = "CredsqlReader"
GENERATE, GET = "iam:GenerateCredentialReport", "iam:GetCredentialReport"
ENRICH = [
    "iam:GetAccountSummary",
    "iam:GetAccountPasswordPolicy",
    "iam:ListVirtualMFADevices",
    "iam:ListUsers",
    "iam:ListAccessKeys",
    "iam:ListUserTags",
]

# One of the accounts has reports, and a role that may not ask for new ones.
READ_ONLY = 7
# One has no alias, no policy for passwords and nobody but one user without anything.
EMPTY = 11
# In these both keys of a user are of the same second, and are told apart so, or not at all.
SAME_SECOND = {5: "created_time and active", 15: "ambiguous"}

STARTED = datetime.fromisoformat("2024-12-31T22:15:07+00:00")


def people(fleet, number: int, account) -> None:
    """The role, and users of every kind; each account is somewhat different, in its times too."""
    iam = fleet.client("iam", account.id)
    started = STARTED + timedelta(days=11 * number)
    fleet.clock(started)
    role(iam, number)
    if number == EMPTY:
        iam.create_user(UserName="no_information")
        return
    iam.create_account_alias(AccountAlias=f"team-{number:02}")
    with_password(iam, "anna", "/people/")
    virtual_device(iam, "anna")
    tags = [{"Key": "team", "Value": account.name}, {"Key": "Cost Centre", "Value": f"{number}"}]
    iam.tag_user(UserName="anna", Tags=tags)
    fleet.clock(started + timedelta(days=1, seconds=number))
    with_keys(fleet, iam, number, started)
    if number % 2:
        fleet.clock(started + timedelta(days=2))
        with_password(iam, f"hana{number}", "/people/")
        # A device that moto did not make is what a bought one looks like.
        device(iam, f"hana{number}", f"GAHT{number:08}")
        iam.update_account_password_policy(
            MinimumPasswordLength=8 + number, RequireSymbols=number % 4 == 1, MaxPasswordAge=90
        )
    if number % 3 == 0:
        fleet.clock(started + timedelta(days=3))
        iam.create_user(UserName="eva+old@example.com")
        iam.create_virtual_mfa_device(VirtualMFADeviceName="root-account-mfa-device")
    if number % 10 == 4:
        iam.create_user(UserName="soap.client")
        body = moto_account.certificate()
        iam.upload_signing_certificate(UserName="soap.client", CertificateBody=body)


def role(iam, number: int) -> None:
    """The role of an account, as it should be."""
    trust(iam)
    allow(iam, [GET, *ENRICH] if number == READ_ONLY else [GENERATE, GET, *ENRICH])


def trust(iam, **condition: object) -> None:
    """The role lets the caller in, and nobody else."""
    caller = {"AWS": f"arn:aws:iam::{moto_account.ACCOUNT}:user/auditor"}
    statement = {"Effect": "Allow", "Principal": caller, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    try:
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)
    except iam.exceptions.EntityAlreadyExistsException:
        iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=document)


def allow(iam, actions: list[str]) -> None:
    """The role may do this, and nothing else."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=ROLE, PolicyName="reports", PolicyDocument=document)


def with_password(iam, user: str, path: str) -> None:
    iam.create_user(UserName=user, Path=path)
    iam.create_login_profile(UserName=user, Password="correct horse battery staple")


def virtual_device(iam, user: str) -> None:
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    device(iam, user, made["SerialNumber"])


def device(iam, user: str, serial: str) -> None:
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    iam.enable_mfa_device(UserName=user, SerialNumber=serial, **codes)


def with_keys(fleet, iam, number: int, started: datetime) -> None:
    """One user with one key, which is used in some accounts, and one with two."""
    iam.create_user(UserName="ci-deploy", Path="/service/")
    key = iam.create_access_key(UserName="ci-deploy")["AccessKey"]
    iam.create_user(UserName="Bert")
    first = iam.create_access_key(UserName="Bert")["AccessKey"]
    if number not in SAME_SECOND:
        fleet.clock(started + timedelta(days=40))
    second = iam.create_access_key(UserName="Bert")["AccessKey"]
    if SAME_SECOND.get(number) != "ambiguous":
        inactive = (first if number % 2 else second)["AccessKeyId"]
        iam.update_access_key(UserName="Bert", AccessKeyId=inactive, Status="Inactive")
    if number % 4 == 0:
        fleet.clock(started + timedelta(days=60, minutes=number))
        sts = boto3.client(
            "sts",
            endpoint_url=fleet.address,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
        sts.get_caller_identity()
