"""References to what does not exist."""

from collections.abc import Iterator

from template_checks.model import Template, as_list, mentions

_PSEUDO = "AWS::"


def undefined(template: Template) -> Iterator[str]:
    """`!Ref`, `!GetAtt`, `!Sub` and DependsOn must name a parameter or a resource."""
    known = {*template.resources, *template.content.get("Parameters", {})}
    places = {
        **template.resources,
        "Globals": template.content.get("Globals", {}),
        "Outputs": template.content.get("Outputs", {}),
    }
    for place, content in places.items():
        for name, how in mentions(content):
            if name not in known and not name.startswith(_PSEUDO):
                yield f"{place}: {how} names {name}, which does not exist"
    for place, resource in template.resources.items():
        for name in as_list(resource.get("DependsOn")):
            if name not in template.resources:
                yield f"{place}: DependsOn names {name}, which does not exist"
