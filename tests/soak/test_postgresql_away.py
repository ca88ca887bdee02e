"""PostgreSQL stopped for a minute under load: `make soak`."""

from pathlib import Path

import pytest

from tests.scenarios.test_postgresql_goes_away_under_load_and_comes_back import outages


@pytest.mark.soak
async def test_a_minute_without_postgresql(tmp_path: Path) -> None:
    await outages(tmp_path, seconds=60)
