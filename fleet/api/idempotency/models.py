"""What was asked under a key, and what was answered."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class KeyedCall(SQLModel, table=True):
    """A POST that came with a key; without a `status` it is under way, or the service failed in the middle."""

    __tablename__ = "keyed_call"

    digest: bytes = Field(primary_key=True)
    """SHA-256 of account, caller and key."""
    account_id: UUID = Field(foreign_key="account.id")
    asked: bytes
    """SHA-256 of path, query and body."""
    created_at: datetime = Field(index=True)
    status: int | None = None
    answer: bytes | None = None
    """The body, sealed: it may hold a token."""
