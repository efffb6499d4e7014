"""What the role in the member accounts may do, and who may assume it."""

from collections.abc import Callable

from credsql import Different, same
from templates_policy import Request, allowed, listed
from templates_reader import Stack

TWO = ["iam:GenerateCredentialReport", "iam:GetCredentialReport"]
SEVEN = [
    "iam:GetAccountPasswordPolicy",
    "iam:GetAccountSummary",
    "iam:ListAccessKeys",
    "iam:ListAccountAliases",
    "iam:ListUserTags",
    "iam:ListUsers",
    "iam:ListVirtualMFADevices",
]

COLLECTOR = "arn:aws:iam::111122223333:role/credsql-collector"


def actions(made: Stack) -> list[str]:
    """Every action that the role may do, by the policies in it and beside it."""
    policies = [policy["PolicyDocument"] for policy in made.resources["ReaderRole"]["Policies"]]
    if "EnrichPolicy" in made.resources:
        same("roles of the policy", ["<ReaderRole>"], made.resources["EnrichPolicy"]["Roles"])
        policies.append(made.resources["EnrichPolicy"]["PolicyDocument"])
    granted = [statement for policy in policies for statement in policy["Statement"]]
    if any(statement["Effect"] != "Allow" for statement in granted):
        raise Different("a policy of the role denies")
    return sorted(action for statement in granted for action in listed(statement["Action"]))


def member_role_allows(stack: Callable[..., Stack]) -> str:
    """Two actions, nine with enrichment, and no managed policy."""
    same("actions", TWO, actions(stack("member-role")))
    same(
        "actions with EnableEnrich",
        sorted(TWO + SEVEN),
        actions(stack("member-role", EnableEnrich="true")),
    )
    role = stack("member-role").resources["ReaderRole"]
    same("managed policies", None, role.get("ManagedPolicyArns"))
    same("boundary without one", None, role.get("PermissionsBoundary"))
    same("seconds of a session", 3600, role["MaxSessionDuration"])
    same("path", "/", role["Path"])
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    with_boundary = stack("member-role", PermissionsBoundaryArn=boundary, RolePath="/audit/")
    same("boundary", boundary, with_boundary.resources["ReaderRole"]["PermissionsBoundary"])
    return "2 actions, 9 with EnableEnrich"


def member_role_trusts(stack: Callable[..., Stack]) -> str:
    """The collector with the external id of its organisation, and nobody else."""
    every = {
        "aws:PrincipalArn": COLLECTOR,
        "sts:ExternalId": "credsql-reports",
        "aws:PrincipalOrgID": "o-exampleorg1",
    }
    twin = COLLECTOR.replace("111122223333", "999988887777")
    longer = f"{COLLECTOR}-2"
    both, neither = {}, {"ExternalId": "", "OrganizationId": ""}
    cases = [
        (both, COLLECTOR, every, True),
        (both, COLLECTOR, every | {"sts:ExternalId": "guessed"}, False),
        (both, COLLECTOR, without(every, "sts:ExternalId"), False),
        (both, COLLECTOR, every | {"aws:PrincipalOrgID": "o-otherorg001"}, False),
        (both, COLLECTOR, without(every, "aws:PrincipalOrgID"), False),
        (both, twin, every | {"aws:PrincipalArn": twin}, False),
        (both, longer, every | {"aws:PrincipalArn": longer}, False),
        (neither, COLLECTOR, {"aws:PrincipalArn": COLLECTOR}, True),
        (neither, twin, {"aws:PrincipalArn": twin}, False),
        ({"ExternalId": ""}, COLLECTOR, without(every, "sts:ExternalId"), True),
        ({"ExternalId": ""}, COLLECTOR, {"aws:PrincipalArn": COLLECTOR}, False),
        ({"OrganizationId": ""}, COLLECTOR, without(every, "aws:PrincipalOrgID"), True),
        ({"OrganizationId": ""}, COLLECTOR, {"aws:PrincipalArn": COLLECTOR}, False),
    ]
    for parameters, who, context, wanted in cases:
        trust = stack("member-role", **parameters).resources["ReaderRole"][
            "AssumeRolePolicyDocument"
        ]
        got = allowed(Request("sts:AssumeRole", "", who, context), trust)
        same(f"{who} with {context} under {parameters}", wanted, got)
        if got and allowed(Request("sts:TagSession", "", who, context), trust):
            raise Different("the role lets sessions be tagged")
    return f"{len(cases)} attempts"


def without(context: dict[str, str], key: str) -> dict[str, str]:
    return {name: value for name, value in context.items() if name != key}
