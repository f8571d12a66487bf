"""Entry point of scripts/check-artifact."""

import argparse
import subprocess
import sys
from pathlib import Path

from artifact_checks import LARGEST_ZIP_BYTES, too_new, zipped_bytes

_ELF = b"\x7fELF"


def main() -> int:
    """Checks one binary; answers the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/check-artifact", description=__doc__)
    parser.add_argument("binary", type=Path, help="such as target/lambda/bootstrap/bootstrap")
    parser.add_argument("--release", action="store_true", help="also hold the size of a release")
    options = parser.parse_args()
    found = _problems(options.binary, options.release)
    for problem in found:
        print(f"{options.binary}: {problem}")
    return 1 if found else 0


def _problems(binary: Path, release: bool) -> list[str]:
    if not binary.is_file():
        return ["does not exist"]
    content = binary.read_bytes()
    if not content.startswith(_ELF):
        return ["is no ELF binary"]
    shown = subprocess.run(["objdump", "-T", binary], capture_output=True, text=True, check=False)
    if shown.returncode != 0:
        return [f"objdump can not read it: {shown.stderr.strip()}"]
    size = zipped_bytes(content)
    print(f"{binary}: {size / 1e6:.2f} MB zipped")
    too_large = release and size > LARGEST_ZIP_BYTES
    return too_new(shown.stdout) + ([f"is larger than {LARGEST_ZIP_BYTES / 1e6:.0f} MB"] if too_large else [])


if __name__ == "__main__":
    sys.exit(main())
