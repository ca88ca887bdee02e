"""The simulated modem that every program is measured and tried on, with a clock at its line."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from hw_fixtures.modem import PtyModem, SimCard, SimulatedModem, load_model
from hw_fixtures.modem.effects import Effect
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


class OnTime(PtyModem):
    """A modem whose late answers are at the line when they are due: they are worked out just before.

    So 0.2 s for a text are 0.2 s, not those of the Python that plays the modem on top.
    """

    AHEAD_S = 0.0005
    _due = 0.0

    def _carry_out(self, effects: Sequence[Effect], now: float) -> None:
        super()._carry_out(effects, now - self.AHEAD_S)

    def _fire(self, token: int, due: float) -> None:
        self._due = due + self.AHEAD_S
        super()._fire(token, self._due)

    def _flush(self, said: bytearray) -> None:
        while self._loop.time() < self._due:
            pass
        super()._flush(said)


class OverTheAir(Network):
    """A network that delivers a moment after the sender has had his answer, as every network does.

    Delivered at once, a report would take the modem's time from the command that follows.
    """

    AIRTIME_S = 0.005

    def dispatch(self) -> None:
        """See Air."""
        asyncio.get_running_loop().call_later(self.AIRTIME_S, super().dispatch)


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
    network = OverTheAir(lambda: datetime.now(UTC))
    card = SimCard("8988300000000000013", "001010123456789", OWN, pin)
    modem = SimulatedModem(load_model(model), network=network, sim=card, imei="867698040000005", cmgs_latency=latency)
    served = OnTime(modem, link)
    served.start()
    try:
        yield Stand(served, modem, network)
    finally:
        served.stop()
