"""Processes on one PostgreSQL have one time, whatever their hosts' clocks show."""

from datetime import timedelta

from fleet.clock import Clock
from fleet.db import Database
from fleet.db.timekeeping import set_clock

HOUR = timedelta(hours=1)
CLOSE = timedelta(seconds=2)


def test_clocks_that_differ_by_hours_agree_after_a_measurement(postgres_url: str) -> None:
    database, slow, fast = Database(postgres_url), Clock(), Clock()
    slow.correct(-HOUR)
    fast.correct(HOUR)
    assert abs(set_clock(database, slow) - HOUR) < CLOSE
    assert abs(set_clock(database, fast) + HOUR) < CLOSE
    assert abs(slow.now() - fast.now()) < CLOSE
    assert abs(set_clock(database, slow)) < CLOSE, "measured again, nothing is left to correct"
    database.close()


def test_a_wound_clock_goes_its_own_way(postgres_url: str) -> None:
    database, wound = Database(postgres_url), Clock(speed=60)
    wound.correct(HOUR)
    set_clock(database, wound)
    assert wound.now() - Clock().now() < timedelta(minutes=30)
    database.close()
