"""From an alert to the first `AT+CMGS` on the modem's line, through ticket, offer, queue and gateway.

The clock starts before the transaction that raises the alert; every commit on the way is on disk (synchronous=FULL).
"""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from fleet import schema
from fleet.clock import Clock
from fleet.db import Database, migrate
from fleet.messages.models import MessageState
from tests.bench.report import Figure, present
from tests.scenarios.harness import PEOPLE, Bench, running

P99_GOAL_MS = 100.0
"""A person cannot tell it from at once; the radio takes seconds after it."""
WARM_UP = 10


class Wire:
    """Watches the modem's line for the next text."""

    def __init__(self, bench: Bench) -> None:
        self.seen = asyncio.Event()
        self.at = 0.0
        bench.modem.end.hook = self._look

    def _look(self, data: bytes) -> bytes:
        if data.startswith(b"AT+CMGS="):
            self.at = time.perf_counter()
            self.seen.set()
        return data


async def measure(bench: Bench, alerts: int) -> list[float]:
    """Seconds from each alert to its text, one after the other."""
    wire, took = Wire(bench), []
    for _ in range(alerts):
        wire.seen.clear()
        device = await bench.install()
        started = time.perf_counter()
        await bench.raise_alert(device, "warm 6.2 > 5")
        async with asyncio.timeout(10):
            await wire.seen.wait()
        took.append(wire.at - started)
        await bench.until("the text to be sent", lambda tx: bench.none_under_way(tx) or None)
    return took


async def run(quick: bool) -> list[Figure]:
    """Measure on a fresh database."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-bench-"))
    database = Database(f"sqlite:///{folder / 'fleet.db'}")
    try:
        migrate.upgrade(database, schema.metadata)
        async with running(database, Clock(), *PEOPLE) as bench:
            await measure(bench, WARM_UP)
            took = sorted(await measure(bench, 200 if quick else 2000))
            sent = len(await bench.texts(MessageState.SENT))
    finally:
        database.close()
        shutil.rmtree(folder, ignore_errors=True)
    assert sent == len(took) + WARM_UP
    return [
        Figure("alert to AT+CMGS, p50", "ms", _ms(took, 0.5), None, "lower"),
        Figure("alert to AT+CMGS, p99", "ms", _ms(took, 0.99), P99_GOAL_MS, "lower"),
    ]


def _ms(ordered: list[float], share: float) -> float:
    return round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)


if __name__ == "__main__":
    present(__doc__, run)
