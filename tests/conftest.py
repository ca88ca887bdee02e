"""What every test may ask for: a database of each kind at the present schema, an account, a clock that stands still."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from fleet import schema
from fleet.audit import Actor, Role, Way
from fleet.auth.service import default_account
from fleet.clock import ManualClock
from fleet.db import Database, migrate
from fleet.settings import DatabaseSettings
from tests.postgres import cluster, create_database, drop_database

_numbers = itertools.count()
UNSAFE = DatabaseSettings(allow_unsafe=True)
"""For whoever starts a service on the tests' PostgreSQL, which has fsync off."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--modem",
        metavar="PORT",
        help="run the tests that are safe on a real modem, on the one at PORT, and no others; nothing is sent or spent",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of real modems run with --modem, all others without."""
    if config.getoption("--modem"):
        others = [item for item in items if not item.get_closest_marker("hardware")]
        items[:] = [item for item in items if item.get_closest_marker("hardware")]
        config.hook.pytest_deselected(items=others)
        return
    skip = pytest.mark.skip(reason="needs a modem: name its port with --modem=PORT")
    for item in items:
        if item.get_closest_marker("hardware"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "fleet.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database, schema.metadata)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL cluster of this test process, with the migrated database `template` in it."""
    with cluster("fsync=off", "max_connections=200") as server:
        database = Database(create_database(server.url, "template"))
        migrate.upgrade(database, schema.metadata)
        database.close()
        yield server.url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh SQLite database at the present schema."""
    path = tmp_path / "fleet.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database at the present schema."""
    name = f"test_{next(_numbers)}"
    yield create_database(postgres_server, name, "template")
    drop_database(postgres_server, name)


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[Database]:
    """An open PostgreSQL database without a table."""
    name = f"test_{next(_numbers)}"
    database = Database(create_database(postgres_server, name))
    yield database
    database.close()
    drop_database(postgres_server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database at the present schema, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database, once on SQLite and once on PostgreSQL."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """An open SQLite database, for tests of what only SQLite does."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves only when wound."""
    return ManualClock()


def account_of(database: Database, clock: ManualClock) -> UUID:
    """The default account of `database`."""
    account_id, _ = database.write_now(lambda tx: default_account(tx, clock.now()).id)
    return account_id


def operator_of(account_id: UUID) -> Actor:
    """An operator of the account, for service calls."""
    return Actor(account_id, Role.OPERATOR, "operator", Way.API)
