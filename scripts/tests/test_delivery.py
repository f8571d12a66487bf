"""Bodies become genuine deliveries of each provider."""

import base64
import hashlib
import hmac
import json
import unittest
from pathlib import Path

import delivery

_EVENTS = Path(__file__).resolve().parent.parent.parent / "events"


def _sample(name: str) -> str:
    return (_EVENTS / name).read_text()


def _digest(key: bytes, signed: bytes) -> bytes:
    return hmac.new(key, signed, hashlib.sha256).digest()


class Deliveries(unittest.TestCase):
    """One sample of each provider, delivered to a repository of another id."""

    def test_a_known_body_has_the_known_signature(self) -> None:
        # docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
        headers = delivery._github("ping", b"Hello, World!", "It's a Secret to Everybody", "1")
        self.assertEqual(
            headers["x-hub-signature-256"],
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        )

    def test_github(self) -> None:
        text = _sample("github/pull_request.opened.json")
        made = delivery.make("github", "pull_request", text, "77", "secret")
        self.assertEqual(json.loads(made.body)["repository"]["id"], 77)
        self.assertEqual(made.number, 1)
        self.assertEqual(made.headers["x-github-event"], "pull_request")
        self.assertEqual(
            made.headers["x-hub-signature-256"], "sha256=" + _digest(b"secret", made.body).hex()
        )

    def test_gitlab_sends_a_token(self) -> None:
        text = _sample("gitlab/merge_request.open.json")
        made = delivery.make("gitlab", "merge_request", text, "77", "secret")
        payload = json.loads(made.body)
        self.assertEqual(payload["project"]["id"], 77)
        self.assertEqual(payload["object_attributes"]["target_project_id"], 77)
        self.assertEqual(made.number, payload["object_attributes"]["iid"])
        self.assertEqual(made.headers["x-gitlab-event"], "Merge Request Hook")
        self.assertEqual(made.headers["x-gitlab-token"], "secret")
        self.assertNotIn("webhook-signature", made.headers)

    def test_gitlab_signs_when_it_is_asked_to(self) -> None:
        text = _sample("gitlab/push.json")
        key = b"0123456789abcdef0123456789abcdef"
        secrets = {"whsec_" + base64.b64encode(key).decode(): key, "a1": _digest(b"a1", b"gitlab signing")}
        for secret, key in secrets.items():
            made = delivery.make("gitlab", "Push Hook", text, "77", secret, sign=True)
            headers = made.headers
            self.assertNotIn("x-gitlab-token", headers)
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + made.body
            expected = base64.b64encode(_digest(key, signed)).decode()
            self.assertEqual(headers["webhook-signature"], f"v1,{expected}")

    def test_bitbucket(self) -> None:
        text = _sample("bitbucket/pullrequest.created.json")
        for provider_id in ("{0a-1b}", "0a-1b"):
            made = delivery.make("bitbucket", "pullrequest:created", text, provider_id, "secret")
            payload = json.loads(made.body)
            self.assertEqual(payload["repository"]["uuid"], "{0a-1b}")
            self.assertEqual(payload["pullrequest"]["destination"]["repository"]["uuid"], "{0a-1b}")
            self.assertEqual(made.number, 1)
            self.assertEqual(made.headers["x-event-key"], "pullrequest:created")
            self.assertEqual(
                made.headers["x-hub-signature"], "sha256=" + _digest(b"secret", made.body).hex()
            )

    def test_gitea(self) -> None:
        text = _sample("gitea/pull_request.opened.json")
        made = delivery.make("gitea", "pull_request", text, "77", "secret")
        self.assertEqual(json.loads(made.body)["repository"]["id"], 77)
        self.assertEqual(made.headers["x-gitea-event"], "pull_request")
        self.assertEqual(made.headers["x-gitea-signature"], _digest(b"secret", made.body).hex())
        self.assertFalse([name for name in made.headers if name.startswith("x-hub")])

    def test_all_other_bytes_stay(self) -> None:
        text = '{ "repository" : {"id":5 , "name" :"é"},"id": 55,  "number":5}\r\n'
        made = delivery.make("gitea", "push", text, "9", "secret")
        self.assertEqual(made.body.decode(), text.replace('"id":5 ', '"id":9 '))

    def test_every_id_of_the_repository_is_set(self) -> None:
        text = '{"repository": {"id": 5}, "pull_request": {"id": 6, "base": {"repo": {"id": 5}}}}'
        payload = json.loads(delivery.make("github", "pull_request", text, "9", "secret").body)
        self.assertEqual(payload["pull_request"], {"id": 6, "base": {"repo": {"id": 9}}})

    def test_an_id_of_something_else_is_never_replaced(self) -> None:
        for text, where in [
            ('{"repository": {"id": 5, "owner": {"id": 5}}}', "repository.owner.id"),
            ('{"repository": {"id": 5}, "labels": [{"id": 4}, {"id": 5}]}', "labels.1.id"),
            ('{"repository": {"id": 5}, "id": 5}', "id of the body"),
        ]:
            with self.assertRaisesRegex(delivery.Ambiguous, where):
                delivery.make("gitea", "push", text, "9", "secret")

    def test_every_sample_can_be_delivered(self) -> None:
        for sample in sorted(_EVENTS.glob("git*/*.json")):
            if sample.name.startswith("system."):
                continue
            with self.subTest(sample=sample.name):
                delivery.make(sample.parent.name, "push", sample.read_text(), "77", "secret")


if __name__ == "__main__":
    unittest.main()
