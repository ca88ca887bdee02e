"""Rules and where each stands on each device."""

import enum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Integer
from sqlmodel import Field, SQLModel, UniqueConstraint

from fleet.db.types import Dated, words
from fleet.rules.kinds import RuleKind, Spec


class Severity(enum.StrEnum):
    """How bad it is."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Rule(Dated, table=True):
    """A condition on what devices report; `spec` holds the fields of its kind (see kinds.py)."""

    __tablename__ = "rule"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    name: str
    kind: RuleKind = Field(sa_type=words(RuleKind))
    spec: dict[str, Any] = Field(sa_type=JSON)
    severity: Severity = Field(default=Severity.MAJOR, sa_type=words(Severity))
    policy_id: UUID = Field(foreign_key="policy.id")
    """Whom a ticket of this rule is offered to."""
    device_name: str = ""
    """Only this device; empty: every device of the account."""
    enabled: bool = True


class RuleState(SQLModel, table=True):
    """What a rule remembers of one device between messages. Times are Unix milliseconds of event time."""

    __tablename__ = "rule_state"

    rule_id: UUID = Field(primary_key=True, foreign_key="rule.id")
    device_key: int = Field(primary_key=True, sa_type=Integer, sa_column_kwargs={"autoincrement": False})
    account_id: UUID = Field(foreign_key="account.id")
    last_ms: int = Field(sa_type=BigInteger)
    """The newest event time evaluated: what is older arrives late and is not evaluated again."""
    since_ms: int | None = Field(default=None, sa_type=BigInteger)
    """Since when the condition has held without the alert being raised yet."""
    alert_id: UUID | None = Field(default=None, foreign_key="alert.id")
    """The open alert."""


class RuleCreate(SQLModel):
    """A rule to add."""

    name: str
    spec: Spec
    policy: str
    """Name of the policy by which its tickets are offered."""
    device: str = ""
    """Name of the only device it is for; empty: every device."""
    severity: Severity = Severity.MAJOR
