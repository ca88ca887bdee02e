"""A queue of texts on each database."""

import pytest

from fleet.clock import ManualClock
from fleet.db import Database
from tests.fleet.messages.post import Post


@pytest.fixture
def post(database: Database, clock: ManualClock) -> Post:
    """A queue of texts."""
    return Post(database, clock)
