"""The few statements that SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart."""

from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

Insert = sqlite.Insert | postgresql.Insert


def table(model: type[SQLModel]) -> Table:
    """The table of a model: history is written and read without the ORM, which costs 16 times as much."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def insert_new(connection: Connection, into: Table) -> Insert:
    """INSERT that leaves rows alone that are already there."""
    return _insert_new(connection.dialect.name, into)


def upsert(connection: Connection, into: Table) -> Insert:
    """INSERT that writes over the row that has the same primary key."""
    return _upsert(connection.dialect.name, into)


@cache  # building a statement takes as long as running it
def _insert_new(dialect: str, into: Table) -> Insert:
    return _insert(dialect, into).on_conflict_do_nothing()


@cache
def _upsert(dialect: str, into: Table) -> Insert:
    statement, key = _insert(dialect, into), into.primary_key.columns
    told = {column.name: statement.excluded[column.name] for column in into.c if column.name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=told)


def _insert(dialect: str, into: Table) -> Insert:
    return postgresql.insert(into) if dialect == "postgresql" else sqlite.insert(into)
