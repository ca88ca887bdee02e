"""A backup is one moment of a database in use, and a restore brings that moment back, also on another server."""

import asyncio
import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from fleet import schema
from fleet.clock import ManualClock
from fleet.db import Database, backup, foreign, migrate, outbox
from fleet.db.log import Position, after
from fleet.db.outbox import Event
from fleet.errors import SetupError
from tests.conftest import account_of
from tests.needs import needs


@pytest.fixture(autouse=True)
def _programs(request: pytest.FixtureRequest) -> None:
    if "database" in request.fixturenames and request.getfixturevalue("database").dialect == "postgresql":
        needs("pg_dump", "pg_restore")


async def emit(database: Database, clock: ManualClock, account_id: UUID, *numbers: int) -> None:
    for n in numbers:
        await database.write(lambda tx, n=n: outbox.emit(tx, account_id, "count", clock.now(), n=n))  # type: ignore[misc]


def numbers(tx: Session) -> list[int]:
    return [event.body["n"] for event in tx.execute(after(tx, Event, Position(), 10_000)).scalars()]


async def test_it_holds_the_moment_at_which_it_was_taken_while_others_write(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    account_id, file = account_of(database, clock), tmp_path / "fleet.backup"
    await emit(database, clock, account_id, *range(20))
    stop = asyncio.Event()

    async def go_on() -> int:
        n = 20
        while not stop.is_set():
            await emit(database, clock, account_id, n)
            n += 1
        return n

    going_on = asyncio.create_task(go_on())
    await asyncio.to_thread(backup.backup, database, file)
    stop.set()
    written = await going_on
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert await database.read(numbers) == list(range(written))
    assert await asyncio.to_thread(backup.restore, database, schema.metadata, file) == migrate.head()
    kept = await database.read(numbers)
    assert kept == list(range(len(kept)))
    assert 20 <= len(kept) <= written
    await emit(database, clock, account_id, -1)
    assert (await database.read(numbers))[-1] == -1


async def test_it_tells_of_every_page_and_a_writer_does_not_make_it_begin_anew(
    sqlite: Database, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's program tells of nothing."""
    monkeypatch.setattr(backup, "PAGES", 1)
    account_id, told = account_of(sqlite, clock), []
    await emit(sqlite, clock, account_id, *range(5))

    def progress(more: int) -> None:
        told.append(more)
        sqlite.write_now(lambda tx: outbox.emit(tx, account_id, "count", clock.now(), n=100 + len(told)))

    pages = backup.size(sqlite)
    await asyncio.to_thread(backup.backup, sqlite, tmp_path / "file", progress)
    assert (sum(told), set(told)) == (pages, {1})
    copy = Database(f"sqlite:///{tmp_path / 'file'}")
    assert await copy.read(numbers) == list(range(5)), "the moment at which it began"
    copy.close()


async def test_a_file_that_is_no_backup_changes_nothing(database: Database, clock: ManualClock, tmp_path: Path) -> None:
    account_id = account_of(database, clock)
    await emit(database, clock, account_id, 1)
    good, bad = tmp_path / "good", tmp_path / "bad"
    backup.backup(database, good)
    whole = good.read_bytes()
    for content, why in ((b"hello", "got something else"), (whole[: len(whole) // 2], "expected")):
        bad.write_bytes(content)
        with pytest.raises(SetupError, match=why):
            backup.restore(database, schema.metadata, bad)
    with pytest.raises(SetupError, match=r"expected a backup at .*: No such file"):
        backup.restore(database, schema.metadata, tmp_path / "none")
    assert await database.read(numbers) == [1]


async def test_a_damaged_page_is_found(sqlite: Database, clock: ManualClock, tmp_path: Path) -> None:
    file = tmp_path / "damaged"
    await emit(sqlite, clock, account_of(sqlite, clock), 1)
    backup.backup(sqlite, file)
    with closing(sqlite3.connect(file)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'audit'").fetchone()[0]
    damaged = bytearray(file.read_bytes())
    damaged[(page - 1) * 4096 : (page - 1) * 4096 + 64] = b"\xff" * 64
    file.write_bytes(damaged)
    with pytest.raises(SetupError, match="expected a whole SQLite database"):
        backup.restore(sqlite, schema.metadata, file)


def test_a_backup_that_cannot_be_written_leaves_nothing(sqlite: Database, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="No such file or directory; name another file"):
        backup.backup(sqlite, tmp_path / "nowhere" / "file")


def test_where_nothing_can_be_written_it_is_one_sentence(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", read_only)
    monkeypatch.setattr(Path, "unlink", read_only)
    with pytest.raises(SetupError, match=r"expected to write a backup to .*, got: Read-only file system; name another"):
        backup.backup(sqlite, tmp_path / "b")


async def test_without_the_program_the_package_is_named(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgres_url)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match=r"expected the program pg_dump, got none: install .*postgresql-client"):
        backup.backup(database, tmp_path / "file")
    database.close()


async def test_logs_of_another_server_come_before_all_that_is_written_here(
    postgres_url: str, clock: ManualClock
) -> None:
    """As after a restore on a younger server, whose transactions have lower numbers."""
    database = Database(postgres_url)
    account_id, ahead = account_of(database, clock), 10**12
    await emit(database, clock, account_id, 0, 1, 2)

    def as_if_from_there(tx: Session) -> None:
        tx.connection().execute(text(f"UPDATE outbox SET xact = xact + {ahead}"))
        second = tx.exec(select(Event).order_by(Event.seq)).all()[1]  # type: ignore[arg-type]
        outbox.advance(tx, "reader", Position(second.xact or 0, second.seq or 0))

    await database.write(as_if_from_there)
    assert await database.read(numbers) == [], "they would wait for this server's numbers"
    assert await database.write(lambda tx: foreign.settle(tx, schema.metadata)) > 0
    await emit(database, clock, account_id, 3)
    assert await database.read(numbers) == [0, 1, 2, 3]
    seen: list[int] = []
    consumer = outbox.Consumer(database, clock, "reader", {"count": lambda _tx, event: seen.append(event.body["n"])})
    while await consumer.step():
        pass
    assert seen == [2, 3]
    assert await database.write(lambda tx: foreign.settle(tx, schema.metadata)) == 0
    database.close()
