"""Alembic's entry: the connection and the metadata are handed in by `fleet.db.migrate`."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from fleet.db.log import CurrentXact


def render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """How SQLModel's and our own types are written in a migration: as what the database sees."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "server_default" and isinstance(getattr(item, "arg", None), CurrentXact):
        autogen.imports.add("from fleet.db.log import CurrentXact")
        return "CurrentXact()"
    return False


attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["metadata"],
    include_object=attributes["include_object"],
    render_item=render,
    render_as_batch=attributes["connection"].dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
