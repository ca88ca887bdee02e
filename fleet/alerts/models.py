"""Alerts: one episode of one rule on one device."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, text
from sqlmodel import Field

from fleet.db.types import Dated, words


class AlertState(enum.StrEnum):
    """How an episode stands."""

    RAISED = "raised"
    CLEARED = "cleared"


OPEN = text("cleared_at IS NULL")
"""One open alert per rule and device, whoever writes."""


class Alert(Dated, table=True):
    """One episode. `raised_at` and `cleared_at` are event times; `why` and `evidence` the readings behind them."""

    __tablename__ = "alert"
    __table_args__ = (
        Index("ux_alert_open", "rule_id", "device_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    rule_id: UUID = Field(index=True)
    rule_name: str
    severity: str
    policy_id: UUID
    device_id: UUID = Field(foreign_key="device.id", index=True)
    state: AlertState = Field(default=AlertState.RAISED, sa_type=words(AlertState))
    summary: str
    """What is wrong, in words short enough for a text: `warm 6.2 > 5`."""
    raised_at: datetime
    why: dict[str, Any] = Field(sa_type=JSON)
    cleared_at: datetime | None = None
    evidence: dict[str, Any] | None = Field(default=None, sa_type=JSON)
