"""One section of the suite: its headings, its commands, and how long they took."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local_cloud import paths
from local_cloud.failure import Failure
from local_cloud.processes import Supervisor
from local_cloud.progress import say


@dataclass
class Report:
    """What ran, how long it took, and what failed."""

    supervisor: Supervisor
    # A folder of this run's own; it is removed at the end.
    scratch: Path
    started: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def recorded_requests(self) -> Path:
        """Where the Rust tests record what the product asks of the fake GitHub, a line per request."""
        return self.scratch / "github-requests.jsonl"

    @contextmanager
    def check(self, title: str) -> Iterator[None]:
        """A heading. A failure inside is noted, and the next check still runs."""
        begin = time.monotonic()
        say(f"\n=== {title} ({begin - self.started:.0f} s)")
        outcome = "ok"
        try:
            yield
        except Failure as failure:
            say(f"--- {failure}")
            self.failed.append(title)
            outcome = "FAILED"
        self.lines.append(f"{time.monotonic() - begin:7.1f} s  {outcome:6}  {title}")

    def run(self, *command: str | Path, env: Mapping[str, str] | None = None, quiet: bool = False) -> None:
        """Runs a command at the root of the project and shows what it says."""
        kept: list[str] = []
        show = kept.append if quiet else say
        try:
            self.supervisor.run(command, paths.ROOT, show, _name(command), _environment(env))
        except Failure:
            for line in kept:
                say(line)
            raise

    def summary(self) -> int:
        """Prints what ran; answers the exit code."""
        say("\n=== Summary")
        for line in self.lines:
            say(line)
        say(f"{time.monotonic() - self.started:7.1f} s  in all")
        for title in self.failed:
            say(f"FAILED: {title}")
        return 1 if self.failed else 0


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    environment = {**os.environ, "CARGO_TERM_PROGRESS_WHEN": "never", **(extra or {})}
    environment["PATH"] = f"{paths.TOOLS / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    return environment


def _name(command: Sequence[str | Path]) -> str:
    return " ".join([Path(command[0]).name, *(str(part) for part in command[1:3])])
