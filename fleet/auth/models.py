"""Accounts, the people who use them, and the tokens that speak for people and devices."""

import enum
from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel, UniqueConstraint

from fleet.auth.roles import UserRole
from fleet.db.types import Dated, words
from fleet.ids import uuid7


class Account(SQLModel, table=True):
    """The tenant."""

    __tablename__ = "account"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    name: str = Field(unique=True)
    created_at: datetime
    key_check: bytes | None = None
    """Something sealed with the key file that belongs to this database."""


class User(Dated, table=True):
    """Somebody who uses the API. `name` is what the audit log calls them; it is never given to another person."""

    __tablename__ = "users"  # `user` is a word of SQL
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    name: str
    role: UserRole = Field(sa_type=words(UserRole))
    disabled_at: datetime | None = None


class UserCreate(SQLModel):
    """A user to add."""

    name: str
    role: UserRole = UserRole.VIEWER


class Holder(enum.StrEnum):
    """Who holds a token."""

    OPERATOR = "operator"
    """Whoever can read the service's `endpoints.json`: an admin."""
    USER = "user"
    DEVICE = "device"


class Token(Dated, table=True):
    """A bearer token, kept as its SHA-256; a device has up to two that are valid while it changes over."""

    __tablename__ = "token"

    holder: Holder = Field(sa_type=words(Holder))
    name: str
    """Of the operator, the user or the device."""
    label: str = ""
    """What a user's token is for, or which process keeps this token of the operator; one valid token has it."""
    user_id: UUID | None = Field(default=None, foreign_key="users.id", index=True)
    device_id: UUID | None = Field(default=None, index=True)
    hash: bytes = Field(unique=True)
    mosquitto: str = ""
    """Of a device's token: Mosquitto's salted verifier, since a broker cannot look it up by digest."""
    expires_at: datetime | None = None
    """Only the tokens of users expire."""
    revoked_at: datetime | None = None
