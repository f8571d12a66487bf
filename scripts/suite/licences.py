"""Licences, banned crates, where crates come from, and whether anybody uses them."""

from suite import tools
from suite.section import Report


def run(report: Report) -> None:
    """The advisory database is left out: it needs the network at every run."""
    tools.ensure(report, tools.DENY)
    with report.check("Licences, bans and sources"):
        checks = ("licenses", "bans", "sources")
        report.run("cargo", "deny", "--locked", "check", "--hide-inclusion-graph", *checks)
    tools.ensure(report, tools.MACHETE)
    with report.check("Unused dependencies"):
        report.run("cargo", "machete", "functions", "shared", "benches")
