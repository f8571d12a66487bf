"""Chains of functions and queues that come back to where they began."""

from collections.abc import Iterator

from template_checks.model import Template


def recursive_loop(template: Template) -> Iterator[str]:
    """Lambda stops a chain that returns to its function after about 16 hops, unless that function
    says `RecursiveLoop: Allow`. Who is in no such chain must not say it: there it is a safety net."""
    successors = _successors(template)
    for name, function in template.functions().items():
        loops = name in _reachable(successors, name)
        allowed = function.get("RecursiveLoop") == "Allow"
        if loops and not allowed:
            yield f"{name}: can queue to its own chain but does not set RecursiveLoop: Allow"
        if allowed and not loops:
            yield f"{name}: sets RecursiveLoop: Allow but can not queue to its own chain"


def _successors(template: Template) -> dict[str, set[str]]:
    """The functions that each function can wake by a message."""
    readers: dict[str, set[str]] = {}
    for _, function, source, _ in template.mappings():
        readers.setdefault(source, set()).add(function)
    return {
        name: {
            reader
            for statement in template.statements(name)
            if any(action in ("sqs:SendMessage", "sqs:*", "*") for action in statement.actions)
            for queue in statement.targets()
            for reader in readers.get(queue, ())
        }
        for name in template.functions()
    }


def _reachable(successors: dict[str, set[str]], start: str) -> set[str]:
    """Everything that can follow `start`, in one or more hops."""
    found: set[str] = set()
    waiting = list(successors.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(successors.get(name, ()))
    return found
