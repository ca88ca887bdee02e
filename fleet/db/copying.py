"""Move everything from SQLite to an empty PostgreSQL database: table by table, resumable, verified row by row.

Each batch is committed with the place it ends at, so a copy that was interrupted goes on there. Until everything is
verified the target has the table `copy_progress`, and no service starts on it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Connection, MetaData, String, Table, Uuid, func, inspect, select, text

from fleet.db import locks, migrate
from fleet.db.digest import Tally, batches, tally
from fleet.db.engine import Database
from fleet.errors import SetupError

Progress = Callable[[int], None]

_progress = Table(
    migrate.UNFINISHED,
    MetaData(),
    Column("source", String, nullable=False),
    Column("of", String, primary_key=True),
    Column("last", JSON),
)
"""The table copied so far, and the key of the last row; `of` is empty for the row that names the source."""


def size(source: Database, metadata: MetaData) -> int:
    """How many steps `copy` will tell of: each row once as it is copied and twice as it is verified."""
    with source.engine.connect() as connection:
        return 3 * sum(_count(connection, table) for table in metadata.sorted_tables)


def copy(source: Database, target: Database, metadata: MetaData, progress: Progress) -> dict[str, Tally]:
    """Copy all of `source` to `target` and verify it; what each table holds. `progress` hears how many more are done.

    Nobody else may write to either meanwhile. Raises SetupError for a target with something else in it, and when what
    arrived is not what was sent.
    """
    if (source.dialect, target.dialect) != ("sqlite", "postgresql"):
        raise SetupError(
            f"expected to copy from SQLite to PostgreSQL, got {source.dialect} to {target.dialect}: "
            "use `fleet db backup` and `fleet db restore` between databases of one kind"
        )
    migrate.check(source)
    with locks.sole_user(target), source.engine.connect() as there:
        _prepare(there, target, metadata)
        for table in metadata.sorted_tables:
            _copy_table(there, target, table, progress)
        with _write(target) as here:
            _set_sequences(here, metadata)
        with target.engine.connect() as here:
            tallies = _verify(there, here, metadata, progress)
        with _write(target) as here:
            _progress.drop(here)
        return tallies


def _prepare(there: Connection, target: Database, metadata: MetaData) -> None:
    """Make the tables, or find the copy that was interrupted; refuse everything else."""
    identity = str(there.execute(select(func.min(metadata.tables["account"].c.id))).scalar())
    with _write(target) as here:
        begun = inspect(here).has_table(_progress.name)
        source = here.execute(select(_progress.c.source).where(_progress.c.of == "")).scalar() if begun else None
        if source == identity:
            return
        if begun:
            raise SetupError(
                "expected a target that is empty or holds the beginning of this copy, got another database's: "
                "name an empty one with --to"
            )
        if migrate.current(target) is not None and (full := _first_full(here, metadata)):
            raise SetupError(
                f"expected an empty target, got one with rows in the table {full}: name an empty one with --to"
            )
    migrate.upgrade(target, metadata)
    with _write(target) as here:
        _progress.create(here)
        here.execute(_progress.insert(), {"source": identity, "of": ""})


def _copy_table(there: Connection, target: Database, table: Table, progress: Progress) -> None:
    key = list(table.primary_key.columns)
    with target.engine.connect() as here:
        found = here.execute(select(_progress.c.last).where(_progress.c.of == table.name)).scalar()
        progress(_count(here, table) if found else 0)
    last = None if found is None else [_parse(column, value) for column, value in zip(key, found, strict=True)]
    for rows in batches(there, table, last):
        with _write(target) as here:
            here.execute(table.insert(), [row._asdict() for row in rows])
            place = [_plain(getattr(rows[-1], column.name)) for column in key]
            here.execute(_progress.delete().where(_progress.c.of == table.name))
            here.execute(_progress.insert(), {"source": "", "of": table.name, "last": place})
        progress(len(rows))


def _set_sequences(here: Connection, metadata: MetaData) -> None:
    """Let the numbers that the target draws from now on follow those that were copied."""
    for table in metadata.sorted_tables:
        for column in table.primary_key.columns:
            query = text("SELECT pg_get_serial_sequence(:table, :column)")
            sequence = here.execute(query, {"table": table.name, "column": column.name}).scalar()
            newest = here.execute(select(func.max(column))).scalar() if sequence else None
            if newest is not None:
                here.execute(text("SELECT setval(:sequence, :newest)"), {"sequence": sequence, "newest": newest})


def _verify(there: Connection, here: Connection, metadata: MetaData, progress: Progress) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    for table in metadata.sorted_tables:
        sent, arrived = tally(there, table, progress), tally(here, table, progress)
        if sent != arrived:
            raise SetupError(
                f"expected {sent.rows} rows with checksum {sent.checksum} in the table {table.name}, got "
                f"{arrived.rows} with {arrived.checksum}: copy again into an empty database, with nobody writing"
            )
        tallies[table.name] = arrived
    return tallies


@contextmanager
def _write(target: Database) -> Iterator[Connection]:
    with target.engine.begin() as connection:
        yield connection


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _first_full(connection: Connection, metadata: MetaData) -> str:
    """The name of a table that has a row; "" if none has."""
    full = (table.name for table in metadata.sorted_tables if connection.execute(select(table).limit(1)).first())
    return next(full, "")


def _plain(value: Any) -> str | int:
    return value if isinstance(value, int) else str(value)


def _parse(column: Column[Any], value: str | int) -> UUID | str | int:
    return UUID(str(value)) if isinstance(column.type, Uuid) else value
