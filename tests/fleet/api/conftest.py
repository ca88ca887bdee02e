"""The API as an operator's program sees it."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from fleet.api.app import create_app
from fleet.auth.service import issue_operator_token
from fleet.clock import ManualClock
from fleet.db import Database
from tests.fleet.escalation.desk import Desk
from tests.fleet.yard import Yard


@pytest.fixture
def desk(database: Database, clock: ManualClock) -> Desk:
    """Technicians ana, ben and eve, and a ticket desk."""
    return Desk(database, clock)


@pytest.fixture
async def desk_client(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    """An operator's client at the desk."""
    async with _operator_at(desk) as client:
        yield client


@pytest.fixture
async def client(yard: Yard) -> AsyncIterator[httpx2.AsyncClient]:
    """An operator's client at the yard."""
    async with _operator_at(yard) as client:
        yield client


def _operator_at(place: Desk | Yard) -> httpx2.AsyncClient:
    token = place.write(lambda tx: issue_operator_token(tx, place.operator, place.clock.now()))
    transport = httpx2.ASGITransport(app=create_app(place.context))
    return httpx2.AsyncClient(
        transport=transport, base_url="http://fleet", headers={"Authorization": f"Bearer {token}"}
    )
