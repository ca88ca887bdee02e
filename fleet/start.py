"""What happens once, when the service starts: one process, a schema that fits, an account, a token for the operator."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from fleet import schema
from fleet.audit import Way, system
from fleet.auth import service as auth
from fleet.context import Context
from fleet.db import foreign, migrate, postgres, wakes
from fleet.db.timekeeping import set_clock
from fleet.errors import SetupError, Unauthorized, Unavailable
from fleet.ids import uuid7
from fleet.secrets import write_private
from fleet.settings import ROLES, Settings

if TYPE_CHECKING:
    from psycopg import AsyncConnection

ENDPOINTS = "endpoints.json"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the service is reached, and the operator's token; `endpoints.json` in the data directory.

    Empty: what this process's roles do not include.
    """

    http: str
    mqtt: str
    coap: str
    """Empty: no CoAP."""
    token: str


@contextmanager
def only_process(settings: Settings) -> Iterator[None]:
    """Hold the data directory's lock file: a second process on it gets SetupError.

    A SQLite database is one process's, so that process has every role, or gets SetupError.
    """
    if settings.database_url.startswith("sqlite") and settings.roles != frozenset(ROLES):
        raise SetupError(
            f"expected one process with every role on SQLite, got the roles {', '.join(sorted(settings.roles))}: "
            "leave --roles away, or split the service on PostgreSQL (database.url)"
        )
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "fleet.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SetupError(
            f"expected a data directory at {folder} that can be written, got: {error.strerror}; "
            "choose another with --data-dir"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise SetupError(
            f"expected to be the only service on {folder}, got one that runs there already: "
            "stop it, or choose another directory with --data-dir"
        ) from error
    try:
        yield
    finally:
        os.close(lock)


def identity(settings: Settings) -> UUID:
    """Who holds this data directory: made once, kept in its file `process`. Raises SetupError."""
    path = settings.data_dir / "process"
    try:
        if not path.exists():
            write_private(path, f"{uuid7()}\n".encode())
        return UUID(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise SetupError(
            f"expected {path} as this service wrote it, got: {error}; delete it, and the service is taken for a new one"
        ) from error


def prepare(context: Context) -> UUID:
    """Bring a new database to the present schema, refuse one of another version; the default account's id.

    Refused is also another key file than the one that sealed this database's secrets, and on PostgreSQL a server that
    may lose what it commits; the clock is set to that server's. Raises SetupError.
    """
    if context.database.dialect == "postgresql":
        _check_server(context)
    if _revision(context) is None:
        migrate.upgrade(context.database, schema.metadata)
    migrate.check(context.database)
    if context.database.dialect == "postgresql":
        context.database.write_now(lambda tx: foreign.settle(tx, schema.metadata))
    account_id, _ = context.database.write_now(lambda tx: _account(tx, context))
    return account_id


async def join(context: Context) -> "AsyncConnection":
    """Be one of the processes on this PostgreSQL: seen by the others, woken by them. Raises SetupError."""
    try:
        return await wakes.join(context.database, context.process)
    except Unavailable as error:
        raise SetupError(str(error)) from error


async def announce(context: Context, account_id: UUID, http: str, mqtt: str, coap: str) -> Endpoints:
    """Write `endpoints.json`, readable by its owner alone, with a token that is valid.

    The token lives in that file only: while the file is there it is kept; if it is gone a new one is issued and the
    old one revoked. Processes on one PostgreSQL have a data directory each, and so a token each.
    """
    path = context.settings.data_dir / ENDPOINTS
    kept = _kept_token(path)

    def token(tx: Session) -> str:
        try:
            auth.operator(tx, kept)
        except Unauthorized:
            return auth.issue_operator_token(tx, system(account_id, Way.START), context.clock.now(), _label(context))
        return kept

    serves = "api" in context.settings.roles
    endpoints = Endpoints(http, mqtt, coap, await context.database.write(token) if serves else "")
    write_private(path, json.dumps(asdict(endpoints), indent=2).encode() + b"\n")
    return endpoints


def _revision(context: Context) -> str | None:
    """The schema revision the database is at; raises SetupError for a file that is no database, and for none there."""
    try:
        return migrate.current(context.database)
    except DBAPIError as error:
        shown, cause = str(context.database.url).split("@")[-1], " ".join(str(error.orig).split())
        raise SetupError(
            f"expected to open the database {shown}, got: {cause}; look at that place, or restore a backup"
        ) from error


def _account(tx: Session, context: Context) -> UUID:
    account = auth.default_account(tx, context.clock.now())
    if account.key_check is None:
        account.key_check = context.sealer.seal(account.name)
    else:
        context.sealer.open(account.key_check)
    return account.id


def _check_server(context: Context) -> None:
    database, settings = context.database, context.settings.database
    try:
        off = database.read_now(postgres.promises_off)
        set_clock(database, context.clock)
    except Unavailable as error:
        raise SetupError(str(error)) from error
    if off and not settings.allow_unsafe:
        raise SetupError(
            f"expected a PostgreSQL server that keeps what it commits, got one with {' and '.join(off)} off: switch "
            "that on, or set database.allow_unsafe if acknowledged messages may be lost when the power fails"
        )


def _label(context: Context) -> str:
    """Which operator's token it is: where processes share a database, this one's."""
    return "" if context.database.dialect == "sqlite" else str(context.process)


def _kept_token(path: Path) -> str:
    try:
        kept = json.loads(path.read_text())
        return str(kept["token"])
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError(
            f"expected {path} as this service wrote it, got one that cannot be read ({error}): "
            "delete it, and a new token is made"
        ) from error
