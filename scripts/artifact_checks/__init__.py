"""What a binary must be to run as a Lambda function on Amazon Linux 2023."""

import io
import re
import zipfile

# What Amazon Linux 2023 has.
NEWEST_GLIBC = (2, 34)
LARGEST_ZIP_BYTES = 6_000_000

_SYMBOL = re.compile(r"\bGLIBC_(\d+)\.(\d+)(?:\.\d+)?\)?\s+(\S+)$", re.MULTILINE)


def too_new(symbols: str) -> list[str]:
    """Symbols of `objdump -T` that need a newer glibc than Amazon Linux 2023 has."""
    return [
        f"{name} needs GLIBC_{major}.{minor}, Amazon Linux 2023 has {NEWEST_GLIBC[0]}.{NEWEST_GLIBC[1]}"
        for major, minor, name in _SYMBOL.findall(symbols)
        if (int(major), int(minor)) > NEWEST_GLIBC
    ]


def zipped_bytes(binary: bytes) -> int:
    """The size of a deployment package that holds the binary alone."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("bootstrap", binary)
    return len(package.getvalue())
