"""Which servers keep what they commit, and what a reader may do there."""

import pytest
from sqlalchemy import text
from sqlmodel import Session

from fleet.db import Database, postgres
from fleet.db.outbox import Cursor
from fleet.errors import Unavailable
from tests.loopback import free_port


def test_switched_off_promises_are_found(postgres_url: str) -> None:
    database = Database(postgres_url)
    assert database.read_now(postgres.promises_off) == ["fsync"]  # the tests' server
    name = database.url.database
    with database.engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        connection.commit()
    database.close()
    database = Database(postgres_url)
    assert database.read_now(postgres.promises_off) == ["fsync", "synchronous_commit"]
    database.close()


async def test_a_read_transaction_writes_nothing(postgres_url: str) -> None:
    database = Database(postgres_url)

    def sneak(tx: Session) -> None:
        tx.add(Cursor(reader="sneaked"))
        tx.commit()

    with pytest.raises(Exception, match="read-only transaction"):
        await database.read(sneak)
    database.close()


async def test_a_server_that_is_not_there_is_one_sentence() -> None:
    database = Database(f"postgresql+psycopg://fleet@127.0.0.1:{free_port()}/fleet")
    with pytest.raises(Unavailable, match=r"expected to read and write the database, got: .*refused") as refusal:
        await database.read(lambda tx: tx.connection())
    assert "\n" not in str(refusal.value)
    database.close()


def test_what_the_url_says_of_its_connection_wins(postgres_url: str) -> None:
    database = Database(f"{postgres_url}?application_name=mine&connect_timeout=2")
    shown = database.read_now(lambda tx: tx.connection().execute(text("SHOW application_name")).scalar())
    assert shown == "mine"
    assert postgres.arguments(database.url)["connect_timeout"] == "2"
    assert postgres.arguments(database.url)["tcp_user_timeout"] == 20_000
    database.close()
