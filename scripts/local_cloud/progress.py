"""Says what is being done and how long it takes, one line per step."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_HEARTBEAT_SECONDS = 10.0
_LINE_CHARACTERS = 100


class Step:
    """A step that is under way; long ones report from time to time what they are at."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.note = ""
        self._started = time.monotonic()
        self._spoke = self._started

    @property
    def seconds(self) -> float:
        """How long the step has taken until now."""
        return time.monotonic() - self._started

    def at(self, what: str) -> None:
        """Notes what the step is at, and shows it when nothing was shown for a while."""
        now = time.monotonic()
        if now - self._spoke >= _HEARTBEAT_SECONDS:
            self._spoke = now
            say(f"    {self.seconds:4.0f} s  {what[:_LINE_CHARACTERS]}")


def say(line: str) -> None:
    """Prints a line at once, also into a pipe."""
    print(line, flush=True)


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Announces a step and, when it went well, how long it took."""
    say(f"  {title} …")
    current = Step(title)
    yield current
    note = f" ({current.note})" if current.note else ""
    say(f"  {title}: {current.seconds:.1f} s{note}")


def complain(command: str, line: object) -> None:
    """Prints the one line a failure is worth."""
    print(f"{command}: {line}", file=sys.stderr, flush=True)
