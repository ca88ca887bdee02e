"""An alert is raised, an alert is cleared: audited, and told to the rooms above."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit
from fleet.alerts.models import Alert, AlertState
from fleet.audit import Actor
from fleet.db import outbox
from fleet.devices.models import Device


class Raiser(Protocol):
    """The rule behind an alert."""

    id: UUID
    name: str
    severity: Any
    policy_id: UUID


def raise_alert(
    tx: Session,
    actor: Actor,
    now: datetime,
    *,
    rule: Raiser,
    device: Device,
    summary: str,
    raised_at: datetime,
    why: dict[str, Any],
) -> Alert:
    """The open alert of `rule` on `device`; raised, audited and told as `alert.raised` if there was none.

    `raised_at` is event time; `why` the readings behind it.
    """
    alert = _open(tx, rule.id, device.id)
    if alert is not None:
        return alert
    alert = Alert(
        account_id=device.account_id,
        created_at=now,
        rule_id=rule.id,
        rule_name=rule.name,
        severity=str(rule.severity),
        policy_id=rule.policy_id,
        device_id=device.id,
        summary=summary,
        raised_at=raised_at,
        why=why,
    )
    tx.add(alert)
    tx.flush()
    audit.record(
        tx, actor, now, "alert.raised", _subject(alert, device), device=device.name, rule=rule.name,
        severity=alert.severity, summary=summary, **why,
    )  # fmt: skip
    outbox.emit(tx, alert.account_id, "alert.raised", now, alert_id=str(alert.id))
    return alert


def clear_alert(
    tx: Session, actor: Actor, now: datetime, alert: Alert, cleared_at: datetime, evidence: dict[str, Any]
) -> None:
    """End the episode, audited and told as `alert.cleared`; one that has ended stays as it is.

    `cleared_at` is event time; `evidence` the readings that show it.
    """
    if alert.state is not AlertState.RAISED:
        return
    alert.state, alert.cleared_at, alert.evidence = AlertState.CLEARED, cleared_at, evidence
    tx.add(alert)
    device = tx.get_one(Device, alert.device_id)
    audit.record(
        tx, actor, now, "alert.cleared", _subject(alert, device), device=device.name, rule=alert.rule_name,
        **evidence,
    )  # fmt: skip
    outbox.emit(tx, alert.account_id, "alert.cleared", now, alert_id=str(alert.id))


def _open(tx: Session, rule_id: UUID, device_id: UUID) -> Alert | None:
    query = select(Alert).where(Alert.rule_id == rule_id, Alert.device_id == device_id, col(Alert.cleared_at).is_(None))
    return tx.exec(query).first()


def _subject(alert: Alert, device: Device) -> str:
    return f"alert {alert.rule_name} on {device.name}"
