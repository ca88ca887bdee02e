"""Follows the committed log of messages and keeps rules, alerts and latest values in step with it."""

import asyncio
import logging

from fleet.context import Context
from fleet.db.outbox import wait_real
from fleet.errors import Unavailable
from fleet.rules import batch
from fleet.telemetry import store as telemetry

LINGER = 0.05
"""Real seconds between two batches while messages keep coming: each costs a commit, which ingest pays for too.

The first message after a quiet moment is evaluated at once."""
LOOK = 1.0
"""Real seconds after which the runner looks by itself, should a wake-up have been lost."""

log = logging.getLogger(__name__)


class Runner:
    """Evaluates what was committed, in order, each message once. Acknowledgements never wait for it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def run(self) -> None:
        """Follow the log for ever."""
        database = self._context.database
        waiter = database.subscribe(telemetry.TOPIC)
        try:
            while True:
                waiter.clear()
                try:
                    while done := await self.step():
                        if done < batch.SIZE:
                            await asyncio.sleep(LINGER)
                except Unavailable as error:
                    log.warning("rules wait: %s", error)
                except Exception:
                    log.exception("rules stand still at a batch and try it again")
                await wait_real(waiter, LOOK)
        finally:
            database.unsubscribe(telemetry.TOPIC, waiter)

    async def step(self) -> int:
        """Evaluate the next batch in one transaction; how many messages it had."""
        now = self._context.clock.now()
        done = await self._context.database.write(lambda tx: batch.step(tx, now))
        metrics = self._context.metrics
        metrics.late_readings.inc(done.late)
        for rule, count in done.faults.items():
            metrics.rule_faults.labels(rule).inc(count)
        return done.messages
