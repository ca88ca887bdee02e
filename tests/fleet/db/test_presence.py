"""A process is gone when its lock is, for a while."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from fleet.db import Database, wakes
from fleet.db.locks import absent, sole_process
from fleet.db.presence import PATIENCE, SPARSE, Absences
from fleet.ids import uuid7

HERE, THERE, GONE = uuid7(), uuid7(), uuid7()


def all_three(_tx: Session) -> set[UUID]:
    return {HERE, THERE, GONE}


async def test_a_process_is_present_as_long_as_its_connection(postgres_url: str) -> None:
    database = Database(postgres_url)
    here, there = await wakes.join(database, HERE), await wakes.join(database, THERE)
    assert database.read_now(lambda tx: absent(tx, all_three(tx))) == {GONE}
    assert not database.read_now(lambda tx: sole_process(tx, HERE))
    await there.close()
    absences = Absences(database, HERE, lambda: 0.0)
    while await absences.now(all_three) != {THERE, GONE}:
        pass  # the server notices the end of a connection on its own time
    assert database.read_now(lambda tx: sole_process(tx, HERE))
    await here.close()
    database.close()


async def test_gone_is_who_was_away_at_every_look_for_a_while(postgres_url: str) -> None:
    database, now = Database(postgres_url), 0.0
    here, there = await wakes.join(database, HERE), await wakes.join(database, THERE)
    absences = Absences(database, HERE, lambda: now)
    assert await absences.gone(all_three) == set()
    now += PATIENCE
    assert await absences.gone(all_three) == {GONE}
    database.present = False
    assert await absences.gone(all_three) == set(), "it is this process that is cut off"
    database.present = True
    now += PATIENCE
    assert await absences.gone(all_three) == {GONE}
    now += SPARSE + 1
    assert await absences.gone(all_three) == set(), "who was held up for long has not seen that it stayed away"
    await here.close()
    await there.close()
    database.close()


async def test_the_server_watches_the_connection_that_shows_a_process(postgres_url: str) -> None:
    database = Database(postgres_url)
    joined = await wakes.join(database, HERE)
    row = await (await joined.execute("SHOW tcp_keepalives_idle")).fetchone()
    assert row == ("10",), "a host that vanishes is noticed within half a minute"
    await joined.close()
    database.close()


async def test_on_sqlite_there_is_no_other_process(sqlite: Database) -> None:
    absences = Absences(sqlite, HERE, lambda: 0.0)
    assert await absences.gone(all_three) == set()
    assert await absences.alone()
    assert await absences.now(all_three) == {THERE, GONE}, "what others left behind is nobody's"


async def test_locks_of_another_database_do_not_count(postgres_server: str, postgres_url: str) -> None:
    other, database = Database(f"{postgres_server}/template1"), Database(postgres_url)
    with other.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock_shared(1718353924, hashtext(:one))"), {"one": str(THERE)})
        assert await Absences(database, HERE, lambda: 0.0).now(all_three) == {THERE, GONE}
        assert await Absences(database, HERE, lambda: 0.0).alone()
    other.close()
    database.close()
