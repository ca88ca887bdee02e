"""A commit in one process wakes those who wait in another, on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlmodel import Session

from fleet.db import Database, wake, wakes
from fleet.db.locks import Space
from fleet.errors import SetupError
from fleet.ids import uuid7

WITHIN = 60.0
PROCESS = uuid7()


@pytest.fixture
async def other(postgres_url: str) -> AsyncIterator[Database]:
    """The database as another process has it open, listening."""
    database = Database(postgres_url)
    joined = await wakes.join(database, PROCESS)
    listening = asyncio.create_task(wakes.listen(database, PROCESS, joined))
    yield database
    listening.cancel()
    await asyncio.wait([listening])
    database.close()


@pytest.fixture
async def here(postgres_url: str) -> AsyncIterator[Database]:
    """The database as this process has it open."""
    database = Database(postgres_url)
    yield database
    database.close()


async def test_who_waits_in_another_process_wakes_for_his_topic_alone(here: Database, other: Database) -> None:
    texts, due = other.subscribe("texts"), other.subscribe("due")
    await here.write(lambda tx: wake(tx, "texts"))
    await asyncio.wait_for(texts.wait(), WITHIN)
    assert not due.is_set()


async def test_a_rollback_wakes_nobody(here: Database, other: Database) -> None:
    undone, done = other.subscribe("undone"), other.subscribe("done")

    def fail(tx: Session) -> None:
        wake(tx, "undone")
        raise LookupError

    with pytest.raises(LookupError):
        await here.write(fail)
    await here.write(lambda tx: wake(tx, "done"))
    await asyncio.wait_for(done.wait(), WITHIN)
    assert not undone.is_set()


async def test_a_listener_that_was_cut_off_wakes_all_when_it_is_back(here: Database, other: Database) -> None:
    waiting = other.subscribe("texts")
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )
    ended = await here.write(lambda tx: tx.connection().execute(text(query)).scalars().all())
    assert ended == [True]
    await asyncio.wait_for(waiting.wait(), WITHIN)
    waiting.clear()
    await here.write(lambda tx: wake(tx, "texts"))
    await asyncio.wait_for(waiting.wait(), WITHIN)


async def test_no_service_starts_on_a_database_that_somebody_has_for_himself(here: Database) -> None:
    with here.engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({int(Space.SERVICE)}, 0)"))
        with pytest.raises(SetupError, match="restored or copied into"):
            await asyncio.wait_for(wakes.join(here, PROCESS), WITHIN)
