"""Standard input, line by line, for fixtures that people steer by typing."""

import asyncio
import os
import threading
from collections.abc import Callable

_STDIN = 0


def on_line(typed: Callable[[str], None]) -> None:
    """Call `typed` on the running loop for each line of standard input that is not blank, until its end."""
    loop = asyncio.get_running_loop()
    threading.Thread(target=_read, args=(loop, typed), name="standard input", daemon=True).start()


def _read(loop: asyncio.AbstractEventLoop, typed: Callable[[str], None]) -> None:
    """Reads past Python's buffer, whose lock would hinder the end of the program."""
    pending = b""
    while chunk := _chunk():
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            if line.strip() and not loop.is_closed():
                loop.call_soon_threadsafe(typed, line.decode("utf-8", "replace"))


def _chunk() -> bytes:
    try:
        return os.read(_STDIN, 65536)
    except OSError:  # there is no standard input
        return b""
