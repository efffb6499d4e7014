"""What runs on schedule, as whom, and what is said when it does not."""

import json
import shlex
from collections.abc import Callable

from credsql import Different, same
from templates_policy import Request, allowed, documents
from templates_reader import Stack

KEY = "arn:aws:kms:eu-west-1:222233334444:key/11111111-2222-3333-4444-555555555555"
ORGANIZATION = {"aws:ResourceOrgID": "o-exampleorg1"}
OWNED = {"s3:ResourceAccount": "222233334444"}
REPORT = "arn:aws:s3:::exampleorg-credential-reports/credential-reports/date=2026-01-31/x.csv"
BUCKET = "arn:aws:s3:::exampleorg-credential-reports"


def scheduler_command(stack: Callable[..., Stack]) -> str:
    """The words that credsql is started with."""
    wanted = [
        *["collect", "aws-org:CredsqlReader"],
        *["--to", "s3://exampleorg-credential-reports/credential-reports"],
        *["--sse-kms-key-id", KEY],
        *["--expected-bucket-owner", "222233334444"],
        *["--log", "json"],
    ]
    external = ["--external-id", "credsql-reports"]
    more = ["--sts-global", "--concurrency", "32"]
    for parameters, rest in [
        ({}, external),
        ({"ExternalId": ""}, []),
        ({"MoreArguments": "--sts-global --concurrency 32"}, external + more),
        ({"ExternalId": "", "MoreArguments": "--sts-global --concurrency 32"}, more),
    ]:
        [container] = stack("scheduler", **parameters).resources["TaskDefinition"][
            "ContainerDefinitions"
        ]
        same(f"command under {parameters}", wanted + rest, container["Command"])
    same("program", ["/usr/local/bin/credsql"], container["EntryPoint"])
    same("file system", True, container["ReadonlyRootFilesystem"])
    same("user", "65532:65532", container["User"])
    by_hand = shlex.split(stack("scheduler").outputs["RunNow"])
    network = by_hand[by_hand.index("--network-configuration") + 1]
    same("subnets by hand", True, "subnets=[subnet-0123456789abcdef0,subnet-" in network)
    same("task by hand", "credsql-stack-collect", by_hand[by_hand.index("--task-definition") + 1])
    return f"{len(wanted) + len(external)} words"


def scheduler_roles(stack: Callable[..., Stack]) -> str:
    """The roles do what they are for, and only that; nothing but HTTPS leaves the task."""
    made = stack("scheduler")
    by_name = {name: document for name, document in documents(made) if "Assume" not in name}
    through_s3 = {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    member = "arn:aws:iam::123456789012:role/CredsqlReader"
    under = {"s3:prefix": "credential-reports/date=2026-01-31/"} | OWNED
    task = "arn:aws:ecs:eu-west-1:222233334444:task-definition/credsql-stack-collect:7"
    passed = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    cases = [
        ("CollectorRole", True, Request("organizations:ListAccounts", "*")),
        ("CollectorRole", True, Request("sts:AssumeRole", member, context=ORGANIZATION)),
        (
            "CollectorRole",
            False,
            Request("sts:AssumeRole", member, context={"aws:ResourceOrgID": "o-other00000"}),
        ),
        ("CollectorRole", False, Request("sts:AssumeRole", member)),
        ("CollectorRole", False, Request("sts:AssumeRole", f"{member}2", context=ORGANIZATION)),
        (
            "CollectorRole",
            False,
            Request("sts:AssumeRole", "arn:aws:iam::123456789012:role/Admin", context=ORGANIZATION),
        ),
        ("CollectorRole", True, Request("s3:PutObject", REPORT, context=OWNED)),
        ("CollectorRole", True, Request("s3:GetObject", REPORT, context=OWNED)),
        ("CollectorRole", False, Request("s3:DeleteObject", REPORT, context=OWNED)),
        (
            "CollectorRole",
            False,
            Request("s3:PutObject", REPORT, context={"s3:ResourceAccount": "999988887777"}),
        ),
        ("CollectorRole", False, Request("s3:PutObject", f"{BUCKET}/other/x.csv", context=OWNED)),
        ("CollectorRole", True, Request("s3:ListBucket", BUCKET, context=under)),
        ("CollectorRole", False, Request("s3:ListBucket", BUCKET, context=OWNED)),
        ("CollectorRole", True, Request("kms:GenerateDataKey", KEY, context=through_s3)),
        ("CollectorRole", False, Request("kms:GenerateDataKey", KEY)),
        ("CollectorRole", False, Request("kms:GenerateDataKey", f"{KEY}0", context=through_s3)),
        (
            "CollectorRole",
            False,
            Request(
                "organizations:ListAccountsForParent",
                "arn:aws:organizations::1:root/o-exampleorg1/r-abcd",
            ),
        ),
        (
            "ScheduleRole",
            True,
            Request("ecs:RunTask", task, context={"ecs:cluster": "<Cluster.Arn>"}),
        ),
        ("ScheduleRole", False, Request("ecs:RunTask", task, context={"ecs:cluster": "other"})),
        (
            "ScheduleRole",
            False,
            Request(
                "ecs:RunTask",
                task.replace("collect", "other"),
                context={"ecs:cluster": "<Cluster.Arn>"},
            ),
        ),
        ("ScheduleRole", True, Request("iam:PassRole", "<CollectorRole.Arn>", context=passed)),
        (
            "ScheduleRole",
            False,
            Request("iam:PassRole", "arn:aws:iam::222233334444:role/Admin", context=passed),
        ),
        (
            "ScheduleRole",
            False,
            Request(
                "iam:PassRole",
                "<CollectorRole.Arn>",
                context={"iam:PassedToService": "ec2.amazonaws.com"},
            ),
        ),
        ("ScheduleRole", True, Request("sqs:SendMessage", "<MissedRuns.Arn>")),
        ("ExecutionRole", False, Request("s3:GetObject", REPORT, context=OWNED)),
        (
            "ExecutionRole",
            True,
            Request(
                "logs:PutLogEvents",
                "arn:aws:logs:eu-west-1:222233334444:log-group:<LogGroup>:log-stream:collect/credsql/1",
            ),
        ),
        (
            "ImagePolicy",
            True,
            Request("ecr:BatchGetImage", "arn:aws:ecr:eu-west-1:111122223333:repository/credsql"),
        ),
        (
            "ImagePolicy",
            False,
            Request("ecr:BatchGetImage", "arn:aws:ecr:eu-west-1:111122223333:repository/other"),
        ),
    ]
    for role, wanted, request in cases:
        same(f"{role}: {request}", wanted, allowed(request, by_name[f"{role}.PolicyDocument"]))
    for role in ["CollectorRole", "ExecutionRole", "ScheduleRole"]:
        same(f"managed policies of {role}", None, made.resources[role].get("ManagedPolicyArns"))
    same(
        "image without a repository",
        False,
        "ImagePolicy" in stack("scheduler", ImageRepositoryArn="").resources,
    )
    group = made.resources["SecurityGroup"]
    same("way in", None, group.get("SecurityGroupIngress"))
    same(
        "way out",
        [("tcp", 443, 443)],
        [
            (way["IpProtocol"], way["FromPort"], way["ToPort"])
            for way in group["SecurityGroupEgress"]
        ],
    )
    return f"{len(cases)} requests"


def scheduler_alarms(stack: Callable[..., Stack]) -> str:
    """A failed run, one that did not start, and silence are all told to the same topic."""
    made = stack("scheduler").resources
    pattern = made["FailedRun"]["EventPattern"]
    for wanted, detail in [
        (True, {"containers": [{"exitCode": 2}]}),
        (True, {"containers": [{"exitCode": 137}]}),
        (True, {"containers": [{}], "stopCode": "TaskFailedToStart"}),
        (False, {"containers": [{"exitCode": 0}], "stopCode": "EssentialContainerExited"}),
        (False, {"containers": [{"exitCode": 2}], "lastStatus": "RUNNING"}),
        (False, {"containers": [{"exitCode": 2}], "clusterArn": "another"}),
    ]:
        event = {
            "source": "aws.ecs",
            "detail-type": "ECS Task State Change",
            "detail": {"clusterArn": "<Cluster.Arn>", "lastStatus": "STOPPED"} | detail,
        }
        same(f"alarm for {detail}", wanted, fits(pattern, event))
    [target] = made["FailedRun"]["Targets"]
    text = target["InputTransformer"]["InputTemplate"]
    json.loads(text)
    for name in target["InputTransformer"]["InputPathsMap"]:
        if f"<{name}>" not in text:
            raise Different(f"the message does not use {name}")
    told = [target["Arn"], *made["NotStarted"]["AlarmActions"], *made["Silent"]["AlarmActions"]]
    same("who is told", ["<Topic>"] * 3, told)
    same("queue", "<MissedRuns.Arn>", made["Schedule"]["Target"]["DeadLetterConfig"]["Arn"])
    same(
        "silence",
        ("26", "breaching"),
        (made["Silent"]["EvaluationPeriods"], made["Silent"]["TreatMissingData"]),
    )
    same("silence when unwanted", False, "Silent" in stack("scheduler", SilenceHours="0").resources)
    same(
        "on time",
        {"Mode": "OFF"},
        stack("scheduler", FlexibleMinutes="0").resources["Schedule"]["FlexibleTimeWindow"],
    )
    return "3 alarms"


def fits(pattern: dict, event: object) -> bool:
    """Whether an event fits a pattern, as far as the template uses patterns."""
    if isinstance(event, list):
        return any(fits(pattern, one) for one in event)
    for key, wanted in pattern.items():
        if key == "$or":
            found = any(fits(one, event) for one in wanted)
        elif isinstance(wanted, dict):
            found = key in event and fits(wanted, event[key])
        else:
            found = key in event and any(is_one(one, event[key]) for one in wanted)
        if not found:
            return False
    return True


def is_one(wanted: object, got: object) -> bool:
    if isinstance(wanted, dict):
        [(operator, values)] = wanted.items()
        if operator != "anything-but":
            raise Different(f"the checks do not know {operator} in a pattern")
        return got not in values
    return wanted == got
