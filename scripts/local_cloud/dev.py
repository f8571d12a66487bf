"""scripts/dev, from nothing to the ready line. It runs inside the emulator's virtual environment."""

import shutil
import time

from local_cloud import addresses, artifact, checks, demo, emulator, paths
from local_cloud.addresses import Addresses
from local_cloud.lock import only_one
from local_cloud.options import Options
from local_cloud.processes import Service, Supervisor
from local_cloud.progress import say, step
from local_cloud.stack import Stack

_CHECK_SECONDS = 0.5
_HEALTH_SECONDS = 60.0


def run(options: Options, supervisor: Supervisor) -> None:
    """Starts everything and stays until it is stopped; raises when something ends by itself."""
    if options.port:
        checks.port_is_free(options.port)
    with only_one():
        if options.fresh:
            shutil.rmtree(paths.STATE, ignore_errors=True)
        _start(options, supervisor)
        while True:
            supervisor.check()
            time.sleep(_CHECK_SECONDS)


def _start(options: Options, supervisor: Supervisor) -> None:
    with step("Building") as current:
        binaries = artifact.build(supervisor, current)
        zipped = artifact.package(binaries.bootstrap)
    chosen = addresses.choose(paths.STATE, options.port)
    with step("Starting the emulator"):
        emulator.start(supervisor, chosen.emulator, paths.STATE / "emulator", paths.LOGS / "emulator.log")
    with step("Deploying template.yaml") as current:
        stack = Stack(chosen.emulator_url)
        changed = stack.deploy(zipped, _parameters(chosen))
        current.note = "" if changed else "unchanged"
        api_id = stack.outputs()["ApiId"]
    with step("Opening the front door"):
        local = _serve(options, supervisor, chosen, binaries, api_id)
        emulator.wait_for_answer(f"{chosen.front_door_url}/health", local, _HEALTH_SECONDS)
    if options.demo:
        with step("Preparing the demo"):
            demo.wait_until_there(chosen.front_door_url, local)
    _say_ready(options, chosen)


def _parameters(chosen: Addresses) -> dict[str, str]:
    return {
        "Mode": "local",
        "Architecture": artifact.architecture(),
        "PublicUrl": chosen.front_door_url,
        "LogRetentionDays": "1",
    }


def _serve(
    options: Options,
    supervisor: Supervisor,
    chosen: Addresses,
    binaries: artifact.Binaries,
    api_id: str,
) -> Service:
    state = paths.STATE / "providers"
    state.mkdir(parents=True, exist_ok=True)
    command = [str(binaries.ampel_local), "--front-door", chosen.front_door_socket]
    command += ["--emulator", chosen.emulator_url, "--api-id", api_id]
    for provider in addresses.PROVIDERS:
        command += [f"--{provider}", chosen.provider_socket(provider)]
    command += ["--state-dir", str(state)]
    command += ["--demo"] if options.demo else []
    command += ["--still"] if options.still else []
    return supervisor.serve(
        "the local server", command, emulator.inherited_environment(), paths.LOGS / "ampel-local.log"
    )


def _say_ready(options: Options, chosen: Addresses) -> None:
    say("")
    say(f"Ampel is ready: {chosen.front_door_url}")
    if options.demo:
        say(f"  Log in as {demo.EMAIL} with the password {demo.PASSWORD}")
        say("  Change the demo's pull requests with scripts/demo")
    say("  Ctrl-C stops it; the data stays")
