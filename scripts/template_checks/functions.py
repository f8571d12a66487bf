"""Functions: their runtime, logs, role and environment."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from template_checks.model import Template, attribute_of, environment, reference_of

_RUNTIME = "provided.al2023"

# Every variable a function may read; docs/configuration.md describes them.
KNOWN_VARIABLES = frozenset(
    {
        "TABLE_NAME",
        "EVENTS_QUEUE_URL",
        "EVENTS_DLQ_URL",
        "SYNC_QUEUE_URL",
        "DELAYS_QUEUE_URL",
        "CLEANUP_QUEUE_URL",
        "HOOK_STAMPS_QUEUE_URL",
        "CHANGES_UNPUBLISHED_QUEUE_URL",
        "EVENT_BUS_NAME",
        "KMS_KEY_ID",
        "JWT_SECRET_ID",
        "JWT_ACCESS_EXPIRY_MINUTES",
        "JWT_REFRESH_EXPIRY_DAYS",
        "PUBLIC_URL",
        "ALLOWED_PRIVATE_HOSTS",
        "CORS_ORIGINS",
        "AMPEL_MODE",
        "RUST_LOG",
    }
)


def runtime(template: Template) -> Iterator[str]:
    """All functions come from the one artifact and name themselves by their handler."""
    for name, function in template.functions().items():
        if function.get("Runtime") != _RUNTIME:
            yield f"{name}: Runtime is {function.get('Runtime')}, not {_RUNTIME}"
        if "Architectures" not in function:
            yield f"{name}: has no Architectures"
        if "CodeUri" in template.of("AWS::Serverless::Function")[name]:
            yield f"{name}: has a CodeUri of its own; the artifact is shared, in Globals"
        if _text(function.get("FunctionName")) != f"${{AWS::StackName}}-{function.get('Handler')}":
            yield f"{name}: FunctionName does not end with its Handler {function.get('Handler')}"


def log_groups(template: Template) -> Iterator[str]:
    """Without a group in the template Lambda makes one itself, which keeps its lines forever."""
    groups = template.of("AWS::Logs::LogGroup")
    for name, function in template.functions().items():
        group = reference_of(function.get("LoggingConfig", {}).get("LogGroup"))
        if group not in groups:
            yield f"{name}: has no log group"
            continue
        wanted = f"/aws/lambda/${{AWS::StackName}}-{function.get('Handler')}"
        if _text(groups[group].get("LogGroupName")) != wanted:
            yield f"{name}: its log group is not named {wanted}"
    for group, properties in groups.items():
        if "RetentionInDays" not in properties:
            yield f"{group}: has no RetentionInDays"


def roles(template: Template) -> Iterator[str]:
    """A role may do what one function does, so it belongs to one function."""
    owners = Counter()
    for name, function in template.functions().items():
        role = attribute_of(function.get("Role"))
        if template.resources.get(role or "", {}).get("Type") != "AWS::IAM::Role":
            yield f"{name}: has no role of its own in this template"
        owners[role] += 1
    for role, count in owners.items():
        if role and count > 1:
            yield f"{role}: is shared by {count} functions"


def variables(template: Template) -> Iterator[str]:
    """A misspelt variable is read by nobody."""
    for name, function in template.functions().items():
        for variable in environment(function):
            if variable not in KNOWN_VARIABLES:
                yield f"{name}: gets {variable}, which no function reads"


def _text(value: Any) -> str | None:
    return value.get("Fn::Sub") if isinstance(value, dict) else value
