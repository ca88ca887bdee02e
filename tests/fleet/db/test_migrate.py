"""The migrated schema is the one the models describe."""

from pathlib import Path

import pytest

from fleet import schema
from fleet.db import Database, migrate
from fleet.errors import SetupError


def test_migrations_and_models_agree(database: Database) -> None:
    assert migrate.differences(database, schema.metadata) == []


def test_every_table_but_the_shared_ones_belongs_to_an_account() -> None:
    shared = {"account", "cursor"}
    without = {name for name, table in schema.metadata.tables.items() if "account_id" not in table.columns}
    assert without == shared


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_empty_database_is_refused_with_the_command_that_mends_it(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/empty.db"
    if kind == "postgresql":
        url = request.getfixturevalue("empty_postgres").url.render_as_string(hide_password=False)
    database = Database(url)
    with pytest.raises(SetupError, match="fleet db upgrade"):
        migrate.check(database)
    migrate.upgrade(database, schema.metadata)
    migrate.check(database)
    database.close()
