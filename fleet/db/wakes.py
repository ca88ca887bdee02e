"""Wake-ups between processes on one PostgreSQL: NOTIFY in the transaction that commits, LISTEN in every process.

A wake-up is a hint: whoever waits also looks by himself. So a listener that lost its connection wakes everybody once
it is back, and nothing is kept. The listener's connection is also what shows the others that its process lives.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from fleet.db import postgres
from fleet.db.locks import Space
from fleet.errors import SetupError, Unavailable

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from fleet.db.engine import Database

CHANNEL = "fleet"
AGAIN = 1.0
"""Real seconds between two tries to reach the server."""

_NOTIFY = text("SELECT pg_notify(:channel, :origin || ' ' || topic) FROM unnest(CAST(:topics AS text[])) AS topic")

log = logging.getLogger(__name__)


def announce(session: Session, origin: str, topics: Iterable[str]) -> None:
    """Have every other process wake for `topics` when this transaction commits; `origin` names this process."""
    session.connection().execute(_NOTIFY, {"channel": CHANNEL, "origin": origin, "topics": list(topics)})


async def join(database: "Database", process: UUID) -> "AsyncConnection":
    """The connection for `listen`: on it `process` is seen to live, by its lock, and hears what others commit.

    Raises SetupError when somebody holds the whole database for himself, Unavailable when the server does not answer.
    """
    from psycopg import AsyncConnection, Error  # comes with the extra `postgres`

    try:
        connection = await AsyncConnection.connect(**postgres.arguments(database.url), autocommit=True)
        try:
            await _join(connection, process)
        except BaseException:
            await connection.close()
            raise
    except Error as error:
        raise Unavailable(f"expected a database server that answers, got: {str(error).strip()}") from error
    database.present = True
    database.rouse()
    return connection


async def _join(connection: "AsyncConnection", process: UUID) -> None:
    for name, value in postgres.WATCHED.items():
        await connection.execute("SELECT set_config(%s, %s, false)", [name, value])
    query = "SELECT pg_try_advisory_lock_shared(%s, 0)"
    row = await (await connection.execute(query, [int(Space.SERVICE)])).fetchone()
    if row is None or not row[0]:
        raise SetupError(
            "expected a database that services may use, got one that is being restored or copied into: "
            "start the service again when that is done"
        )
    present = "SELECT pg_advisory_lock_shared(%s, hashtext(%s))"
    await connection.execute(present, [int(Space.PROCESS), str(process)])
    await connection.execute(f"LISTEN {CHANNEL}")


async def listen(database: "Database", process: UUID, joined: "AsyncConnection | None" = None) -> None:
    """Set this process's subscribed events as other processes commit, for ever; `joined`: by `join`.

    Raises SetupError when somebody holds the whole database for himself.
    """
    from psycopg import Error

    while True:
        try:
            connection, joined = joined or await join(database, process), None
            async with connection:
                async for heard in connection.notifies():
                    origin, _, topic = heard.payload.partition(" ")
                    if origin != database.origin:
                        database.rouse([topic])
        except (Error, Unavailable) as error:
            log.warning("no wake-ups from other processes: %s", str(error).strip())
        finally:
            database.present = False
        await asyncio.sleep(AGAIN)
