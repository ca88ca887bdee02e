"""Environments of their own for libraries that we are measured beside and must not depend on."""

import os
import subprocess
import sys
from pathlib import Path


def gsmmodem() -> Path | None:
    """The interpreter that has python-gsmmodem-new (LGPL), made at first use; None where it cannot be installed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "wireless-fleet" / "gsmmodem"
    python = home / "bin" / "python"
    if python.exists():
        return python
    wanted = ("python-gsmmodem-new==0.13.0", "bitstring<5")
    for command in (
        (sys.executable, "-m", "venv", str(home)),
        (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted),
    ):
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            return None
    return python
