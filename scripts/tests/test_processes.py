"""Nothing we start outlives us, and a failure is one clear line."""

import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

from local_cloud.failure import Failure, Stopped
from local_cloud.processes import Supervisor

# Starts a process of its own that writes as long as it lives.
_PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", sys.argv[1]])
time.sleep(60)
"""
_CHILD = """
import time
while True:
    print("alive", flush=True)
    time.sleep(0.02)
"""


class Processes(unittest.TestCase):
    """The supervisor with real processes."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.supervisor = Supervisor()
        self.addCleanup(self.supervisor.stop_all)

    def _serve(self, code: str, *arguments: str) -> Path:
        command = [sys.executable, "-c", code, *arguments]
        return self.supervisor.serve("a test", command, os.environ, self.folder / "log").log

    def test_children_of_children_end_too(self) -> None:
        log = self._serve(_PARENT, _CHILD)
        deadline = time.monotonic() + 10
        while not log.stat().st_size and time.monotonic() < deadline:
            time.sleep(0.02)
        self.supervisor.stop_all()
        written = log.stat().st_size
        time.sleep(0.2)
        self.assertGreater(written, 0)
        self.assertEqual(log.stat().st_size, written)

    def test_a_service_that_ends_is_reported_with_its_last_line(self) -> None:
        self._serve("raise SystemExit('the port is gone')")
        deadline = time.monotonic() + 10
        with self.assertRaisesRegex(Failure, "the port is gone"):
            while time.monotonic() < deadline:
                self.supervisor.check()
                time.sleep(0.02)

    def test_a_full_disk_is_named(self) -> None:
        code = "import sys; print('error: No space left on device (os error 28)'); sys.exit(1)"
        with self.assertRaisesRegex(Failure, "the disk is full"):
            self.supervisor.run([sys.executable, "-c", code], self.folder, lambda _: None, "a test")

    def test_a_request_to_stop_does_not_wait_for_a_command(self) -> None:
        def stop(_line: str) -> None:
            self.supervisor.ask_to_stop()

        begin = time.monotonic()
        code = "import time; print('begun', flush=True); time.sleep(60)"
        with self.assertRaises(Stopped):
            self.supervisor.run([sys.executable, "-c", code], self.folder, stop, "a test")
        self.supervisor.stop_all()
        self.assertLess(time.monotonic() - begin, 10)

    def test_a_request_to_stop_holds_until_the_process_is_noted(self) -> None:
        self.supervisor._starting = True
        self.supervisor.ask_to_stop()
        self.supervisor._starting = False
        with self.assertRaises(Stopped):
            self._serve("import time; time.sleep(60)")
        self.assertEqual(len(self.supervisor._running), 1)


if __name__ == "__main__":
    unittest.main()
