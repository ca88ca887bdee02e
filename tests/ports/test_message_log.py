"""What every history promises, whichever store is behind it."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.telemetry.history import History, SqlHistory
from fleet.telemetry.memory import MemoryHistory
from fleet.telemetry.messages import Packet
from fleet.telemetry.store import Appended
from tests.conftest import account_of
from tests.fleet.telemetry.build import letter, message

ACCOUNT = UUID(int=1)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[tuple[History, UUID]]:
    """A history with an account that may write to it."""
    if request.param == "memory":
        yield MemoryHistory(), ACCOUNT
        return
    database = Database(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))
    yield SqlHistory(database), account_of(database, clock)
    database.close()


Store = tuple[History, UUID]


async def test_each_identity_is_stored_once(store: Store) -> None:
    history, account_id = store
    one, two = message(account_id, identifier="1"), message(account_id, identifier="2")
    assert await history.append([one, two, one], []) == Appended(2, 1, 0)
    assert await history.append([two], []) == Appended(0, 1, 0)


async def test_an_identity_belongs_to_its_device(store: Store) -> None:
    history, account_id = store
    batch = [message(account_id, identifier="1", device_key=key) for key in (1, 2, 1)]
    assert await history.append(batch, []) == Appended(2, 1, 0)


async def test_other_content_under_a_known_identity_is_a_conflict(store: Store) -> None:
    history, account_id = store
    first, other = (message(account_id, {"t": n}, identifier="1") for n in (1, 2))
    assert await history.append([first, other], []) == Appended(1, 0, 1)
    assert await history.append([other, first], []) == Appended(0, 1, 1)


async def test_without_an_id_time_and_content_are_the_identity(store: Store) -> None:
    history, account_id = store
    same, later = message(account_id), message(account_id, device_ms=5)
    assert await history.append([same, same, later], []) == Appended(2, 1, 0)


async def test_with_neither_each_one_is_stored(store: Store) -> None:
    history, account_id = store
    batch = [message(account_id, device_ms=None) for _ in range(3)]
    assert await history.append(batch, []) == Appended(3, 0, 0)


async def test_nothing_and_dead_letters_alone_are_batches_too(store: Store) -> None:
    history, account_id = store
    assert await history.append([], []) == Appended(0, 0, 0)
    assert await history.append([], [letter(account_id), letter(account_id)]) == Appended(0, 0, 0)


async def test_many_at_once_store_each_identity_once(store: Store) -> None:
    history, account_id = store
    batches = [[message(account_id, identifier=str(n)) for n in range(20)] for _ in range(6)]
    done = await asyncio.gather(*[history.append(batch, []) for batch in batches])
    assert sum(one.stored for one in done) == 20
    assert sum(one.duplicates for one in done) == 100


async def test_what_a_packet_id_brought_is_stored_once_until_the_id_is_released(store: Store) -> None:
    history, account_id = store
    session_id = UUID(int=7)
    batch = [message(account_id, device_ms=None) for _ in range(4)]
    packets = [
        Packet(session_id, 1, b"a", (0, 1)),
        Packet(session_id, 1, b"a", (1, 2)),
        Packet(session_id, 1),
        Packet(session_id, 1, b"a", (2, 4)),
    ]
    assert await history.append(batch, [], packets) == Appended(3, 1, 0)
