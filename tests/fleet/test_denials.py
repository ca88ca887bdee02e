"""Who was denied is audited: the first at once, the like of it counted; a flood is a few rows and a little memory."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from fleet.audit import Actor, Entry, Role, Way
from fleet.clock import ManualClock
from fleet.db import Database
from fleet.denials import KINDS, LONGEST, OF_ONE, SEVERAL, VERB, WINDOW_S, Denial, Denials, keep
from tests.conftest import account_of

WHY = "expected a valid device token, got an unknown one"


def stranger(address: str = "192.0.2.7", claimed: str = "vm-01", why: str = WHY) -> Denial:
    return Denial(Way.MQTT, None, address, f"CONNECT as {claimed}", why, claimed)


def noted(denials: Denials, *wanted: Denial, at: float = 0.0) -> None:
    for denial in wanted:
        denials.note(denial, ManualClock().now() + timedelta(seconds=at), at)


def times(denials: Denials, now: float) -> list[int]:
    """What is written at `now`: how many denials each row stands for."""
    rows = denials.due(now)
    denials.written(rows, now)
    return [row.times for row in rows]


def test_the_first_is_due_at_once_and_the_like_of_it_when_the_minute_is_over() -> None:
    denials = Denials()
    noted(denials, stranger())
    assert times(denials, 0.0) == [1]
    noted(denials, *[stranger()] * 500, at=1.0)
    assert times(denials, WINDOW_S - 1) == []
    assert times(denials, WINDOW_S) == [500]
    assert times(denials, 2 * WINDOW_S) == []
    assert len(denials) == 0, "what is quiet for a minute is forgotten"


def test_another_name_another_reason_another_address_another_way_is_another_row() -> None:
    denials = Denials()
    others = [stranger(claimed="vm-02"), stranger(why="none"), stranger("192.0.2.8"), stranger()._replace(way=Way.COAP)]
    noted(denials, stranger(), stranger(), *others)
    assert times(denials, 0.0) == [2, 1, 1, 1, 1]


def test_what_came_while_a_row_was_written_is_not_lost() -> None:
    denials = Denials()
    noted(denials, stranger())
    rows = denials.due(0.0)
    noted(denials, stranger(), stranger(), at=1.0)
    denials.written(rows, 1.0)
    assert times(denials, 1.0) == []
    assert times(denials, 1.0 + WINDOW_S) == [2]


def test_one_address_that_tries_many_names_is_a_few_rows() -> None:
    denials = Denials()
    noted(denials, *[stranger(claimed=f"vm-{n}") for n in range(10_000)])
    rows = denials.due(0.0)
    assert [row.times for row in rows] == [1] * OF_ONE + [10_000 - OF_ONE]
    assert (rows[-1].noted.denial.claimed, rows[-1].noted.denial.address) == (SEVERAL, "192.0.2.7")


def test_strangers_from_everywhere_are_bounded_and_hide_no_device_that_is_known() -> None:
    denials, known = Denials(), Actor(UUID(int=1), Role.DEVICE, "vm-01", Way.MQTT)
    noted(denials, *[stranger(f"192.0.{n // 250}.{n % 250}") for n in range(10_000)])
    noted(denials, stranger()._replace(actor=known))
    assert len(denials) == KINDS + 2
    rows = denials.due(0.0)
    assert sum(row.times for row in rows) == 10_001
    assert [row.noted.denial.address for row in rows if row.times > 1] == [SEVERAL]
    assert [row.times for row in rows if row.noted.denial.actor == known] == [1]


def test_a_long_text_a_secret_and_what_steers_a_terminal_are_not_kept() -> None:
    denials, token = Denials(), "0123456789abcdef" * 2
    noted(denials, stranger(claimed=f"{token}\x00\x1b[2J" + "x" * 4000))
    (row,) = denials.due(0.0)
    kept = row.noted.denial
    assert kept.claimed.startswith("[token]\ufffd\ufffd[2Jxxx")
    assert (len(kept.claimed), token in kept.asked) == (LONGEST, False)


async def written(database: Database) -> list[Entry]:
    query = select(Entry).where(Entry.verb == VERB).order_by(col(Entry.seq))
    return await database.read(lambda tx: list(tx.exec(query)))


async def test_they_are_written_and_the_rest_when_the_service_stops(database: Database, clock: ManualClock) -> None:
    account_id, denials = account_of(database, clock), Denials()
    keeping = asyncio.create_task(keep(denials, database, clock, account_id))
    denials.note(stranger(), clock.now(), clock.monotonic())
    async with asyncio.timeout(60):
        while not await written(database):
            await asyncio.sleep(0.01)
    for _ in range(3):
        denials.note(stranger(), clock.advance(1), clock.monotonic())
    device = Actor(account_id, Role.DEVICE, "vm-01", Way.COAP)
    denials.note(Denial(Way.COAP, device, "192.0.2.9", "POST /x", "why", "vm-02"), clock.now(), clock.monotonic())
    keeping.cancel()
    await asyncio.wait([keeping])
    assert denials.rest() == []
    entries = await written(database)
    assert [(entry.role, entry.actor, entry.way) for entry in entries[:1]] == [("stranger", "192.0.2.7", "mqtt")]
    assert entries[0].facts == {"why": WHY, "claimed": "vm-01"}
    of_device = [entry for entry in entries if entry.actor == "vm-01"]
    assert [(entry.role, entry.way, entry.facts) for entry in of_device] == [
        ("device", "coap", {"why": "why", "claimed": "vm-02", "address": "192.0.2.9"})
    ]
    more = [entry.facts for entry in entries[1:] if entry.actor != "vm-01"]
    assert sum(facts.get("times", 1) for facts in more) == 3
    assert more[-1].get("until", "2026-01-01 00:00:03Z") == "2026-01-01 00:00:03Z"


async def test_while_storage_fails_they_stay_noted(database: Database, clock: ManualClock) -> None:
    account_id, denials = account_of(database, clock), Denials()
    denials.note(stranger(), clock.now(), clock.monotonic())
    database.close()
    keeping = asyncio.create_task(keep(denials, database, clock, account_id))
    await asyncio.sleep(0)
    keeping.cancel()
    await asyncio.wait([keeping])
    assert keeping.cancelled()
    assert [row.times for row in denials.rest()] == [1]
