"""Everything moves from SQLite to PostgreSQL, is verified, and the readers of logs go on where they were."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from fleet import schema
from fleet.audit import Entry
from fleet.clock import ManualClock
from fleet.db import Database, copying, digest, migrate, outbox
from fleet.db.log import Position, after
from fleet.db.outbox import Event
from fleet.devices import service as devices
from fleet.devices.models import Device, DeviceCreate
from fleet.errors import SetupError
from fleet.telemetry.history import SqlHistory
from fleet.telemetry.models import Message
from tests.conftest import account_of, operator_of
from tests.fleet.telemetry.build import message

MESSAGES = 60


async def fill(source: Database, clock: ManualClock) -> UUID:
    """A used database: machines, their messages, an audit log, events of which a reader has read two."""
    account_id = account_of(source, clock)
    for number in range(5):
        wanted = DeviceCreate(name=f"vm-{number}", site="Bäckerei 'Süd'")
        await source.write(lambda tx, w=wanted: devices.create(tx, operator_of(account_id), clock.now(), w))  # type: ignore[misc]
    records = [message(account_id, {"t": 1.5, "n": n, "ok": True}, identifier=str(n)) for n in range(MESSAGES)]
    await SqlHistory(source).append(records, [])
    for n in range(4):
        clock.advance(timedelta(microseconds=1))
        await source.write(lambda tx, n=n: outbox.emit(tx, account_id, "count", clock.now(), n=n, deep={"ä": [1, 2.5]}))  # type: ignore[misc]

    def half(tx: Session) -> None:
        outbox.advance(tx, "reader", Position(0, sorted(e.seq or 0 for e in tx.exec(select(Event)))[1]))

    await source.write(half)
    return account_id


@pytest.fixture
def source(sqlite: Database) -> Database:
    return sqlite


async def test_all_of_it_arrives_and_goes_on_where_it_was(
    source: Database, empty_postgres: Database, clock: ManualClock
) -> None:
    account_id, steps = await fill(source, clock), list[int]()
    tallies = copying.copy(source, empty_postgres, schema.metadata, steps.append)
    assert tallies["message"].rows == MESSAGES
    assert sum(steps) == copying.size(source, schema.metadata)
    migrate.check(empty_postgres)
    assert migrate.differences(empty_postgres, schema.metadata) == []

    def count_up(tx: Session) -> None:
        outbox.emit(tx, account_id, "count", clock.now(), n=4)

    await empty_postgres.write(count_up)
    seen: list[int] = []
    consumer = outbox.Consumer(
        empty_postgres, clock, "reader", {"count": lambda _tx, event: seen.append(event.body["n"])}
    )
    while await consumer.step():
        pass
    assert seen == [2, 3, 4], "the reader goes on after what it had read"
    assert len(await empty_postgres.read(lambda tx: list(tx.execute(after(tx, Message, Position(), 1000))))) == MESSAGES
    device, _ = await empty_postgres.write(
        lambda tx: devices.create(tx, operator_of(account_id), clock.now(), DeviceCreate(name="vm-new"))
    )
    assert device.key == 6
    appended = await SqlHistory(empty_postgres).append([message(account_id, {"new": 1}, identifier="new")], [])
    assert appended.stored == 1, "numbers go on after those that were copied"


async def test_an_interrupted_copy_goes_on_where_it_was(
    source: Database, empty_postgres: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "BATCH", 7)
    await fill(source, clock)
    done = 0

    def interrupt(more: int) -> None:
        nonlocal done
        done += more
        if done > 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copying.copy(source, empty_postgres, schema.metadata, interrupt)
    with pytest.raises(SetupError, match="unfinished copy"):
        migrate.check(empty_postgres)
    steps: list[int] = []
    tallies = copying.copy(source, empty_postgres, schema.metadata, steps.append)
    assert tallies["message"].rows == MESSAGES
    assert sum(steps) == copying.size(source, schema.metadata), "what was copied before counts too"
    assert max(steps) >= 7
    migrate.check(empty_postgres)


async def test_a_target_with_something_else_in_it_is_refused(
    source: Database, postgres_url: str, clock: ManualClock
) -> None:
    await fill(source, clock)
    target = Database(postgres_url)
    account_of(target, clock)
    with pytest.raises(SetupError, match="got one with rows in the table account"):
        copying.copy(source, target, schema.metadata, lambda _more: None)
    target.close()


async def test_the_beginning_of_another_copy_is_refused(
    source: Database, empty_postgres: Database, clock: ManualClock
) -> None:
    await fill(source, clock)
    with pytest.raises(KeyboardInterrupt):
        copying.copy(source, empty_postgres, schema.metadata, interrupting)
    with empty_postgres.engine.begin() as here:
        here.execute(text("UPDATE copy_progress SET source = 'another' WHERE \"of\" = ''"))
    with pytest.raises(SetupError, match="got another database's"):
        copying.copy(source, empty_postgres, schema.metadata, lambda _more: None)


async def test_what_changed_on_the_way_is_found(source: Database, empty_postgres: Database, clock: ManualClock) -> None:
    await fill(source, clock)
    told = 0

    def tamper(more: int) -> None:
        nonlocal told
        told += more
        if told == copying_rows:
            with empty_postgres.engine.begin() as here:
                here.execute(text("UPDATE device SET name = 'vm-9' WHERE name = 'vm-3'"))

    copying_rows = copying.size(source, schema.metadata) // 3
    with pytest.raises(SetupError, match="in the table device, got"):
        copying.copy(source, empty_postgres, schema.metadata, tamper)


async def test_only_from_sqlite_to_postgresql(source: Database) -> None:
    with pytest.raises(SetupError, match="got sqlite to sqlite"):
        copying.copy(source, source, schema.metadata, lambda _more: None)


async def test_both_databases_have_the_same_checksum_for_the_same_rows(
    source: Database, empty_postgres: Database, clock: ManualClock
) -> None:
    await fill(source, clock)
    copying.copy(source, empty_postgres, schema.metadata, lambda _more: None)
    query = select(Entry).order_by(col(Entry.seq))
    sent, arrived = [await each.read(lambda tx: list(tx.exec(query))) for each in (source, empty_postgres)]
    assert [entry.model_dump() for entry in sent] == [entry.model_dump() for entry in arrived] != []
    names = await empty_postgres.read(lambda tx: sorted(tx.exec(select(Device.name))))
    assert names == [f"vm-{n}" for n in range(5)]


def interrupting(_more: int) -> None:
    raise KeyboardInterrupt
