"""kill -9 of the service while machines report by CoAP and through Mosquitto: nothing is lost, nothing stored twice."""

from pathlib import Path

from tests.scenarios.other_ways import kill_run


async def test_five_times_on_sqlite(tmp_path: Path) -> None:
    assert await kill_run(tmp_path, seed=5, kills=5) > 500


async def test_five_times_on_postgresql(tmp_path: Path, durable_postgres: str) -> None:
    assert await kill_run(tmp_path, seed=6, kills=5, database_url=durable_postgres) > 500
