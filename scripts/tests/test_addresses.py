"""Ports are kept over restarts, and the data follows when one moves."""

import json
import socket
import tempfile
import unittest
from pathlib import Path

from local_cloud import addresses
from local_cloud.checks import free_port


class Ports(unittest.TestCase):
    """Choosing ports, with data of an earlier start."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name)

    def test_free_ports_are_kept(self) -> None:
        first = addresses.choose(self.state, 0)
        second = addresses.choose(self.state, first.front_door)
        self.assertEqual(first, second)

    def test_data_follows_ports_that_moved(self) -> None:
        first = addresses.choose(self.state, 0)
        data = self.state / "emulator" / "sqs.json"
        data.parent.mkdir()
        data.write_text(f'["{first.emulator_url}/0/events.fifo", "{first.front_door_url}/webhooks"]')
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", first.emulator))
            taken.listen()
            second = addresses.choose(self.state, free_port())
        self.assertNotEqual(first.emulator, second.emulator)
        self.assertEqual(
            json.loads(data.read_text()),
            [f"{second.emulator_url}/0/events.fifo", f"{second.front_door_url}/webhooks"],
        )

    def test_every_server_has_a_port_of_its_own(self) -> None:
        chosen = addresses.choose(self.state, 0)
        ports = [chosen.front_door, chosen.emulator]
        ports += [getattr(chosen, provider) for provider in addresses.PROVIDERS]
        self.assertEqual(len(set(ports)), 6)
        self.assertEqual(chosen.provider_socket("gitea"), f"127.0.0.1:{chosen.gitea}")

    def test_data_of_a_start_that_knew_fewer_servers_is_kept(self) -> None:
        emulator, github = free_port(), free_port()
        earlier = {"front_door": 8080, "emulator": emulator, "github": github}
        (self.state / "addresses.json").write_text(json.dumps(earlier))
        chosen = addresses.choose(self.state, 8080)
        self.assertEqual((chosen.emulator, chosen.github), (emulator, github))

    def test_ports_that_changed_places_are_not_mixed_up(self) -> None:
        moved = {"127.0.0.1:1": "127.0.0.1:2", "127.0.0.1:2": "127.0.0.1:1"}
        self.assertEqual(addresses._replace("127.0.0.1:1/ 127.0.0.1:2/", moved), "127.0.0.1:2/ 127.0.0.1:1/")

    def test_a_port_is_not_found_inside_a_longer_one(self) -> None:
        moved = {"127.0.0.1:4566": "127.0.0.1:80"}
        self.assertEqual(addresses._replace("127.0.0.1:45661", moved), "127.0.0.1:45661")


if __name__ == "__main__":
    unittest.main()
