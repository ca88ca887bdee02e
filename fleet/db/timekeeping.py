"""One time for all processes on one PostgreSQL: each host's clock, corrected by its measured distance to the server's.

SQL never asks for the time: it is an argument everywhere, so a wound clock works on both databases. Only the distance
is measured here.
"""

import asyncio
import logging
from datetime import timedelta

from fleet.clock import Clock
from fleet.db import postgres
from fleet.db.engine import Database
from fleet.errors import Unavailable

EVERY = 30.0
"""Real seconds between two measurements."""
WORTH_SAYING = timedelta(seconds=1)

log = logging.getLogger(__name__)


def set_clock(database: Database, clock: Clock) -> timedelta:
    """Bring `clock` to the server's time; by how much it was behind. Raises Unavailable."""
    behind = database.read_now(lambda tx: postgres.ahead(tx, clock.now))
    clock.correct(behind)
    if abs(behind) >= WORTH_SAYING:
        log.warning("the clock was %.1f s behind the database server's and is set to it", behind.total_seconds())
    return behind


async def keep_time(database: Database, clock: Clock) -> None:
    """Keep `clock` at the server's time, for ever."""
    while True:
        await asyncio.sleep(EVERY)
        try:
            await asyncio.to_thread(set_clock, database, clock)
        except Unavailable as error:
            log.warning("the clock goes on by itself: %s", error)
