"""Entry point of scripts/test."""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from local_cloud.failure import Failure, Stopped, from_os_error
from local_cloud.processes import Supervisor
from local_cloud.progress import complain, say
from suite import licences, rust, schemas, template
from suite.section import Report

_COMMAND = "scripts/test"
# The quick ones first: they tell most about a small change.
_SECTIONS = {
    "template": template.run,
    "licences": licences.run,
    "rust": rust.run,
    "schemas": schemas.run,
}


def main() -> int:
    """Runs the sections that are asked for; answers the exit code."""
    parser = argparse.ArgumentParser(prog=_COMMAND, description="Runs the test suite, or parts of it.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(_SECTIONS) + " (all)")
    asked = parser.parse_args().sections or list(_SECTIONS)
    unknown = [name for name in asked if name not in _SECTIONS]
    if unknown:
        parser.error(f"there is no section {unknown[0]}; there are {', '.join(_SECTIONS)}")
    supervisor = Supervisor()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: supervisor.ask_to_stop())
    try:
        with tempfile.TemporaryDirectory(prefix="ampel-test-") as scratch:
            return _run(asked, Report(supervisor, Path(scratch)))
    except Stopped:
        say("\nStopped")
        return 130
    except Failure as failure:
        complain(_COMMAND, failure)
        return 1
    except OSError as error:
        complain(_COMMAND, from_os_error(error))
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop_all()


def _run(asked: list[str], report: Report) -> int:
    if shutil.which("cargo") is None:
        raise Failure("Rust is missing; install it from https://rustup.rs")
    for name in asked:
        _SECTIONS[name](report)
    return report.summary()


if __name__ == "__main__":
    sys.exit(main())
