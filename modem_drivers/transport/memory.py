"""A cable in memory: two ends, each a Transport. For tests, and for simulated modems in one process."""

import asyncio
from collections.abc import Callable

from modem_drivers.errors import PortMissing
from modem_drivers.transport.base import OnData, OnLost

Hook = Callable[[bytes], bytes | None]
"""Sees what an end writes and returns what travels; None is nothing."""


class Cable:
    """What joins two ends: it can be cut and restored."""

    def __init__(self, name: str) -> None:
        self.whole = True
        self.left = MemoryEnd(self, f"{name}:left")
        self.right = MemoryEnd(self, f"{name}:right")
        self.left.peer, self.right.peer = self.right, self.left

    def cut(self) -> None:
        """Breaks the line: what is under way is lost and both open ends are told."""
        self.whole = False
        self.left.hang_up()
        self.right.hang_up()

    def restore(self) -> None:
        """Makes the line whole; the ends have to be opened again."""
        self.whole = True


class MemoryEnd:
    """One end of a cable. What is written while the other end is closed is lost, as on a real line.

    `hook` alters what this end writes; `inject` puts bytes on the line past the hook, now or later.
    """

    def __init__(self, cable: Cable, name: str) -> None:
        self.name = name
        self.cable = cable
        self.peer: MemoryEnd
        self.hook: Hook | None = None
        self._on_data: OnData | None = None
        self._on_lost: OnLost | None = None
        self._incoming = bytearray()
        self._loop: asyncio.AbstractEventLoop

    async def open(self, on_data: OnData, on_lost: OnLost) -> None:
        """See Transport. Raises PortMissing while the cable is cut."""
        if not self.cable.whole:
            raise PortMissing(self.name, "the cable is cut")
        self._loop = asyncio.get_running_loop()
        self._on_data, self._on_lost = on_data, on_lost

    def write(self, data: bytes) -> None:
        """See Transport."""
        if self._on_data is None:
            return
        travelling = data if self.hook is None else self.hook(data)
        if travelling:
            self.inject(travelling)

    def inject(self, data: bytes) -> None:
        """Puts `data` on the line as if this end had written it, past its hook."""
        if self.cable.whole:
            self.peer._arrive(data)

    async def close(self) -> None:
        """See Transport."""
        self._on_data = self._on_lost = None
        self._incoming.clear()

    def hang_up(self) -> None:
        """Breaks this end: its owner is told the line is lost."""
        on_lost, self._on_data, self._on_lost = self._on_lost, None, None
        self._incoming.clear()
        if on_lost is not None:
            self._loop.call_soon(on_lost, None)

    def _arrive(self, data: bytes) -> None:
        """Queues `data`; everything written in one turn of the loop is read at once, as from a real port."""
        if self._on_data is None:
            return
        if not self._incoming:
            self._loop.call_soon(self._deliver)
        self._incoming += data

    def _deliver(self) -> None:
        if self._incoming and self._on_data is not None:
            data = bytes(self._incoming)
            self._incoming.clear()
            self._on_data(data)


def cable(name: str = "memory") -> tuple[MemoryEnd, MemoryEnd]:
    """A new whole cable's two ends; `end.cable` cuts and restores it."""
    made = Cable(name)
    return made.left, made.right
