"""A modem on a pseudo-terminal, served by a loop of its own, for commands that open its port."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hw_fixtures.modem import SimCard, SimulatedModem, load_model, serve_pty
from hw_fixtures.network import Network
from modem_drivers.identity import luhn_digit

ICCID = "894450100121314156" + luhn_digit("894450100121314156")
IMEI = "86010703000001" + luhn_digit("86010703000001")
OURS = "+15550199"
PHONE = "+15550101"


class Bench:
    """A modem served by an event loop of its own, as another program would."""

    def __init__(self, link: Path) -> None:
        self.port = str(link)
        self.network = Network(lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
        self.modem = SimulatedModem(
            load_model("quectel-ec25"),
            network=self.network,
            sim=SimCard(ICCID, "001010123456789", OURS, pin=None),
            imei=IMEI,
        )
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(link)))

    def start(self) -> None:
        self._thread.start()
        self._ready.result(5)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._over.set)
        self._thread.join(5)

    async def _serve(self, link: Path) -> None:
        self.loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        async with serve_pty(self.modem, link):
            self._ready.set_result(None)
            await self._over.wait()

    def do(self, act: Callable[[], None]) -> None:
        """Something with the modem or the network, in their loop."""
        self.loop.call_soon_threadsafe(act)

    def later(self, seconds: float, sender: str, text: str) -> None:
        """A phone texts our modem after so many seconds."""
        send = self.network.phone(sender).send
        self.loop.call_soon_threadsafe(self.loop.call_later, seconds, send, OURS, text)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "modem")
    made.start()
    yield made
    made.stop()
