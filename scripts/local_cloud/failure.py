"""What goes wrong for reasons a person can do something about."""

import errno

NO_SPACE = "No space left on device"


class Failure(Exception):
    """Ends the command with this one line and an exit code that is not 0."""


class Stopped(Exception):
    """Somebody asked us to end: Ctrl-C, SIGTERM or a closed terminal."""


def disk_full(path: object) -> Failure:
    """The disk that holds `path` has no space left."""
    return Failure(f"the disk is full ({path}); free some space and start again")


def from_os_error(error: OSError) -> Failure:
    """One line for an error of the operating system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(error.filename or "this machine")
    place = f" ({error.filename})" if error.filename else ""
    return Failure(f"{error.strerror or error}{place}")
