"""Policies and offers: whom a ticket is offered to, in which order, for how long."""

import enum
from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel, UniqueConstraint

from fleet.db.types import Dated, Owned, words


class Policy(Dated, table=True):
    """An ordered list of steps."""

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    name: str
    rounds: int = 1
    """How often the whole list is gone through before the ticket is exhausted."""


class PolicyStep(Owned, table=True):
    """Offer to this technician, for this long."""

    __tablename__ = "policy_step"
    __table_args__ = (UniqueConstraint("policy_id", "position"),)

    policy_id: UUID = Field(foreign_key="policy.id")
    position: int
    technician_id: UUID = Field(foreign_key="technician.id")
    timeout_s: int


class StepCreate(SQLModel):
    """Ask the technician of this name and give them so many seconds to answer, from when their text has left."""

    technician: str
    timeout_s: int


class PolicyCreate(SQLModel):
    """A policy to add: whom to ask, in order."""

    name: str
    rounds: int = 1
    steps: list[StepCreate]


class OfferState(enum.StrEnum):
    """How an offer stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    RESCINDED = "rescinded"
    """Somebody else took the ticket."""
    CANCELED = "canceled"
    """The ticket was resolved, or the text could not be sent."""


class Offer(Dated, table=True):
    """A ticket reserved for one technician until the deadline, which starts when the text has left."""

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("ticket_id", "turn"),)

    ticket_id: UUID = Field(foreign_key="ticket.id", index=True)
    turn: int
    """0 for the first offer of the ticket; policy step = turn modulo the number of steps."""
    technician_id: UUID = Field(foreign_key="technician.id")
    phone: str = Field(index=True)
    code: int
    """What the technician types: unique for this phone until long after the offer has closed."""
    state: OfferState = Field(default=OfferState.PENDING, sa_type=words(OfferState))
    timeout_s: int
    sent_at: datetime | None = None
    deadline: datetime | None = None
    closed_at: datetime | None = None
