"""The people who are offered work."""

from sqlmodel import Field, SQLModel, UniqueConstraint

from fleet.db.types import Dated


class Technician(Dated, table=True):
    """Somebody who can be offered a ticket, and their phone (E.164)."""

    __tablename__ = "technician"
    __table_args__ = (UniqueConstraint("account_id", "name"), UniqueConstraint("account_id", "phone"))

    name: str
    phone: str
    company: str = ""
    language: str = "en"
    active: bool = Field(default=True)


class TechnicianCreate(SQLModel):
    """A technician to add."""

    name: str
    phone: str
    company: str = ""
    language: str = "en"
