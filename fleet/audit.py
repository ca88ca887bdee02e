"""Who did what, when and by which way in: written in the same transaction as the act."""

import enum
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field, Session

from fleet.db.engine import wake
from fleet.db.log import Logged, log_index
from fleet.db.types import words
from fleet.ids import uuid7

TOPIC = "audit"


class Role(enum.StrEnum):
    """In which role somebody acts."""

    OPERATOR = "operator"
    DEVICE = "device"
    TECHNICIAN = "technician"
    PROVIDER = "provider"
    SYSTEM = "system"
    STRANGER = "stranger"
    """Nobody we know; called by the address they came from."""


class Way(enum.StrEnum):
    """By which way in."""

    API = "api"
    MQTT = "mqtt"
    COAP = "coap"
    SMS = "sms"
    CALLBACK = "callback"
    POLL = "poll"
    RULES = "rules"
    TIMER = "timer"
    GATEWAY = "gateway"
    START = "start"


class Actor(NamedTuple):
    """Who acts; an argument of every service call."""

    account_id: UUID
    role: Role
    name: str
    way: Way


def system(account_id: UUID, way: Way) -> Actor:
    """The service itself, acting because of `way`."""
    return Actor(account_id, Role.SYSTEM, "fleet", way)


class Entry(Logged, table=True):
    """One act, as recorded."""

    __tablename__ = "audit"
    __table_args__ = (log_index("audit"), Index("ix_audit_subject", "account_id", "subject"))

    id: UUID = Field(default_factory=uuid7, unique=True)
    account_id: UUID = Field(foreign_key="account.id")
    at: datetime
    role: Role = Field(sa_type=words(Role))
    actor: str
    way: Way = Field(sa_type=words(Way))
    verb: str
    subject: str
    facts: dict[str, Any] = Field(sa_type=JSON)


def record(session: Session, actor: Actor, at: datetime, verb: str, subject: str, **facts: Any) -> None:
    """Add one act to this transaction.

    `verb` is `noun.past` (`ticket.accepted`), `subject` what people call the thing (`ticket 7`), `facts` JSON values
    a person would want beside it; never a secret.
    """
    session.add(
        Entry(
            account_id=actor.account_id,
            at=at,
            role=actor.role,
            actor=actor.name,
            way=actor.way,
            verb=verb,
            subject=subject,
            facts=facts,
        )
    )
    wake(session, TOPIC)
