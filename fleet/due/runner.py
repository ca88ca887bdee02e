"""Claims what is due and hands it to its handler."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

from fleet.clock import Clock
from fleet.db.engine import Database
from fleet.db.presence import Absences
from fleet.due import store
from fleet.due.models import Due
from fleet.errors import Unavailable
from fleet.ids import uuid7

Handler = Callable[[Due], Awaitable[None]]
"""Does the work. In the transaction that acts it asks `still_mine` first and calls `finish` last; what it leaves
unfinished comes back when the lease runs out, or when its process is gone."""

LEASE = 60.0
"""Real seconds one handler may take before another may try."""
BATCH = 20
LOOK = 5.0
"""Real seconds after which the runner looks by itself, should a wake-up have been lost."""

log = logging.getLogger(__name__)


class Runner:
    """Runs `handlers[kind]` for each due row."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        process: UUID | None = None,
        absences: Absences | None = None,
    ) -> None:
        """`process`: who claims; what that one had claimed before it was restarted is claimed anew at once.

        `absences`: for handlers that act in their transaction alone, so that a process which is gone has nothing under
        way elsewhere: what it had claimed is released. Without it the lease is waited for.
        """
        self._database, self._clock, self._handlers = database, clock, dict(handlers)
        self._process, self._absences = process or uuid7(), absences
        self._returned = False

    async def run(self) -> None:
        """Handle due work for ever."""
        waiter = self._database.subscribe(store.TOPIC)
        try:
            while True:
                waiter.clear()
                try:
                    await self._release_gone()
                    while await self.step():
                        pass
                    until = await self._next()
                except Unavailable as error:
                    log.warning("due work waits: %s", error)
                    until = self._clock.now() + self._clock.span(1.0)
                await self._clock.wait(waiter, until)
        finally:
            self._database.unsubscribe(store.TOPIC, waiter)

    async def step(self) -> bool:
        """Claim and handle what is due now, one batch at a time in parallel; False when nothing was."""
        now, kinds = self._clock.now(), list(self._handlers)
        if not self._returned:
            await self._release(kinds, self._process)
            self._returned = True
        taken = await self._database.write(
            lambda tx: store.claim(tx, kinds, self._process, now, self._clock.span(LEASE), BATCH)
        )
        await asyncio.gather(*(self._handle(due) for due in taken))
        return bool(taken)

    async def _release_gone(self) -> None:
        """One that lives all the same finds that its claim does not hold."""
        kinds = list(self._handlers)
        if self._absences is not None:
            for process in await self._absences.gone(lambda tx: store.claimants(tx, kinds)):
                await self._release(kinds, process)
                log.info("what the process %s had claimed is due again: it is gone", process)

    async def _release(self, kinds: list[str], process: UUID) -> None:
        await self._database.write(lambda tx: store.release(tx, kinds, process))

    async def _handle(self, due: Due) -> None:
        try:
            await self._handlers[due.kind](due)
        except Unavailable as error:
            log.warning("%s for %s comes back when its lease ends: %s", due.kind, due.key, error)
        except Exception:
            log.exception("%s for %s failed and comes back when its lease ends", due.kind, due.key)

    async def _next(self) -> datetime:
        now, kinds = self._clock.now(), list(self._handlers)
        look = now + self._clock.span(LOOK)
        next_at = await self._database.read(lambda tx: store.next_at(tx, kinds))
        return min(look, next_at) if next_at else look
