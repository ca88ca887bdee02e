"""Bring a database to the schema of this version, and tell whether it is there.

The models live in rooms above this one, so their metadata is handed in (`fleet.schema.metadata`).
"""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect

from fleet.db import locks
from fleet.db.engine import Database
from fleet.errors import SetupError

HERE = Path(__file__).parent / "migrations"
UNFINISHED = "copy_progress"
"""A table that a database has while it is being copied into (`fleet.db.copying`)."""


def head() -> str:
    """The revision this version of the program works with."""
    revision = ScriptDirectory(str(HERE)).get_current_head()
    assert revision is not None
    return revision


def current(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, metadata: MetaData) -> None:
    """Bring the database to `head()`, in one transaction; nothing happens if it is there, or another process did it."""
    with database.engine.begin() as connection:
        locks.prepare_alone(connection)
        command.upgrade(_config(connection, metadata), "head")


def check(database: Database) -> None:
    """Raise SetupError unless the database is whole and at the revision this version works with."""
    if inspect(database.engine).has_table(UNFINISHED):
        raise SetupError(
            "expected a whole database, got one with an unfinished copy in it: run `fleet db copy` again to the end"
        )
    at = current(database)
    if at != head():
        raise SetupError(
            f"expected the database at schema revision {head()}, got {at or 'an empty one'}: "
            + ("run `fleet db upgrade`" if at is None or at < head() else "start the newer program that wrote it")
        )


def differences(database: Database, metadata: MetaData) -> list[str]:
    """What the database has that the models do not say, and the reverse; empty when they agree."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": here})
        return [str(difference) for difference in compare_metadata(context, metadata)]


def write_revision(database: Database, metadata: MetaData, message: str, number: str) -> None:
    """Write the next migration from what the models say beyond the database; read it before you commit it."""
    with database.engine.begin() as connection:
        command.revision(_config(connection, metadata), message=message, autogenerate=True, rev_id=number)


def here(item: object, _name: object, kind: str, _reflected: bool, _other: object) -> bool:
    """Whether Alembic compares `item`: not an index that exists on the other database only."""
    condition = getattr(item, "_ddl_if", None)
    return not (kind == "index" and condition is not None)


def _config(connection: Connection, metadata: MetaData) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes.update(connection=connection, metadata=metadata, include_object=here)
    return config
