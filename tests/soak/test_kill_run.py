"""The kill run at full count: `make soak`."""

import time
from pathlib import Path

import pytest

from tests.scenarios.killing import KillRun, Way

KILLS = 200


@pytest.mark.soak
@pytest.mark.parametrize("way", ["mqtt", "http"])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_two_hundred_kills(tmp_path: Path, request: pytest.FixtureRequest, way: Way, database: str) -> None:
    url = request.getfixturevalue("durable_postgres") if database == "postgresql" else ""
    seed = time.time_ns()
    print(f"seed {seed}")
    run = KillRun(tmp_path, seed, way, url)
    await run.run(KILLS)
    print(
        f"{way} on {database}: {KILLS} kills, {sum(publisher.sent for publisher in run.publishers)} messages, "
        "each stored once"
    )
