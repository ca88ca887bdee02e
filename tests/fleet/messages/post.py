"""A queue of texts with one modem's worth of hands: what the tests of messages stand on."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from cryptography.fernet import Fernet
from sqlmodel import Session, col, select

from fleet.audit import Entry, Way, system
from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.db.outbox import Event
from fleet.due import Runner
from fleet.ids import uuid7
from fleet.messages import carrying, due_handlers, inbound, service
from fleet.messages.carrying import Carrier, Patience
from fleet.messages.limits import Priority
from fleet.messages.models import Attempt, InboundText, MessageState, TextMessage
from fleet.messages.parts import Outcome, Result
from fleet.secrets import Sealer
from fleet.settings import Settings
from modem_drivers import pdu
from tests.conftest import account_of

T = TypeVar("T")
TO = "+15550101"
MODEM, OTHER_MODEM = "867698040000013", "861234567890128"
LEASE, SETTLE = timedelta(seconds=30), timedelta(seconds=60)

SENT = Result(Outcome.SENT)
UNKNOWN = Result(Outcome.UNKNOWN, cause="the line is gone")
REFUSED = Result(Outcome.REFUSED, cause="+CMS ERROR: 8")
BUSY = Result(Outcome.REFUSED, cause="+CMS ERROR: 38", may_retry=True)


class Post:
    """Queues, claims, begins and ends, each in a transaction of its own."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.account_id = account_of(database, clock)
        self.actor = system(self.account_id, Way.GATEWAY)
        self.gateway_id = uuid7()
        context = Context(Settings(), database, clock, Sealer(Fernet.generate_key()))
        self.runner = Runner(database, clock, due_handlers(context))

    def write(self, work: Callable[[Session], T]) -> T:
        return self.database.write_now(work)[0]

    def put(
        self,
        body: str = "hello",
        *,
        reference: str = "offer:1",
        priority: Priority = Priority.OFFER,
        expires_s: float = 900,
        to: str = TO,
    ) -> TextMessage:
        now = self.clock.now()
        return self.write(
            lambda tx: service.enqueue(
                tx, self.actor, now, reference=reference, to=to, body=body, language="en", priority=priority,
                expires_at=now + timedelta(seconds=expires_s),
            )
        )  # fmt: skip

    def claim(self, modem: str = MODEM) -> TextMessage | None:
        carrier = Carrier(self.gateway_id, modem)
        patience = Patience(LEASE, SETTLE)
        return self.write(lambda tx: carrying.claim(tx, self.clock.now(), self.account_id, carrier, patience))

    def begin(self, modem: str = MODEM) -> Attempt:
        """Claim the next text, which there must be, and begin an attempt at it."""
        attempt = self.try_begin(modem)
        assert attempt is not None
        return attempt

    def try_begin(self, modem: str) -> Attempt | None:
        """Begin an attempt at the next text, if there is one for this modem."""
        message = self.claim(modem)
        if message is None:
            return None

        def work(tx: Session) -> Attempt | None:
            carrier = Carrier(self.gateway_id, modem)
            claimed = tx.get_one(TextMessage, message.id)
            return carrying.begin_attempt(tx, self.actor, self.clock.now(), claimed, carrier)

        return self.write(work)

    def end(self, attempt: Attempt, *results: Result) -> TextMessage:
        return self.write(
            lambda tx: carrying.end_attempt(tx, self.actor, self.clock.now(), attempt.id, results, SETTLE)
        )

    def carry(self, *results: Result, modem: str = MODEM) -> TextMessage:
        """One whole attempt at the next text."""
        return self.end(self.begin(modem), *results)

    def report(self, reference: int, status: int = 0, *, modem: str = MODEM, to: str = TO) -> TextMessage | None:
        found = pdu.decode_status_report(
            pdu.encode_status_report(to, reference, self.clock.now(), self.clock.now(), status)
        )
        return self.write(lambda tx: inbound.report(tx, self.actor, self.clock.now(), modem, found))

    def receive(self, found: str, modem: str = MODEM) -> InboundText | None:
        return self.write(lambda tx: inbound.receive(tx, self.actor, self.clock.now(), modem, found))

    async def pass_time(self, seconds: float) -> None:
        """Wind the clock and let the timers do what is due."""
        self.clock.advance(seconds)
        while await self.runner.step():
            pass

    def message(self, reference: str = "offer:1") -> TextMessage:
        found = self.write(lambda tx: service.find(tx, self.account_id, reference))
        assert found is not None
        return found

    def state(self, reference: str = "offer:1") -> MessageState:
        return self.message(reference).state

    def events(self) -> Sequence[str]:
        """The topics of everything told so far."""
        return self.write(lambda tx: list(tx.exec(select(Event.topic).order_by(col(Event.seq)))))

    def verbs(self) -> Sequence[str]:
        """Everything audited so far."""
        return self.write(lambda tx: list(tx.exec(select(Entry.verb).order_by(col(Entry.seq)))))
