"""QoS 2 under many kills: `make soak`."""

import time
from pathlib import Path

import pytest

from tests.scenarios.killing2 import kill_run

KILLS = 200


@pytest.mark.soak
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_two_hundred_kills(tmp_path: Path, request: pytest.FixtureRequest, database: str) -> None:
    url = request.getfixturevalue("durable_postgres") if database == "postgresql" else ""
    seed = time.time_ns()
    print(f"seed {seed}")
    sent = await kill_run(tmp_path, KILLS, seed, url)
    print(f"QoS 2 on {database}: {KILLS} kills, {sent} messages, each stored once")
