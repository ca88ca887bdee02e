"""A modem on a pseudo-terminal, served by a loop of its own, for commands that open its port."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from hw_fixtures.modem import SimCard, SimulatedModem, load_model, serve_pty
from hw_fixtures.modem.host import Speaker
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
        self._awaited: list[tuple[bytes, Callable[[], object]]] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(link)))

    def start(self) -> None:
        self._thread.start()
        self._ready.result(30)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._over.set)
        self._thread.join(5)

    async def _serve(self, link: Path) -> None:
        self.loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        async with serve_pty(self.modem, link) as served:
            served.tap = self._tap
            self._ready.set_result(None)
            await self._over.wait()

    def _tap(self, speaker: Speaker, data: bytes) -> None:
        if speaker == "host" and self._awaited and self._awaited[0][0] in data:
            self.loop.call_soon(self._awaited.pop(0)[1])

    def when(self, command: bytes, act: Callable[[], object]) -> None:
        """In the modem's loop, once the command has been given and what was asked for before it."""
        self._awaited.append((command, act))

    def texts_from(self, sender: str, text: str) -> Callable[[], object]:
        """An act: a phone texts our modem."""
        return partial(self.network.phone(sender).send, OURS, text)

    def inbox(self, number: str, count: int) -> list[str]:
        """The texts of a phone once there are so many: a modem has its answer before the network delivers."""
        inbox = self.network.phone(number).inbox
        end = time.monotonic() + 10
        while len(inbox) < count and time.monotonic() < end:
            time.sleep(0.005)
        return [text.text for text in inbox]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "modem")
    made.start()
    yield made
    made.stop()
