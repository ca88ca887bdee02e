"""Escalation without a modem, on each database."""

import pytest

from fleet.clock import ManualClock
from fleet.db import Database
from tests.fleet.escalation.desk import Desk


@pytest.fixture
def desk(database: Database, clock: ManualClock) -> Desk:
    """Technicians and a ticket desk."""
    return Desk(database, clock)
