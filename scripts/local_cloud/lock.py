"""Locks between processes that work in the same clone. They end with the process, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from local_cloud import paths
from local_cloud.failure import Failure


@contextmanager
def only_one() -> Iterator[None]:
    """One local cloud per clone, since two would write the same data; raises when one runs already."""
    paths.LOCAL.mkdir(parents=True, exist_ok=True)
    with (paths.LOCAL / "dev.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise Failure(f"Ampel already runs from this folder (process {owner}); stop it first") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def exclusively(what: str) -> Iterator[None]:
    """Waits until no other process of this clone does the same."""
    paths.LOCAL.mkdir(parents=True, exist_ok=True)
    with (paths.LOCAL / f"{what}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
