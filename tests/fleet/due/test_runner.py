"""Due work is handled when its time comes, once, whatever crashes."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import Session

from fleet import due
from fleet.clock import ManualClock
from fleet.db import Database, presence, wakes
from fleet.db.presence import Absences
from fleet.due import Due, store
from fleet.ids import uuid7
from tests.conftest import account_of


async def schedule(database: Database, clock: ManualClock, key: str, seconds: float) -> None:
    account_id, at = account_of(database, clock), clock.now() + timedelta(seconds=seconds)
    await database.write(lambda tx: due.schedule(tx, account_id, "ring", key, at))


class Bell:
    """A handler that rings in the transaction that finishes the work."""

    def __init__(self, database: Database) -> None:
        self.database, self.rung, self.crash = database, list[str](), False

    async def __call__(self, row: Due) -> None:
        if self.crash:
            raise RuntimeError("crashed before the commit")

        def ring(tx: Session) -> bool:
            mine = due.still_mine(tx, row)
            if mine:
                due.finish(tx, row)
            return mine

        if await self.database.write(ring):
            self.rung.append(row.key)


async def test_nothing_happens_before_its_time_and_once_after(database: Database, clock: ManualClock) -> None:
    bell = Bell(database)
    runner = due.Runner(database, clock, {"ring": bell})
    await schedule(database, clock, "noon", 60)
    assert await runner.step() is False
    clock.advance(61)
    assert await runner.step() is True
    assert await runner.step() is False
    assert bell.rung == ["noon"]


async def test_two_runners_share_the_work_and_repeat_none(database: Database, clock: ManualClock) -> None:
    bell = Bell(database)
    for n in range(30):
        await schedule(database, clock, f"{n:02}", 0)
    runners = [due.Runner(database, clock, {"ring": bell}) for _ in range(2)]
    while any(await asyncio.gather(*(runner.step() for runner in runners))):
        pass
    assert sorted(bell.rung) == [f"{n:02}" for n in range(30)]


async def test_a_crash_before_the_commit_is_tried_again_when_the_lease_ends(
    database: Database, clock: ManualClock
) -> None:
    bell = Bell(database)
    runner = due.Runner(database, clock, {"ring": bell})
    await schedule(database, clock, "noon", 0)
    bell.crash = True
    await runner.step()
    bell.crash = False
    assert await runner.step() is False
    clock.advance(61)
    assert await runner.step() is True
    assert bell.rung == ["noon"]


async def test_a_late_handler_whose_lease_went_to_another_changes_nothing(
    database: Database, clock: ManualClock
) -> None:
    bell = Bell(database)
    await schedule(database, clock, "noon", 0)
    now, lease = clock.now(), timedelta(seconds=60)
    (late,) = await database.write(lambda tx: store.claim(tx, ["ring"], uuid7(), now, lease, 1))
    clock.advance(61)
    await due.Runner(database, clock, {"ring": bell}).step()
    await bell(late)
    assert bell.rung == ["noon"]


async def test_rescheduling_takes_the_work_out_of_a_handlers_hands(database: Database, clock: ManualClock) -> None:
    bell = Bell(database)
    await schedule(database, clock, "noon", 0)
    now = clock.now()
    (taken,) = await database.write(lambda tx: store.claim(tx, ["ring"], uuid7(), now, timedelta(60), 1))
    await schedule(database, clock, "noon", 30)
    await bell(taken)
    assert bell.rung == []
    clock.advance(31)
    await due.Runner(database, clock, {"ring": bell}).step()
    assert bell.rung == ["noon"]


async def test_a_running_runner_wakes_for_new_work_and_for_its_time(database: Database, clock: ManualClock) -> None:
    bell = Bell(database)
    running = asyncio.create_task(due.Runner(database, clock, {"ring": bell}).run())
    try:
        await schedule(database, clock, "now", 0)
        await schedule(database, clock, "later", 3)
        async with asyncio.timeout(30):
            while bell.rung != ["now", "later"]:
                await asyncio.sleep(0.005)
                if bell.rung == ["now"]:
                    clock.advance(1)
    finally:
        running.cancel()


async def test_a_restarted_process_takes_up_what_it_had_claimed_without_waiting_for_the_lease(
    database: Database, clock: ManualClock
) -> None:
    await schedule(database, clock, "one", 0)
    bell, process = Bell(database), uuid7()

    async def killed(_due: Due) -> None:
        pass  # its claim stays

    await due.Runner(database, clock, {"ring": killed}, process).step()
    assert await due.Runner(database, clock, {"ring": bell}, uuid7()).step() is False, "another one waits"
    assert await due.Runner(database, clock, {"ring": bell}, process).step() is True
    assert bell.rung == ["one"]


async def test_what_a_process_that_is_gone_had_claimed_is_due_again_before_its_lease_ends(
    postgres_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "PATIENCE", 0.0)
    database, dead, alive, third = Database(postgres_url), uuid7(), uuid7(), uuid7()
    joined = await wakes.join(database, alive)
    bell, now = Bell(database), clock.now()
    await schedule(database, clock, "dead", 0)
    await database.write(lambda tx: store.claim(tx, ["ring"], dead, now, timedelta(seconds=60), 1))
    await schedule(database, clock, "alive", 0)
    await database.write(lambda tx: store.claim(tx, ["ring"], alive, now, timedelta(seconds=60), 1))
    absences = Absences(database, third, clock.monotonic)
    running = asyncio.create_task(due.Runner(database, clock, {"ring": bell}, third, absences).run())
    try:
        async with asyncio.timeout(60):
            while not bell.rung:
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.wait([running])
    assert bell.rung == ["dead"], "one that lives keeps its claim, however slow it is"
    await joined.close()
    database.close()


async def test_a_process_that_lives_although_it_was_taken_for_gone_repeats_nothing(
    database: Database, clock: ManualClock
) -> None:
    bell, slow = Bell(database), uuid7()
    await schedule(database, clock, "noon", 0)
    now, lease = clock.now(), timedelta(seconds=60)
    (held,) = await database.write(lambda tx: store.claim(tx, ["ring"], slow, now, lease, 1))
    await database.write(lambda tx: store.release(tx, ["ring"], slow))
    await bell(held)
    assert bell.rung == []
    assert await due.Runner(database, clock, {"ring": bell}).step() is True
    assert bell.rung == ["noon"]
