"""Who holds a device file open, for a message that names the program to stop (Linux)."""

import os
from pathlib import Path
from typing import Final

_PSEUDO: Final = range(136, 144)  # major numbers of pseudo-terminals, Linux admin-guide/devices.txt
_MASTERS: Final = ("/dev/ptmx", "/dev/pts/ptmx")


def holder_of(address: str, proc: Path = Path("/proc")) -> str | None:
    """The program that has `address` open, as `name (pid n)`; None where the system does not tell.

    Of a pseudo-terminal whoever keeps its other side, the modem's, does not count.
    """
    try:
        wanted = os.stat(address)
        processes = [entry for entry in proc.iterdir() if entry.name.isdigit()]
    except OSError:
        return None
    for process in processes:
        if process.name != str(os.getpid()) and _holds(process, wanted):
            return f"{_name(process)} (pid {process.name})"
    return None


def _holds(process: Path, wanted: os.stat_result) -> bool:
    pseudo = os.major(wanted.st_rdev) in _PSEUDO
    held = False
    try:
        for descriptor in (process / "fd").iterdir():
            try:
                if pseudo and os.readlink(descriptor) in _MASTERS:
                    return False
                held = held or os.path.samestat(descriptor.stat(), wanted)
            except OSError:
                continue
    except OSError:
        pass  # gone meanwhile, or another user's
    return held


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip() or "a program"
    except OSError:
        return "a program"
