"""Entry point of scripts/dev: checks the machine, installs the emulator, goes on inside its venv."""

import os
import signal
import sys

from local_cloud import checks, options, paths, venv
from local_cloud.failure import Failure, Stopped, from_os_error
from local_cloud.processes import Supervisor
from local_cloud.progress import complain, say

_COMMAND = "scripts/dev"
# Set once we run on the interpreter of the emulator's virtual environment.
_INSIDE = "AMPEL_DEV_INSIDE_VENV"


def main() -> int:
    """Runs the command; answers its exit code."""
    chosen = options.parse()
    supervisor = Supervisor()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: supervisor.ask_to_stop())
    try:
        if os.environ.pop(_INSIDE, "") != "1":
            _prepare(chosen, supervisor)
            _continue_inside()
        # Needs what the virtual environment holds.
        from local_cloud import dev

        dev.run(chosen, supervisor)
    except Stopped:
        say("\nStopping …")
        return 0
    except Failure as failure:
        complain(_COMMAND, failure)
        return 1
    except OSError as error:
        complain(_COMMAND, from_os_error(error))
        return 1
    finally:
        _ignore_signals()
        supervisor.stop_all()
    return 0


def _prepare(chosen: options.Options, supervisor: Supervisor) -> None:
    if chosen.port:
        checks.port_is_free(chosen.port)
    checks.machine(needs_node=not chosen.headless)
    requirements = paths.REQUIREMENTS / "emulator.txt"
    venv.ensure(supervisor, paths.EMULATOR_VENV, requirements, "the emulator")


def _continue_inside() -> None:
    """Replaces this process, so that signals still reach the one that was started."""
    interpreter = paths.EMULATOR_VENV / "bin" / "python"
    sys.stdout.flush()
    command = [str(interpreter), "-m", "local_cloud", *sys.argv[1:]]
    os.execve(interpreter, command, {**os.environ, _INSIDE: "1"})


def _ignore_signals() -> None:
    """A second Ctrl-C must not leave half of the processes behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
