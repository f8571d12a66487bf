"""Tells the fake providers of a running local cloud what happens next. Standard library only."""

import argparse
import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

_STATE = Path(__file__).resolve().parent.parent / ".local" / "state" / "addresses.json"
_SECONDS = 10
_PROVIDERS = ("github", "gitlab", "bitbucket", "gitea")
_PULL = re.compile(r"(?P<repository>[^#!]+)[#!](?P<number>[0-9]+)")

_EPILOG = """\
A pull request is named by its repository and number, as in storefront#3 or warehouse!3 (GitLab's
way), with the owner or the provider before it where that is needed: gitlab:harbor/data/warehouse!3.

  scripts/demo list                         what is open everywhere, with checks and reviews
  scripts/demo list gitlab                  what is open there
  scripts/demo open storefront "Try blue"   opens a pull request
  scripts/demo fail storefront#3            its checks fail: red
  scripts/demo push storefront#3            a new commit: nothing is known about it, yellow
  scripts/demo pass storefront#3            its checks pass
  scripts/demo approve storefront#3         somebody approves: green
  scripts/demo merge storefront#3           it is merged

The fake providers can also misbehave, to see how Ampel copes; GitHub does unless another is named:

  scripts/demo fault down --times 5                        the next five calls answer 503
  scripts/demo deliveries lose --count 3 --provider gitea  the next three webhooks get lost
"""

_VERBS = {
    "push": "a new commit from its author",
    "approve": "somebody approves",
    "request-changes": "somebody asks for changes",
    "comment": "somebody comments without an opinion",
    "withdraw": "somebody no longer approves",
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
    "merge": "it is merged at the provider",
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
    listing.add_argument("repository", nargs="?", metavar="provider|repository", help="only this one")
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
        if verb in ("approve", "request-changes", "comment", "withdraw", "merge"):
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
    living.set_defaults(run=_living)

    fault = commands.add_parser("fault", help="lets the next calls to a fake provider fail")
    _at_a_provider(fault)
    fault.add_argument("kind", choices=_FAULTS)
    fault.add_argument("--times", type=int, default=1)
    fault.add_argument("--seconds", type=int, default=60, help="to wait, or how slow")
    fault.add_argument("--method")
    fault.add_argument("--path", help="only calls whose path contains this")
    fault.add_argument("--operation", help="only this GraphQL operation")
    fault.set_defaults(run=lambda a: _misbehave("faults", a))

    deliveries = commands.add_parser("deliveries", help="what happens to webhooks on their way")
    deliveries.add_argument("action", choices=["hold", "release", "lose", "double", "shuffle"])
    deliveries.add_argument("--count", type=int, default=1)
    _at_a_provider(deliveries)
    deliveries.set_defaults(run=lambda a: _misbehave("deliveries", a))
    return parser


def _at_a_provider(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--provider", choices=_PROVIDERS, default=_PROVIDERS[0])


def _given(arguments: argparse.Namespace) -> dict:
    return {key: value for key, value in vars(arguments).items() if key != "run" and value is not None}


def _open(arguments: argparse.Namespace) -> None:
    order = _given(arguments)
    provider, order["repo"] = _find(order.pop("repository"))
    _tell(provider, "verb", order | {"verb": "open"})


def _verb(arguments: argparse.Namespace) -> None:
    order = _given(arguments)
    named = _PULL.fullmatch(order.pop("pull"))
    if named is None:
        raise Trouble("name a pull request as repository#number, such as storefront#3")
    provider, repository = _find(named["repository"])
    _tell(provider, "verb", order | {"repo": repository, "number": int(named["number"])})


def _living(arguments: argparse.Namespace) -> None:
    for provider in _PROVIDERS:
        done = _ask(provider, "POST", "living", {"on": arguments.switch == "on"})["done"]
        print(f"{provider}: {done}")


def _misbehave(path: str, arguments: argparse.Namespace) -> None:
    order = _given(arguments)
    _tell(order.pop("provider"), path, order)


def _find(named: str) -> tuple[str, str]:
    """Where a repository is, and its full name."""
    provider, separator, wanted = named.partition(":")
    if not separator:
        provider, wanted = "", named
    elif provider not in _PROVIDERS:
        raise Trouble(f"{provider} is none of {', '.join(_PROVIDERS)}")
    found = [
        (own, repository["name"])
        for own in ([provider] if provider else _PROVIDERS)
        for repository in _ask(own, "GET", "state")["repositories"]
        if _is(repository, wanted)
    ]
    if not found:
        raise Trouble(f"there is no repository {named}; scripts/demo list shows all")
    if len(found) > 1:
        names = " or ".join(f"{own}:{name}" for own, name in found)
        raise Trouble(f"there are several {named}: say {names}")
    return found[0]


def _is(repository: dict, wanted: str) -> bool:
    name = repository["name"].lower()
    return wanted.lower() in (name, name.rpartition("/")[2])


def _list(arguments: argparse.Namespace) -> None:
    wanted = (arguments.repository or "").lower()
    only, _, wanted = wanted.partition(":") if ":" in wanted else ("", "", wanted)
    if wanted in _PROVIDERS:
        only, wanted = wanted, ""
    for provider in _PROVIDERS:
        if not only or provider == only:
            _show(provider, wanted)


def _show(provider: str, wanted: str) -> None:
    state = _ask(provider, "GET", "state")
    for repository in state["repositories"]:
        if wanted and not _is(repository, wanted):
            continue
        marks = [mark for mark in ("private", "archived") if repository[mark]]
        print(f"{provider}:{repository['name']}" + (f" ({', '.join(marks)})" if marks else ""))
        for pull in repository["pulls"]:
            print(f"  {state['mark']}{pull['number']:<4}{pull['title']:<52.50}{_facts(pull)}")


def _facts(pull: dict) -> str:
    facts = [f"checks {pull['checks']}" if pull["checks"] else "no checks"]
    if pull["draft"]:
        facts.append("draft")
    if pull["review"]:
        facts.append(pull["review"])
    if pull["conflict"]:
        facts.append("conflict")
    return ", ".join(facts)


def _tell(provider: str, path: str, order: dict) -> None:
    print(_ask(provider, "POST", path, order)["done"])


def _ask(provider: str, method: str, path: str, order: dict | None = None) -> dict:
    data = None if order is None else json.dumps(order).encode()
    request = urllib.request.Request(f"{_address(provider)}/_fake/{path}", data, method=method)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Trouble(json.load(error).get("message", str(error))) from error
    except OSError as error:
        raise Trouble("the demo does not answer; is scripts/dev running?") from error


def _address(provider: str) -> str:
    if given := os.environ.get(f"AMPEL_FAKE_{provider.upper()}"):
        return given.rstrip("/")
    try:
        port = json.loads(_STATE.read_text())[provider]
    except (OSError, ValueError, KeyError) as error:
        raise Trouble("there is no local cloud here; start scripts/dev first") from error
    return f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    sys.exit(main())
