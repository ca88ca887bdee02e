"""The engine keeps every read-then-write transaction, on both databases."""

import asyncio
import random
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session, select

from fleet.db import Database, wake
from fleet.db.outbox import Cursor
from fleet.errors import Invalid, SetupError, Unavailable


def bump(session: Session) -> int:
    cursor = session.get(Cursor, "counter")
    if cursor is None:
        cursor = Cursor(reader="counter", seq=0)
    cursor.seq += 1
    session.add(cursor)
    return cursor.seq


def count(session: Session) -> int:
    cursor = session.get(Cursor, "counter")
    return cursor.seq if cursor else 0


async def test_a_hundred_concurrent_read_then_write_transactions_lose_none(database: Database) -> None:
    seen = await asyncio.gather(*(database.write(bump) for _ in range(100)))
    assert sorted(seen) == list(range(1, 101))
    assert await database.read(count) == 100


async def test_two_processes_on_one_sqlite_file_lose_none(sqlite_url: str) -> None:
    one, two = Database(sqlite_url), Database(sqlite_url)
    await asyncio.gather(*(database.write(bump) for _ in range(25) for database in (one, two)))
    assert await one.read(count) == 50
    one.close()
    two.close()


@pytest.mark.parametrize(
    "row",
    [Cursor(reader="counter", seq=2**63), Cursor(reader="counter", seq=-(2**70)), Cursor(reader="half \ud800")],
    ids=["a bit too many", "far out of range", "half a surrogate pair"],
)
async def test_what_no_database_can_hold_is_invalid_and_not_worth_a_retry(database: Database, row: Cursor) -> None:
    await database.write(bump)
    with pytest.raises(Invalid, match=r"expected values that the database can hold, got: .*; correct what is sent"):
        await database.write(lambda tx: tx.add(row.model_copy()))
    with pytest.raises(Invalid, match="expected values that the database can hold"):
        await database.read(lambda tx: tx.exec(select(Cursor).where(Cursor.reader == "\udfff" + str(row.seq))).all())
    assert await database.read(count) == 1


async def test_a_nul_is_invalid_where_the_database_has_none(database: Database) -> None:
    row = Cursor(reader="a\0b", seq=1)
    if database.dialect == "sqlite":
        await database.write(lambda tx: tx.add(row))
        assert await database.read(lambda tx: tx.exec(select(Cursor.reader)).one()) == "a\0b"
    else:
        with pytest.raises(Invalid, match=r"cannot contain NUL \(0x00\) bytes"):
            await database.write(lambda tx: tx.add(row))


async def test_what_is_too_long_for_an_index_is_invalid(postgres_url: str) -> None:
    """On SQLite an index takes text of any length."""
    database = Database(postgres_url)
    noise = random.Random(4711).randbytes(20_000).hex()  # of which compression makes too little
    with pytest.raises(Invalid, match="index row"):
        await database.write(lambda tx: tx.add(Cursor(reader=noise)))
    database.close()


async def test_a_statement_that_is_wrong_is_neither(database: Database) -> None:
    if database.dialect == "postgresql":
        with pytest.raises(ProgrammingError):
            await database.read(lambda tx: tx.connection().execute(text("SELECT 1 FROM nowhere")))
        with pytest.raises(ProgrammingError):
            await database.read(lambda tx: tx.connection().execute(text("SELECT :it"), {"it": object()}))


async def test_what_the_function_raises_rolls_back(database: Database) -> None:
    def fail(session: Session) -> None:
        bump(session)
        session.flush()
        raise LookupError("changed my mind")

    with pytest.raises(LookupError):
        await database.write(fail)
    assert await database.read(count) == 0


async def test_waiters_wake_after_the_commit_and_not_after_a_rollback(database: Database) -> None:
    event = database.subscribe("counter")

    def fail(session: Session) -> None:
        wake(session, "counter")
        raise LookupError

    def succeed(session: Session) -> None:
        wake(session, "counter")

    with pytest.raises(LookupError):
        await database.write(fail)
    assert not event.is_set()
    await database.write(succeed)
    assert event.is_set()


async def test_a_full_sqlite_disk_is_unavailable_and_loses_nothing_committed(sqlite: Database) -> None:
    await sqlite.write(bump)
    pages = await sqlite.read(lambda tx: tx.connection().execute(text("PRAGMA page_count")).scalar_one())

    def fill(session: Session) -> None:
        session.connection().execute(text(f"PRAGMA max_page_count = {pages}"))
        for number in range(1000):
            session.add(Cursor(reader=f"{number}" * 100))

    with pytest.raises(Unavailable, match="full"):
        await sqlite.write(fill)
    assert await sqlite.read(count) == 1


def test_a_sqlite_commit_is_synced_in_full(sqlite: Database) -> None:
    def pragmas(session: Session) -> tuple[object, object]:
        connection = session.connection()
        return connection.execute(text("PRAGMA journal_mode")).scalar(), connection.execute(
            text("PRAGMA synchronous")
        ).scalar()

    assert sqlite.write_now(pragmas)[0] == ("wal", 2)


def test_a_wrong_url_is_refused_without_showing_its_password() -> None:
    with pytest.raises(SetupError, match="expected a database URL") as refusal:
        Database("mysql://fleet:secret@host/fleet")
    assert "secret" not in str(refusal.value)


async def test_a_slow_transaction_is_not_starved_by_a_stream_of_quick_ones(database: Database) -> None:
    """Each reads what the others write: on PostgreSQL whoever commits first makes the others begin again."""
    done = asyncio.Event()

    def quick(session: Session, name: str) -> None:
        rows = session.exec(select(Cursor)).all()
        session.merge(Cursor(reader=name, seq=sum(row.seq for row in rows) % 1000 + 1))

    def slow(session: Session) -> int:
        rows = session.exec(select(Cursor)).all()
        time.sleep(0.05)
        session.merge(Cursor(reader="slow", seq=1))
        return len(rows)

    async def stream(name: str) -> int:
        count = 0
        while not done.is_set():
            await database.write(lambda tx: quick(tx, name))
            count += 1
        return count

    streams = [asyncio.create_task(stream(f"quick {number}")) for number in range(2)]
    for _ in range(5):
        await database.write(slow)
    done.set()
    assert all(count > 0 for count in await asyncio.gather(*streams))
