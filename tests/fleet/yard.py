"""An account whose machines report: what the tests of rules, alerts and tickets stand on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from cryptography.fernet import Fernet
from sqlmodel import Session, SQLModel, select

from fleet.alerts.models import Alert
from fleet.audit import Entry
from fleet.clock import ManualClock
from fleet.context import Context
from fleet.db import Database
from fleet.db.outbox import Event
from fleet.devices import service as devices
from fleet.devices.models import DeviceCreate
from fleet.escalation.models import Policy
from fleet.rules import service as rules
from fleet.rules.kinds import EventCode, RaiseWhen, Spec, Threshold
from fleet.rules.models import Rule, RuleCreate, RuleState
from fleet.rules.runner import Runner
from fleet.secrets import Sealer
from fleet.settings import Settings
from fleet.telemetry.messages import Value, Window, record
from fleet.telemetry.models import Kind
from fleet.telemetry.store import append
from fleet.tickets import gathering
from fleet.tickets.models import Ticket
from tests.conftest import account_of, operator_of

T = TypeVar("T")
Row = TypeVar("Row", bound=SQLModel)

WARM = Threshold(point="temperature", raise_when=RaiseWhen.ABOVE, level=5, clear_level=4)
SOLD_OUT = EventCode(code="sold_out")
ORDER: dict[type[SQLModel], Any] = {
    Alert: Alert.raised_at,
    Ticket: Ticket.number,
    Entry: Entry.seq,
    Event: Event.seq,
    RuleState: RuleState.last_ms,
}


class Yard:
    """Machines, rules, and all that follows from what the machines say."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.context = Context(Settings(), database, clock, Sealer(Fernet.generate_key()))
        self.account_id = account_of(database, clock)
        self.operator = operator_of(self.account_id)
        self.start = clock.now()
        self.runner = Runner(self.context)
        self.policy_id = self.write(self._policy)

    def write(self, work: Callable[[Session], T]) -> T:
        return self.database.write_now(work)[0]

    def read(self, work: Callable[[Session], T]) -> T:
        return self.database.read_now(work)

    def device(self, name: str) -> None:
        self.write(lambda tx: devices.create(tx, self.operator, self.clock.now(), DeviceCreate(name=name)))

    def rule(self, name: str, spec: Spec, **more: str) -> Rule:
        wanted = RuleCreate.model_validate({"name": name, "spec": spec, "policy": "day", **more})
        return self.write(lambda tx: rules.add(tx, self.operator, self.clock.now(), wanted, self.policy_id))

    def says(self, device: str, second: float, **values: Value) -> None:
        """The device's message of that second since the start is committed."""
        self._store(device, second, Kind.TELEMETRY, dict(values))

    def event(self, device: str, second: float, code: str, state: str) -> None:
        self._store(device, second, Kind.EVENT, (code, state))

    async def settle(self) -> None:
        """Let rules and tickets follow all that was said."""
        tickets = gathering.consumer(self.context)
        while await self.runner.step() or await tickets.step():
            pass

    def second(self, second: float) -> datetime:
        return self.start + timedelta(seconds=second)

    def rows(self, table: type[Row]) -> list[Row]:
        """Every row, in the order it came to be."""
        return self.read(lambda tx: list(tx.exec(select(table).order_by(ORDER[table]))))

    def metric(self, name: str, **labels: str) -> float | None:
        return self.context.metrics.registry.get_sample_value(name, labels)

    @property
    def alerts(self) -> list[Alert]:
        return self.rows(Alert)

    @property
    def tickets(self) -> list[Ticket]:
        return self.rows(Ticket)

    def audit(self, verb: str) -> list[Entry]:
        return [entry for entry in self.rows(Entry) if entry.verb == verb]

    def events(self, prefix: str) -> list[str]:
        return [event.topic for event in self.rows(Event) if event.topic.startswith(prefix)]

    def _policy(self, tx: Session) -> UUID:
        policy = Policy(account_id=self.account_id, created_at=self.clock.now(), name="day")
        tx.add(policy)
        tx.flush()
        return policy.id

    def _store(self, device: str, second: float, kind: Kind, content: dict[str, Value] | tuple[str, str]) -> None:
        def work(tx: Session) -> None:
            found = devices.get(tx, self.account_id, device)
            device_ms = round(self.second(second).timestamp() * 1000)
            window = Window(past_ms=7 * 86_400_000, ahead_ms=7 * 86_400_000)
            received_ms = round(self.clock.now().timestamp() * 1000)
            said = record(
                self.account_id, found.key, kind, content,
                identifier=None, device_ms=device_ms, received_ms=received_ms, window=window,
            )  # fmt: skip
            append(tx, [said], [], {})

        self.write(work)
