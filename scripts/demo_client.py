"""Tells the fake GitHub of a running local cloud what happens next. Standard library only."""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

_STATE = Path(__file__).resolve().parent.parent / ".local" / "state" / "addresses.json"
_SECONDS = 10

_EPILOG = """\
A pull request is named by its repository and number, as in storefront#3.

  scripts/demo list                         what is open, with checks and reviews
  scripts/demo open storefront "Try blue"   opens a pull request
  scripts/demo fail storefront#3            its checks fail: red
  scripts/demo push storefront#3            a new commit: nothing is known about it, yellow
  scripts/demo pass storefront#3            its checks pass
  scripts/demo approve storefront#3         somebody approves: green
  scripts/demo merge storefront#3           it is merged

The fake GitHub can also misbehave, to see how Ampel copes:

  scripts/demo fault down --times 5         the next five calls answer 503
  scripts/demo deliveries lose --count 3    the next three webhooks get lost
"""

_VERBS = {
    "push": "a new commit from its author",
    "approve": "somebody approves",
    "request-changes": "somebody asks for changes",
    "comment": "somebody comments without an opinion",
    "run": "its checks run",
    "fail": "its checks fail",
    "pass": "its checks pass",
    "status": "an outside service reports",
    "conflict": "it conflicts with its base from now on",
    "draft": "it becomes a draft",
    "ready": "it is a draft no longer",
    "label": "it gets a label",
    "close": "it is closed",
    "reopen": "it is open again",
    "merge": "it is merged at GitHub",
}

_FAULTS = [
    "unauthorized", "secondary-limit", "primary-limit", "too-many", "down", "slow", "hangup",
    "silence", "none",
]  # fmt: skip


class Trouble(Exception):
    """Something to tell in one line."""


def main() -> int:
    arguments = _parser().parse_args()
    try:
        arguments.run(arguments)
    except Trouble as trouble:
        print(f"scripts/demo: {trouble}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Drives the demo of a running scripts/dev.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    listing = commands.add_parser("list", help="what is open")
    listing.add_argument("repository", nargs="?", help="only this one")
    listing.set_defaults(run=_list)

    opening = commands.add_parser("open", help="opens a pull request")
    opening.add_argument("repository")
    opening.add_argument("title", nargs="?", default="Try something new")
    opening.add_argument("--by", help="its author")
    opening.add_argument("--base", help="the branch it aims at")
    opening.add_argument("--draft", action="store_true")
    opening.add_argument("--fork", action="store_true", help="from the author's fork")
    opening.set_defaults(run=_open)

    for verb, meaning in _VERBS.items():
        command = commands.add_parser(verb, help=meaning)
        command.add_argument("pull", metavar="repository#number")
        if verb in ("approve", "request-changes", "comment"):
            command.add_argument("--by", help="who")
        if verb in ("run", "fail", "pass", "status"):
            command.add_argument("--check", help="only this check (all it has otherwise)")
        if verb == "status":
            command.add_argument("state", choices=["success", "failure", "pending", "error"])
        if verb == "label":
            command.add_argument("label")
        command.set_defaults(run=_verb, verb=verb)

    living = commands.add_parser("living", help="whether things happen by themselves")
    living.add_argument("switch", choices=["on", "off"])
    living.set_defaults(run=lambda a: _tell("living", {"on": a.switch == "on"}))

    fault = commands.add_parser("fault", help="lets the next calls to the fake GitHub fail")
    fault.add_argument("kind", choices=_FAULTS)
    fault.add_argument("--times", type=int, default=1)
    fault.add_argument("--seconds", type=int, default=60, help="to wait, or how slow")
    fault.add_argument("--method")
    fault.add_argument("--path", help="only calls whose path contains this")
    fault.add_argument("--operation", help="only this GraphQL operation")
    fault.set_defaults(run=lambda a: _tell("faults", _given(a)))

    deliveries = commands.add_parser("deliveries", help="what happens to webhooks on their way")
    deliveries.add_argument("action", choices=["hold", "release", "lose", "double", "shuffle"])
    deliveries.add_argument("--count", type=int, default=1)
    deliveries.set_defaults(run=lambda a: _tell("deliveries", _given(a)))
    return parser


def _given(arguments: argparse.Namespace) -> dict:
    return {key: value for key, value in vars(arguments).items() if key != "run" and value is not None}


def _open(arguments: argparse.Namespace) -> None:
    order = _given(arguments)
    order["repo"] = order.pop("repository")
    _tell("verb", order | {"verb": "open"})


def _verb(arguments: argparse.Namespace) -> None:
    order = _given(arguments)
    repository, separator, number = order.pop("pull").partition("#")
    if not separator or not number.isdigit():
        raise Trouble("name a pull request as repository#number, such as storefront#3")
    _tell("verb", order | {"repo": repository, "number": int(number)})


def _list(arguments: argparse.Namespace) -> None:
    repositories = _ask("GET", "state")["repositories"]
    wanted = (arguments.repository or "").lower()
    for repository in repositories:
        name = repository["name"]
        if wanted and wanted not in (name.lower(), name.lower().rpartition("/")[2]):
            continue
        marks = [mark for mark in ("private", "archived") if repository[mark]]
        print(name + (f" ({', '.join(marks)})" if marks else ""))
        for pull in repository["pulls"]:
            print(f"  #{pull['number']:<4}{pull['title']:<52.50}{_facts(pull)}")


def _facts(pull: dict) -> str:
    facts = [f"checks {pull['checks'].lower()}" if pull["checks"] else "no checks"]
    if pull["draft"]:
        facts.append("draft")
    if pull["review"]:
        facts.append(pull["review"].lower().replace("_", " "))
    if pull["mergeable"] == "CONFLICTING":
        facts.append("conflict")
    return ", ".join(facts)


def _tell(path: str, order: dict) -> None:
    print(_ask("POST", path, order)["done"])


def _ask(method: str, path: str, order: dict | None = None) -> dict:
    data = None if order is None else json.dumps(order).encode()
    request = urllib.request.Request(f"{_address()}/_fake/{path}", data, method=method)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Trouble(json.load(error).get("message", str(error))) from error
    except OSError as error:
        raise Trouble("the demo does not answer; is scripts/dev running?") from error


def _address() -> str:
    if given := os.environ.get("AMPEL_FAKE_GITHUB"):
        return given.rstrip("/")
    try:
        port = json.loads(_STATE.read_text())["github"]
    except (OSError, ValueError, KeyError) as error:
        raise Trouble("there is no local cloud here; start scripts/dev first") from error
    return f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    sys.exit(main())
