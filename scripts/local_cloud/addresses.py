"""Ports of the local cloud. They are part of its data: queue URLs, instance URLs and webhook URLs
contain them, so they are kept over restarts, and the data is rewritten when one has to change."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from local_cloud.checks import can_listen, free_port

_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Addresses:
    """Loopback ports of one local cloud."""

    front_door: int
    emulator: int
    github: int

    @property
    def front_door_url(self) -> str:
        """What a person opens."""
        return f"http://{_HOST}:{self.front_door}"

    @property
    def emulator_url(self) -> str:
        """What AWS clients talk to."""
        return f"http://{_HOST}:{self.emulator}"

    @property
    def front_door_socket(self) -> str:
        """Where the front door listens."""
        return f"{_HOST}:{self.front_door}"

    @property
    def github_socket(self) -> str:
        """Where the fake GitHub listens."""
        return f"{_HOST}:{self.github}"


def choose(state: Path, front_door: int) -> Addresses:
    """The ports of this start: those of the last one where they are free. Rewrites the data."""
    earlier = _load(state)
    chosen = Addresses(
        front_door=front_door or free_port(),
        emulator=_keep(earlier.emulator if earlier else 0),
        github=_keep(earlier.github if earlier else 0),
    )
    if earlier is not None:
        _rewrite(state, earlier, chosen)
    _file(state).parent.mkdir(parents=True, exist_ok=True)
    _file(state).write_text(json.dumps(asdict(chosen), indent=2) + "\n")
    return chosen


def _file(state: Path) -> Path:
    return state / "addresses.json"


def _load(state: Path) -> Addresses | None:
    try:
        return Addresses(**json.loads(_file(state).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _keep(port: int) -> int:
    return port if port and can_listen(port) else free_port()


def _rewrite(state: Path, earlier: Addresses, chosen: Addresses) -> None:
    """Replaces old ports by new ones, in one pass, so that a port that moved is not moved twice."""
    moved = {
        f"{_HOST}:{old}": f"{_HOST}:{new}"
        for old, new in zip(asdict(earlier).values(), asdict(chosen).values(), strict=True)
        if old != new
    }
    if not moved:
        return
    for file in state.rglob("*.json"):
        text = file.read_text(errors="surrogateescape")
        replaced = _replace(text, moved)
        if replaced != text:
            file.write_text(replaced, errors="surrogateescape")


def _replace(text: str, moved: dict[str, str]) -> str:
    pattern = "|".join(re.escape(old) for old in moved)
    return re.sub(rf"(?:{pattern})(?!\d)", lambda found: moved[found.group()], text)
