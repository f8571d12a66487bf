"""Cargo's helpers, installed into the project when the machine does not have them."""

import subprocess

from local_cloud import paths
from local_cloud.lock import exclusively
from suite.section import Report

# Name of the subcommand and the version the project is tested with.
NEXTEST = ("nextest", "0.9.143")
DENY = ("deny", "0.20.2")


def ensure(report: Report, tool: tuple[str, str]) -> None:
    """Installs a cargo subcommand unless one is there; building it takes minutes."""
    name, version = tool
    with exclusively(f"tool-{name}"):
        if _is_there(name):
            return
        with report.check(f"Installing cargo-{name} {version}"):
            report.run("cargo", "install", "--locked", "--root", paths.TOOLS, f"cargo-{name}@{version}")


def _is_there(name: str) -> bool:
    for place in (str(paths.TOOLS / "bin" / f"cargo-{name}"), f"cargo-{name}"):
        try:
            if subprocess.run([place, name, "--version"], capture_output=True, check=False).returncode == 0:
                return True
        except OSError:
            continue
    return False
