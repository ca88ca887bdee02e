"""Columns that every table shares, and how small closed sets of words are stored."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Enum, Integer
from sqlmodel import Field, SQLModel

from fleet.ids import uuid7

BigKey = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit key that counts up by itself (SQLite only does that for INTEGER)."""


def words(kind: type[enum.StrEnum]) -> Enum:
    """A column that stores a StrEnum as its plain text, so that adding a word is no schema change."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda k: [m.value for m in k],
    )


class Owned(SQLModel):
    """A row of one account."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)


class Dated(Owned):
    """A row that says since when it exists."""

    created_at: datetime
