"""How things travel upward: an event is written with the change it tells of and handled exactly once.

`emit` adds the event to the transaction that caused it. A `Consumer` reads events in order and runs its handler
in the transaction that also moves its cursor: a crash repeats nothing and skips nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, bindparam, insert, select, update
from sqlmodel import Field, Session, SQLModel

from fleet.clock import Clock
from fleet.db.engine import Database, wake
from fleet.db.locks import alone
from fleet.db.log import Logged, Position, after, log_index
from fleet.errors import Unavailable

TOPIC = "outbox"
BATCH = 100
LOOK = 1.0
"""Real seconds after which a consumer looks by itself, should a wake-up have been lost."""

log = logging.getLogger(__name__)


class Event(Logged, table=True):
    """Something that happened, on its way to the rooms above."""

    __tablename__ = "outbox"
    __table_args__ = (log_index("outbox"),)

    account_id: UUID = Field(foreign_key="account.id")
    topic: str
    body: dict[str, Any] = Field(sa_type=JSON)
    at: datetime


class Cursor(SQLModel, table=True):
    """How far one reader of one log has come."""

    __tablename__ = "cursor"

    reader: str = Field(primary_key=True)
    xact: int = Field(default=0, sa_type=BigInteger)
    seq: int = Field(default=0, sa_type=BigInteger)


_cursors: Any = Cursor.__table__.c  # type: ignore[attr-defined]
_position = select(_cursors.xact, _cursors.seq).where(_cursors.reader == bindparam("at"))
_advance = update(Cursor).where(_cursors.reader == bindparam("at")).values(xact=bindparam("xact"), seq=bindparam("seq"))
Handler = Callable[[Session, Event], None]


def emit(session: Session, account_id: UUID, topic: str, at: datetime, **body: Any) -> None:
    """Add an event to this transaction; `body` holds JSON values (ids as text)."""
    session.add(Event(account_id=account_id, topic=topic, at=at, body=body))
    wake(session, TOPIC)


def position(session: Session, reader: str) -> Position:
    """Where `reader` stands; the beginning for a new one."""
    row = session.connection().execute(_position, {"at": reader}).first()
    return Position(*row) if row else Position()


def advance(session: Session, reader: str, to: Position) -> None:
    """Move `reader` in this transaction."""
    connection, values = session.connection(), to._asdict()
    if not connection.execute(_advance, {"at": reader, **values}).rowcount:
        connection.execute(insert(Cursor).values(reader=reader, **values))


class Consumer:
    """Runs `handlers[topic]` for each event, in order, each once."""

    def __init__(self, database: Database, clock: Clock, reader: str, handlers: Mapping[str, Handler]) -> None:
        self._database, self._clock, self._reader, self._handlers = database, clock, reader, handlers

    async def run(self) -> None:
        """Consume for ever."""
        waiter = self._database.subscribe(TOPIC)
        try:
            while True:
                waiter.clear()
                try:
                    while await self.step():
                        pass
                except Unavailable as error:
                    log.warning("%s waits: %s", self._reader, error)
                await wait_real(waiter, LOOK)
        finally:
            self._database.unsubscribe(TOPIC, waiter)

    async def step(self) -> bool:
        """Handle the next few events in one transaction; False when there was none, or another process is at it."""
        return await self._database.write(self._batch)

    def _batch(self, session: Session) -> bool:
        if not alone(session, self._reader):
            return False
        events = session.execute(after(session, Event, position(session, self._reader), BATCH)).scalars().all()
        for event in events:
            handler = self._handlers.get(event.topic)
            if handler is not None:
                handler(session, event)
        if events:
            last = events[-1]
            advance(session, self._reader, Position(last.xact or 0, last.seq or 0))
        return bool(events)


async def wait_real(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, at most `seconds` of real time."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
