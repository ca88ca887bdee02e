"""Tickets, technicians and their texts without a modem: what the tests of escalation stand on."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from cryptography.fernet import Fernet
from sqlmodel import Session, col, select

from fleet import escalation
from fleet.audit import Entry, Way, system
from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database, outbox
from fleet.devices import service as devices
from fleet.devices.models import DeviceCreate
from fleet.due import Runner
from fleet.escalation import offers, service
from fleet.escalation.models import Offer, OfferState, PolicyCreate, StepCreate
from fleet.ids import uuid7
from fleet.messages import carrying, due_handlers, inbound
from fleet.messages.carrying import Carrier, Patience
from fleet.messages.models import MessageState, TextMessage
from fleet.messages.parts import Outcome, Result
from fleet.oncall import service as oncall
from fleet.oncall.models import Technician, TechnicianCreate
from fleet.secrets import Sealer
from fleet.settings import Settings
from fleet.tickets import service as tickets
from fleet.tickets.models import Ticket
from modem_drivers import pdu
from tests.conftest import account_of, operator_of

T = TypeVar("T")
PEOPLE = {"ana": "+12025550101", "ben": "+12025550102", "eve": "+12025550103"}
MODEM = "867698040000013"
ANSWER_S = 600


class Desk:
    """Opens tickets, plays the gateway and the phones, and lets the engine work until it rests."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.context = Context(Settings(), database, clock, Sealer(Fernet.generate_key()))
        self.account_id = account_of(database, clock)
        self.operator = operator_of(self.account_id)
        self.gateway = system(self.account_id, Way.GATEWAY)
        self.engine = escalation.consumer(self.context)
        self.runner = Runner(database, clock, due_handlers(self.context) | escalation.due_handlers(self.context))
        self.carrier = Carrier(uuid7(), MODEM)
        for name, phone in PEOPLE.items():
            wanted = TechnicianCreate(name=name, phone=phone)
            self.write(lambda tx, wanted=wanted: oncall.add(tx, self.operator, clock.now(), wanted))  # type: ignore[misc]

    def write(self, work: Callable[[Session], T]) -> T:
        return self.database.write_now(work)[0]

    def policy(self, *names: str, rounds: int = 1, name: str = "standard") -> UUID:
        steps = [StepCreate(technician=who, timeout_s=ANSWER_S) for who in names]
        wanted = PolicyCreate(name=name, rounds=rounds, steps=steps)
        return self.write(lambda tx: service.add_policy(tx, self.operator, self.clock.now(), wanted).id)

    async def open(self, policy_id: UUID, number: int = 1) -> None:
        """A ticket is opened and the engine sees it."""

        def work(tx: Session) -> None:
            now = self.clock.now()
            device, _ = devices.create(tx, self.operator, now, DeviceCreate(name=f"vm-{number:02}"))
            ticket = Ticket(
                account_id=self.account_id,
                created_at=now,
                number=number,
                device_id=device.id,
                policy_id=policy_id,
                summary="warm 6.2 > 5",
                severity="major",
            )
            tx.add(ticket)
            tx.flush()
            outbox.emit(tx, self.account_id, "ticket.opened", now, ticket_id=str(ticket.id))

        self.write(work)
        await self.settle()

    async def settle(self) -> None:
        """Let the engine and the timers do all there is to do now."""
        while await self.engine.step() or await self.runner.step():
            pass

    async def carry(self, outcome: Outcome = Outcome.SENT, cause: str = "") -> list[str]:
        """The gateway carries everything that waits; what it carried, as `name: text`."""
        carried: list[str] = []

        def one(tx: Session) -> bool:
            now, patience = self.clock.now(), Patience(timedelta(seconds=30), timedelta(seconds=60))
            message = carrying.claim(tx, now, self.account_id, self.carrier, patience)
            if message is None:
                return False
            attempt = carrying.begin_attempt(tx, self.gateway, now, message, self.carrier)
            assert attempt is not None
            tx.flush()
            result = Result(outcome, cause=cause)
            carrying.end_attempt(tx, self.gateway, now, attempt.id, [result] * len(attempt.parts), patience.settle)
            name = next(name for name, phone in PEOPLE.items() if phone == message.to)
            carried.append(f"{name}: {message.body}")
            return True

        while self.write(one):
            pass
        await self.settle()
        return carried

    def text(self, name: str, body: str) -> None:
        """That person texts us; the engine has not seen it yet."""
        self.text_from(PEOPLE[name], body)

    def text_from(self, number: str, body: str) -> None:
        self.clock.advance(1)
        now = self.clock.now()
        (found,) = pdu.encode_deliver(number, body, now)
        self.write(lambda tx: inbound.receive(tx, self.gateway, now, MODEM, found))

    async def reply(self, name: str, body: str) -> list[str]:
        """That person texts us and everything follows; what was said back, to whomever."""
        self.text(name, body)
        await self.settle()
        return await self.carry()

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.settle()

    def accept(self, name: str, number: int = 1) -> None:
        """The operator gives the ticket away."""

        def work(tx: Session) -> None:
            ticket, technician = tickets.get(tx, self.account_id, number), oncall.get(tx, self.account_id, name)
            service.accept(tx, self.operator, self.clock.now(), ticket, technician)

        self.write(work)

    def deactivate(self, name: str) -> None:
        def work(tx: Session) -> None:
            oncall.get(tx, self.account_id, name).active = False

        self.write(work)

    def offers(self, number: int = 1) -> list[Offer]:
        return self.write(lambda tx: offers.of_ticket(tx, tickets.get(tx, self.account_id, number).id))

    def states(self, number: int = 1) -> list[OfferState]:
        return [offer.state for offer in self.offers(number)]

    def code(self, name: str, number: int = 1) -> int:
        """The code of the newest offer of the ticket to somebody."""
        return next(offer.code for offer in reversed(self.offers(number)) if offer.phone == PEOPLE[name])

    def holder(self, number: int = 1) -> str | None:
        def work(tx: Session) -> str | None:
            technician_id = tickets.get(tx, self.account_id, number).technician_id
            return tx.get_one(Technician, technician_id).name if technician_id else None

        return self.write(work)

    def entries(self, verb: str = "") -> Sequence[Entry]:
        rows = self.write(lambda tx: list(tx.exec(select(Entry).order_by(col(Entry.seq)))))
        return [row for row in rows if verb in ("", row.verb)]

    def facts(self, verb: str) -> list[dict[str, Any]]:
        return [entry.facts for entry in self.entries(verb)]

    def queued(self) -> list[str]:
        """The texts that wait."""
        query = select(TextMessage.body).where(TextMessage.state == MessageState.QUEUED)
        return self.write(lambda tx: list(tx.exec(query)))
