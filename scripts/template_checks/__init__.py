"""Promises of template.yaml that neither `sam validate --lint` nor `cfn-lint` knows.

Every check is a function from a `Template` to the problems it finds; `ALL` lists them.
"""

from template_checks import functions, http, loops, policies, queues, references, table
from template_checks.model import Template

ALL = (
    references.undefined,
    functions.runtime,
    functions.log_groups,
    functions.roles,
    functions.variables,
    policies.wildcards,
    policies.managed,
    policies.match_environment,
    loops.recursive_loop,
    queues.encryption,
    queues.names,
    queues.dead_letters,
    queues.mappings,
    queues.streams,
    queues.used,
    http.permissions,
    http.aliases,
    table.shape,
)


def problems(text: str) -> list[str]:
    """Everything that is wrong with the text of a template."""
    template = Template.parse(text)
    return [problem for check in ALL for problem in check(template)]
