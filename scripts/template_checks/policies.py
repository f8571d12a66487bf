"""Roles may do exactly what their function does."""

import re
from collections.abc import Iterator
from typing import Any

from template_checks.model import Template, as_list, environment, mentions, reference_of

# Wildcards below one resource of ours.
_INSIDE_OURS = re.compile(r"^\$\{\w+\.Arn\}/(index|stream)/\*$")


def wildcards(template: Template) -> Iterator[str]:
    """No action and no resource is a wildcard, except the indexes and streams of a table."""
    for role, entry in _entries(template):
        for action in as_list(entry.get("Action")):
            if "*" in action:
                yield f"{role}: allows the action {action}"
        for resource in as_list(entry.get("Resource")):
            text = resource.get("Fn::Sub") if isinstance(resource, dict) else resource
            if isinstance(text, str) and "*" in text and not _INSIDE_OURS.match(text):
                yield f"{role}: allows the resource {text}"
        for forbidden in ("NotAction", "NotResource"):
            if forbidden in entry:
                yield f"{role}: uses {forbidden}"


def managed(template: Template) -> Iterator[str]:
    """AWS's managed policies allow `*` somewhere."""
    for role, properties in template.of("AWS::IAM::Role").items():
        if properties.get("ManagedPolicyArns"):
            yield f"{role}: uses a managed policy"
    for name, function in template.functions().items():
        if function.get("Policies"):
            yield f"{name}: has Policies beside its role"


def match_environment(template: Template) -> Iterator[str]:
    """What a function is told about it may use, and the queues it may send to it is told about."""
    queues = template.of("AWS::SQS::Queue")
    for name, function in template.functions().items():
        told = {reference_of(value) for value in environment(function).values()}
        told &= set(template.resources)
        statements = template.statements(name)
        allowed = {target for statement in statements for target in statement.targets()}
        for resource in sorted(told - allowed):
            yield f"{name}: is told about {resource} but may not use it"
        sends = {
            target
            for statement in statements
            if "sqs:SendMessage" in statement.actions
            for target in statement.targets()
        }
        for queue in sorted((sends & set(queues)) - told - _failure_destinations(template, name)):
            yield f"{name}: may send to {queue} but is not told about it"


def _failure_destinations(template: Template, function: str) -> set[str]:
    """The mapping itself sends there, with the function's role."""
    return {
        target
        for _, owner, _, properties in template.mappings()
        if owner == function
        for target, _ in mentions(properties.get("DestinationConfig"))
    }


def _entries(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for role, properties in template.of(kind).items():
            documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
            documents += as_list(properties.get("PolicyDocument"))
            for document in documents:
                for entry in as_list(document["Statement"]):
                    yield role, entry
