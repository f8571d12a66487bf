"""The product's calls to GitHub against GitHub's own public descriptions."""

import shutil

from local_cloud import paths
from local_cloud.failure import Failure
from suite.section import Report

_FOLDER = paths.ROOT / "scripts" / "schema-check"


def run(report: Report) -> None:
    """Needs Node; requests are checked when the Rust tests of this run have recorded some."""
    if shutil.which("node") is None:
        raise Failure("Node is missing; install Node 20 or newer")
    with report.check("Schemas: installing"):
        report.run("npm", "ci", "--prefix", _FOLDER, "--no-audit", "--no-fund", quiet=True)
    with report.check("Schemas: tests of the check"):
        report.run("npm", "--prefix", _FOLDER, "test", "--silent", quiet=True)
    with report.check("Schemas: queries and recorded requests"):
        report.run("node", _FOLDER / "check.mjs", report.recorded_requests)
