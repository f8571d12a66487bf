"""scripts/demo finds the provider that a pull request is at."""

import contextlib
import io
import json
import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import demo_client

_OPEN = {
    "number": 3,
    "title": "Try blue",
    "author": "ada",
    "draft": False,
    "checks": "passed",
    "review": "approved",
    "conflict": True,
}


class _Provider(ThreadingHTTPServer):
    """As much of a fake provider as the client sees."""

    daemon_threads = True

    def __init__(self, mark: str, repositories: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mark = mark
        self.repositories = repositories
        self.orders: list[tuple[str, dict]] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: _Provider

    def do_GET(self) -> None:
        """Its state."""
        repositories = [
            {"name": name, "private": True, "archived": False, "pulls": [_OPEN]}
            for name in self.server.repositories
        ]
        self._answer({"mark": self.server.mark, "repositories": repositories})

    def do_POST(self) -> None:
        """An order."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.orders.append((self.path, body))
        self._answer({"done": "done"})

    def _answer(self, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Providers(unittest.TestCase):
    """Four providers, one of them with a repository of the same name as another's."""

    def setUp(self) -> None:
        names = {
            "github": ("#", ["harbor/storefront", "harbor/notes"]),
            "gitlab": ("!", ["harbor/data/warehouse", "harbor/data/notes"]),
            "bitbucket": ("#", ["harbor-mobile/ios-shop"]),
            "gitea": ("#", ["harbor-labs/store-scanner"]),
        }
        self.providers = {name: _Provider(*known) for name, known in names.items()}
        for provider in self.providers.values():
            threading.Thread(target=provider.serve_forever, args=(0.01,), daemon=True).start()
            self.addCleanup(provider.server_close)
            self.addCleanup(provider.shutdown)
        urls = {f"AMPEL_FAKE_{name.upper()}": own.url for name, own in self.providers.items()}
        changed = mock.patch.dict(os.environ, urls)
        changed.start()
        self.addCleanup(changed.stop)

    def _run(self, *arguments: str) -> tuple[int, str]:
        said = io.StringIO()
        with (
            mock.patch("sys.argv", ["scripts/demo", *arguments]),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
        ):
            return demo_client.main(), said.getvalue()

    def _orders(self, provider: str) -> list[dict]:
        return [body for _, body in self.providers[provider].orders]

    def test_a_name_is_enough_where_it_is_the_only_one(self) -> None:
        self.assertEqual(self._run("fail", "storefront#3"), (0, "done\n"))
        self.assertEqual(self._run("push", "warehouse!12"), (0, "done\n"))
        self.assertEqual(
            self._orders("github"), [{"verb": "fail", "repo": "harbor/storefront", "number": 3}]
        )
        self.assertEqual(
            self._orders("gitlab"), [{"verb": "push", "repo": "harbor/data/warehouse", "number": 12}]
        )
        self.assertEqual(self._orders("bitbucket") + self._orders("gitea"), [])

    def test_the_provider_is_said_where_it_must_be(self) -> None:
        code, said = self._run("merge", "notes#3")
        self.assertEqual(code, 1)
        self.assertIn("github:harbor/notes or gitlab:harbor/data/notes", said)
        self.assertEqual(self._run("merge", "gitlab:notes#3", "--by", "mia"), (0, "done\n"))
        self.assertEqual(
            self._orders("gitlab"),
            [{"verb": "merge", "repo": "harbor/data/notes", "number": 3, "by": "mia"}],
        )
        self.assertEqual(self._orders("github"), [])

    def test_what_is_not_there_is_told(self) -> None:
        for named in ("elsewhere#1", "gitea:storefront#1", "svn:storefront#1", "storefront", "storefront#one"):
            code, said = self._run("push", named)
            self.assertEqual(code, 1, named)
            self.assertTrue(said.startswith("scripts/demo: "), said)
        self.assertEqual([own.orders for own in self.providers.values()], [[], [], [], []])

    def test_the_list_shows_all_or_one(self) -> None:
        code, said = self._run("list")
        self.assertEqual(code, 0)
        for line in (
            "github:harbor/storefront (private)",
            "gitlab:harbor/data/warehouse (private)",
            "bitbucket:harbor-mobile/ios-shop (private)",
            "gitea:harbor-labs/store-scanner (private)",
        ):
            self.assertIn(line, said)
        self.assertIn("!3   Try blue", said)
        self.assertIn("checks passed, approved, conflict", said)
        self.assertEqual(self._run("list", "gitea")[1].count("Try blue"), 1)
        self.assertEqual(self._run("list", "notes")[1].count("Try blue"), 2)
        self.assertEqual(self._run("list", "gitlab:notes")[1].count("Try blue"), 1)

    def test_one_provider_misbehaves_and_all_live(self) -> None:
        self._run("fault", "down", "--times", "5")
        self._run("deliveries", "lose", "--provider", "gitea")
        self._run("living", "off")
        paths = {name: [path for path, _ in own.orders] for name, own in self.providers.items()}
        self.assertEqual(paths["github"], ["/_fake/faults", "/_fake/living"])
        self.assertEqual(paths["gitlab"], ["/_fake/living"])
        self.assertEqual(paths["gitea"], ["/_fake/deliveries", "/_fake/living"])
        self.assertEqual(self._orders("gitea")[0], {"action": "lose", "count": 1})


if __name__ == "__main__":
    unittest.main()
