"""Rules: added, looked up. What a rule needs of the rooms above (its policy) is resolved by the caller."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from fleet import audit
from fleet.audit import Actor
from fleet.devices import service as devices
from fleet.errors import Conflict
from fleet.ids import check_name
from fleet.rules import kinds
from fleet.rules.models import Rule, RuleCreate


def add(tx: Session, actor: Actor, now: datetime, wanted: RuleCreate, policy_id: UUID) -> Rule:
    """A rule that is evaluated from the next committed message on; `policy_id` is the policy `wanted` names.

    Raises Invalid (name or spec), NotFound (no such device), Conflict (the name is taken).
    """
    name = check_name(wanted.name, "a rule name")
    kinds.check(wanted.spec)
    if wanted.device:
        devices.get(tx, actor.account_id, check_name(wanted.device, "a device name"))
    if tx.exec(select(Rule).where(Rule.account_id == actor.account_id, Rule.name == name)).first():
        raise Conflict(f"expected a new rule name, got {name!r}, which exists: choose another")
    rule = Rule(
        account_id=actor.account_id,
        created_at=now,
        name=name,
        kind=wanted.spec.kind,
        spec=wanted.spec.model_dump(mode="json"),
        severity=wanted.severity,
        policy_id=policy_id,
        device_name=wanted.device,
    )
    tx.add(rule)
    tx.flush()
    device = wanted.device or "every device"
    audit.record(
        tx, actor, now, "rule.added", f"rule {name}", device=device, policy=wanted.policy, **rule.spec,
    )  # fmt: skip
    return rule


def page(tx: Session, account_id: UUID, after: str | None, limit: int) -> list[Rule]:
    """Rules by name, those after the name `after`; at most `limit`."""
    query = select(Rule).where(Rule.account_id == account_id)
    if after is not None:
        query = query.where(Rule.name > after)
    return list(tx.exec(query.order_by(col(Rule.name)).limit(limit)))
