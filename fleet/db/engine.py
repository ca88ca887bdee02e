"""One way to read and one way to write, the same on SQLite and PostgreSQL.

A transaction is a plain function of a session: it reads, decides and writes, and does nothing else. It runs on
a worker thread, whole; whoever calls it awaits the commit. Because it does nothing else, it may be run again:

- SQLite: one writer thread, first come first served, every write begun with BEGIN IMMEDIATE. (The stock driver
  opens the transaction only at the first write, so two read-then-write transactions lose updates in silence.)
- PostgreSQL: SERIALIZABLE, run again after a serialization failure, so the same function is as safe there.

Two errors are the caller's to tell apart: Unavailable, the same may succeed later, and Invalid, it never will. Whoever
acknowledges depends on it: what is Invalid is refused, or a dead letter, and is not sent again for ever.
"""

import asyncio
import enum
import random
import sqlite3
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from sqlmodel import Session

from fleet.db import locks, postgres, wakes
from fleet.errors import Invalid, SetupError, Unavailable
from fleet.ids import uuid7

T = TypeVar("T")
Work = Callable[[Session], T]

READERS = 4
"""Threads that read at the same time; on PostgreSQL as many again write."""
RETRIES = 12
"""How often a serialization failure is run again before the caller hears of it."""
FAIR = 4
"""How often it fails against quicker ones before it has them wait."""
LATER = ("08", "25006", "40", "53", "55", "57", "58")
"""SQLSTATEs, by their beginning, after which the same may succeed: connection, a standby that only reads, rollback,
resources, locks, an operator's intervention, the server's disk.
"""
NEVER = ("22", "54")
"""Those after which the same fails again: values out of range or in another encoding, values too long for an index."""
UNHELD = (OverflowError, UnicodeEncodeError)
"""What drivers raise by themselves for an integer past 64 bits and for half a surrogate pair."""
BUSY_MS = 10_000
"""How long SQLite waits for another process (a backup, `fleet db check`) that holds the file."""


class Isolation(enum.Enum):
    """What a write on PostgreSQL needs; on SQLite every write is alone."""

    SERIALIZABLE = "SERIALIZABLE"
    """Reads and decides: as if alone."""
    APPEND = "READ COMMITTED"
    """Only inserts, uniqueness guarded by constraints; or it locks what it reads before it decides."""


class Database:
    """An open database. `write` and `read` run a function of a `Session` in a transaction of their own."""

    def __init__(self, url: str, *, synchronous: str = "FULL") -> None:
        """`url`: `sqlite:///path` or `postgresql+psycopg://…`; `synchronous`: SQLite only, FULL keeps the promise."""
        self.url = _parse(url)
        self.dialect = self.url.get_backend_name()
        if self.dialect == "sqlite":
            self._writer = _sqlite(self.url, synchronous, "BEGIN IMMEDIATE", pool_size=1)
            self._reader = _sqlite(self.url, synchronous, "BEGIN", pool_size=READERS)
        else:
            self._writer = postgres.engine(self.url, pool_size=2 * READERS)
            # one view without the bookkeeping of SERIALIZABLE: it never fails, and makes no writer fail
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._append = self._writer
        if self.dialect != "sqlite":
            self._append = self._writer.execution_options(isolation_level=Isolation.APPEND.value)
        self._write_threads = ThreadPoolExecutor(1 if self.dialect == "sqlite" else READERS, "db-write")
        self._read_threads = ThreadPoolExecutor(READERS, "db-read")
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self.origin = str(uuid7())
        """Names this process in the wake-ups that it sends to others."""
        self.present = True
        """False while other processes cannot see that this one lives."""

    async def write(self, work: Work[T], isolation: Isolation = Isolation.SERIALIZABLE) -> T:
        """Run `work` in a write transaction and commit; returns what it returned, once that is on disk.

        Raises Unavailable when the database cannot be written now, Invalid when it can never hold what `work` gave it;
        whatever `work` raises rolls back.
        """
        committed: tuple[T, frozenset[str]] = await self._run(self._write_threads, self.write_now, work, isolation)
        result, topics = committed
        self.rouse(topics)
        return result

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a read transaction: one consistent view. Raises Unavailable, Invalid."""
        return await self._run(self._read_threads, self.read_now, work)

    def write_now(self, work: Work[T], isolation: Isolation = Isolation.SERIALIZABLE) -> tuple[T, frozenset[str]]:
        """`write` on the calling thread, for the CLI and migrations; also the wake-ups it asked for."""
        engine = self._append if isolation is Isolation.APPEND else self._writer
        for attempt in range(RETRIES + 1):
            try:
                with Session(engine, expire_on_commit=False) as session:
                    if attempt > FAIR:
                        locks.elbow_room(session.connection())
                    result = work(session)
                    topics = frozenset(session.info.get("wakes", ()))
                    if topics and self.dialect != "sqlite":
                        wakes.announce(session, self.origin, topics)
                    session.commit()
                    return result, topics
            except DBAPIError as error:
                if attempt == RETRIES or not _serialization_failure(error):
                    raise _translate(error) from error
                time.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 6)))  # noqa: S311 - spreads retries apart
            except UNHELD as error:
                raise _unheld(error) from error
        raise AssertionError("unreachable")

    def read_now(self, work: Work[T]) -> T:
        """`read` on the calling thread."""
        try:
            with Session(self._reader, expire_on_commit=False) as session:
                return work(session)
        except DBAPIError as error:
            raise _translate(error) from error
        except UNHELD as error:
            raise _unheld(error) from error

    def subscribe(self, topic: str) -> asyncio.Event:
        """An event that is set after each commit that called `wake(session, topic)`, here or in another process.

        A hint, not a promise: who waits on it also looks by himself now and then.
        """
        waiter = asyncio.Event()
        self._waiting.setdefault(topic, set()).add(waiter)
        return waiter

    def unsubscribe(self, topic: str, waiter: asyncio.Event) -> None:
        """Forget `waiter`."""
        self._waiting.get(topic, set()).discard(waiter)

    def rouse(self, topics: Iterable[str] | None = None) -> None:
        """Set the events subscribed to `topics` (None: all), on their event loop."""
        for topic in self._waiting if topics is None else topics:
            for waiter in self._waiting.get(topic, ()):
                waiter.set()

    @property
    def engine(self) -> Engine:
        """An engine that writes, for Alembic and for copies; on PostgreSQL READ COMMITTED."""
        return self._append

    def close(self) -> None:
        """Finish what is queued, then close every connection."""
        self._write_threads.shutdown()
        self._read_threads.shutdown()
        self._writer.dispose()
        self._reader.dispose()

    async def _run(self, threads: ThreadPoolExecutor, call: Callable[..., T], *args: object) -> T:
        try:
            future = asyncio.get_running_loop().run_in_executor(threads, call, *args)
        except RuntimeError as error:
            raise Unavailable(
                "expected an open database, got one that is closing: retry when the service is back"
            ) from error
        return await asyncio.shield(future)


def wake(session: Session, topic: str) -> None:
    """After this transaction commits, set the events subscribed to `topic`: here, and in processes that listen."""
    session.info.setdefault("wakes", set()).add(topic)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise SetupError(
            f"expected a database URL such as sqlite:///fleet.db or postgresql+psycopg://user@host/name, "
            f"got {url.split('@')[-1]!r}: correct database.url"
        )
    return parsed


def _sqlite(url: URL, synchronous: str, begin: str, pool_size: int) -> Engine:
    engine = create_engine(url, pool_size=pool_size, max_overflow=0, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _serialization_failure(error: DBAPIError) -> bool:
    """SQLSTATE class 40: the transaction was rolled back and may simply be run again."""
    return (getattr(error.orig, "sqlstate", None) or "").startswith("40")


def _translate(error: DBAPIError) -> Exception:
    """Unavailable when the storage refused or was gone, Invalid when it can never hold the values; else the error."""
    state: str = getattr(error.orig, "sqlstate", None) or ""
    if isinstance(error, DataError) or state.startswith(NEVER):
        return _unheld(error.orig or error)
    if error.connection_invalidated or state.startswith(LATER) or (not state and _gone(error)):
        return Unavailable(
            f"expected to read and write the database, got: {' '.join(str(error.orig).split())}; "
            "check the disk and the database server"
        )
    return error


def _gone(error: DBAPIError) -> bool:
    """Whether an error without a SQLSTATE is of the storage or the way there, and not of the statement."""
    if isinstance(error.orig, sqlite3.Error):
        return isinstance(error, OperationalError)
    return not isinstance(error, ProgrammingError | NotSupportedError)


def _unheld(error: BaseException) -> Invalid:
    first = str(error).partition("\n")[0]
    return Invalid(f"expected values that the database can hold, got: {first}; correct what is sent")
