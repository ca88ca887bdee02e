"""Messages to people: the queue, each attempt, what came back and what came in."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from fleet.db.types import Dated, Owned, words


class Channel(enum.StrEnum):
    """How a message reaches a person."""

    SMS = "sms"


class MessageState(enum.StrEnum):
    """How a message stands. An expired lease in *writing* becomes unknown, never queued."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    WRITING = "writing"
    UNKNOWN = "unknown"
    """Written, outcome not known: settled before anything is repeated."""
    SENT = "sent"
    REFUSED = "refused"
    EXPIRED = "expired"
    """Not sent in time."""


class TextMessage(Dated, table=True):
    """One text to one contact. `reference` says what it is about (`offer:<id>`), once: nothing is queued twice."""

    __tablename__ = "text_message"
    __table_args__ = (UniqueConstraint("account_id", "reference"),)

    reference: str
    channel: Channel = Field(default=Channel.SMS, sa_type=words(Channel))
    to: str
    body: str
    language: str = "en"
    priority: int
    expires_at: datetime
    """After this it is not worth sending any more."""
    not_before: datetime
    """Queued: nobody claims it earlier. Unknown: when the wait for its delivery report ends."""
    bound_to: str = ""
    """IMEI of the modem that may have moved some of it: a repeat belongs there, under the same references."""
    state: MessageState = Field(default=MessageState.QUEUED, sa_type=words(MessageState), index=True)
    gateway_id: UUID | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    resends: int = 0
    """How often an unknown outcome was answered by sending it again; at most once."""
    cause: str = ""
    sent_at: datetime | None = None
    delivered_at: datetime | None = None


class Attempt(Owned, table=True):
    """One try at one message, written before the first byte goes out."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("message_id", "number"), Index("ix_attempt_modem", "modem", "started_at"))

    message_id: UUID = Field(foreign_key="text_message.id", index=True)
    number: int
    gateway_id: UUID
    modem: str
    """IMEI of the modem that carried it."""
    parts: list[dict[str, Any]] = Field(sa_type=JSON)
    """Each part it carries, as `parts.Part` writes it."""
    resend: bool = False
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    cause: str = ""


class InboundText(Dated, table=True):
    """A text that came in, committed before it is deleted from the modem."""

    __tablename__ = "inbound_text"
    __table_args__ = (UniqueConstraint("account_id", "digest"),)

    sender: str = Field(index=True)
    body: str
    modem: str
    sent_at: datetime
    """The message centre's time stamp."""
    digest: str
    """Of sender, time stamp and content: a text read twice from the modem is one."""
    missing: int = 0
    """So many of its parts never came."""


class InboundPart(Dated, table=True):
    """One part of a longer text, as it came, until the others are there and for a while after."""

    __tablename__ = "inbound_part"
    __table_args__ = (UniqueConstraint("account_id", "modem", "digest"),)

    modem: str
    sender: str
    reference: int
    parts: int
    pdu: str
    digest: str
    """Of the PDU: a part read twice from the modem is one."""
    joined: bool = False


class ModemCounter(SQLModel, table=True):
    """The message reference (TP-MR) a modem uses next; it counts up modulo 256."""

    __tablename__ = "modem_counter"

    modem: str = Field(primary_key=True)
    """IMEI."""
    account_id: UUID = Field(foreign_key="account.id")
    next_reference: int = 0
