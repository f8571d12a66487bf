"""The template: AWS's own linters, and the promises they do not know."""

from local_cloud import paths, venv
from suite.section import Report

_NO_TELEMETRY = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}


def run(report: Report) -> None:
    """Needs no credentials and no Rust."""
    venv.ensure(
        report.supervisor, paths.CHECKS_VENV, paths.REQUIREMENTS / "checks.txt", "the template linters"
    )
    tools = paths.CHECKS_VENV / "bin"
    with report.check("Template: sam validate --lint"):
        report.run(tools / "sam", "validate", "--lint", "--template", paths.TEMPLATE, env=_NO_TELEMETRY)
    with report.check("Template: cfn-lint"):
        report.run(tools / "cfn-lint", paths.TEMPLATE)
    with report.check("Template: own assertions"):
        report.run(paths.ROOT / "scripts" / "check-template")
    with report.check("Tests of the scripts"):
        scripts = paths.ROOT / "scripts"
        report.run(tools / "python", "-m", "unittest", "discover", "-s", scripts / "tests", "-t", scripts)
