"""Backups in one file, taken while the service runs, and what brings them back.

SQLite: the online backup of SQLite itself; the file is an SQLite database. PostgreSQL: the programs pg_dump and
pg_restore; the file is an archive in their custom format. Either is one moment of the database as a whole.
"""

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import MetaData, inspect, text

from fleet.db import foreign, locks, migrate, postgres
from fleet.db.engine import Database
from fleet.errors import SetupError

BEGINS = {"sqlite": b"SQLite format 3\x00", "postgresql": b"PGDMP"}
"""What a backup of each kind of database begins with."""
PACKAGE = "postgresql-client"
PAGES = 1000
"""Copied between two words of progress: some 4 MB."""

Progress = Callable[[int], None]


def size(database: Database) -> int:
    """How many pages `backup` will tell of, roughly while others write; 0 on PostgreSQL: its program does not tell."""
    if database.dialect != "sqlite":
        return 0
    with database.engine.connect() as connection:
        pages: int = connection.execute(text("PRAGMA page_count")).scalar_one()
        return pages


def backup(database: Database, file: Path, progress: Progress = lambda _more: None) -> None:
    """Write all of `database` as it is at this moment to `file`, readable by its owner alone. Raises SetupError.

    `progress` hears how many more pages are copied.
    """
    with _new_file(file) as part:
        if database.dialect == "sqlite":
            _copy_sqlite(_path(database), part, "DELETE", progress)  # one file, with nothing beside it
            _check_sqlite(part)
        else:
            _run(database, "pg_dump", "--format=custom", "--no-owner", f"--file={part}", "--dbname", _reach(database))


def restore(database: Database, metadata: MetaData, file: Path) -> str:
    """Replace all of `database` by what `file` holds; the schema revision it is at then.

    Nobody else may use the database meanwhile. The file is read whole before anything is replaced, and the database is
    replaced whole or left as it was. Raises SetupError.
    """
    if not _begins(file).startswith(BEGINS[database.dialect]):
        raise SetupError(
            f"expected a backup of a {database.dialect} database in {file}, got something else: "
            "name a file that `fleet db backup` wrote of one"
        )
    if database.dialect == "sqlite":
        _check_sqlite(file)
        _copy_sqlite(file, _path(database), "WAL", lambda _more: None)
    else:
        with locks.sole_user(database):
            _run(database, "pg_restore", f"--file={os.devnull}", str(file))  # all of it can be read
            replace = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--dbname", _reach(database))
            _run(database, "pg_restore", *replace, str(file))
            if migrate.current(database) == migrate.head():  # else the service does so when it starts, upgraded
                database.write_now(lambda tx: foreign.settle(tx, metadata))
    return migrate.current(database) or ""


def holds_something(database: Database) -> bool:
    """Whether the database has been used: it has an account."""
    if database.dialect == "sqlite" and not _path(database).exists():
        return False
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("account"):
            return False
        return connection.execute(text("SELECT 1 FROM account LIMIT 1")).first() is not None


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A file beside `file` to write to, which becomes it in the end, whole and on disk, or is gone."""
    part = file.with_name(f".{file.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(file)
    except OSError as error:
        raise SetupError(f"expected to write a backup to {file}, got: {error.strerror}; name another file") from error
    finally:
        with suppress(OSError):  # why it could not be written is told, not that nothing is there to remove
            part.unlink(missing_ok=True)


def _path(database: Database) -> Path:
    return Path(database.url.database or "")


def _copy_sqlite(source: Path, target: Path, journal: str, progress: Progress) -> None:
    """All of `source` as it is at this moment to `target`, in one transaction of that."""
    done = 0

    def told(_status: int, remaining: int, total: int) -> None:
        nonlocal done
        progress(total - remaining - done)
        done = total - remaining

    try:
        with (
            closing(sqlite3.connect(source, isolation_level=None)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            # one view from the first page to the last: without it the copy begins anew whenever somebody commits
            reading.execute("BEGIN")
            reading.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            reading.backup(writing, pages=PAGES, progress=told)
            writing.execute(f"PRAGMA journal_mode = {journal}")
    except sqlite3.Error as error:
        raise SetupError(f"expected to copy {source} to {target}, got: {error}; check both disks") from error


def _check_sqlite(file: Path) -> None:
    """Raise SetupError unless every page and every reference in the file is good."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            wrong = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            wrong += [
                f"a row of {row[0]} without its {row[2]}" for row in connection.execute("PRAGMA foreign_key_check")
            ]
    except sqlite3.Error as error:
        wrong = [str(error)]
    if wrong:
        raise SetupError(f"expected a whole SQLite database in {file}, got: {wrong[0]}; use another backup")


def _begins(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(16)
    except OSError as error:
        raise SetupError(f"expected a backup at {file}, got: {error.strerror}; correct the name") from error


def _reach(database: Database) -> str:
    """How libpq's programs reach the database, without the password, which a list of processes would show."""
    from psycopg.conninfo import make_conninfo

    named = {name: value for name, value in postgres.arguments(database.url).items() if name != "password"}
    return make_conninfo(**named)


def _run(database: Database, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; raises SetupError with what it complained of."""
    password = {"PGPASSWORD": database.url.password} if database.url.password else {}
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments, no shell
            [program, *arguments], env={**os.environ, **password}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise SetupError(
            f"expected the program {program}, got none: install PostgreSQL's client programs (Debian: {PACKAGE}), "
            "not older than the server"
        ) from error
    if done.returncode:
        complaint = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise SetupError(f"expected {program} to succeed, got: {complaint[:500]}; nothing was changed")
