"""The demo organization, as far as scripts/dev has to know it."""

import json
import time
import urllib.error
import urllib.request

from local_cloud.failure import Failure
from local_cloud.processes import Service

EMAIL = "demo@ampel.local"
PASSWORD = "demo-password"
_SECONDS = 90.0


def wait_until_there(base: str, service: Service) -> None:
    """Waits until the demo's owner can log in."""
    body = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
    deadline = time.monotonic() + _SECONDS
    last = "no answer"
    while time.monotonic() < deadline:
        if service.ended():
            raise service.complaint()
        request = urllib.request.Request(
            f"{base}/api/v1/auth/login", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30):
                return
        except urllib.error.HTTPError as error:
            last = f"{error.code} {error.read(200).decode(errors='replace')}"
        except OSError as error:
            last = str(error)
        time.sleep(0.2)
    raise Failure(f"the demo's owner can not log in, last: {last} (see {service.log})")
