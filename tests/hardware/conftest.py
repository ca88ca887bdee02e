"""The modem that `pytest --modem=PORT` names, opened once a test."""

from collections.abc import AsyncIterator

import pytest

from modem_drivers import Modem


@pytest.fixture
async def modem(request: pytest.FixtureRequest) -> AsyncIterator[Modem]:
    """The modem at the named port."""
    opened = await Modem.open(request.config.getoption("--modem"))
    yield opened
    await opened.close()
