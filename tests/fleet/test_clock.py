"""Time moves as the clock says."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from fleet.clock import Clock, ManualClock


def test_a_wound_clock_runs_faster_and_leases_stay_real() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    clock = Clock(speed=3600, start=start)
    before = time.monotonic()
    while clock.now() < start + timedelta(minutes=1):
        pass
    assert time.monotonic() - before < 1
    assert clock.span(2) == timedelta(hours=2)


async def test_waiting_on_a_wound_clock_takes_real_time_divided_by_its_speed() -> None:
    clock = Clock(speed=10_000)
    assert await asyncio.wait_for(clock.wait(asyncio.Event(), clock.now() + timedelta(minutes=10)), 30) is False


async def test_an_event_ends_the_wait_first() -> None:
    event = asyncio.Event()
    event.set()
    assert await Clock().wait(event, None) is True


async def test_a_manual_clock_wakes_who_waited_for_its_time() -> None:
    clock = ManualClock()
    waiting = asyncio.create_task(clock.wait(asyncio.Event(), clock.now() + timedelta(minutes=5)))
    await asyncio.sleep(0)
    clock.advance(timedelta(minutes=4))
    done, _ = await asyncio.wait({waiting}, timeout=0.01)
    assert not done
    clock.advance(60.0)
    assert await asyncio.wait_for(waiting, 30) is False


def test_a_clock_cannot_stand_still() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Clock(speed=0)
