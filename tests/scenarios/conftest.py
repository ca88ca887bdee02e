"""What scenarios may ask for: a database server that keeps what it commits."""

from collections.abc import Iterator

import pytest

from tests.postgres import cluster, create_database


@pytest.fixture
def durable_postgres() -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server with the settings it comes with."""
    with cluster() as server:
        yield create_database(server.url, "fleet")
