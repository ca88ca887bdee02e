"""Questions about the history."""

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.telemetry import queries
from fleet.telemetry.history import SqlHistory
from fleet.telemetry.models import Quality
from tests.conftest import account_of
from tests.fleet.telemetry.build import NOW_MS, letter, message


async def test_the_values_of_a_point_in_time_order(database: Database, clock: ManualClock) -> None:
    account_id = account_of(database, clock)
    await SqlHistory(database).append(
        [
            message(account_id, {"t": 2}, device_ms=NOW_MS + 1),
            message(account_id, {"t": 1, "door": True}, device_ms=NOW_MS),
            message(account_id, {"door": False}, device_ms=NOW_MS + 2),
            message(account_id, {"t": 3}, device_ms=NOW_MS + 3),
            message(account_id, {"t": 8}, device_ms=0, received_ms=NOW_MS + 4),
            message(account_id, {"t": 9}, device_ms=NOW_MS, device_key=2),
            message(account_id, event=("t", "on"), device_ms=NOW_MS),
        ],
        [],
    )
    found = await database.read(lambda tx: queries.points(tx, account_id, 1, "t", NOW_MS, NOW_MS + 5, limit=100))
    assert [(point.used_ms - NOW_MS, point.value, point.quality) for point in found] == [
        (0, 1, Quality.DEVICE),
        (1, 2, Quality.DEVICE),
        (3, 3, Quality.DEVICE),
        (4, 8, Quality.IMPLAUSIBLE),
    ]
    assert found[-1].device_ms == 0
    short = await database.read(lambda tx: queries.points(tx, account_id, 1, "t", NOW_MS + 1, NOW_MS + 3, 100))
    assert [point.value for point in short] == [2]
    assert await database.read(lambda tx: queries.points(tx, account_id, 1, "none", 0, NOW_MS * 2, 9)) == []


async def test_dead_letters_newest_first_in_pages(database: Database, clock: ManualClock) -> None:
    account_id = account_of(database, clock)
    await SqlHistory(database).append([], [letter(account_id, b"%d" % n) for n in range(5)])
    first = await database.read(lambda tx: queries.dead_letters(tx, account_id, None, 3))
    assert [row.payload for row in first] == [b"4", b"3", b"2"]
    rest = await database.read(lambda tx: queries.dead_letters(tx, account_id, first[-1].seq, 3))
    assert [row.payload for row in rest] == [b"1", b"0"]
