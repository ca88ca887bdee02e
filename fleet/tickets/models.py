"""Tickets: the work item for a technician."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from fleet.db.types import Dated, words


class TicketState(enum.StrEnum):
    """How the work stands."""

    OPEN = "open"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    RESOLVED = "resolved"
    EXHAUSTED = "exhausted"
    """Offered to everybody the policy names, accepted by nobody."""


UNRESOLVED = text("resolved_at IS NULL")
"""One open ticket per device, whoever writes."""


class Ticket(Dated, table=True):
    """All that is wrong with one machine, for one person to mend. `number` counts up per account."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("account_id", "number"),
        Index("ux_ticket_unresolved", "device_id", unique=True, sqlite_where=UNRESOLVED, postgresql_where=UNRESOLVED),
    )

    number: int
    device_id: UUID = Field(foreign_key="device.id", index=True)
    policy_id: UUID
    state: TicketState = Field(default=TicketState.OPEN, sa_type=words(TicketState))
    summary: str
    severity: str
    cycle: int = 0
    """How often it was opened anew after nobody took it; everybody is asked again in each."""
    technician_id: UUID | None = Field(default=None, index=True)
    """Whose it is, once accepted."""
    accepted_at: datetime | None = None
    resolved_at: datetime | None = None


class TicketAlert(SQLModel, table=True):
    """An alert gathered by a ticket."""

    __tablename__ = "ticket_alert"

    ticket_id: UUID = Field(primary_key=True, foreign_key="ticket.id")
    alert_id: UUID = Field(primary_key=True, foreign_key="alert.id", index=True)
    account_id: UUID = Field(foreign_key="account.id")
