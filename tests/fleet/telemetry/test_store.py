"""The message log in SQL: each identity once, conflicts kept, names as small integers."""

from uuid import UUID

import pytest
from sqlmodel import Session, select

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.db.log import Position
from fleet.errors import Invalid
from fleet.telemetry import names
from fleet.telemetry.history import SqlHistory
from fleet.telemetry.log import read_log
from fleet.telemetry.models import DeadLetter, Kind, Message, MessageConflict, PointName, Quality
from fleet.telemetry.store import TOPIC, Appended
from tests.conftest import account_of
from tests.fleet.telemetry.build import NOW_MS, letter, message


@pytest.fixture
def account_id(database: Database, clock: ManualClock) -> UUID:
    return account_of(database, clock)


async def test_a_message_is_stored_whole(database: Database, account_id: UUID) -> None:
    history = SqlHistory(database)
    sent = message(account_id, {"temperature": 4.5, "door": True, "state": "ok", "n": -3}, identifier="7")
    event = message(account_id, event=("sold_out", "on"), device_ms=None)
    assert await history.append([sent, event], []) == Appended(2, 0, 0)
    first, second = await database.read(lambda tx: read_log(tx, Position(), 10))
    assert first.values == {"temperature": 4.5, "door": True, "state": "ok", "n": -3}
    assert first.values["door"] is True
    assert (first.kind, first.quality, first.device_ms, first.used_ms) == (
        Kind.TELEMETRY, Quality.DEVICE, NOW_MS, NOW_MS,
    )  # fmt: skip
    assert (second.kind, second.quality, second.code, second.state, second.device_ms) == (
        Kind.EVENT, Quality.MISSING, "sold_out", "on", None,
    )  # fmt: skip
    assert second.position > first.position


async def test_the_same_message_again_is_counted_and_changes_nothing(database: Database, account_id: UUID) -> None:
    history = SqlHistory(database)
    one, two = message(account_id, {"a": 1}, identifier="1"), message(account_id, {"a": 1}, identifier="2")
    assert await history.append([one, one], []) == Appended(1, 1, 0), "within a batch"
    assert await history.append([one, two], []) == Appended(1, 1, 0), "across batches"
    assert await SqlHistory(database).append([two, one], []) == Appended(0, 2, 0), "across restarts"
    assert len(await database.read(lambda tx: read_log(tx, Position(), 10))) == 2


async def test_the_same_identity_of_another_device_is_another_message(database: Database, account_id: UUID) -> None:
    one, other = (message(account_id, identifier="1", device_key=key) for key in (1, 2))
    assert await SqlHistory(database).append([one, other], []) == Appended(2, 0, 0)


async def test_the_same_identity_with_other_content_is_kept_as_a_conflict(database: Database, account_id: UUID) -> None:
    history = SqlHistory(database)
    first, other = message(account_id, {"a": 1}, identifier="1"), message(account_id, {"a": 2}, identifier="1")
    assert await history.append([first], []) == Appended(1, 0, 0)
    assert await history.append([other, message(account_id, identifier="2")], []) == Appended(1, 0, 1)
    assert await history.append([other], []) == Appended(0, 0, 1), "sent again it is still a conflict"

    def conflicts(tx: Session) -> list[tuple[bytes, bytes]]:
        return [(row.identity, row.body) for row in tx.exec(select(MessageConflict))]

    kept = await database.read(conflicts)
    assert len(kept) == 1, "and kept once"
    assert kept[0][0] == first.identity
    reports = await database.read(lambda tx: read_log(tx, Position(), 10))
    assert reports[0].values == {"a": 1}, "the history keeps what came first"


async def test_a_large_batch_with_repeats(database: Database, account_id: UUID) -> None:
    batch = [message(account_id, {"n": n}, identifier=str(n)) for n in range(1200)]
    history = SqlHistory(database)
    assert await history.append(batch[:100], []) == Appended(100, 0, 0)
    assert await history.append(batch, []) == Appended(1100, 100, 0)


async def test_dead_letters_are_in_the_same_commit(database: Database, account_id: UUID) -> None:
    await SqlHistory(database).append([message(account_id)], [letter(account_id, b"\x00{")])

    def read(tx: Session) -> tuple[list[tuple[bytes, str]], int]:
        letters = [(row.payload, row.reason) for row in tx.exec(select(DeadLetter))]
        return letters, len(tx.exec(select(Message)).all())

    assert await database.read(read) == ([(b"\x00{", "expected JSON, got '{'")], 1)


async def test_names_are_small_integers_made_once(database: Database, account_id: UUID) -> None:
    history = SqlHistory(database)
    await history.append([message(account_id, {"a": 1, "b": 2}, identifier="1")], [])
    await history.append([message(account_id, {"b": 3, "c": 4}, identifier="2")], [])
    await SqlHistory(database).append([message(account_id, {"c": 3, "a": 4}, identifier="3")], [])
    rows = await database.read(lambda tx: [(row.key, row.name) for row in tx.exec(select(PointName))])
    assert sorted(name for _, name in rows) == ["a", "b", "c"]
    reports = await database.read(lambda tx: read_log(tx, Position(), 10))
    assert [report.values for report in reports] == [{"a": 1, "b": 2}, {"b": 3, "c": 4}, {"c": 3, "a": 4}]


async def test_names_without_end_are_refused_and_nothing_is_kept(
    database: Database, account_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "MAX_NAMES", 3)
    history = SqlHistory(database)
    await history.append([message(account_id, {"a": 1, "b": 2, "c": 3}, identifier="1")], [])
    with pytest.raises(Invalid, match="at most 3 point names"):
        await history.append([message(account_id, {"d": 1}, identifier="2"), message(account_id)], [])
    assert await history.append([message(account_id, {"a": 9}, identifier="3")], []) == Appended(1, 0, 0)
    assert len(await database.read(lambda tx: read_log(tx, Position(), 10))) == 2


async def test_a_commit_wakes_whoever_follows_the_log(database: Database, account_id: UUID) -> None:
    waiter = database.subscribe(TOPIC)
    history = SqlHistory(database)
    await history.append([], [letter(account_id)])
    assert not waiter.is_set()
    await history.append([message(account_id, identifier="1")], [])
    assert waiter.is_set()
