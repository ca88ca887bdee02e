"""A PostgreSQL cluster of the tests' own, on a free port, never the machine's shared one."""

import glob
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.loopback import free_port
from tests.needs import needs


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs; skips the calling test where it is missing."""
    found = shutil.which(name) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))[::-1]), None)
    if found is None:
        reason = f"needs the program {name!r}: install it (Debian: apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def _as_postgres(*command: str) -> None:
    """PostgreSQL refuses to run as root: become its user there."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True, cwd="/")


class Cluster:
    """A cluster of the tests' own; `url` has no database name. It may be stopped and started again."""

    def __init__(self, folder: Path, options: tuple[str, ...]) -> None:
        self._data, self._log, self.port = str(folder / "data"), str(folder / "log"), free_port()
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}"
        settings = ("listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", *options)
        self._options = " ".join([f"-p {self.port}", *(f"-c {setting}" for setting in settings)])
        self._pg_ctl = program("pg_ctl")

    def create(self) -> None:
        """Make its files."""
        trust = ("-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C")
        _as_postgres(program("initdb"), "-D", self._data, *trust)

    def start(self) -> None:
        """Start it and wait until it answers."""
        _as_postgres(self._pg_ctl, "-D", self._data, "-l", self._log, "-w", "-o", self._options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `fast` ends sessions in order, `immediate` as a crash does."""
        _as_postgres(self._pg_ctl, "-D", self._data, "-m", mode, "stop")


@contextmanager
def cluster(*options: str) -> Iterator[Cluster]:
    """A running cluster. `options`: settings as name=value."""
    if os.geteuid() == 0:
        needs("runuser")
    folder = Path(tempfile.mkdtemp(prefix="fleet-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        server = Cluster(folder, options)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def create_database(server_url: str, name: str, template: str = "template1") -> str:
    """A new database on a cluster; its URL."""
    _administer(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{server_url}/{name}"


def drop_database(server_url: str, name: str) -> None:
    """Remove a database, whoever is connected to it."""
    _administer(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server_url: str, statement: str) -> None:
    engine = create_engine(f"{server_url}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
