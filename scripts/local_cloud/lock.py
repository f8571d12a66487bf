"""One local cloud per clone: two of them would write the same data."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from local_cloud import paths
from local_cloud.failure import Failure


@contextmanager
def only_one() -> Iterator[None]:
    """Holds the clone's lock; raises when another process does. It ends with the process, however."""
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
