"""Starts processes and makes sure that none of them outlives us."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from local_cloud.failure import NO_SPACE, Failure, Stopped, disk_full

_GRACE_SECONDS = 15.0
_TAIL_LINES = 15


class Service:
    """A process that runs as long as we do and writes to its own log."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    def ended(self) -> bool:
        """Whether it is gone."""
        return self.process.poll() is not None

    def complaint(self) -> Failure:
        """Why it ended, as far as its log tells."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        if any(NO_SPACE in line for line in lines[-_TAIL_LINES:]):
            return disk_full(self.log)
        last = f": {lines[-1]}" if lines else ""
        return Failure(f"{self.name} ended with code {self.process.returncode}{last} (see {self.log})")


class Supervisor:
    """Every process we start, each in a session of its own, so that Ctrl-C reaches only us."""

    def __init__(self) -> None:
        self._services: list[Service] = []
        self._running: list[subprocess.Popen[bytes]] = []
        self._starting = False
        self._asked_to_stop = False

    def ask_to_stop(self) -> None:
        """For signal handlers: raises `Stopped`, but never between a start and its note."""
        self._asked_to_stop = True
        if not self._starting:
            raise Stopped

    def serve(
        self, name: str, command: Sequence[str | Path], env: Mapping[str, str], log: Path
    ) -> Service:
        """Starts a process that is to stay. Its standard input ends when we do."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = self._popen(command, env=dict(env), stdin=subprocess.PIPE, stdout=output)
        service = Service(name, process, log)
        self._services.append(service)
        return service

    def run(
        self,
        command: Sequence[str | Path],
        cwd: Path,
        on_line: Callable[[str], None],
        what: str,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Runs a command to its end. Its lines go to `on_line`; a failure shows the last of them."""
        process = self._popen(
            command,
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        tail: deque[str] = deque(maxlen=_TAIL_LINES)
        first_error = ""
        # Not `with process`: that would wait for its end when we are asked to stop.
        with process.stdout or nullcontext(()) as lines:
            for raw in lines:
                line = raw.decode(errors="replace").rstrip()
                tail.append(line)
                if not first_error and line.lower().startswith("error"):
                    first_error = line
                on_line(line)
        code = process.wait()
        self._running.remove(process)
        if code != 0:
            raise _run_failure(what, code, [first_error, *tail], cwd)

    def _popen(self, command: Sequence[str | Path], **options: Any) -> subprocess.Popen[bytes]:
        self._starting = True
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
            )
            self._running.append(process)
        finally:
            self._starting = False
        if self._asked_to_stop:
            raise Stopped
        return process

    def check(self) -> None:
        """Raises when a service is gone."""
        for service in self._services:
            if service.ended():
                raise service.complaint()

    def stop(self, service: Service) -> None:
        """Ends one service."""
        self._services.remove(service)
        self._running.remove(service.process)
        _end(service.process)

    def stop_all(self) -> None:
        """Ends every process, the newest first."""
        self._services.clear()
        while self._running:
            _end(self._running.pop())


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process: politely, and after a while for good."""
    _signal_group(process, signal.SIGTERM)
    if process.stdin:
        process.stdin.close()
    deadline = time.monotonic() + _GRACE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    # Also what the process started and left behind.
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def _run_failure(what: str, code: int, tail: list[str], place: Path) -> Failure:
    if any(NO_SPACE in line for line in tail):
        return disk_full(place)
    shown = [line for line in tail if line.strip()]
    reasons = [line for line in shown if line.lower().startswith("error")] or shown[-1:]
    return Failure(": ".join([f"{what} failed with code {code}", *reasons[:1]]))
