"""A QoS 2 message is stored once by its packet id alone, whenever the service is killed."""

from pathlib import Path

from tests.scenarios.killing2 import kill_run


async def test_quality_2_is_stored_once_over_kill_9(tmp_path: Path) -> None:
    assert await kill_run(tmp_path, kills=5, seed=2) >= 500


async def test_on_postgresql(tmp_path: Path, durable_postgres: str) -> None:
    assert await kill_run(tmp_path, kills=5, seed=3, database_url=durable_postgres) >= 500
