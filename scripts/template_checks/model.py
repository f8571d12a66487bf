"""A template with its intrinsic functions in long form, and the few views that checks need."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local_cloud.template import parse


@dataclass(frozen=True)
class Statement:
    """One Allow statement of a role."""

    actions: tuple[str, ...]
    resources: tuple[Any, ...]

    def targets(self) -> Iterator[str]:
        """Logical ids that the statement's resources name."""
        for resource in self.resources:
            yield from (name for name, _ in mentions(resource))


class Template:
    """A parsed template."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.resources: dict[str, dict[str, Any]] = content.get("Resources", {})

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Reads the text of a template."""
        return cls(parse(text))

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Properties of every resource of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource.get("Type") == kind
        }

    def functions(self) -> dict[str, dict[str, Any]]:
        """Properties of every function, with what `Globals` adds to them."""
        shared = self.content.get("Globals", {}).get("Function", {})
        return {name: _merged(shared, own) for name, own in self.of("AWS::Serverless::Function").items()}

    def statements(self, function: str) -> list[Statement]:
        """What a function's role allows."""
        role = attribute_of(self.functions()[function].get("Role"))
        policies = self.resources.get(role or "", {}).get("Properties", {}).get("Policies", [])
        return [
            Statement(tuple(as_list(entry.get("Action"))), tuple(as_list(entry.get("Resource"))))
            for policy in policies
            for entry in as_list(policy["PolicyDocument"]["Statement"])
            if entry.get("Effect") == "Allow"
        ]

    def mappings(self) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
        """Logical ids of mapping, function and source, and the properties of every event mapping."""
        for name, properties in self.of("AWS::Lambda::EventSourceMapping").items():
            function = reference_of(properties.get("FunctionName")) or "?"
            source = attribute_of(properties.get("EventSourceArn")) or "?"
            yield name, function, source, properties


def environment(function: dict[str, Any]) -> dict[str, Any]:
    """The environment of a function."""
    return function.get("Environment", {}).get("Variables", {})


def reference_of(value: Any) -> str | None:
    """The logical id behind a `!Ref`."""
    return value.get("Ref") if isinstance(value, dict) else None


def attribute_of(value: Any) -> str | None:
    """The logical id behind a `!GetAtt`."""
    if isinstance(value, dict) and isinstance(value.get("Fn::GetAtt"), list):
        return str(value["Fn::GetAtt"][0])
    return None


def as_list(value: Any) -> list[Any]:
    """Policies allow one thing where they mean a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def mentions(value: Any) -> Iterator[tuple[str, str]]:
    """Every logical id that a value refers to, and how."""
    if isinstance(value, list):
        for item in value:
            yield from mentions(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _mention(key, inner)


def _mention(key: str, inner: Any) -> Iterator[tuple[str, str]]:
    if key == "Ref" and isinstance(inner, str):
        yield inner, "!Ref"
    elif key == "Fn::GetAtt" and isinstance(inner, list):
        yield str(inner[0]), "!GetAtt"
    elif key == "Fn::Sub":
        yield from _substitutions(inner)
    else:
        yield from mentions(inner)


def _substitutions(inner: Any) -> Iterator[tuple[str, str]]:
    text, own = (inner[0], inner[1]) if isinstance(inner, list) else (inner, {})
    for piece in str(text).split("${")[1:]:
        name = piece.split("}", 1)[0]
        if not name.startswith("!") and name not in own:
            yield name.split(".", 1)[0], "!Sub"
    yield from mentions(own)


def _merged(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = {**shared, **own}
    if "Environment" in shared or "Environment" in own:
        merged["Environment"] = {"Variables": {**environment(shared), **environment(own)}}
    return merged
