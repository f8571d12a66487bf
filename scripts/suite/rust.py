"""Format, lints and every Rust test, against an emulator of this run's own."""

from collections.abc import Iterator
from contextlib import contextmanager

from local_cloud import artifact, checks, emulator, paths, venv
from suite import tools
from suite.section import Report

_WARNINGS = ("--", "--deny", "warnings")


def run(report: Report) -> None:
    """All of it; later checks run even when an earlier one failed."""
    venv.ensure(
        report.supervisor, paths.EMULATOR_VENV, paths.REQUIREMENTS / "emulator.txt", "the emulator"
    )
    tools.ensure(report, tools.NEXTEST)
    with report.check("Format"):
        report.run("cargo", "fmt", "--all", "--check")
    with report.check("Clippy"):
        report.run("cargo", "clippy", "--workspace", "--all-targets", "--locked", *_WARNINGS)
    with report.check("Rust tests"), _emulator(report) as url:
        variables = {
            "AMPEL_EMULATOR_URL": url,
            "AMPEL_GITHUB_REQUESTS": str(report.recorded_requests),
            "INSTA_UPDATE": "no",
        }
        report.run("cargo", "nextest", "run", "--workspace", "--locked", "--profile", "ci", env=variables)
    with report.check("Examples in the documentation"):
        report.run("cargo", "test", "--doc", "--workspace", "--locked", "--quiet")
    with report.check("Artifact"):
        report.run("cargo", "build", "--bin", "bootstrap", "--locked")
        report.run(paths.ROOT / "scripts" / "check-artifact", artifact.target_folder() / "debug" / "bootstrap")


@contextmanager
def _emulator(report: Report) -> Iterator[str]:
    """An emulator on a free port that forgets everything: suites that run at once do not meet."""
    port = checks.free_port()
    service = emulator.start(report.supervisor, port, None, report.scratch / "emulator.log")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        report.supervisor.stop(service)
