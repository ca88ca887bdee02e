"""QoS 2 under many kills: `make soak`."""

import time
from pathlib import Path

import pytest

from tests.scenarios.killing2 import kill_run

KILLS = 200


@pytest.mark.soak
async def test_two_hundred_kills(tmp_path: Path) -> None:
    seed = time.time_ns()
    print(f"seed {seed}")
    sent = await kill_run(tmp_path, KILLS, seed)
    print(f"{KILLS} kills, {sent} messages of QoS 2, each stored once")
