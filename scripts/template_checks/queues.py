"""Queues, what reads them, and where their failures go."""

from collections.abc import Iterator
from typing import Any

from template_checks.model import Template, attribute_of, mentions

_LEAST_RECEIVES = 5
_VISIBILITY_FACTOR = 6
_LONGEST_FIFO_BATCH = 10
_DEFAULT_VISIBILITY = 30
_DEFAULT_RETENTION = 345_600


def encryption(template: Template) -> Iterator[str]:
    """Messages name people and repositories."""
    for name, queue in template.of("AWS::SQS::Queue").items():
        if queue.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue:
            yield f"{name}: is not encrypted"


def names(template: Template) -> Iterator[str]:
    """A FIFO queue ends with .fifo, a standard one does not."""
    for name, queue in template.of("AWS::SQS::Queue").items():
        value = queue.get("QueueName", "")
        text = value.get("Fn::Sub", "") if isinstance(value, dict) else value
        if _is_fifo(queue) != text.endswith(".fifo"):
            yield f"{name}: its name {text} does not fit its type"


def dead_letters(template: Template) -> Iterator[str]:
    """Every queue that is read has a dead-letter queue of its own type which keeps longer."""
    queues = template.of("AWS::SQS::Queue")
    read = {source for _, _, source, _ in template.mappings()}
    taken: dict[str, str] = {}
    for name, queue in queues.items():
        if name not in read:
            continue
        policy = queue.get("RedrivePolicy", {})
        target = attribute_of(policy.get("deadLetterTargetArn"))
        if target not in queues:
            yield f"{name}: has no dead-letter queue"
            continue
        yield from _check_target(name, queue, target, queues[target], policy)
        if target in taken:
            yield f"{target}: is the dead-letter queue of {taken[target]} and of {name}"
        taken[target] = name


def mappings(template: Template) -> Iterator[str]:
    """One message, one outcome; and nothing is handed out again while it is still worked on."""
    queues = template.of("AWS::SQS::Queue")
    functions = template.functions()
    for name, function, source, properties in template.mappings():
        if "ReportBatchItemFailures" not in properties.get("FunctionResponseTypes", []):
            yield f"{name}: does not report batch item failures"
        if source not in queues or function not in functions:
            continue
        queue = queues[source]
        visibility = queue.get("VisibilityTimeout", _DEFAULT_VISIBILITY)
        needed = _VISIBILITY_FACTOR * functions[function].get("Timeout", 3)
        if visibility < needed:
            yield f"{source}: is visible again after {visibility} s, {function} needs {needed} s"
        if _is_fifo(queue) and properties.get("BatchSize", 10) > _LONGEST_FIFO_BATCH:
            yield f"{name}: takes more than {_LONGEST_FIFO_BATCH} messages of a FIFO queue"
        if not _may_receive(template, function, source):
            yield f"{function}: may not receive from {source}"


def streams(template: Template) -> Iterator[str]:
    """A record that keeps failing must not stop its shard for a day and then be gone."""
    tables = template.of("AWS::DynamoDB::Table")
    for name, _, source, properties in template.mappings():
        if source not in tables:
            continue
        if not list(mentions(properties.get("DestinationConfig", {}).get("OnFailure"))):
            yield f"{name}: has no destination for records that fail"
        if properties.get("BisectBatchOnFunctionError") is not True:
            yield f"{name}: does not split a failing batch"
        if properties.get("MaximumRetryAttempts", -1) < 0:
            yield f"{name}: retries without end"
        if properties.get("StartingPosition") != "TRIM_HORIZON":
            yield f"{name}: does not start at the oldest record"


def used(template: Template) -> Iterator[str]:
    """A queue nobody sends to is left over."""
    written = {
        target
        for function in template.functions()
        for statement in template.statements(function)
        if "sqs:SendMessage" in statement.actions
        for target in statement.targets()
    }
    redriven = {
        attribute_of(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
        for queue in template.of("AWS::SQS::Queue").values()
    }
    for name in template.of("AWS::SQS::Queue"):
        if name not in written | redriven:
            yield f"{name}: nothing sends to it"


def _check_target(
    name: str, queue: dict[str, Any], target: str, dead: dict[str, Any], policy: dict[str, Any]
) -> Iterator[str]:
    if _is_fifo(queue) != _is_fifo(dead):
        yield f"{name}: its dead-letter queue {target} is of another type"
    if policy.get("maxReceiveCount", 0) < _LEAST_RECEIVES:
        yield f"{name}: gives up after fewer than {_LEAST_RECEIVES} receives"
    keeps = queue.get("MessageRetentionPeriod", _DEFAULT_RETENTION)
    if dead.get("MessageRetentionPeriod", _DEFAULT_RETENTION) <= keeps:
        yield f"{target}: does not keep messages longer than {name}"


def _may_receive(template: Template, function: str, queue: str) -> bool:
    return any(
        "sqs:ReceiveMessage" in statement.actions and queue in statement.targets()
        for statement in template.statements(function)
    )


def _is_fifo(queue: dict[str, Any]) -> bool:
    return queue.get("FifoQueue") is True
