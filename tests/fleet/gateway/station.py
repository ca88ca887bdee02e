"""A gateway with simulated modems and the queue behind it: what the tests of the gateway stand on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from cryptography.fernet import Fernet
from sqlmodel import Session, col, select

from fleet.audit import Way, system
from fleet.auth.service import default_account
from fleet.clock import Clock
from fleet.context import Context
from fleet.db import Database
from fleet.due import Runner
from fleet.gateway.pool import Gateway
from fleet.messages import due_handlers, service
from fleet.messages.limits import Priority
from fleet.messages.models import Attempt, InboundText, MessageState, TextMessage
from fleet.secrets import Sealer
from fleet.settings import ModemSettings, Settings
from hw_fixtures.modem import MemoryModem, SimCard, SimulatedModem, load_model, serve_memory
from hw_fixtures.network import Network

T = TypeVar("T")
SOON = 60.0
ANA = "+15550101"
IMEIS = ("867698040000013", "861234567890127")
ICCIDS = ("8988228066602301231", "8988303000000000011")
SEALER = Sealer(Fernet.generate_key())
Switch = tuple[str, ...]


class Station:
    """Modems on a network, and a service that is started and stopped at will."""

    def __init__(
        self, database: Database, clock: Clock, modems: Sequence[MemoryModem], pin_file: Path | None, switch: Switch
    ) -> None:
        self.database, self.clock, self.modems = database, clock, modems
        self.account_id, _ = database.write_now(lambda tx: default_account(tx, clock.now()).id)
        settings = Settings(
            modem=[ModemSettings(port=modem.name, pin_file=pin_file, power_switch=switch) for modem in modems]
        )
        self.context = Context(settings, database, clock, SEALER)
        network = modems[0].modem.network
        assert isinstance(network, Network)
        self.network = network
        self.gateway: Gateway
        self._count = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Gateway]:
        """The gateway and the timers of texts, while the block lasts."""
        by_name = {modem.name: modem for modem in self.modems}
        self.gateway = Gateway(self.context, self.account_id, lambda settings: by_name[settings.port])
        parts = [self.gateway.run(), Runner(self.database, self.clock, due_handlers(self.context)).run()]
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            yield self.gateway
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            assert isinstance(end, asyncio.CancelledError), f"a part of the service ended: {end!r}"

    async def put(self, body: str = "hello", expires_s: float = 900) -> TextMessage:
        """Queue a text to Ana."""
        self._count += 1
        now, number = self.clock.now(), self._count
        actor = system(self.account_id, Way.RULES)
        return await self.database.write(
            lambda tx: service.enqueue(
                tx, actor, now, reference=f"test:{number}", to=ANA, body=body, language="en", priority=Priority.OFFER,
                expires_at=now + timedelta(seconds=expires_s),
            )
        )  # fmt: skip

    async def until(self, what: str, look: Callable[[Session], T | None]) -> T:
        """Wait until `look` finds something in the database."""
        try:
            async with asyncio.timeout(SOON):
                while (found := await self.database.read(look)) is None:
                    await asyncio.sleep(0.01)
                return found
        except TimeoutError:
            raise AssertionError(f"expected {what} within {SOON} s") from None

    async def text(self, state: MessageState) -> TextMessage:
        """Wait until a text is in `state`."""
        query = select(TextMessage).where(TextMessage.state == state)
        return await self.until(f"a text that is {state}", lambda tx: tx.exec(query).first())

    async def texts(self, state: MessageState, count: int) -> list[TextMessage]:
        """Wait until so many texts are in `state`."""

        def look(tx: Session) -> list[TextMessage] | None:
            rows = list(tx.exec(select(TextMessage).where(TextMessage.state == state)))
            return rows if len(rows) >= count else None

        return await self.until(f"{count} texts that are {state}", look)

    async def received(self, count: int) -> list[str]:
        """Wait for so many inbound texts; what they say."""

        def look(tx: Session) -> list[str] | None:
            rows = list(tx.exec(select(InboundText.body).order_by(col(InboundText.id))))
            return rows if len(rows) >= count else None

        return await self.until(f"{count} inbound texts", look)

    async def attempts(self) -> list[Attempt]:
        """Every attempt so far."""
        return await self.database.read(lambda tx: list(tx.exec(select(Attempt).order_by(col(Attempt.started_at)))))


@asynccontextmanager
async def station(
    database: Database,
    clock: Clock,
    *,
    modems: int = 1,
    pin: str | None = None,
    pin_file: Path | None = None,
    switch: Switch = (),
) -> AsyncIterator[Station]:
    """A station whose modems are powered while the block lasts; `pin` locks their SIMs, `switch` is their power's."""
    network, model = Network(clock.now), load_model("quectel-ec25")
    async with AsyncExitStack() as stack:
        served = []
        for number in range(modems):
            card = SimCard(ICCIDS[number], f"00101000000000{number}", f"+1555000{number}", pin)
            modem = SimulatedModem(model, network=network, sim=card, imei=IMEIS[number], reboot_after=0)
            served.append(await stack.enter_async_context(serve_memory(modem)))
        yield Station(database, clock, served, pin_file, switch)
