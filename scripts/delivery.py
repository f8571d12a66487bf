"""Makes a body the delivery of one tracked repository: its id in it, and signed as its provider
signs. Standard library only; `scripts/deliver` posts it."""

import base64
import hashlib
import hmac
import json
import os
import re
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Where providers write the id of a project or repository.
_NUMBERED = r'("(?:id|project_id|source_project_id|target_project_id)"\s*:\s*)'
# The objects whose `id` that is.
_REPOSITORIES = frozenset({"project", "repository", "repo", "source", "target"})
_SIGNING_PREFIX = "whsec_"


class Ambiguous(Exception):
    """The body does not tell which of its ids are the repository's."""


@dataclass(frozen=True)
class Delivery:
    """What is posted."""

    body: bytes
    headers: dict[str, str]
    number: int | None
    """The pull request it is about."""


def make(provider: str, event: str, text: str, provider_id: str, secret: str, sign: bool = False) -> Delivery:
    """A delivery of a body that was about another repository. `sign` is only for GitLab, which
    sends a token in clear otherwise."""
    payload = json.loads(text)
    body = _about(provider, text, payload, provider_id).encode()
    own = {
        "github": _github,
        "gitlab": _gitlab_signed if sign else _gitlab,
        "bitbucket": _bitbucket,
        "gitea": _gitea,
    }[provider]
    headers = {"content-type": "application/json", **own(event, body, secret, str(uuid.uuid4()))}
    return Delivery(body, headers, _number(provider, payload))


def _about(provider: str, text: str, payload: Any, provider_id: str) -> str:
    """The text with the repository's id replaced; all other bytes stay."""
    if provider == "bitbucket":
        own = _inside(payload, "repository", "uuid")
        wanted = "{" + provider_id.strip("{}") + "}"
        return text.replace(f'"{own}"', f'"{wanted}"') if own else text
    own = _inside(payload, "project" if provider == "gitlab" else "repository", "id")
    if own is None:
        own = _inside(payload, "project_id")
    if own is None:
        return text
    if other := _another(payload, own):
        raise Ambiguous(
            f"{other} of the body is {own}, as the repository's id is: change one of them first"
        )
    return re.sub(rf"{_NUMBERED}{own}\b", rf"\g<1>{provider_id}", text)


def _another(payload: Any, own: Any, path: tuple[str, ...] = ()) -> str | None:
    """Where the repository's id stands as the id of something else, which would be replaced, too."""
    if isinstance(payload, list):
        members = [(str(place), value) for place, value in enumerate(payload)]
    elif isinstance(payload, dict):
        members = list(payload.items())
    else:
        return None
    is_repository = bool(path) and path[-1] in _REPOSITORIES
    for key, value in members:
        if key == "id" and value == own and not is_repository:
            return ".".join((*path, key))
        if found := _another(value, own, (*path, key)):
            return found
    return None


def _inside(payload: Any, *keys: str) -> Any:
    for key in keys:
        payload = payload.get(key) if isinstance(payload, dict) else None
    return payload


def _number(provider: str, payload: Any) -> int | None:
    if provider == "gitlab":
        is_pull = _inside(payload, "object_kind") == "merge_request"
        found = _inside(payload, "object_attributes" if is_pull else "merge_request", "iid")
    elif provider == "bitbucket":
        found = _inside(payload, "pullrequest", "id")
    else:
        found = _inside(payload, "pull_request", "number")
    return found if isinstance(found, int) else None


def _digest(key: bytes, signed: bytes) -> bytes:
    return hmac.new(key, signed, hashlib.sha256).digest()


def _github(event: str, body: bytes, secret: str, delivery: str) -> dict[str, str]:
    return {
        "x-github-event": event,
        "x-github-delivery": delivery,
        "x-hub-signature-256": f"sha256={_digest(secret.encode(), body).hex()}",
    }


def _gitlab(event: str, _body: bytes, secret: str, delivery: str) -> dict[str, str]:
    return _gitlab_words(event, delivery) | {"x-gitlab-token": secret}


def _gitlab_signed(event: str, body: bytes, secret: str, delivery: str) -> dict[str, str]:
    """By Standard Webhooks. A secret that is no signing token signs by the key that Ampel makes of
    it and registers."""
    if secret.startswith(_SIGNING_PREFIX):
        key = base64.b64decode(secret.removeprefix(_SIGNING_PREFIX))
    else:
        key = _digest(secret.encode(), b"gitlab signing")
    seconds = str(int(time.time()))
    signed = b".".join([delivery.encode(), seconds.encode(), body])
    return _gitlab_words(event, delivery) | {
        "webhook-id": delivery,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(_digest(key, signed)).decode()}",
    }


def _gitlab_words(event: str, delivery: str) -> dict[str, str]:
    """`merge_request` is `Merge Request Hook` in the header."""
    header = event if event.endswith(" Hook") else event.replace("_", " ").title() + " Hook"
    return {"x-gitlab-event": header, "idempotency-key": delivery}


def _bitbucket(event: str, body: bytes, secret: str, delivery: str) -> dict[str, str]:
    return {
        "x-event-key": event,
        "x-request-uuid": delivery,
        "x-attempt-number": "1",
        "x-hub-signature": f"sha256={_digest(secret.encode(), body).hex()}",
    }


def _gitea(event: str, body: bytes, secret: str, delivery: str) -> dict[str, str]:
    return {
        "x-gitea-event": event,
        "x-gitea-delivery": delivery,
        "x-gitea-signature": _digest(secret.encode(), body).hex(),
    }


def main() -> None:
    """Writes body and headers to files, and says the number of the pull request."""
    provider, event, source, provider_id, body, headers = sys.argv[1:7]
    with open(source, encoding="utf-8", newline="") as file:
        text = file.read()
    sign = sys.argv[7:] == ["--sign"]
    try:
        delivery = make(provider, event, text, provider_id, os.environ["AMPEL_WEBHOOK_SECRET"], sign)
    except Ambiguous as why:
        sys.exit(f"{source}: {why}")
    Path(body).write_bytes(delivery.body)
    Path(headers).write_text("".join(f"{name}: {value}\n" for name, value in delivery.headers.items()))
    print("" if delivery.number is None else delivery.number)


if __name__ == "__main__":
    main()
