"""What is done to a ticket: each act moves it by lifecycle.py, is audited, and tells the rooms above."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlmodel import Session

from fleet import audit
from fleet.alerts.models import Alert
from fleet.audit import Actor
from fleet.db import outbox
from fleet.devices.models import Device
from fleet.rules.models import Severity
from fleet.tickets import lifecycle, store
from fleet.tickets.lifecycle import Act
from fleet.tickets.models import Ticket, TicketAlert, TicketState
from fleet.tickets.store import get

__all__ = ["accept", "gather", "get", "mark_exhausted", "mark_offered", "resolve", "settle"]


class Assignee(Protocol):
    """Somebody a ticket can belong to: a technician."""

    id: UUID
    name: str


def gather(tx: Session, actor: Actor, now: datetime, alert: Alert) -> Ticket:
    """The one open ticket of the alert's device, now with this alert in it; opened if there was none.

    Emits `ticket.opened` or `ticket.grew`; one that nobody took is opened anew. Gathering the same alert again changes
    nothing.
    """
    gathered = store.of_alert(tx, alert.id)
    if gathered is not None:
        return gathered
    device = tx.get_one(Device, alert.device_id)
    ticket = store.unresolved(tx, device.id)
    verb = "ticket.grew"
    if ticket is None:
        verb = "ticket.opened"
        ticket = Ticket(
            account_id=alert.account_id,
            created_at=now,
            number=store.next_number(tx, alert.account_id),
            device_id=device.id,
            policy_id=alert.policy_id,
            summary=alert.summary,
            severity=alert.severity,
        )
        tx.add(ticket)
        tx.flush()
    tx.add(TicketAlert(ticket_id=ticket.id, alert_id=alert.id, account_id=alert.account_id))
    tx.flush()
    _describe(ticket, store.alerts(tx, ticket, raised_only=True))
    _record(tx, actor, now, ticket, verb, device=device.name, rule=alert.rule_name, summary=ticket.summary)
    if ticket.state is TicketState.EXHAUSTED:
        _move(tx, actor, now, ticket, Act.REOPEN)
        ticket.cycle += 1
    _emit(tx, now, ticket, verb)
    return ticket


def settle(tx: Session, actor: Actor, now: datetime, cleared: Alert) -> Ticket | None:
    """The ticket that gathered `cleared`, resolved with the evidence if nothing else is wrong with the machine.

    None if no ticket did, or if somebody resolved it before.
    """
    ticket = store.of_alert(tx, cleared.id)
    if ticket is None or ticket.resolved_at is not None:
        return None
    open_alerts = store.alerts(tx, ticket, raised_only=True)
    if open_alerts:
        _describe(ticket, open_alerts)
        tx.add(ticket)
        return ticket
    evidence = {alert.rule_name: alert.evidence for alert in store.alerts(tx, ticket)}
    return resolve(tx, actor, now, ticket, evidence)


def mark_offered(tx: Session, actor: Actor, now: datetime, ticket: Ticket, **facts: Any) -> None:
    """The ticket is reserved for somebody; `facts` (technician, code, phone) go to its timeline. Raises Conflict."""
    _move(tx, actor, now, ticket, Act.OFFER, **facts)


def accept(tx: Session, actor: Actor, now: datetime, ticket: Ticket, technician: Assignee, **facts: Any) -> None:
    """The ticket is `technician`'s; `facts` (the reply) go to its timeline. Raises Conflict if it cannot be."""
    _move(tx, actor, now, ticket, Act.ACCEPT, technician=technician.name, **facts)
    ticket.technician_id, ticket.accepted_at = technician.id, now


def mark_exhausted(tx: Session, actor: Actor, now: datetime, ticket: Ticket, **facts: Any) -> None:
    """Everybody was asked and nobody took it. Raises Conflict."""
    _move(tx, actor, now, ticket, Act.EXHAUST, **facts)


def resolve(tx: Session, actor: Actor, now: datetime, ticket: Ticket, evidence: dict[str, Any]) -> Ticket:
    """The work is done, because of `evidence`. Emits `ticket.resolved`. Raises Conflict if it was before."""
    _move(tx, actor, now, ticket, Act.RESOLVE, evidence=evidence)
    ticket.resolved_at = now
    _emit(tx, now, ticket, "ticket.resolved")
    return ticket


def _move(tx: Session, actor: Actor, now: datetime, ticket: Ticket, act: Act, **facts: Any) -> None:
    ticket.state = lifecycle.after(ticket.state, act, ticket.number)  # may refuse: before anything is changed
    tx.add(ticket)
    _record(tx, actor, now, ticket, f"ticket.{act}", **facts)


def _describe(ticket: Ticket, open_alerts: list[Alert]) -> None:
    """Say what is wrong now: every open alert in its own words, as bad as the worst of them."""
    order = list(Severity)
    ticket.summary = "; ".join(alert.summary for alert in open_alerts)
    ticket.severity = min((Severity(alert.severity) for alert in open_alerts), key=order.index)


def _record(tx: Session, actor: Actor, now: datetime, ticket: Ticket, verb: str, **facts: Any) -> None:
    audit.record(tx, actor, now, verb, f"ticket {ticket.number}", **facts)


def _emit(tx: Session, now: datetime, ticket: Ticket, topic: str) -> None:
    outbox.emit(tx, ticket.account_id, topic, now, ticket_id=str(ticket.id))
