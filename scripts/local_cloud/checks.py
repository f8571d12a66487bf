"""What this machine must have, checked before anything is started."""

import re
import shutil
import socket
import subprocess

from local_cloud import paths
from local_cloud.failure import Failure

_OLDEST_NODE = 20
_MEGABYTE = 1024 * 1024
# Measured: a first start writes about 0.3 GB of emulator and 2 GB of build; a later one very little.
_FIRST_START_MEGABYTES = 3000
_LATER_START_MEGABYTES = 300


def machine(needs_node: bool) -> None:
    """Raises for the first thing that is missing, too old or full."""
    if shutil.which("cargo") is None:
        raise Failure("Rust is missing; install it from https://rustup.rs")
    if needs_node:
        _node()
    _disk()


def port_is_free(port: int) -> None:
    """Raises when somebody listens on the port."""
    if not can_listen(port):
        raise Failure(f"port {port} is taken; stop what listens there or use --port N (0 picks a free one)")


def can_listen(port: int) -> bool:
    """Whether we could listen on this port of the loopback address."""
    with socket.socket() as probe:
        # As servers do it: connections of an earlier run that still linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _node() -> None:
    if shutil.which("node") is None:
        raise Failure(f"Node is missing; install Node {_OLDEST_NODE} or newer, or use --headless")
    shown = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", shown)
    if version is None or int(version.group(1)) < _OLDEST_NODE:
        raise Failure(f"Node {shown.strip()} is too old; install Node {_OLDEST_NODE} or newer, or use --headless")


def _disk() -> None:
    first = not (paths.EMULATOR_VENV.exists() and (paths.LOCAL / "artifacts").exists())
    needed = _FIRST_START_MEGABYTES if first else _LATER_START_MEGABYTES
    free = shutil.disk_usage(paths.ROOT).free // _MEGABYTE
    if free < needed:
        raise Failure(f"the disk is nearly full: {free} MB are free at {paths.ROOT}, {needed} MB are needed")
