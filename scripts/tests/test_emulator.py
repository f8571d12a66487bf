"""What the emulator needs help with."""

import json
import tempfile
import unittest
from pathlib import Path

from local_cloud import emulator


class StreamPositions(unittest.TestCase):
    """The stream is not kept over a restart, so neither may be how far it was read."""

    def test_positions_start_again(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "lambda.json"
            kept = {"functions": {"f": 1}, "dynamodb_stream_positions": {"data": {"a": 7, "b": 0}}}
            file.write_text(json.dumps({"payload": kept}))
            emulator._reset_stream_positions(Path(folder))
            payload = json.loads(file.read_text())["payload"]
        self.assertEqual(payload["dynamodb_stream_positions"]["data"], {"a": 0, "b": 0})
        self.assertEqual(payload["functions"], {"f": 1})

    def test_a_first_start_has_nothing_to_reset(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            emulator._reset_stream_positions(Path(folder))


class Environment(unittest.TestCase):
    """What the emulator, and through it every function, gets to see."""

    def test_it_listens_on_loopback_only_and_hands_on_little(self) -> None:
        variables = emulator.environment(4566, None)
        self.assertEqual(variables["BIND_HOST"], "127.0.0.1")
        self.assertEqual(variables["IOT_MTLS_ENABLED"], "0")
        self.assertNotIn("AWS_PROFILE", variables)
        self.assertEqual(variables["AWS_ENDPOINT_URL"], "http://127.0.0.1:4566")


if __name__ == "__main__":
    unittest.main()
