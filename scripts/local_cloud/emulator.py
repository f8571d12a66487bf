"""The emulator process: how it is started, and what it needs help with."""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from local_cloud import paths
from local_cloud.failure import Failure
from local_cloud.processes import Service, Supervisor

_START_SECONDS = 60.0
# What functions may see of this machine's environment, since the emulator hands on its own.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")


def inherited_environment() -> dict[str, str]:
    """The part of this machine's environment that our processes may see."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def environment(port: int, state: Path | None) -> Mapping[str, str]:
    """Variables of an emulator on `port`, which keeps its data in `state`, or nowhere."""
    folder = state if state is not None else paths.LOCAL / "tmp" / f"emulator-{port}"
    return {
        **inherited_environment(),
        # Without these it listens on every interface.
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "GATEWAY_PORT": str(port),
        # Names itself so in queue URLs.
        "MINISTACK_HOST": "127.0.0.1",
        # Functions inherit it: it is how they find the emulator.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        # Roles are enforced: a function that lacks a permission fails here, not first in AWS. The tests
        # of single crates run as the root of their account, which may do everything.
        "AUTH": "false" if state is None else "true",
        "PERSIST_STATE": "0" if state is None else "1",
        "STATE_DIR": str(folder),
        "PYTHONPATH": str(paths.SITE),
        "AMPEL_END_WITH_PARENT": "1",
    }


def start(supervisor: Supervisor, port: int, state: Path | None, log: Path) -> Service:
    """Starts the emulator and waits until it answers."""
    if state is not None:
        state.mkdir(parents=True, exist_ok=True)
        _reset_stream_positions(state)
    program = paths.EMULATOR_VENV / "bin" / "ministack"
    service = supervisor.serve("the emulator", [program], environment(port, state), log)
    wait_for_answer(f"http://127.0.0.1:{port}/_ministack/health", service, _START_SECONDS)
    return service


def wait_for_answer(url: str, service: Service, seconds: float) -> None:
    """Waits until a URL answers 200; raises when the service behind it ends or takes too long."""
    deadline = time.monotonic() + seconds
    last = "no answer"
    while time.monotonic() < deadline:
        if service.ended():
            raise service.complaint()
        try:
            with urllib.request.urlopen(url, timeout=30):
                return
        except urllib.error.HTTPError as error:
            last = f"{error.code} {error.read(200).decode(errors='replace')}"
        except OSError as error:
            last = str(error)
        time.sleep(0.05)
    raise Failure(f"{url} did not answer within {seconds:.0f} s, last: {last} (see {service.log})")


def _reset_stream_positions(state: Path) -> None:
    """The emulator keeps how far a mapping has read a table's stream, but not the stream itself: after
    a restart it would skip as many new records as it had read before."""
    file = state / "lambda.json"
    if not file.exists():
        return
    saved = json.loads(file.read_text())
    positions = saved.get("payload", {}).get("dynamodb_stream_positions", {}).get("data", {})
    if any(positions.values()):
        saved["payload"]["dynamodb_stream_positions"]["data"] = dict.fromkeys(positions, 0)
        file.write_text(json.dumps(saved))
