"""Cargo's helpers, installed into the project when the machine does not have them."""

import os
import shutil

from local_cloud import paths
from local_cloud.lock import exclusively
from suite.section import Report

# Name of the subcommand and the version the project is tested with.
NEXTEST = ("nextest", "0.9.143")
DENY = ("deny", "0.20.2")
MACHETE = ("machete", "0.9.2")


def ensure(report: Report, tool: tuple[str, str]) -> None:
    """Installs a cargo subcommand unless one is there; building it takes minutes."""
    name, version = tool
    with exclusively(f"tool-{name}"):
        if _is_there(name):
            return
        with report.check(f"Installing cargo-{name} {version}"):
            report.run("cargo", "install", "--locked", "--root", paths.TOOLS, f"cargo-{name}@{version}")


def _is_there(name: str) -> bool:
    """In the project's own folder, or anywhere on the machine's path."""
    places = f"{paths.TOOLS / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return shutil.which(f"cargo-{name}", path=places) is not None
