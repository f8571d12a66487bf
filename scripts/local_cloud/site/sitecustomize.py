"""Adjusts the emulator's interpreter; Python imports this by itself when the folder is on its path."""

import os
import signal
import socketserver
import sys
import threading

# The emulator answers in several small writes. With Nagle's algorithm each call waits 40 ms.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True


def _end_with_parent() -> None:
    """Blocks until whoever holds the other end of standard input is gone, then asks the process to end."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


# Only the emulator itself is watched, not the interpreters that it starts.
if os.environ.pop("AMPEL_END_WITH_PARENT", "") and not sys.stdin.closed:
    threading.Thread(target=_end_with_parent, daemon=True).start()
