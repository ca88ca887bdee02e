"""The few statements that SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

Insert = sqlite.Insert | postgresql.Insert


def table(model: type[SQLModel]) -> Table:
    """The table of a model: history is written and read without the ORM, which costs 16 times as much."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def insert(connection: Connection, into: Table) -> Any:
    """INSERT that can have an ON CONFLICT clause."""
    return postgresql.insert(into) if connection.dialect.name == "postgresql" else sqlite.insert(into)


def insert_new(connection: Connection, into: Table) -> Any:
    """INSERT that leaves rows alone that are already there."""
    return insert(connection, into).on_conflict_do_nothing()
