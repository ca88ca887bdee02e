"""The simulated modem that every program is measured and tried on, with a clock at its line."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from hw_fixtures.modem import PtyModem, SimCard, SimulatedModem, load_model, serve_pty
from hw_fixtures.modem.host import Speaker
from hw_fixtures.network import Network

OWN, ALICE = "+15550199", "+15550101"


class Mark:
    """When something was seen on the line, on CLOCK_MONOTONIC."""

    def __init__(self, speaker: Speaker, *patterns: bytes) -> None:
        self.speaker, self._patterns = speaker, patterns
        self.at: list[float] = []
        self._tail = b""
        self._more = asyncio.Event()

    def see(self, data: bytes, now: float) -> None:
        """Bytes in the order in which they were written, however they were cut."""
        data = self._tail + data
        for pattern in self._patterns:
            for _ in range(data.count(pattern)):
                self.at.append(now)
                self._more.set()
        keep = max(map(len, self._patterns)) - 1
        at = max((data.rfind(pattern) + len(pattern) for pattern in self._patterns if pattern in data), default=0)
        self._tail = data[max(at, len(data) - keep) :]

    async def count(self, wanted: int, within: float) -> bool:
        """Wait until it was seen so often; False where it was not within so many seconds."""
        try:
            async with asyncio.timeout(within):
                while len(self.at) < wanted:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            return False
        return True


class Stand:
    """A modem on a pseudo-terminal, and Alice's phone."""

    def __init__(self, served: PtyModem, modem: SimulatedModem, network: Network) -> None:
        self.served, self.modem, self.network = served, modem, network
        self.phone = network.phone(ALICE)
        self.asked = Mark("host", b"AT+CMGS=")
        self.taken = Mark("modem", b"+CMGS: ")
        self.announced = Mark("modem", b"+CMTI: ", b"+CMT: ")
        served.tap = self._tap

    def _tap(self, speaker: Speaker, data: bytes) -> None:
        now = time.monotonic()
        for mark in (self.asked, self.taken, self.announced):
            if mark.speaker == speaker:
                mark.see(data, now)


@asynccontextmanager
async def stand(
    link: Path, *, model: str = "quectel-ec25", latency: float = 0, pin: str | None = None
) -> AsyncIterator[Stand]:
    """A stand while the block lasts; the network takes `latency` seconds for a text, `pin` locks the card."""
    network = Network(lambda: datetime.now(UTC))
    card = SimCard("8988300000000000013", "001010123456789", OWN, pin)
    modem = SimulatedModem(load_model(model), network=network, sim=card, imei="867698040000005", cmgs_latency=latency)
    async with serve_pty(modem, link) as served:
        yield Stand(served, modem, network)
