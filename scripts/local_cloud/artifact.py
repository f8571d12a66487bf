"""Builds the binaries, and the one zip that every function is deployed from."""

import hashlib
import json
import platform
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from local_cloud import paths
from local_cloud.failure import Failure
from local_cloud.processes import Supervisor
from local_cloud.progress import Step

# A fixed time inside the zip, so that equal binaries give equal zips.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_EXECUTABLE = 0o755 << 16


@dataclass(frozen=True)
class Binaries:
    """What cargo built."""

    bootstrap: Path
    ampel_local: Path


def build(supervisor: Supervisor, current: Step) -> Binaries:
    """Builds the functions and the local server. Cargo itself decides what there is to do."""
    command = ["cargo", "build", "--bin", "bootstrap", "--bin", "ampel-local"]
    supervisor.run(command, paths.ROOT, lambda line: current.at(line.strip()), "cargo build")
    folder = target_folder() / "debug"
    return Binaries(bootstrap=folder / "bootstrap", ampel_local=folder / "ampel-local")


def architecture() -> str:
    """This machine's CPU, as Lambda names it: functions run natively here."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def target_folder() -> Path:
    """Where cargo puts what it builds."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    shown = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=False)
    if shown.returncode != 0:
        raise Failure(f"cargo metadata failed: {shown.stderr.strip().splitlines()[-1:]}")
    return Path(json.loads(shown.stdout)["target_directory"])


def package(binary: Path) -> Path:
    """The zip to deploy a binary with, without its symbols; named after its content."""
    paths.ARTIFACTS.mkdir(parents=True, exist_ok=True)
    source = hashlib.sha256(binary.read_bytes()).hexdigest()
    zipped = paths.ARTIFACTS / f"{source}.zip"
    if not zipped.exists():
        for older in paths.ARTIFACTS.glob("*"):
            older.unlink()
        _zip(_strip(binary), zipped)
    return zipped


def _strip(binary: Path) -> Path:
    tool = shutil.which("strip")
    if tool is None:
        return binary
    stripped = paths.ARTIFACTS / "bootstrap"
    done = subprocess.run([tool, "-o", str(stripped), str(binary)], capture_output=True, check=False)
    return stripped if done.returncode == 0 else binary


def _zip(binary: Path, target: Path) -> None:
    entry = zipfile.ZipInfo("bootstrap", _EPOCH)
    entry.external_attr = _EXECUTABLE
    entry.compress_type = zipfile.ZIP_DEFLATED
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), compresslevel=1)
    unfinished.rename(target)
