"""Ports of the local cloud. They are part of its data: queue URLs, instance URLs and webhook URLs
contain them, so they are kept over restarts, and the data is rewritten when one has to change."""

import json
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from local_cloud.checks import can_listen, free_port

_HOST = "127.0.0.1"

PROVIDERS = ("github", "gitlab", "bitbucket", "gitea")
"""The fake providers."""


@dataclass(frozen=True)
class Addresses:
    """Loopback ports of one local cloud."""

    front_door: int
    emulator: int
    github: int
    gitlab: int
    bitbucket: int
    gitea: int

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

    def provider_socket(self, provider: str) -> str:
        """Where a fake provider listens."""
        return f"{_HOST}:{getattr(self, provider)}"


def choose(state: Path, front_door: int) -> Addresses:
    """The ports of this start: those of the last one where they are free. Rewrites the data."""
    earlier = _load(state)
    ports = {"front_door": front_door or free_port()}
    for name in ("emulator", *PROVIDERS):
        ports[name] = _keep(earlier.get(name, 0), ports.values())
    chosen = Addresses(**ports)
    _rewrite(state, earlier, asdict(chosen))
    _file(state).parent.mkdir(parents=True, exist_ok=True)
    _file(state).write_text(json.dumps(asdict(chosen), indent=2) + "\n")
    return chosen


def _file(state: Path) -> Path:
    return state / "addresses.json"


def _load(state: Path) -> dict[str, int]:
    """The ports of the last start, as far as it had them."""
    try:
        ports = json.loads(_file(state).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    names = [field.name for field in fields(Addresses)]
    return {name: ports[name] for name in names if isinstance(ports.get(name), int)}


def _keep(port: int, taken: Collection[int]) -> int:
    """The port, or a free one that is not taken either."""
    while not port or port in taken or not can_listen(port):
        port = free_port()
    return port


def _rewrite(state: Path, earlier: dict[str, int], chosen: dict[str, int]) -> None:
    """Replaces old ports by new ones, in one pass, so that a port that moved is not moved twice."""
    moved = {
        f"{_HOST}:{old}": f"{_HOST}:{chosen[name]}"
        for name, old in earlier.items()
        if old != chosen[name]
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
