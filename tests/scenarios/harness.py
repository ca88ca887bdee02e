"""A small service under a wound clock: tickets, escalation, texts, a gateway with a simulated modem, people's phones.

Everything from the alert to the radio is the product; modem and phones are the fixtures that are shipped with it.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from cryptography.fernet import Fernet
from sqlmodel import Session, col, select

from fleet import escalation, messages
from fleet.alerts import service as alerts
from fleet.alerts.models import Alert
from fleet.audit import Actor, Entry, Role, Way, system
from fleet.auth.service import default_account
from fleet.clock import Clock, ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.devices import service as devices
from fleet.devices.models import Device, DeviceCreate
from fleet.due import Runner
from fleet.escalation import service as policies
from fleet.escalation.models import Offer, OfferState, PolicyCreate, StepCreate
from fleet.gateway.pool import Gateway
from fleet.messages.models import MessageState, TextMessage
from fleet.oncall import service as oncall
from fleet.oncall.models import Technician, TechnicianCreate
from fleet.rules.kinds import RuleKind
from fleet.rules.models import Rule
from fleet.secrets import Sealer
from fleet.settings import ModemSettings, Settings
from fleet.tickets import store as tickets
from fleet.tickets.gathering import consumer as tickets_consumer
from fleet.tickets.models import Ticket, TicketState
from hw_fixtures.modem import MemoryModem, SimCard, SimulatedModem, load_model, serve_memory
from hw_fixtures.network import Network, Phone, Text

T = TypeVar("T")
SOON = 60.0
"""Real seconds within which what must happen has happened; nothing waits so long unless it fails."""
ANSWER_S = 600
"""How long each technician has to answer, on the wound clock."""
GATEWAY = "+15550001"
PEOPLE = {"ana": "+15550101", "ben": "+15550102", "eve": "+15550103"}
PLACE = "Acme lobby"


class Bench:
    """The running service and the people around it."""

    def __init__(self, database: Database, clock: Clock, network: Network, modem: MemoryModem) -> None:
        self.clock, self.network, self.modem, self.database = clock, network, modem, database
        settings = Settings(modem=[ModemSettings(port=modem.name)])
        self.context = Context(settings, database, clock, Sealer(Fernet.generate_key()))
        self._account_id, _ = database.write_now(lambda tx: default_account(tx, clock.now()).id)
        self._operator = Actor(self._account_id, Role.OPERATOR, "operator", Way.API)
        self._serial = itertools.count(1)
        self._gateway = Gateway(self.context, self._account_id, lambda _settings: modem)
        self.supervisor = self._gateway.workers[0].supervisor

    def parts(self) -> list[Coroutine[Any, Any, None]]:
        """The loops of the service, as the composition root starts them."""
        context = self.context
        handlers = messages.due_handlers(context) | escalation.due_handlers(context)
        return [
            Runner(self.database, self.clock, handlers).run(),
            tickets_consumer(context).run(),
            escalation.consumer(context).run(),
            self._gateway.run(),
        ]

    # -- what people do ------------------------------------------------------------------------------

    def phone(self, name: str) -> Phone:
        """The phone of a technician."""
        return self.network.phone(PEOPLE[name])

    async def offered(self, name: str) -> str:
        """Wait for an offer on that phone; the code in it."""
        text = await self.phone(name).expect("to accept", SOON)
        return text.text.split("Reply ")[1].split("A to accept")[0]

    async def told(self, name: str, *words: str) -> Text:
        """Wait for a text on that phone that has all these words."""
        text = await self.phone(name).expect(words[0], SOON)
        assert all(word in text.text for word in words), text.text
        return text

    def reply(self, name: str, answer: str) -> None:
        """That person texts the gateway."""
        self.phone(name).send(GATEWAY, answer)

    async def accept(self, number: int, name: str) -> None:
        """The operator gives a ticket to somebody."""

        def work(tx: Session) -> None:
            ticket = tickets.get(tx, self._account_id, number)
            who = oncall.get(tx, self._account_id, name)
            policies.accept(tx, self._operator, self.clock.now(), ticket, who)

        await self.database.write(work)

    # -- what machines do ----------------------------------------------------------------------------

    async def breaks(self, summary: str = "warm 6.2 > 5") -> "Case":
        """A new machine raises an alert; the case it becomes."""
        device = await self.install()
        return Case(self, device, await self.raise_alert(device, summary))

    async def install(self) -> Device:
        """A new machine: vm-01, vm-02, …"""
        wanted = DeviceCreate(name=f"vm-{next(self._serial):02}", site=PLACE)
        device, _ = await self.database.write(lambda tx: devices.create(tx, self._operator, self.clock.now(), wanted))
        return device

    async def raise_alert(self, device: Device, summary: str, rule_name: str = "warm") -> UUID:
        """A rule ("warm" or "empty") finds something wrong with a machine; the id of the alert."""

        def work(tx: Session) -> UUID:
            now, actor = self.clock.now(), system(self._account_id, Way.RULES)
            rule = tx.exec(select(Rule).where(Rule.name == rule_name)).one()
            return alerts.raise_alert(
                tx, actor, now, rule=rule, device=device, summary=summary, raised_at=now, why={}
            ).id

        return await self.database.write(work)

    # -- what there is to see ------------------------------------------------------------------------

    async def until(self, what: str, look: Callable[[Session], T | None]) -> T:
        """Wait until `look` finds something in the database; it is asked again after every commit."""
        waiters = {topic: self.database.subscribe(topic) for topic in ("audit", "outbox", "due", "texts")}
        try:
            async with asyncio.timeout(SOON):
                while True:
                    for waiter in waiters.values():
                        waiter.clear()
                    found = await self.database.read(look)
                    if found is not None:
                        return found
                    await first(waiters.values())
        except TimeoutError:
            raise AssertionError(f"expected {what} within {SOON} s, got: {await self.verbs()}") from None
        finally:
            for topic, waiter in waiters.items():
                self.database.unsubscribe(topic, waiter)

    async def verbs(self) -> list[str]:
        """Every act so far, as audited."""
        return [entry.verb for entry in await self.entries()]

    async def entries(self, verb: str = "") -> list[Entry]:
        """The audit rows, those of one verb if it is given."""
        rows = await self.database.read(lambda tx: tx.exec(select(Entry).order_by(col(Entry.seq))).all())
        return [entry for entry in rows if verb in ("", entry.verb)]

    async def happened(self, verb: str, times: int = 1) -> list[Entry]:
        """Wait until an act was audited so often; its rows."""

        def look(tx: Session) -> list[Entry] | None:
            rows = list(tx.exec(select(Entry).where(Entry.verb == verb).order_by(col(Entry.seq))))
            return rows if len(rows) >= times else None

        return await self.until(f"{times} × {verb}", look)

    async def deadline_of(self, name: str) -> datetime:
        """Wait until the pending offer to somebody has a deadline; that."""
        query = select(Offer.deadline).join(Technician, col(Technician.id) == Offer.technician_id)
        query = query.where(Technician.name == name, Offer.state == OfferState.PENDING)
        deadline = await self.until(f"an offer to {name} with a deadline", lambda tx: tx.exec(query).first())
        assert deadline is not None
        return deadline

    async def reconnected(self, connects: int) -> None:
        """Wait until the modem is ready once more than it was."""
        async with asyncio.timeout(SOON):
            while self.supervisor.counters.connects == connects:
                await self.supervisor.wait_ready()
                await asyncio.sleep(0.01)

    async def text(self, state: MessageState, attempts: int = 1) -> TextMessage:
        """Wait until a text is in `state` after so many attempts."""
        query = select(TextMessage).where(TextMessage.state == state, TextMessage.attempts == attempts)
        return await self.until(f"a text that is {state}", lambda tx: tx.exec(query).first())

    @staticmethod
    def none_under_way(tx: Session) -> bool:
        """Whether every text has been sent or given up."""
        waiting = col(TextMessage.state).in_([MessageState.QUEUED, MessageState.CLAIMED, MessageState.WRITING])
        return tx.exec(select(TextMessage.id).where(waiting).limit(1)).first() is None

    async def texts(self, state: MessageState | None = None) -> list[TextMessage]:
        """The queue of texts."""
        rows = await self.database.read(lambda tx: tx.exec(select(TextMessage).order_by(col(TextMessage.id))).all())
        return [row for row in rows if state in (None, row.state)]


class Case:
    """One broken machine and its ticket."""

    def __init__(self, bench: Bench, device: Device, alert_id: UUID) -> None:
        self._bench, self._device, self._device_id, self._alert_id = bench, device, device.id, alert_id

    async def grows(self) -> None:
        """Something else goes wrong with the same machine."""
        await self._bench.raise_alert(self._device, "sold_out", "empty")

    async def ticket(self, state: TicketState) -> Ticket:
        """Wait until the ticket is in `state`."""

        def look(tx: Session) -> Ticket | None:
            return tx.exec(select(Ticket).where(Ticket.device_id == self._device_id, Ticket.state == state)).first()

        return await self._bench.until(f"a ticket that is {state}", look)

    async def holder(self) -> str:
        """Wait until the ticket is accepted; whose it is."""
        ticket = await self.ticket(TicketState.ACCEPTED)
        entries = await self._bench.entries("ticket.accepted")
        return next(str(e.facts["technician"]) for e in entries if e.subject == f"ticket {ticket.number}")

    async def offers(self) -> list[Offer]:
        """The offers of the ticket, in order."""
        query = select(Offer).join(Ticket, col(Ticket.id) == Offer.ticket_id)
        query = query.where(Ticket.device_id == self._device_id).order_by(col(Offer.turn))
        return await self._bench.database.read(lambda tx: list(tx.exec(query)))

    async def silence(self, name: str) -> None:
        """Let the time pass that somebody has to answer the offer they have got."""
        deadline, clock = await self._bench.deadline_of(name), self._bench.clock
        assert isinstance(clock, ManualClock)
        clock.advance(deadline - clock.now())

    async def recovers(self) -> None:
        """The machine is well again."""
        bench = self._bench

        def work(tx: Session) -> None:
            alert = tx.get_one(Alert, self._alert_id)
            actor = system(alert.account_id, Way.RULES)
            alerts.clear_alert(tx, actor, bench.clock.now(), alert, bench.clock.now(), {"temperature": 4.0})

        await bench.database.write(work)


async def first(events: Iterable[asyncio.Event]) -> None:
    """Wait until one of the events is set."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


@asynccontextmanager
async def running(database: Database, clock: Clock, *people: str, rounds: int = 1) -> AsyncIterator[Bench]:
    """A service whose one policy asks `people` in order, while the block lasts; any part that fails fails the block."""
    network = Network(clock.now)
    card = SimCard("8988228066602301231", "001010000000001", GATEWAY)
    modem = SimulatedModem(
        load_model("quectel-ec25"), network=network, sim=card, imei="867698040000013", reboot_after=0
    )
    async with AsyncExitStack() as stack:
        bench = Bench(database, clock, network, await stack.enter_async_context(serve_memory(modem)))
        await database.write(lambda tx: _furnish(tx, bench, people, rounds))
        tasks = [asyncio.create_task(part) for part in bench.parts()]
        try:
            yield bench
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            assert isinstance(end, asyncio.CancelledError), f"a part of the service ended: {end!r}"


def _furnish(tx: Session, bench: Bench, people: tuple[str, ...], rounds: int) -> None:
    now, operator = bench.clock.now(), bench._operator
    for name, phone in PEOPLE.items():
        oncall.add(tx, operator, now, TechnicianCreate(name=name, phone=phone))
    steps = [StepCreate(technician=name, timeout_s=ANSWER_S) for name in people]
    policy = policies.add_policy(tx, operator, now, PolicyCreate(name="standard", rounds=rounds, steps=steps))
    for name, kind in (("warm", RuleKind.THRESHOLD), ("empty", RuleKind.EVENT)):
        account_id = operator.account_id
        tx.add(Rule(account_id=account_id, created_at=now, name=name, kind=kind, spec={}, policy_id=policy.id))
