"""Decides requests by policies, as far as the printed templates use the language of policies.

Operators and elements that the templates do not use are refused rather than passed over.
"""

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass, field

from credsql import Different
from templates_reader import Stack

ELEMENTS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}

# Where the types of resources keep their policies.
DOCUMENTS = ["PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy"]


@dataclass
class Request:
    """What somebody asks for. Keys that are not in the context are absent from the request."""

    action: str
    resource: str
    principal: str = ""
    context: dict[str, str] = field(default_factory=dict)


def documents(stack: Stack) -> Iterator[tuple[str, dict]]:
    """Every policy document of a stack, with the name of the resource that has it."""
    for name, properties in stack.resources.items():
        for owner in [properties, *properties.get("Policies", [])]:
            for key in DOCUMENTS:
                if key in owner:
                    yield f"{name}.{key}", owner[key]


def statements(stack: Stack) -> Iterator[tuple[str, dict]]:
    """Every statement of a stack, with its name."""
    for name, document in documents(stack):
        if document["Version"] != "2012-10-17":
            raise Different(f"{name} has the version {document['Version']}")
        for statement in document["Statement"]:
            if unknown := set(statement) - ELEMENTS:
                raise Different(f"{name} has {', '.join(sorted(unknown))}")
            yield f"{name}.{statement['Sid']}", statement


def allowed(request: Request, *policies: dict) -> bool:
    """Whether the request is allowed: by a statement of any policy, and denied by none."""
    effects = {
        statement["Effect"]
        for policy in policies
        for statement in policy["Statement"]
        if applies(statement, request)
    }
    return "Allow" in effects and "Deny" not in effects


def applies(statement: dict, request: Request) -> bool:
    return (
        any(
            matches(pattern.lower(), request.action.lower())
            for pattern in listed(statement["Action"])
        )
        and ("Resource" not in statement or any_matches(statement["Resource"], request.resource))
        and ("Principal" not in statement or is_principal(statement["Principal"], request))
        and all(
            condition(operator, key, listed(values), request.context.get(key))
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def is_principal(principal: str | dict, request: Request) -> bool:
    if principal == "*":
        return True
    [(kind, who)] = principal.items()
    if kind == "Service":
        return request.principal == who
    account = f"{request.principal.rsplit(':', 1)[0]}:root"
    return who in ("*", account)


def condition(operator: str, key: str, wanted: list[str], got: str | None) -> bool:
    """One line of a condition. A negated operator holds for a key that is absent."""
    if operator == "Null":
        return (got is None) == (wanted == ["true"])
    plain = operator.removesuffix("IfExists")
    if got is None:
        return plain != operator or "Not" in plain
    match plain:
        case "StringEquals" | "Bool":
            return got in wanted
        case "StringNotEquals":
            return got not in wanted
        case "StringLike" | "ArnLike" | "ArnEquals":
            return any_matches(wanted, got)
        case "ArnNotEquals":
            return not any_matches(wanted, got)
    raise Different(f"the checks do not know the operator {operator} of {key}")


def listed(values: str | list) -> list[str]:
    return [values] if isinstance(values, str) else values


def any_matches(patterns: str | list, text: str) -> bool:
    return any(matches(pattern, text) for pattern in listed(patterns))


def matches(pattern: str, text: str) -> bool:
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
