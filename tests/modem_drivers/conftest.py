"""What tests against the simulated modems ask for: `served`, a modem on a memory cable, once of each of two makers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from hw_fixtures.modem import MemoryModem, serve_memory
from hw_fixtures.network import Network
from tests.modem_drivers.simulation import simulated


@pytest.fixture(params=["quectel-ec25", "simcom-sim7600"])
def model(request: pytest.FixtureRequest) -> str:
    """The name of the simulated modem's model."""
    return str(request.param)


@pytest.fixture
def network() -> Network:
    """The network that its phones share, at noon."""
    return Network(lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))


@pytest.fixture
async def served(model: str, network: Network) -> AsyncIterator[MemoryModem]:
    """It, with a SIM that asks for no PIN."""
    async with serve_memory(simulated(model, network)) as served:
        yield served
