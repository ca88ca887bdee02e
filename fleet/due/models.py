"""What is due, when."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, UniqueConstraint

from fleet.db.types import Owned


class Due(Owned, table=True):
    """One thing to do at `at`: `kind` names the handler, `key` the thing it is about."""

    __tablename__ = "due"
    __table_args__ = (UniqueConstraint("kind", "key"),)

    kind: str
    key: str
    at: datetime = Field(index=True)
    tries: int = 0
    claimed_by: UUID | None = None
    claimed_until: datetime | None = None
