"""What is PostgreSQL's own: how it is reached, whether it keeps what it commits, what time it has."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlmodel import Session

from fleet.errors import SetupError

CONNECT = {
    "application_name": "fleet",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "options": "-c enable_seqscan=off -c jit=off",
}
"""A server that has vanished without a word is noticed within half a minute; what the URL says wins.

Where an index will do no table is read whole: a SERIALIZABLE transaction that does so conflicts with every change of
that table, and small tables, such as the cursors, would be read so. (What has no index is read whole all the same, at a
pretended cost that would start the compiler.)
"""
WATCHED = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""What the server is asked to do on a connection whose end others wait for: to notice a host that has vanished."""
PROMISES = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings of a server without which a commit may be lost, or the whole database with it, when the power fails."""
SAMPLES = 5
"""How often the time is asked for one measurement; the quickest answer counts."""


def engine(url: URL, pool_size: int) -> Engine:
    """Connections to the server of `url`, at most `pool_size`, each tried before it is used; SERIALIZABLE.

    Raises SetupError where the driver is not installed.
    """
    try:
        return create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            isolation_level="SERIALIZABLE",
            connect_args={name: value for name, value in CONNECT.items() if name not in url.query},
        )
    except ModuleNotFoundError as error:
        raise SetupError(
            "expected the Python module psycopg to reach PostgreSQL, got none: "
            "install it with pip install 'wireless-fleet[postgres]'"
        ) from error


def arguments(url: URL) -> dict[str, Any]:
    """What psycopg is given to reach the server of `url` by itself."""
    dialect = url.get_dialect()()
    _, named = dialect.create_connect_args(url)
    return {**CONNECT, **named}


def promises_off(session: Session) -> list[str]:
    """Those of PROMISES that this server has switched off, for this user and database."""
    values = [(name, session.connection().execute(text(f"SHOW {name}")).scalar_one()) for name in PROMISES]
    return [name for name, value in values if value == "off"]


def ahead(session: Session, now: Callable[[], datetime]) -> timedelta:
    """How far the server's clock is ahead of `now`; wrong by half of the quickest answer's time at most."""
    measured = []
    for _ in range(SAMPLES):
        before = now()
        there: datetime = session.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
        after = now()
        measured.append((after - before, there - (before + (after - before) / 2)))
    return min(measured)[1]
