"""A yard of machines for the tests of what follows their messages."""

import pytest

from fleet.clock import ManualClock
from fleet.db import Database
from tests.fleet.yard import Yard


@pytest.fixture
def yard(database: Database, clock: ManualClock) -> Yard:
    """An account with the machine vm-04 and no rules, once on SQLite and once on PostgreSQL."""
    yard = Yard(database, clock)
    yard.device("vm-04")
    return yard
