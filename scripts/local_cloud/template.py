"""Reads CloudFormation templates, whose short tags (`!Ref X`) plain YAML does not know."""

from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """SafeLoader that turns short tags into their long form."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        return {"Fn::GetAtt": value.split(".", 1)}
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def parse(text: str) -> dict[str, Any]:
    """A template as plain dictionaries and lists."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506, a SafeLoader
