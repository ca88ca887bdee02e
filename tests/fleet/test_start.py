"""What keeps the service from starting, each in one sentence."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from fleet import start
from fleet.clock import Clock
from fleet.context import Context
from fleet.db import Database
from fleet.errors import SetupError
from fleet.secrets import Sealer
from fleet.settings import DatabaseSettings, Settings
from tests.loopback import free_port

KEY = Fernet.generate_key()


def prepare(url: str, key: bytes = KEY, *, allow_unsafe: bool = False) -> None:
    settings = Settings(database=DatabaseSettings(url=url, allow_unsafe=allow_unsafe))
    database = Database(url)
    try:
        start.prepare(Context(settings, database, Clock(), Sealer(key)))
    finally:
        database.close()


def test_a_server_without_fsync_is_refused_unless_told(postgres_url: str) -> None:
    with pytest.raises(SetupError, match=r"expected a PostgreSQL server that keeps .* got one with fsync off: "):
        prepare(postgres_url)
    prepare(postgres_url, allow_unsafe=True)


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    port = free_port()
    with pytest.raises(SetupError, match=f"port {port} failed: .*refused"):
        prepare(f"postgresql+psycopg://fleet@127.0.0.1:{port}/fleet")


def test_the_key_file_of_another_installation_is_refused(database_url: str) -> None:
    prepare(database_url, allow_unsafe=True)
    prepare(database_url, allow_unsafe=True)
    with pytest.raises(SetupError, match="restore the key file that belongs to the database"):
        prepare(database_url, Fernet.generate_key(), allow_unsafe=True)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(SetupError, match=r"expected to open the database .*, got: file is not a database; "):
        prepare(f"sqlite:///{file}")


def test_on_sqlite_one_process_has_every_role(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, roles=frozenset({"rules", "api"}))
    with pytest.raises(SetupError, match="got the roles api, rules: leave --roles away"), start.only_process(settings):
        pass


def test_a_second_process_on_a_data_directory_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with (
        start.only_process(settings),
        pytest.raises(SetupError, match="expected to be the only service"),
        start.only_process(settings),
    ):
        pass


def test_a_data_directory_is_the_same_process_after_a_restart(tmp_path: Path) -> None:
    one, two = Settings(data_dir=tmp_path / "one"), Settings(data_dir=tmp_path / "two")
    assert start.identity(one) == start.identity(one) != start.identity(two)
    (tmp_path / "one" / "process").write_text("rubbish")
    with pytest.raises(SetupError, match="delete it"):
        start.identity(one)
