"""Locks between processes, held by PostgreSQL and gone with the process; SQLite has one process and grants all."""

import enum
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Connection, text
from sqlmodel import Session

from fleet.errors import SetupError

if TYPE_CHECKING:
    from fleet.db.engine import Database


class Space(enum.IntEnum):
    """What a lock is about: the first of the two numbers that name an advisory lock."""

    SERVICE = 0x666C0001
    """Shared by every process of the service; alone for whoever replaces the whole database."""
    SCHEMA = 0x666C0002
    """Held by whoever prepares the database for its first use or for a new version."""
    READER = 0x666C0003
    """Held in the transaction that moves a reader of a log; the second number is of the reader's name."""
    PROCESS = 0x666C0004
    """Held, shared, by each process as long as it lives; the second number is of its id."""


_ABSENT = text("""
    SELECT process FROM unnest(CAST(:processes AS text[])) AS process
    WHERE hashtext(process)::bigint & 4294967295 NOT IN (
        SELECT objid::bigint FROM pg_locks
        WHERE locktype = 'advisory' AND classid = :space AND objsubid = 2 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
""")
_OTHERS = text("""
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND classid = :space AND objsubid = 2 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND objid::bigint <> hashtext(CAST(:process AS text))::bigint & 4294967295
""")


def alone(session: Session, reader: str) -> bool:
    """Whether this transaction is the only one, of all processes, that moves `reader`; ends with the transaction.

    False means that another process is at it, and waiting would only repeat its work. What is read once the answer is
    True may still be older than the other's commit: the cursor, read and written SERIALIZABLE, is what makes each step
    happen once.
    """
    if session.get_bind().dialect.name != "postgresql":
        return True
    query = text("SELECT pg_try_advisory_xact_lock(:space, hashtext(:reader))")
    return bool(session.connection().execute(query, {"space": Space.READER, "reader": reader}).scalar_one())


def absent(session: Session, processes: Collection[UUID]) -> set[UUID]:
    """Those of these processes that hold no lock of theirs. On SQLite none does: the one process has no need to."""
    if not processes or session.get_bind().dialect.name != "postgresql":
        return set(processes)
    given = {"processes": [str(process) for process in processes], "space": Space.PROCESS}
    return {UUID(found) for found in session.connection().execute(_ABSENT, given).scalars()}


def sole_process(session: Session, process: UUID) -> bool:
    """Whether no other process than this one holds its lock."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    given = {"process": str(process), "space": Space.PROCESS}
    return session.connection().execute(_OTHERS, given).first() is None


def elbow_room(connection: Connection) -> None:
    """Wait for those who write, and have others wait until this transaction, which has done nothing yet, ends.

    For one that others have made begin again too often: whoever commits first wins, and a long one never would. These
    two tables are locked because every reader of a log moves its row in the one, and whoever adds a row of an account
    refers to the other. LOCK sees no snapshot: what is read after it is the latest.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE account, cursor IN EXCLUSIVE MODE"))


def prepare_alone(connection: Connection) -> None:
    """Wait until no other process prepares this database; ends with the transaction, which must be READ COMMITTED."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:space, 0)"), {"space": Space.SCHEMA})


@contextmanager
def sole_user(database: "Database") -> Iterator[None]:
    """Have the whole database for oneself: no service runs on it, and none starts. Raises SetupError.

    On SQLite the lock file of the data directory does that (`fleet.start.only_process`).
    """
    if database.dialect != "postgresql":
        yield
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        place = {"space": Space.SERVICE}
        if not connection.execute(text("SELECT pg_try_advisory_lock(:space, 0)"), place).scalar_one():
            raise SetupError(
                "expected a database that no service uses, got one with a service on it: stop every process first"
            )
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:space, 0)"), place)
