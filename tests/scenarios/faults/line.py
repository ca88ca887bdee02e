"""A modem at work on a line in memory, with all that comes in written down, and ways to meddle with the line."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hw_fixtures.modem import MemoryModem, SimCard, SimulatedModem, load_model, serve_memory
from hw_fixtures.modem.host import Speaker
from hw_fixtures.modem.storage import UNREAD
from hw_fixtures.network import Network, Phone
from modem_drivers import Modem, Outcome, Stored
from modem_drivers.pdu import Reassembler, StatusReport, encode_deliver

OWN, ALICE = "+15550199", "+15550101"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Line:
    """`texts` are whole, as a person would read them; `parts` as they came from the modem; `heard` is the wire."""

    network: Network
    served: MemoryModem
    modem: Modem
    texts: list[tuple[str, str]] = field(default_factory=list)
    parts: list[Stored] = field(default_factory=list)
    reports: list[StatusReport] = field(default_factory=list)
    heard: list[tuple[Speaker, bytes]] = field(default_factory=list)
    _joiner: Reassembler = field(default_factory=Reassembler)
    _sent: int = 0

    @property
    def alice(self) -> Phone:
        """The phone at the other end."""
        return self.network.phone(ALICE)

    @property
    def read_by_alice(self) -> list[str]:
        """What her phone shows."""
        return [text.text for text in self.alice.inbox]

    @property
    def simulated(self) -> SimulatedModem:
        """The modem itself."""
        return self.served.modem

    @property
    def stored(self) -> int:
        """Messages in the modem's memories."""
        return sum(len(self.simulated.messaging.store(name).slots) for name in ("SM", "ME"))

    async def send(self, text: str, *, reference: int | None = None, resend: bool = False) -> list[Outcome]:
        """Texts Alice; the outcome of each part."""
        self._sent += 1
        first = self._sent * 16 if reference is None else reference
        parts = self.modem.sms.compose(ALICE, text, first_reference=first, concat_reference=first, resend=resend)
        return [await self.modem.sms.submit(part) for part in parts]

    def keep_unannounced(self, text: str) -> None:
        """Alice's text is in the modem, and nobody has been told."""
        [found] = encode_deliver(ALICE, text, NOON)
        self.simulated.messaging.store("ME").add(found, UNREAD)

    async def quiet(self) -> None:
        """Returns once all that was announced is taken in: a sweep stands behind it."""
        await asyncio.sleep(1)
        await self.modem.sms.sweep()

    async def take(self, stored: Stored) -> None:
        """A consumer that keeps what it gets."""
        self.parts.append(stored)
        whole = self._joiner.add(stored.deliver, NOON)
        if whole is not None:
            self.texts.append((whole.sender.number, whole.text or ""))

    async def note(self, report: StatusReport) -> None:
        """A consumer of delivery reports."""
        self.reports.append(report)

    def meddle(self, command: bytes, place: bytes, then: Callable[[], object]) -> Callable[[], bool]:
        """In the answer to the next `command` (its beginning), right behind what matches `place`, does `then`.

        What the modem says in `then` comes in at that place. The returned function says whether it was done.
        """
        asked = done = False
        end = self.served.end.peer

        def tap(speaker: Speaker, data: bytes) -> None:
            nonlocal asked
            self.heard.append((speaker, data))
            asked = asked or (speaker == "host" and data.startswith(command))

        def hook(data: bytes) -> bytes:
            nonlocal done
            match = re.search(place, data, re.DOTALL) if asked and not done else None
            if match is None:
                return data
            done = True
            end.inject(data[: match.end()])
            then()
            return data[match.end() :]

        self.served.tap, end.hook = tap, hook
        return lambda: done


@asynccontextmanager
async def at_work(
    *,
    at_prompt: bool = False,
    before: Callable[[SimulatedModem, Network], object] | None = None,
    model: str = "quectel-ec25",
) -> AsyncIterator[Line]:
    """A modem that was opened and started, once `before` was done to it; `at_prompt` it is found at one."""
    network = Network(lambda: NOON + timedelta(seconds=asyncio.get_running_loop().time()))
    card = SimCard("8944501001213141563", "001010123456789", OWN)
    simulated = SimulatedModem(load_model(model), network=network, sim=card, imei="867698040000013")
    if before is not None:
        before(simulated, network)
    if at_prompt:
        simulated.dialogue.sit_at_prompt()
    async with serve_memory(simulated) as served:
        modem = await Modem.open(served)
        line = Line(network, served, modem)
        served.tap = lambda speaker, data: line.heard.append((speaker, data))
        modem.sms.on_message, modem.sms.on_report = line.take, line.note
        await modem.sms.start()
        try:
            yield line
        finally:
            await modem.close()
