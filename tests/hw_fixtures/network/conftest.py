"""A network that is shared over a socket, served by this process."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hw_fixtures.network import Network
from hw_fixtures.network.sharing import Hub, shared_network


def made() -> Network:
    return Network(lambda: datetime.now(UTC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "world"


@pytest.fixture
async def hub(path: Path) -> AsyncIterator[Hub]:
    async with shared_network(path, made) as world:
        assert isinstance(world, Hub)
        yield world
