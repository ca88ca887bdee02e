"""What follows when a client is gone: the end of its session comes nearer, and its will is published.

A will is the device's own word on its loss: its payload is stored like any other message, as if the device had sent it.
From the CONNECT on it is on disk, so whoever ends the connection, and whoever is left when a process dies, publishes it
once. Where the service itself ended the connection the device is pardoned: it has a while to come back.
"""

import asyncio
import itertools
import logging
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from fleet.context import Context
from fleet.db import Isolation
from fleet.db.presence import Absences
from fleet.errors import Unavailable
from fleet.ingest.decoders import Format
from fleet.ingest.mqtt import holders, sessions, wills
from fleet.ingest.mqtt.codec.packets import Will
from fleet.ingest.mqtt.holders import Hold
from fleet.ingest.mqtt.topics import LEAVES
from fleet.ingest.mqtt.wills import Farewell
from fleet.ingest.pipeline import Inbound, Pipeline
from fleet.ingest.senders import Sender

LOOK = 1.0
"""Real seconds between looks for wills that are due, and before storage that failed is tried again."""
TOGETHER = 200
"""Departures in one transaction, and wills handed over in one go."""
PARDON = 60.0
"""Real seconds in which clients may come back whose connection the service itself has ended."""

log = logging.getLogger(__name__)


class _Publication:
    """Hears what became of a will that was handed to the pipeline."""

    def __init__(self, departures: "Departures", will_id: UUID) -> None:
        self._departures, self._will_id = departures, will_id

    def committed(self, count: int) -> None:
        self._departures.published(self._will_id)

    def failed(self, reason: str, *, superseded: bool = False) -> None:
        self._departures.again(self._will_id)


class Departures:
    """Wills and ends of sessions; `run` must be running."""

    def __init__(self, context: Context, pipeline: Pipeline) -> None:
        self._database, self._clock, self._pipeline = context.database, context.clock, pipeline
        self._process = context.process
        self._absences = Absences(context.database, context.process, context.clock.monotonic)
        self._farewells: dict[UUID, Farewell] = {}
        """What is not written yet, by connection: one that the service ends and then hears of is gone once."""
        self._published: set[UUID] = set()
        """Wills that are stored, and not forgotten yet."""
        self._under_way: set[UUID] = set()
        self._writing = asyncio.Lock()
        self._news = asyncio.Event()

    async def load(self) -> None:
        """Take up what this process left behind when it ended, or, if no other runs, the whole service did.

        Nobody could come back meanwhile, so every will waits for a while. Raises Unavailable.
        """
        absent = await self._absences.now(holders.processes)
        alone = await self._absences.alone()
        for process in (absent if alone else set()) | {self._process}:
            await self._adopt(process, pardoned=True)
        now, mine = self._clock.now(), self._process
        until = now + self._clock.span(PARDON)
        await self._database.write(lambda tx: wills.defer(tx, mine, now - wills.LATE, until, alone=alone))

    async def run(self) -> None:
        """Write what has to be kept, publish what is due, for ever."""
        while True:
            try:
                await self.flush()
                for process in await self._absences.gone(holders.processes):
                    await self._adopt(process)
                await self._publish_due()
            except Unavailable as error:
                log.warning("departures wait: %s", error)
            try:
                async with asyncio.timeout(LOOK):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()

    async def flush(self) -> None:
        """Write what has to be kept. Raises Unavailable, and keeps it for the next time."""
        async with self._writing:
            while self._farewells or self._published:
                await self._flush([*itertools.islice(self._farewells.values(), TOGETHER)], set(self._published))

    async def _flush(self, gone: list[Farewell], published: set[UUID]) -> None:
        await self._database.write(lambda tx: self._write(tx, gone, published), Isolation.APPEND)
        for one in gone:
            del self._farewells[one.hold.id]
        self._published -= published
        self._under_way -= published

    def left(self, hold: Hold, *, pardoned: bool = False) -> None:
        """A connection is gone. `hold`: with its will, unless the client said goodbye; `pardoned`: we ended it."""
        self._farewells.setdefault(hold.id, self._farewell(hold, pardoned))
        self._news.set()

    def publish(self, sender: Sender, due: Iterable[tuple[UUID, Will]]) -> None:
        """Hand these wills to the pipeline, before anything that the client sends from now on."""
        for will_id, will in due:
            if will_id in self._under_way:
                continue
            self._under_way.add(will_id)
            kind = LEAVES[will.topic.rpartition("/")[2]]
            form = Format.CBOR if will.content_type == Format.CBOR.value else Format.JSON
            inbound = Inbound(sender, "mqtt", kind, will.topic, will.payload, form, f"will {will_id.hex}")
            self._pipeline.take(inbound, _Publication(self, will_id))

    def published(self, will_id: UUID) -> None:
        """It is stored."""
        self._published.add(will_id)
        self._news.set()

    def again(self, will_id: UUID) -> None:
        """It could not be stored: it stays due."""
        self._under_way.discard(will_id)

    async def _publish_due(self) -> None:
        if self._pipeline.full:
            return
        now, process = self._clock.now(), self._process
        found = await self._database.read(lambda tx: wills.due(tx, process, now, now - wills.LATE, TOGETHER))
        for due in found:
            self.publish(due.sender, [(due.id, due.will)])

    async def _adopt(self, process: UUID, *, pardoned: bool = False) -> None:
        """End the connections of a process that is gone."""

        def work(tx: Session) -> int:
            found = holders.left_behind(tx, process, TOGETHER)
            self._end(tx, [self._farewell(one, pardoned) for one in found])
            return len(found)

        while ended := await self._database.write(work, Isolation.APPEND):
            log.info("%d connections of the process %s are gone with it", ended, process)

    def _write(self, tx: Session, gone: list[Farewell], published: set[UUID]) -> None:
        held = holders.leave(tx, [one.hold.id for one in gone]) if gone else set()
        self._end(tx, [one for one in gone if one.hold.id in held])
        if published:
            wills.forget(tx, published)

    def _end(self, tx: Session, gone: list[Farewell]) -> None:
        wills.keep(tx, self._process, gone)
        for one in gone:
            sessions.leave(tx, one.hold.session_id, one.hold.expiry_s, one.at)

    def _farewell(self, hold: Hold, pardoned: bool) -> Farewell:
        """A will waits for its delay, at most until its session ends (MQTT 5 §3.1.3.2.2)."""
        now, delay = self._clock.now(), timedelta(0)
        if hold.will is not None:
            delay = self._clock.span(min(hold.will.delay, hold.expiry_s))
        if pardoned:
            delay = max(delay, self._clock.span(PARDON))
        return Farewell(hold, now, now + delay, pardoned)
