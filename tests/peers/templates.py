"""Checks the CloudFormation templates that `credsql collect --print-template` prints.

cfn-lint says whether AWS would take them; the rest says whether they grant what the recipe
promises and nothing more.
"""

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import cfnlint
import templates_deployed
from credsql import SCRATCH, Different, same, succeed
from templates_bucket import bucket_decisions, bucket_keeps
from templates_member_role import member_role_allows, member_role_trusts
from templates_policy import listed, statements
from templates_reader import NAMES, Stack, commands, parsed, printed, shown_parameters
from templates_scheduler import scheduler_alarms, scheduler_command, scheduler_roles

# One region of each partition.
REGIONS = ["us-east-1", "us-gov-west-1", "cn-north-1"]

# The largest template that the AWS CLI can send without a bucket, in bytes.
LARGEST = 51_200

# Every condition on, so that no statement of a template escapes.
EVERYTHING = {
    "member-role": {"EnableEnrich": "true"},
    "bucket": {"ExpireAfterDays": "2555", "ObjectLockMode": "COMPLIANCE"},
    "scheduler": {"AllowOrganizationalUnits": "true", "MoreArguments": "--sts-global"},
}


def stack(name: str, **parameters: str) -> Stack:
    """A template under the parameters that its first comment shows, and others."""
    text = printed(name)
    return Stack(parsed(text), shown_parameters(text) | parameters)


def lint(path: Path, *options: str) -> str:
    """What cfn-lint says about a template; nothing if it is clean."""
    program = Path(sys.executable).with_name("cfn-lint")
    command = [program, "--non-zero-exit-code", "informational", *options, "--template", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if (done.returncode == 0) != (not done.stdout.strip()) or done.stderr:
        raise Different(f"cfn-lint ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def linted() -> str:
    """Clean for cfn-lint, its smallest remarks included, with nothing told to be ignored."""
    for name in NAMES:
        path = SCRATCH / f"{name}.yaml"
        text = printed(name)
        path.write_text(text)
        if "cfn-lint" in text:
            raise Different(f"{name} speaks of cfn-lint")
        for regions in ([], ["--regions", *REGIONS]):
            if said := lint(path, "--include-checks", "I", *regions):
                raise Different(said)
        path.write_text(
            text.replace("AWS::IAM::Role\n", "AWS::IAM::Rule\n").replace(
                "EnableKeyRotation:", "KeyRotation:"
            )
        )
        if not lint(path):
            raise Different(f"cfn-lint says nothing about a mistake planted in {name}")
    return f"{len(NAMES)} templates, {len(REGIONS)} partitions, cfn-lint {version('cfn-lint')}"


def presented() -> str:
    """Every parameter is described, constrained, and shown once in the console."""
    count = 0
    for name in NAMES:
        text = printed(name)
        if len(text.encode()) > LARGEST:
            raise Different(f"{name} is too large")
        count += described(name, text, parsed(text))
    return f"{count} parameters"


def described(name: str, text: str, template: dict) -> int:
    """The parameters of a template, all of them described, constrained, and shown once."""
    if not text.isascii():
        raise Different(f"{name} has characters that are not ASCII")
    if "Description" not in template:
        raise Different(f"{name} has no description")
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    shown = [one for group in interface["ParameterGroups"] for one in group["Parameters"]]
    same(f"parameters shown by {name}", sorted(template["Parameters"]), sorted(shown))
    same(f"labels of {name}", sorted(shown), sorted(interface["ParameterLabels"]))
    for parameter, definition in template["Parameters"].items():
        limits = {"AllowedPattern", "AllowedValues", "MaxValue", "MaxLength"} & set(definition)
        if "Description" not in definition:
            raise Different(f"{name}: {parameter} has no description")
        if not limits and "AWS::" not in definition["Type"]:
            raise Different(f"{name}: {parameter} takes anything")
        if "AllowedPattern" in limits and "ConstraintDescription" not in definition:
            raise Different(f"{name}: {parameter} refuses without saying why")
    for output, definition in template["Outputs"].items():
        if "Description" not in definition:
            raise Different(f"{name}: the output {output} has no description")
    return len(template["Parameters"])


def consistent() -> str:
    """What one template is told about another is what the other says, defaults included."""
    member, bucket, scheduler = (parsed(printed(name))["Parameters"] for name in NAMES)
    for parameter, one, other in [
        ("RoleName", member, scheduler["MemberRole"]),
        ("Prefix", bucket, scheduler["Prefix"]),
        ("ExternalId", member, scheduler["ExternalId"]),
    ]:
        same(f"default of {parameter}", one[parameter]["Default"], other["Default"])
    shown = {name: shown_parameters(printed(name)) for name in NAMES}
    role = scheduler["CollectorRoleName"]["Default"]
    collector = f"arn:aws:iam::111122223333:role/{role}"
    same("collector in member-role", collector, shown["member-role"]["CollectorRoleArn"])
    same("collector in bucket", collector, shown["bucket"]["CollectorRoleArns"])
    for parameter in ["OrganizationId", "ExternalId", "BucketName"]:
        values = {one[parameter] for one in shown.values() if parameter in one}
        same(f"{parameter} shown", 1, len(values))
    words = next(words for words in commands(printed("member-role")) if "create-stack-set" in words)
    given = [word.split(",") for word in words if word.startswith("ParameterKey=")]
    as_stack_set = {key.partition("=")[2]: value.partition("=")[2] for key, value in given}
    same("parameters of the StackSet", shown["member-role"], as_stack_set)
    return f"{sum(map(len, shown.values()))} values shown"


def refused() -> str:
    """Values that would open a template are refused before anything is made."""
    cases = [
        ("member-role", "CollectorRoleArn", "arn:aws:iam::111122223333:root"),
        ("member-role", "CollectorRoleArn", "arn:aws:iam::111122223333:role/*"),
        ("member-role", "CollectorRoleArn", "*"),
        ("member-role", "ExternalId", "*"),
        ("member-role", "ExternalId", "two words"),
        ("member-role", "OrganizationId", "o-*"),
        ("member-role", "RolePath", "audit"),
        ("bucket", "CollectorRoleArns", "arn:aws:iam::*:role/credsql-collector"),
        ("bucket", "CollectorRoleArns", "arn:aws:iam::111122223333:role/a,*"),
        ("bucket", "CollectorRoleArns", ""),
        ("bucket", "OrganizationId", ""),
        ("bucket", "ReaderPrincipalArns", "*"),
        ("bucket", "ReaderPrincipalArns", "arn:aws:iam::444455556666:root"),
        ("bucket", "Prefix", ""),
        ("bucket", "Prefix", "reports/"),
        ("bucket", "Prefix", "*"),
        ("scheduler", "MemberRole", "*"),
        ("scheduler", "MemberRole", "/audit/CredsqlReader"),
        ("scheduler", "KmsKeyArn", "alias/reports"),
        ("scheduler", "MoreArguments", "--sts-global  --verbose"),
        ("scheduler", "ExternalId", "a b"),
        ("scheduler", "BucketAccountId", "12345"),
    ]
    for name, parameter, value in cases:
        try:
            stack(name, **{parameter: value})
        except Different as difference:
            if parameter in str(difference):
                continue
            raise
        raise Different(f"{name} takes {value!r} as {parameter}")
    return f"{len(cases)} values"


def least_privilege() -> str:
    """No statement allows by wildcard, and * is a resource only where IAM has no other."""
    database = Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json"
    services = json.loads(database.read_text())
    count = 0
    anywhere = set()
    for name in NAMES:
        for where, statement in statements(stack(name, **EVERYTHING[name])):
            count += 1
            if statement["Effect"] == "Deny":
                continue  # a wildcard in a denial takes away
            for action in listed(statement["Action"]):
                if "*" in action or "?" in action:
                    raise Different(f"{name}: {where} allows {action}")
                service, verb = action.lower().split(":")
                known = services[service]["Actions"].get(verb)
                if known is None:
                    raise Different(f"{name}: {where} allows {action}, which AWS does not have")
                if "*" in listed(statement.get("Resource", [])) and ".KeyPolicy." not in where:
                    if known.get("Resources"):
                        raise Different(f"{name}: {where} allows {action} on everything")
                    anywhere.add(action)
            if statement.get("Principal") in ("*", {"AWS": "*"}):
                pinned = statement["Condition"]["StringEquals"]["aws:PrincipalOrgID"]
                same(f"{name}: organisation of {where}", "o-exampleorg1", pinned)
                if not any("aws:PrincipalArn" in keys for keys in statement["Condition"].values()):
                    raise Different(f"{name}: {where} allows a whole organisation")
    return f"{count} statements, * only for {len(anywhere)} actions that have no resource"


def partitions() -> str:
    """No ARN is of one partition."""
    for name in NAMES:
        body = printed(name).split("\nResources:")[1]
        if found := re.search(r"arn:aws[a-z-]*:", body):
            raise Different(f"{name} has {found[0]}")
    for name in NAMES:
        given = {
            key: value.replace("arn:aws:", "arn:aws-cn:")
            for key, value in shown_parameters(printed(name)).items()
        }
        china = Stack(parsed(printed(name)), given, Partition="aws-cn", Region="cn-north-1")
        if "arn:aws:" in json.dumps(china.resources):
            raise Different(f"{name} has an ARN of another partition in China")
    return f"{len(NAMES)} templates"


def known_flags() -> str:
    """Every option that a template gives to credsql is one that it has."""
    described = succeed("collect", "--help").decode()
    used = {word for word in scheduler_words(stack("scheduler")) if word.startswith("--")}
    for name in NAMES:
        used |= set(re.findall(r"credsql collect (--[a-z-]+)", printed(name)))
    if missing := [flag for flag in sorted(used) if not re.search(rf"{flag}\b", described)]:
        raise Different(f"credsql collect has no {', '.join(missing)}")
    return f"{len(used)} options"


def scheduler_words(made: Stack) -> list[str]:
    return made.resources["TaskDefinition"]["ContainerDefinitions"][0]["Command"]


CHECKS = [
    ("templates: cfn-lint", linted),
    ("templates: parameters and outputs are described", presented),
    ("templates: they fit together", consistent),
    ("templates: dangerous parameters are refused", refused),
    ("templates: least privilege", least_privilege),
    ("templates: every partition", partitions),
    ("templates: options that credsql has", known_flags),
    ("templates: the member role allows two actions", lambda: member_role_allows(stack)),
    ("templates: the member role trusts the collector", lambda: member_role_trusts(stack)),
    ("templates: who gets at the bucket and the key", lambda: bucket_decisions(stack)),
    ("templates: the bucket keeps what it has", lambda: bucket_keeps(stack)),
    ("templates: the command on schedule", lambda: scheduler_command(stack)),
    ("templates: the roles of the schedule", lambda: scheduler_roles(stack)),
    ("templates: alarms of the schedule", lambda: scheduler_alarms(stack)),
    *templates_deployed.CHECKS,
]
