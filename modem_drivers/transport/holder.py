"""Who has a device file: a program, for a message that names the one to stop, or whoever typed the command (Linux)."""

import os
from pathlib import Path
from typing import Final

_PSEUDO: Final = range(136, 144)  # major numbers of pseudo-terminals, Linux admin-guide/devices.txt
_MASTERS: Final = ("/dev/ptmx", "/dev/pts/ptmx")
_DEV_TTY: Final = os.makedev(5, 0)  # whichever terminal controls the process that opens it, ibid.


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


def is_own_terminal(address: str, proc: Path = Path("/proc")) -> bool:
    """Whether `address` is the terminal that controls this process; False where the system does not tell."""
    try:
        device = os.stat(address).st_rdev
        ours = int((proc / "self" / "stat").read_text().rpartition(")")[2].split()[4])  # tty_nr, proc_pid_stat(5)
    except (OSError, ValueError, IndexError):
        return False
    return ours != 0 and device in (ours, _DEV_TTY)


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
