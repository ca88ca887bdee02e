"""Append-only tables that are read in order, from a position, without ever missing a row.

On PostgreSQL numbers are drawn before commit, so a row may appear behind one already read. Each row therefore
also keeps its transaction's id; a reader stops short of the oldest transaction that is still open
(`pg_snapshot_xmin`) and orders by (transaction, number). On SQLite there is one writer: the number alone orders.
"""

from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, Column, ColumnElement, Index, Select, Tuple, literal_column, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Field, Session, SQLModel

from fleet.db.types import BigKey

Row = TypeVar("Row", bound="Logged")


class CurrentXact(FunctionElement[int]):
    """The id of the writing transaction on PostgreSQL, 0 on SQLite: the default of `xact`."""

    inherit_cache = True


@compiles(CurrentXact)
def _no_xact(_element: CurrentXact, _compiler: Any, **_kw: Any) -> str:
    return "0"


@compiles(CurrentXact, "postgresql")
def _pg_xact(_element: CurrentXact, _compiler: Any, **_kw: Any) -> str:
    return "pg_current_xact_id()::text::bigint"


class Position(NamedTuple):
    """Where a reader of a log stands: everything up to here has been read; by default, nothing."""

    xact: int = 1 - 10**18
    """Below 0: written on another server (`fleet.db.foreign`); 0: on SQLite."""
    seq: int = 0


class Logged(SQLModel):
    """The two columns of a log row; declare `__table_args__ = (log_index("name"),)` beside them."""

    seq: int | None = Field(default=None, primary_key=True, sa_type=BigKey, sa_column_kwargs={"autoincrement": True})
    xact: int | None = Field(
        default=None, sa_type=BigInteger, nullable=False, sa_column_kwargs={"server_default": CurrentXact()}
    )


def log_index(table: str) -> Index:
    """The order of a log on PostgreSQL (SQLite reads by primary key)."""
    return Index(f"ix_{table}_order", "xact", "seq").ddl_if(dialect="postgresql")


def after(session: Session, table: type[Row], position: Position, limit: int) -> Select[Any]:
    """The next rows of `table` behind `position`, in order, at most `limit`, all settled."""
    columns: Any = table.__table__.c  # type: ignore[attr-defined]
    query = select(table).where(*_settled(session, columns.xact, columns.seq, position)).limit(limit)
    return query.order_by(columns.xact, columns.seq) if _postgres(session) else query.order_by(columns.seq)


def before(session: Session, table: type[Row], position: Position | None, limit: int) -> Select[Any]:
    """The last rows of `table` ahead of `position` (None: of all), the newest first, at most `limit`, all settled."""
    columns: Any = table.__table__.c  # type: ignore[attr-defined]
    query = select(table).where(*_settled(session, columns.xact, columns.seq, Position())).limit(limit)
    if not _postgres(session):
        return (query.where(columns.seq < position.seq) if position else query).order_by(columns.seq.desc())
    if position:
        query = query.where(tuple_(columns.xact, columns.seq) < _literal(position))
    return query.order_by(columns.xact.desc(), columns.seq.desc())


def _settled(session: Session, xact: Column[int], seq: Column[int], position: Position) -> list[ColumnElement[bool]]:
    if not _postgres(session):
        return [seq > position.seq]
    return [
        tuple_(xact, seq) > _literal(position),
        xact < literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint"),
    ]


def _literal(position: Position) -> Tuple:
    return tuple_(literal_column(str(int(position.xact))), literal_column(str(int(position.seq))))


def _postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
