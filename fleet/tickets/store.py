"""What is asked about tickets."""

from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from fleet.alerts.models import Alert, AlertState
from fleet.audit import Entry
from fleet.errors import NotFound
from fleet.tickets.models import Ticket, TicketAlert, TicketState

LAST_NUMBER = 2**31 - 1
"""The column's largest integer: PostgreSQL refuses to compare with more."""


def get(tx: Session, account_id: UUID, number: int) -> Ticket:
    """The ticket of that number; raises NotFound."""
    ticket = None
    if 0 < number <= LAST_NUMBER:
        ticket = tx.exec(select(Ticket).where(Ticket.account_id == account_id, Ticket.number == number)).first()
    if ticket is None:
        raise NotFound(f"expected the number of a ticket, got {number}: see `fleet tickets list`")
    return ticket


def latest(
    tx: Session, account_id: UUID, below: int | None, limit: int, state: TicketState | None = None
) -> list[Ticket]:
    """Tickets, newest first; with `below` only those of a smaller number, with `state` only those in it."""
    query = select(Ticket).where(Ticket.account_id == account_id)
    if below is not None:
        query = query.where(Ticket.number < min(below, LAST_NUMBER))
    if state is not None:
        query = query.where(Ticket.state == state)
    return list(tx.exec(query.order_by(col(Ticket.number).desc()).limit(limit)))


def next_number(tx: Session, account_id: UUID) -> int:
    """The number of the account's next ticket; they count up from 1."""
    last = tx.exec(select(func.max(Ticket.number)).where(Ticket.account_id == account_id)).one()
    return (last or 0) + 1


def unresolved(tx: Session, device_id: UUID) -> Ticket | None:
    """The ticket of a device that is still to be mended; there is at most one."""
    query = select(Ticket).where(Ticket.device_id == device_id, col(Ticket.resolved_at).is_(None))
    return tx.exec(query).first()


def of_alert(tx: Session, alert_id: UUID) -> Ticket | None:
    """The ticket that gathered an alert."""
    query = (
        select(Ticket)
        .join(TicketAlert, col(TicketAlert.ticket_id) == Ticket.id)
        .where(TicketAlert.alert_id == alert_id)
    )
    return tx.exec(query).first()


def alerts(tx: Session, ticket: Ticket, *, raised_only: bool = False) -> list[Alert]:
    """What a ticket gathered, in the order it was raised."""
    query = (
        select(Alert).join(TicketAlert, col(TicketAlert.alert_id) == Alert.id).where(TicketAlert.ticket_id == ticket.id)
    )
    if raised_only:
        query = query.where(Alert.state == AlertState.RAISED)
    return list(tx.exec(query.order_by(col(Alert.raised_at), col(Alert.id))))


def timeline(tx: Session, ticket: Ticket) -> list[Entry]:
    """What happened to a ticket, as audited, in order."""
    query = select(Entry).where(Entry.account_id == ticket.account_id, Entry.subject == f"ticket {ticket.number}")
    return list(tx.exec(query.order_by(col(Entry.xact), col(Entry.seq))))
