"""A simulated modem at the end of a memory cable."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hw_fixtures.modem.host import Host
from hw_fixtures.modem.machine import SimulatedModem
from modem_drivers.transport.base import OnData, OnLost
from modem_drivers.transport.memory import cable


class MemoryModem(Host):
    """A modem on a cable whose other end, this object, is a Transport."""

    def __init__(self, modem: SimulatedModem) -> None:
        super().__init__(modem)
        self.name = f"memory:{modem.imei}"
        self.end, self._modem_end = cable(self.name)
        self._opening: asyncio.Task[None] | None = None

    async def open(self, on_data: OnData, on_lost: OnLost) -> None:
        """See Transport. Raises PortMissing while the modem is unplugged."""
        if self._opening is not None:
            await self._opening
        await self.end.open(on_data, on_lost)

    def write(self, data: bytes) -> None:
        """See Transport."""
        self.end.write(data)

    async def close(self) -> None:
        """See Transport."""
        await self.end.close()

    def _connect(self) -> None:
        self.end.cable.restore()
        self._opening = self._loop.create_task(self._modem_end.open(self._received, self._lost))
        self._opening.add_done_callback(_seen)

    def _disconnect(self) -> None:
        self.end.cable.cut()

    def _write(self, data: bytes) -> None:
        self._modem_end.write(data)

    def _lost(self, error: Exception | None) -> None:
        """Cut by somebody else, the cable takes the modem's power too; our own cut was told already."""
        if not self.end.cable.whole:
            self.unplug()


def _seen(opening: asyncio.Task[None]) -> None:
    """Unplugged before it was open: whoever waits for it hears so, and nobody need."""
    if not opening.cancelled():
        opening.exception()


@asynccontextmanager
async def serve_memory(modem: SimulatedModem) -> AsyncIterator[MemoryModem]:
    """A modem on a memory cable while the context lasts: a Transport with `.unplug()` and `.plug()`."""
    served = MemoryModem(modem)
    served.start()
    try:
        yield served
    finally:
        served.stop()
