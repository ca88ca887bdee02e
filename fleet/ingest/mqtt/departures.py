"""What follows when a client is gone: the end of its session comes nearer, and its will is published.

A will is the device's own word on its loss: its payload is stored like any other message, as if the device had sent it.
While it waits for the client to come back (Will Delay Interval) it is on disk. When the service itself stops, or dies,
nobody's will is published: the service is gone then, not the device.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session

from fleet.context import Context
from fleet.devices.models import Device
from fleet.errors import Unavailable
from fleet.ids import uuid7
from fleet.ingest.decoders import Format
from fleet.ingest.mqtt import sessions
from fleet.ingest.mqtt.codec.packets import Will
from fleet.ingest.mqtt.topics import LEAVES
from fleet.ingest.pipeline import Inbound, Pipeline
from fleet.ingest.senders import Sender
from fleet.telemetry.models import MqttWill
from fleet.telemetry.sql import table

LOOK = 1.0
"""Real seconds between looks for wills that are due, and before storage that failed is tried again."""

log = logging.getLogger(__name__)

_wills, _devices = table(MqttWill), table(Device)
_Write = Callable[[Session], object]


class _Pending(NamedTuple):
    id: str
    sender: Sender
    client_id: str
    session_id: UUID
    topic: str
    payload: bytes
    content_type: str
    due_at: datetime


class _Publication:
    """Hears what became of a will that was handed to the pipeline."""

    def __init__(self, departures: "Departures", pending: _Pending) -> None:
        self._departures, self._pending = departures, pending

    def committed(self, count: int) -> None:
        self._departures.published(self._pending)

    def failed(self, reason: str) -> None:
        self._departures.again(self._pending)


class Departures:
    """Wills and ends of sessions; `run` must be running."""

    def __init__(self, context: Context, pipeline: Pipeline) -> None:
        self._database, self._clock, self._pipeline = context.database, context.clock, pipeline
        self._pending: dict[str, _Pending] = {}
        """Wills that are not stored yet."""
        self._under_way: set[str] = set()
        self._waiting: dict[tuple[UUID, str], str] = {}
        """By device and client id, those that its return would make void."""
        self._stored: set[str] = set()
        """Those that are on disk, or will be by the next write."""
        self._writes: list[_Write] = []
        self._writing = asyncio.Lock()
        self._news = asyncio.Event()

    async def load(self) -> None:
        """Take up the wills that waited when the service ended. Raises Unavailable."""
        for pending in await self._database.read(_load):
            self._delay(pending)

    async def run(self) -> None:
        """Write what has to be kept, publish what is due, for ever."""
        while True:
            try:
                await self.flush()
                await self._make_void()
            except Unavailable as error:
                log.warning("departures wait: %s", error)
            else:
                self._publish_due()
            try:
                async with asyncio.timeout(LOOK):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()

    async def flush(self) -> None:
        """Write what has to be kept, in one transaction. Raises Unavailable, and keeps it for the next time."""
        async with self._writing:
            writes, self._writes = self._writes, []

            def work(tx: Session) -> None:
                for write in writes:
                    write(tx)

            try:
                if writes:
                    await self._database.write(work)
            except Unavailable:
                self._writes[:0] = writes
                raise

    def left(self, session_id: UUID, expiry: int) -> None:
        """The connection of a kept session is gone."""
        now = self._clock.now()
        self._write(lambda tx: sessions.leave(tx, session_id, expiry, now))

    def lost(self, sender: Sender, client_id: str, session_id: UUID, will: Will, expiry: int) -> None:
        """A client is gone without a goodbye; its will waits at most `expiry`, the seconds its session is kept."""
        delay = self._clock.span(min(will.delay, expiry))
        due_at = self._clock.now() + delay
        pending = _Pending(
            uuid7().hex, sender, client_id, session_id, will.topic, will.payload, will.content_type, due_at
        )
        if delay > timedelta(0):
            self._delay(pending)
            self._write(lambda tx: _keep(tx, pending))
        else:
            self._pending[pending.id] = pending
        self._news.set()

    def returned(self, device_id: UUID, client_id: str, present: bool) -> None:
        """A client connects: to its session, so its will is void; or to a new one, so the old has ended: it is due."""
        pending = self._pending.get(self._waiting.pop((device_id, client_id), ""))
        if pending is None or pending.id in self._under_way:
            return
        if present:
            self._forget(pending)
        else:
            self._pending[pending.id] = pending._replace(due_at=self._clock.now())
        self._news.set()

    def published(self, pending: _Pending) -> None:
        """It is stored."""
        self._under_way.discard(pending.id)
        self._forget(pending)

    def again(self, pending: _Pending) -> None:
        """It could not be stored: it stays due."""
        self._under_way.discard(pending.id)

    def _due(self) -> list[_Pending]:
        now = self._clock.now()
        return [each for each in self._pending.values() if each.due_at <= now and each.id not in self._under_way]

    async def _make_void(self) -> None:
        """Forget wills that are due of clients that came back at another process, which opened their sessions again."""
        due = [pending for pending in self._due() if pending.id in self._stored]
        if due:
            for pending in await self._database.read(lambda tx: [each for each in due if _is_back(tx, each)]):
                self._forget(pending)

    def _publish_due(self) -> None:
        for pending in self._due():
            if not self._pipeline.full:
                self._under_way.add(pending.id)
                kind = LEAVES[pending.topic.rpartition("/")[2]]
                form = Format.CBOR if pending.content_type == Format.CBOR.value else Format.JSON
                occasion = f"will {pending.id}"
                inbound = Inbound(pending.sender, "mqtt", kind, pending.topic, pending.payload, form, occasion)
                self._pipeline.take(inbound, _Publication(self, pending))

    def _delay(self, pending: _Pending) -> None:
        self._pending[pending.id] = pending
        self._waiting[pending.sender.device_id, pending.client_id] = pending.id
        self._stored.add(pending.id)

    def _forget(self, pending: _Pending) -> None:
        self._pending.pop(pending.id, None)
        key = (pending.sender.device_id, pending.client_id)
        if self._waiting.get(key) == pending.id:
            del self._waiting[key]
        if pending.id in self._stored:
            self._stored.discard(pending.id)
            self._write(lambda tx: tx.execute(delete(_wills).where(_wills.c.id == pending.id)))

    def _write(self, write: _Write) -> None:
        self._writes.append(write)
        self._news.set()


def _keep(tx: Session, pending: _Pending) -> None:
    values = pending._asdict()
    sender = values.pop("sender")
    values |= {"account_id": sender.account_id, "device_id": sender.device_id}
    tx.execute(_wills.insert().values(values))


def _is_back(tx: Session, pending: _Pending) -> bool:
    kept = sessions.find(tx, pending.sender.device_id, pending.client_id)
    return kept is not None and kept.id == pending.session_id and kept.ends_at is None


def _load(tx: Session) -> list[_Pending]:
    query = select(_wills, _devices.c.key, _devices.c.name).join(_devices, _devices.c.id == _wills.c.device_id)
    return [
        _Pending(
            row.id,
            Sender(row.account_id, row.device_id, row.key, row.name, None),
            row.client_id,
            row.session_id,
            row.topic,
            row.payload,
            row.content_type,
            row.due_at,
        )
        for row in tx.execute(query)
    ]
