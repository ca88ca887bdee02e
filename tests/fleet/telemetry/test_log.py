"""The log is read in order and completely, whoever writes at the same time."""

import asyncio
import threading
from uuid import UUID

from sqlmodel import Session

from fleet.clock import ManualClock
from fleet.db import Database, Isolation
from fleet.db.log import Position
from fleet.telemetry.history import SqlHistory
from fleet.telemetry.log import read_log
from fleet.telemetry.store import append
from tests.conftest import account_of
from tests.fleet.telemetry.build import message


async def follow(database: Database, position: Position) -> tuple[list[object], Position]:
    """The values of the next messages, and where the reader then stands."""
    reports = await database.read(lambda tx: read_log(tx, position, 100))
    return [report.values["n"] for report in reports], reports[-1].position if reports else position


async def test_a_reader_never_passes_a_row_of_a_transaction_that_is_still_open(
    postgres_url: str, clock: ManualClock
) -> None:
    database = Database(postgres_url)
    account_id = account_of(database, clock)
    history = SqlHistory(database)
    await history.append([message(account_id, {"n": 0}, identifier="0")], [])
    _, start = await follow(database, Position())
    written, release = threading.Event(), threading.Event()

    def early_but_slow(tx: Session) -> None:
        append(tx, [message(account_id, {"n": 1}, identifier="1")], [], {})
        written.set()
        assert release.wait(30)

    slow = asyncio.create_task(database.write(early_but_slow, Isolation.APPEND))
    await asyncio.to_thread(written.wait, 30)
    await history.append([message(account_id, {"n": 2}, identifier="2")], [])
    assert await follow(database, start) == ([], start), "2 is committed, but 1 may still come before it"
    release.set()
    await slow
    values, _ = await follow(database, start)
    assert values == [1, 2]
    database.close()


async def test_a_reader_that_follows_many_writers_sees_each_message_once(
    database: Database, clock: ManualClock
) -> None:
    account_id = account_of(database, clock)
    history, total, size = SqlHistory(database), 60, 5

    async def write(first: int) -> None:
        batch = [message(account_id, {"n": n}, identifier=str(n)) for n in range(first, first + size)]
        await history.append(batch, [])

    writers = asyncio.gather(*[write(first) for first in range(0, total, size)])
    seen: list[object] = []
    position = Position()
    async with asyncio.timeout(20):
        while len(seen) < total:
            values, position = await follow(database, position)
            seen += values
    await writers
    assert sorted(seen, key=str) == sorted(range(total), key=str)
    assert len(await _all(database, account_id)) == total


async def _all(database: Database, account_id: UUID) -> list[int]:
    reports = await database.read(lambda tx: read_log(tx, Position(), 1000))
    return [report.position.seq for report in reports if report.account_id == account_id]


async def test_pages_of_the_log_join_without_gap_or_overlap(database: Database, clock: ManualClock) -> None:
    account_id = account_of(database, clock)
    await SqlHistory(database).append([message(account_id, {"n": n}, identifier=str(n)) for n in range(25)], [])
    seen, position = [], Position()
    while reports := await database.read(lambda tx, at=position: read_log(tx, at, 10)):  # type: ignore[misc]
        seen += [report.values["n"] for report in reports]
        position = reports[-1].position
    assert seen == list(range(25))
