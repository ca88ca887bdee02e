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


def test_an_empty_database_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(SetupError, match="fleet db upgrade"):
        migrate.check(database)
    migrate.upgrade(database, schema.metadata)
    migrate.check(database)
    database.close()
