"""`make bench`: every measurement in this folder, one after the other; the options go to each."""

import pkgutil
import subprocess
import sys
from pathlib import Path

HELPERS = {"__main__", "coap_load", "environment", "load", "pdu_peer", "report", "texts"}


def main() -> int:
    """Run them all; 1 if one could not be run."""
    names = sorted({module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])} - HELPERS)
    codes = [
        subprocess.run([sys.executable, "-m", f"tests.bench.{name}", *sys.argv[1:]], check=False).returncode
        for name in names
    ]
    return int(any(codes))


sys.exit(main())
