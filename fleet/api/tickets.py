"""/v1/tickets: the work, whose it is, and how it came to be."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from fleet.api.access import FleetContext, Operator
from fleet.api.alerts import AlertView
from fleet.api.alerts import views as alert_views
from fleet.api.names import names
from fleet.api.paging import Page, PagingQuery, page
from fleet.devices.models import Device
from fleet.escalation import counting
from fleet.escalation import service as escalation
from fleet.escalation.models import Policy
from fleet.oncall import service as oncall
from fleet.oncall.models import Technician
from fleet.tickets import service, store
from fleet.tickets.models import Ticket, TicketState

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])


class TicketView(BaseModel):
    """A ticket; `technician` is whose it is, once accepted."""

    number: int
    state: TicketState
    device: str
    summary: str
    severity: str
    policy: str
    technician: str | None
    created_at: datetime
    accepted_at: datetime | None
    resolved_at: datetime | None


class Happening(BaseModel):
    """One act of a ticket's timeline, as audited."""

    at: datetime
    role: str
    actor: str
    way: str
    verb: str
    facts: dict[str, Any]


class TicketDetail(TicketView):
    """A ticket with what it gathered and what happened to it."""

    alerts: list[AlertView]
    timeline: list[Happening]


class Acceptance(BaseModel):
    """To whom the operator gives the ticket."""

    technician: str


class Resolution(BaseModel):
    """Why an operator says that the work is done."""

    note: str = Field(default="", max_length=1000)


@router.get("")
async def list_tickets(
    fleet: FleetContext, operator: Operator, asked: PagingQuery, state: TicketState | None = None
) -> Page[TicketView]:
    """Tickets, newest first; only those in `state`."""
    below = asked.after_number()

    def read(tx: Session) -> list[TicketView]:
        return _views(tx, store.latest(tx, operator.account_id, below, asked.limit + 1, state))

    return page(await fleet.database.read(read), asked, lambda row: str(row.number))


@router.get("/{number}")
async def show_ticket(fleet: FleetContext, operator: Operator, number: int) -> TicketDetail:
    """One ticket, its alerts, its timeline."""
    return await fleet.database.read(lambda tx: _detail(tx, store.get(tx, operator.account_id, number)))


@router.post("/{number}/accept")
async def accept_ticket(fleet: FleetContext, operator: Operator, number: int, given: Acceptance) -> TicketDetail:
    """Give the ticket to a technician, who is told by text; whoever is being asked is told that it is taken."""

    def write(tx: Session) -> TicketDetail:
        ticket = store.get(tx, operator.account_id, number)
        technician = oncall.get(tx, operator.account_id, given.technician)
        counting.count(tx, fleet.metrics)
        escalation.accept(tx, operator, fleet.clock.now(), ticket, technician)
        return _detail(tx, ticket)

    return await fleet.database.write(write)


@router.post("/{number}/resolve")
async def resolve_ticket(
    fleet: FleetContext, operator: Operator, number: int, said: Resolution | None = None
) -> TicketDetail:
    """Say that the work is done, whatever the machine reports; the offer that may be pending is canceled."""
    note = said.note if said else ""

    def write(tx: Session) -> TicketDetail:
        ticket = store.get(tx, operator.account_id, number)
        service.resolve(tx, operator, fleet.clock.now(), ticket, {"note": note} if note else {})
        return _detail(tx, ticket)

    return await fleet.database.write(write)


def _detail(tx: Session, ticket: Ticket) -> TicketDetail:
    timeline = [
        Happening(**entry.model_dump(include=set(Happening.model_fields))) for entry in store.timeline(tx, ticket)
    ]
    return TicketDetail(
        **_views(tx, [ticket])[0].model_dump(), alerts=alert_views(tx, store.alerts(tx, ticket)), timeline=timeline
    )


def _views(tx: Session, tickets: list[Ticket]) -> list[TicketView]:
    devices = names(tx, Device, (ticket.device_id for ticket in tickets))
    policies = names(tx, Policy, (ticket.policy_id for ticket in tickets))
    technicians = names(tx, Technician, (ticket.technician_id for ticket in tickets))
    shown = set(TicketView.model_fields) - {"device", "policy", "technician"}
    return [
        TicketView(
            device=devices[ticket.device_id],
            policy=policies[ticket.policy_id],
            technician=technicians[ticket.technician_id] if ticket.technician_id else None,
            **ticket.model_dump(include=shown),
        )
        for ticket in tickets
    ]
