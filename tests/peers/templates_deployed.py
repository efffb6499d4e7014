"""Deploys the printed templates into a moto server, with the commands that they show.

moto makes IAM roles, buckets and keys out of a template, and stacks of a StackSet in every
account of an organisation. It has no bucket policies and no schedules in CloudFormation.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3
import moto_account
from credsql import BINARY, SCRATCH, Different, same
from templates_reader import Stack, commands, parsed, printed, shown_parameters

# Members of the organisation.
ACCOUNTS = 4


def shell(folder: Path, words: list[str]) -> None:
    """Runs a command of a template's first comment, which may end in `> file`."""
    *words, _, target = words if ">" in words else [*words, ">", os.devnull]
    programs = {"credsql": [BINARY], "aws": [sys.executable, Path(sys.executable).with_name("aws")]}
    command = [*programs[words[0]], *words[1:]]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        raise Different(f"{' '.join(words)}\nended with {done.returncode}:\n{done.stderr.decode()}")
    (folder / target).write_bytes(done.stdout)


def reset(address: str) -> None:
    call = urllib.request.Request(f"{address}/moto-api/reset", method="POST")
    urllib.request.urlopen(call, timeout=30).close()


def roles_made(session: boto3.Session, address: str) -> dict[str, object]:
    """What IAM says of the role in the account of a session."""
    iam = session.client("iam", endpoint_url=address)
    role = iam.get_role(RoleName="CredsqlReader")["Role"]
    names = iam.list_role_policies(RoleName="CredsqlReader")["PolicyNames"]
    return {
        "arn": role["Arn"],
        "trust": role["AssumeRolePolicyDocument"],
        "seconds": role["MaxSessionDuration"],
        "policies": names,
        "tags": role["Tags"],
    }


def as_member(address: str, account: str) -> boto3.Session:
    """A session in an account, through the role that Organizations makes in every account."""
    sts = boto3.client("sts", endpoint_url=address)
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    keys = sts.assume_role(RoleArn=role, RoleSessionName="checks")["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def stack_set_deployed() -> str:
    """The commands shown in member-role make the role in every account of an organisation."""
    folder = SCRATCH / "deployed"
    folder.mkdir(exist_ok=True)
    text = printed("member-role")
    shown = commands(text)
    trust = Stack(parsed(text), shown_parameters(text)).resources["ReaderRole"][
        "AssumeRolePolicyDocument"
    ]
    with moto_account.server(folder) as address:
        os.environ["AWS_ENDPOINT_URL"] = address
        try:
            made = {moto_account.ACCOUNT: alone(folder, address, shown)}
            reset(address)
            made |= everywhere(folder, address, shown)
        finally:
            del os.environ["AWS_ENDPOINT_URL"]
    for account, role in made.items():
        wanted = {
            "arn": f"arn:aws:iam::{account}:role/CredsqlReader",
            "trust": trust,
            "seconds": 3600,
            "policies": ["credential-report"],
            "tags": [{"Key": "Application", "Value": "credsql"}],
        }
        same(f"role in {account}", wanted, role)
    return f"{len(made)} accounts"


def alone(folder: Path, address: str, shown: list[list[str]]) -> dict[str, object]:
    """The ordinary stack, for the management account."""
    for words in shown:
        if words[0] == "credsql" or "deploy" in words:
            shell(folder, words)
    return roles_made(boto3.Session(), address)


def everywhere(folder: Path, address: str, shown: list[list[str]]) -> dict[str, object]:
    """The StackSet, for all the others."""
    organizations = boto3.client("organizations", endpoint_url=address)
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    accounts = [
        organizations.create_account(AccountName=f"member-{number}", Email=f"{number}@example.com")
        for number in range(ACCOUNTS)
    ]
    for words in shown:
        # moto has no trusted access to turn on
        if "create-stack-set" in words or "create-stack-instances" in words:
            shell(folder, [word.replace("=r-abcd", f"={root}") for word in words])
    ids = [account["CreateAccountStatus"]["AccountId"] for account in accounts]
    return {account: roles_made(as_member(address, account), address) for account in ids}


def bucket_deployed() -> str:
    """The bucket and the key of the template, as S3 and KMS then describe them."""
    folder = SCRATCH / "deployed"
    folder.mkdir(exist_ok=True)
    text = printed("bucket")
    template = parsed(text)
    # moto reads the tags of a key by another name than CloudFormation, and ends there.
    del template["Resources"]["Key"]["Properties"]["Tags"]
    given = [
        {"ParameterKey": key, "ParameterValue": value}
        for key, value in shown_parameters(text).items()
    ]
    with moto_account.server(folder) as address:
        s3, kms, formation = (
            boto3.client(service, endpoint_url=address)
            for service in ("s3", "kms", "cloudformation")
        )
        formation.create_stack(
            StackName="bucket", TemplateBody=json.dumps(template), Parameters=given
        )
        stack = formation.describe_stacks(StackName="bucket")["Stacks"][0]
        same("state", "CREATE_COMPLETE", stack["StackStatus"])
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        bucket = outputs["BucketName"]
        same("destination", f"s3://{bucket}/credential-reports", outputs["Destination"])
        key = outputs["KmsKeyArn"]
        [alias] = [
            one
            for one in kms.list_aliases()["Aliases"]
            if one["AliasName"] == outputs["KmsKeyAlias"]
        ]
        same("key of the alias", key.rsplit("/", 1)[1], alias["TargetKeyId"])
        same("rotation", True, kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"])
        [rule] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"][
            "Rules"
        ]
        default = rule["ApplyServerSideEncryptionByDefault"]
        same("encryption", ("aws:kms", key), (default["SSEAlgorithm"], default["KMSMasterKeyID"]))
    return "bucket, key, alias"


CHECKS = [
    ("templates: member-role deployed by the commands it shows", stack_set_deployed),
    ("templates: bucket deployed", bucket_deployed),
]
