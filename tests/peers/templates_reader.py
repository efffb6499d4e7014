"""Reads a CloudFormation template that credsql prints, and works out what it becomes.

cfn-lint reads the YAML. What it becomes under given parameters is worked out here, with the few
functions that the templates use; any other is refused. A value that only AWS could know, as the
ARN of a resource, stays as a name in angle brackets: <Bucket.Arn>.
"""

import re
import shlex

from cfnlint.decode import cfn_yaml
from credsql import Different, succeed

NAMES = ["member-role", "bucket", "scheduler"]

# What the pseudo parameters stand for, unless a check says otherwise.
PSEUDO = {
    "AWS::AccountId": "222233334444",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "credsql-stack",
    "AWS::URLSuffix": "amazonaws.com",
}

# The value of a property that is not there.
NOTHING = object()


def printed(name: str) -> str:
    """A template as credsql prints it."""
    return succeed("collect", "--print-template", name).decode()


def parsed(text: str) -> dict:
    """The template as plain data, with the short forms of functions written out."""
    return plain(cfn_yaml.loads(text))


def plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


def commands(text: str) -> list[list[str]]:
    """The commands that the comment at the top of a template shows, in words."""
    top = text.split("AWSTemplateFormatVersion")[0]
    shown = "\n".join(line[4:] for line in top.splitlines() if line.startswith("#   "))
    lines = shown.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.strip()]


def shown_parameters(text: str) -> dict[str, str]:
    """What the first `aws cloudformation deploy` shown in a template gives as parameters."""
    words = next(
        words for words in commands(text) if words[:3] == ["aws", "cloudformation", "deploy"]
    )
    given = words[words.index("--parameter-overrides") + 1 :]
    return dict(word.split("=", 1) for word in given)


class Stack:
    """What a template becomes under parameters: its resources and outputs."""

    def __init__(self, template: dict, given: dict[str, str], **pseudo: str) -> None:
        self.template = template
        self.pseudo = PSEUDO | {f"AWS::{name}": value for name, value in pseudo.items()}
        self.parameters = {
            name: taken(name, definition, given)
            for name, definition in template["Parameters"].items()
        }
        if unknown := set(given) - set(self.parameters):
            raise Different(f"no such parameters: {', '.join(sorted(unknown))}")
        self.resources = {
            name: self.value(resource["Properties"])
            for name, resource in template["Resources"].items()
            if self.holds(resource.get("Condition"))
        }
        self.outputs = {
            name: self.value(output["Value"]) for name, output in template["Outputs"].items()
        }

    def holds(self, condition: str | None) -> bool:
        return condition is None or self.truth(self.template["Conditions"][condition])

    def truth(self, expression: dict) -> bool:
        [(function, inner)] = expression.items()
        match function:
            case "Condition":
                return self.holds(inner)
            case "Fn::Equals":
                return str(self.value(inner[0])) == str(self.value(inner[1]))
            case "Fn::Not":
                return not self.truth(inner[0])
            case "Fn::Or":
                return any(self.truth(one) for one in inner)
        raise Different(f"the checks do not know the condition {function}")

    def value(self, node: object) -> object:
        """What a part of the template becomes."""
        if isinstance(node, list):
            values = [self.value(inner) for inner in node]
            return [value for value in values if value is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(name, inner)] = node.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self.function(name, inner)
        values = {key: self.value(inner) for key, inner in node.items()}
        return {key: value for key, value in values.items() if value is not NOTHING}

    def function(self, name: str, inner: object) -> object:
        match name:
            case "Ref":
                return self.reference(inner)
            case "Fn::GetAtt":
                return f"<{inner if isinstance(inner, str) else '.'.join(inner)}>"
            case "Fn::If":
                return self.value(inner[1] if self.holds(inner[0]) else inner[2])
            case "Fn::Join":
                return inner[0].join(self.value(inner[1]))
            case "Fn::Split":
                return self.value(inner[1]).split(inner[0])
            case "Fn::Select":
                return self.value(inner[1])[int(inner[0])]
            case "Fn::FindInMap":
                table, *keys = [self.value(key) for key in inner]
                return self.template["Mappings"][table][keys[0]][keys[1]]
            case "Fn::Sub":
                return self.substituted(inner)
        raise Different(f"the checks do not know the function {name}")

    def reference(self, name: str) -> object:
        if name == "AWS::NoValue":
            return NOTHING
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        if name in self.template["Resources"]:
            return f"<{name}>"
        raise Different(f"nothing is called {name}")

    def substituted(self, inner: str | list) -> str:
        text, own = (inner, {}) if isinstance(inner, str) else (inner[0], self.value(inner[1]))

        def named(found: re.Match) -> str:
            name = found[1]
            if name in own:
                return own[name]
            return f"<{name}>" if "." in name else str(self.reference(name))

        return re.sub(r"\$\{([^}]+)\}", named, text)


def taken(name: str, definition: dict, given: dict[str, str]) -> object:
    """The value of a parameter, refused as CloudFormation would refuse it."""
    if name not in given and "Default" not in definition:
        raise Different(f"the parameter {name} is missing")
    value = str(given.get(name, definition.get("Default")))
    kind = definition["Type"]
    several = kind == "CommaDelimitedList" or kind.startswith("List<")
    for one in value.split(",") if several else [value]:
        if "AllowedPattern" in definition and not re.fullmatch(definition["AllowedPattern"], one):
            raise Different(f"{name} {definition['ConstraintDescription']}, not {one!r}")
        allowed = [str(one) for one in definition.get("AllowedValues", [])]
        if allowed and one not in allowed:
            raise Different(f"{name} must be one of {allowed}, not {one!r}")
        ranged = kind == "Number" and not allowed
        if ranged and not definition["MinValue"] <= int(one) <= definition["MaxValue"]:
            raise Different(f"{name} is out of its range: {one}")
    return value.split(",") if several else value
