"""Where things lie. Everything we write is under `.local`, which is never committed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
REQUIREMENTS = ROOT / "scripts" / "requirements"
SITE = Path(__file__).resolve().parent / "site"

LOCAL = ROOT / ".local"
EMULATOR_VENV = LOCAL / "venv"
CHECKS_VENV = LOCAL / "venv-checks"
# Cargo subcommands that this machine did not have.
TOOLS = LOCAL / "tools"
LOGS = LOCAL / "logs"
ARTIFACTS = LOCAL / "artifacts"
# What survives a restart; --fresh removes it.
STATE = LOCAL / "state"
