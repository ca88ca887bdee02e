"""Wake-ups between processes on one PostgreSQL: NOTIFY in the transaction that commits, LISTEN in every process.

A wake-up is a hint: whoever waits also looks by himself. So a listener that lost its connection wakes everybody once
it is back, and nothing is kept.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlmodel import Session

from fleet.db import postgres
from fleet.db.locks import Space
from fleet.errors import SetupError

if TYPE_CHECKING:
    from fleet.db.engine import Database

CHANNEL = "fleet"
AGAIN = 1.0
"""Real seconds between two tries to reach the server."""

_NOTIFY = text("SELECT pg_notify(:channel, :origin || ' ' || topic) FROM unnest(CAST(:topics AS text[])) AS topic")

log = logging.getLogger(__name__)


def announce(session: Session, origin: str, topics: Iterable[str]) -> None:
    """Have every other process wake for `topics` when this transaction commits; `origin` names this process."""
    session.connection().execute(_NOTIFY, {"channel": CHANNEL, "origin": origin, "topics": list(topics)})


async def listen(database: "Database") -> None:
    """Set this process's subscribed events as other processes commit, for ever.

    Its connection also holds the lock that tells others that a service runs here. Raises SetupError when somebody
    holds the whole database for himself.
    """
    import psycopg  # comes with the extra `postgres`

    while True:
        try:
            await _listen(database)
        except psycopg.Error as error:
            log.warning("no wake-ups from other processes: %s", str(error).strip())
        await asyncio.sleep(AGAIN)


async def _listen(database: "Database") -> None:
    from psycopg import AsyncConnection

    connection = await AsyncConnection.connect(**postgres.arguments(database.url), autocommit=True)
    async with connection:
        query = "SELECT pg_try_advisory_lock_shared(%s, 0)"
        row = await (await connection.execute(query, [int(Space.SERVICE)])).fetchone()
        if row is None or not row[0]:
            raise SetupError(
                "expected a database that services may use, got one that is being restored or copied into: "
                "start the service again when that is done"
            )
        await connection.execute(f"LISTEN {CHANNEL}")
        database.rouse()
        async for heard in connection.notifies():
            origin, _, topic = heard.payload.partition(" ")
            if origin != database.origin:
                database.rouse([topic])
