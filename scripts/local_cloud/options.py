"""The command line of scripts/dev."""

import argparse
from dataclasses import dataclass

_DESCRIPTION = """\
Runs Ampel on this machine: installs the emulator, builds and deploys template.yaml to it, and serves
everything on one port of the loopback address, with a demo organization. Ctrl-C stops all of it; the
data stays in .local/state.
"""


@dataclass(frozen=True)
class Options:
    """What the caller wants."""

    port: int
    demo: bool
    fresh: bool
    headless: bool
    still: bool


def parse(arguments: list[str] | None = None) -> Options:
    """Reads the command line; ends the process when it can not be understood."""
    parser = argparse.ArgumentParser(prog="scripts/dev", description=_DESCRIPTION)
    parser.add_argument(
        "--port", type=_port, default=8080, metavar="N", help="port to serve on (8080; 0 picks a free one)"
    )
    parser.add_argument("--no-demo", dest="demo", action="store_false", help="start without the demo")
    parser.add_argument("--fresh", action="store_true", help="forget all data of earlier starts")
    parser.add_argument("--headless", action="store_true", help="do not build the web app")
    parser.add_argument(
        "--still", action="store_true", help="the demo's providers change nothing by themselves"
    )
    return Options(**vars(parser.parse_args(arguments)))


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number
