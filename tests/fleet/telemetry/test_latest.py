"""The newest value of every point."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import msgpack

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.db.log import Position
from fleet.telemetry import latest
from fleet.telemetry.history import SqlHistory
from fleet.telemetry.latest import LatestPoint
from fleet.telemetry.log import read_log
from fleet.telemetry.names import MAX_NAMES
from tests.conftest import account_of
from tests.fleet.telemetry.build import NOW_MS, message

_keys = itertools.count(1)


async def test_the_newest_is_by_used_time_not_by_arrival(database: Database, clock: ManualClock) -> None:
    account_id = account_of(database, clock)
    await SqlHistory(database).append(
        [
            message(account_id, {"t": 1, "door": False}, device_ms=NOW_MS),
            message(account_id, {"t": 2}, device_ms=NOW_MS + 1000),
            message(account_id, {"t": 3}, device_ms=NOW_MS - 1000),
            message(account_id, {"t": 9}, device_ms=NOW_MS, device_key=2),
            message(account_id, event=("sold_out", "on")),
        ],
        [],
    )
    reports = await database.read(lambda tx: read_log(tx, Position(), 10))
    await database.write(lambda tx: latest.update(tx, reports[:1]))
    await database.write(lambda tx: latest.update(tx, reports[1:]))
    await database.write(lambda tx: latest.update(tx, reports))
    assert await database.read(lambda tx: latest.of_device(tx, 1)) == [
        LatestPoint("door", False, NOW_MS),
        LatestPoint("t", 2, NOW_MS + 1000),
    ]
    assert await database.read(lambda tx: latest.of_device(tx, 3)) == []


async def follow(database: Database) -> None:
    """Let the whole log count."""
    reports = await database.read(lambda tx: read_log(tx, Position(), 10_000))
    await database.write(lambda tx: latest.update(tx, reports))


async def test_each_point_keeps_its_own_newest_value_whichever_message_brought_it(
    database: Database, clock: ManualClock
) -> None:
    account_id, history = account_of(database, clock), SqlHistory(database)
    await history.append([message(account_id, {"a": 1, "b": "x", "c": 2**62}, device_ms=NOW_MS)], [])
    await follow(database)
    await history.append([message(account_id, {"a": 2, "d": 0.5}, device_ms=NOW_MS + 5)], [])
    await follow(database)
    await history.append([message(account_id, {"a": 3, "b": True, "e": -1}, device_ms=NOW_MS - 5)], [])
    await follow(database)
    assert await database.read(lambda tx: latest.of_device(tx, 1)) == [
        LatestPoint("a", 2, NOW_MS + 5),
        LatestPoint("b", "x", NOW_MS),
        LatestPoint("c", 2**62, NOW_MS),
        LatestPoint("d", 0.5, NOW_MS + 5),
        LatestPoint("e", -1, NOW_MS - 5),
    ]


async def test_more_long_texts_than_fit_push_out_those_not_reported_for_the_longest_time(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latest, "MAX_BYTES", 10_000)
    account_id = account_of(database, clock)
    texts = [message(account_id, {f"text-{n}": "x" * 1000}, device_ms=NOW_MS + n) for n in range(20)]
    await SqlHistory(database).append([*texts, message(account_id, {"t": 1}, device_key=2)], [])
    await follow(database)
    names = {point.name for point in await database.read(lambda tx: latest.of_device(tx, 1))}
    assert 5 <= len(names) < 10
    assert names == {f"text-{n}" for n in range(20 - len(names), 20)}
    assert len(await database.read(lambda tx: latest.of_device(tx, 2))) == 1


def test_a_number_under_every_name_there_may_be_fits() -> None:
    points: latest.Points = dict.fromkeys(range(2**31, 2**31 + MAX_NAMES), (NOW_MS, 0.1))
    assert msgpack.decode(latest._bounded(points), type=latest.Points) == points


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 99)), min_size=1, max_size=8),
    st.lists(st.integers(1, 4), min_size=8, max_size=8),
)
async def test_in_whatever_portions_the_log_is_followed_the_newest_is_the_same(
    database: Database, clock: ManualClock, sent: list[tuple[int, int]], sizes: list[int]
) -> None:
    account_id, device_key = account_of(database, clock), next(_keys)
    batch = [
        message(account_id, {"t": value}, device_ms=NOW_MS + at, identifier=str(n), device_key=device_key)
        for n, (at, value) in enumerate(sent)
    ]
    await SqlHistory(database).append(batch, [])
    log = await database.read(lambda tx: read_log(tx, Position(), 10_000))
    reports = [report for report in log if report.device_key == device_key]
    for size in sizes:
        portion, reports = reports[:size], reports[size:]
        await database.write(lambda tx, portion=portion: latest.update(tx, portion))  # type: ignore[misc]
    newest = max(range(len(sent)), key=lambda n: (sent[n][0], n))
    assert await database.read(lambda tx: latest.of_device(tx, device_key)) == [
        LatestPoint("t", sent[newest][1], NOW_MS + sent[newest][0])
    ]
