"""Virtual environments inside the project, installed once per list of requirements."""

import hashlib
import importlib.util
import os
import shutil
import sys
from pathlib import Path

from local_cloud import paths
from local_cloud.failure import Failure
from local_cloud.lock import exclusively
from local_cloud.processes import Supervisor
from local_cloud.progress import step


def ensure(supervisor: Supervisor, venv: Path, requirements: Path, what: str) -> None:
    """Installs `requirements` into `venv`, unless exactly they are there already."""
    with exclusively(venv.name):
        wanted = _fingerprint(requirements)
        marker = venv / "installed"
        if not marker.exists() or marker.read_text() != wanted:
            _install(supervisor, venv, requirements, what)
            marker.write_text(wanted)


def _install(supervisor: Supervisor, venv: Path, requirements: Path, what: str) -> None:
    with step(f"Installing {what}") as current:
        _ensure_venv_module(supervisor)
        shutil.rmtree(venv, ignore_errors=True)
        paths.LOCAL.mkdir(parents=True, exist_ok=True)
        supervisor.run([sys.executable, "-m", "venv", venv], paths.ROOT, current.at, f"creating {venv}")
        pip = [venv / "bin" / "python", "-m", "pip", "install", "--no-input", "--requirement", requirements]
        supervisor.run(pip, paths.ROOT, current.at, f"installing {what} with pip")


def _fingerprint(requirements: Path) -> str:
    text = requirements.read_bytes() + sys.version.encode()
    return hashlib.sha256(text).hexdigest()


def _ensure_venv_module(supervisor: Supervisor) -> None:
    """Debian ships Python without `ensurepip`, in a package of its own."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise Failure("Python's venv module is missing; install it (on Debian: apt-get install python3-venv)")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "python3-venv"]):
        supervisor.run(
            ["apt-get", *arguments], paths.ROOT, lambda _: None, "installing python3-venv", environment
        )
