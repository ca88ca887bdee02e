"""kill -9 of the service under load: nothing acknowledged is lost, no step of an escalation happens twice."""

from pathlib import Path

import pytest

from tests.scenarios.killing import KillRun, Way


@pytest.mark.parametrize(("way", "kills"), [("mqtt", 10), ("http", 5)])
async def test_in_the_middle_of_everything_on_sqlite(tmp_path: Path, way: Way, kills: int) -> None:
    await KillRun(tmp_path, seed=kills, way=way).run(kills)


@pytest.mark.parametrize("way", ["mqtt", "http"])
async def test_in_the_middle_of_everything_on_postgresql(tmp_path: Path, durable_postgres: str, way: Way) -> None:
    await KillRun(tmp_path, seed=5, way=way, database_url=durable_postgres).run(kills=5)
