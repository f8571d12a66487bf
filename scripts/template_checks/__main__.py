"""Entry point of scripts/check-template."""

import sys
from pathlib import Path

from local_cloud import paths
from template_checks import problems
from template_checks.model import Template


def main(arguments: list[str]) -> int:
    """Checks the files that are named, or the project's template; answers the exit code."""
    files = [Path(argument) for argument in arguments] or [paths.TEMPLATE]
    found = [f"{file.name}: {problem}" for file in files for problem in problems(file.read_text())]
    if not arguments:
        found += list(_folders())
    for problem in found:
        print(problem)
    return 1 if found else 0


def _folders() -> list[str]:
    """Every function of the template has its crate, and every crate is deployed."""
    template = Template.parse(paths.TEMPLATE.read_text())
    deployed = {function["Handler"] for function in template.functions().values()}
    crates = {file.parent.name for file in (paths.ROOT / "functions").glob("*/Cargo.toml")} - {"bootstrap"}
    missing = [f"functions/{name} does not exist" for name in sorted(deployed - crates)]
    return missing + [f"functions/{name} is not in template.yaml" for name in sorted(crates - deployed)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
