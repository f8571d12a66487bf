"""Entry point of scripts/check-template."""

import re
import sys
from pathlib import Path

from local_cloud import paths
from template_checks import problems
from template_checks.model import Template, environment

_REQUIRED = re.compile(r"""\.required\(\s*"([A-Z0-9_]+)"\s*\)""")


def main(arguments: list[str]) -> int:
    """Checks the files that are named, or the project's template; answers the exit code."""
    files = [Path(argument) for argument in arguments] or [paths.TEMPLATE]
    found = [f"{file.name}: {problem}" for file in files for problem in problems(file.read_text())]
    if not arguments:
        template = Template.parse(paths.TEMPLATE.read_text())
        found += _folders(template) + _variables(template)
    for problem in found:
        print(problem)
    return 1 if found else 0


def _folders(template: Template) -> list[str]:
    """Every function of the template has its crate, and every crate is deployed."""
    deployed = {function["Handler"] for function in template.functions().values()}
    crates = {file.parent.name for file in (paths.ROOT / "functions").glob("*/Cargo.toml")} - {"bootstrap"}
    missing = [f"functions/{name} does not exist" for name in sorted(deployed - crates)]
    return missing + [f"functions/{name} is not in template.yaml" for name in sorted(crates - deployed)]


def _variables(template: Template) -> list[str]:
    """What a function's crate requires from its environment, the template gives it."""
    found = []
    for name, function in template.functions().items():
        sources = (paths.ROOT / "functions" / function["Handler"] / "src").rglob("*.rs")
        required = {variable for file in sources for variable in _REQUIRED.findall(file.read_text())}
        missing = sorted(required - set(environment(function)))
        found += [f"{name}: requires {variable}, the template does not give it" for variable in missing]
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
