"""/v1/tickets/{number}/offers: who was asked, and what came of it."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from sqlmodel import Session

from fleet.api.access import FleetContext, Operator
from fleet.api.names import names
from fleet.escalation import offers
from fleet.escalation.models import OfferState
from fleet.messages import service as messages
from fleet.messages.models import MessageState
from fleet.oncall.models import Technician
from fleet.tickets import store
from fleet.tickets.models import Ticket

router = APIRouter(prefix="/v1/tickets/{number}", tags=["tickets"])


class OfferView(BaseModel):
    """An offer; `text` is how its text stands, `deadline` is set once that has left."""

    technician: str
    code: int
    state: OfferState
    text: MessageState | None
    created_at: datetime
    sent_at: datetime | None
    deadline: datetime | None
    closed_at: datetime | None


class TicketOffers(BaseModel):
    """The offers of a ticket, in order."""

    items: list[OfferView]


@router.get("/offers")
async def list_offers(fleet: FleetContext, operator: Operator, number: int) -> TicketOffers:
    """Who was asked so far; never more than steps times rounds, so it is one page."""
    return await fleet.database.read(lambda tx: _offers(tx, store.get(tx, operator.account_id, number)))


def _offers(tx: Session, ticket: Ticket) -> TicketOffers:
    rows = offers.of_ticket(tx, ticket.id)
    technicians = names(tx, Technician, (row.technician_id for row in rows))
    items = []
    for row in rows:
        text = messages.find(tx, ticket.account_id, offers.text_reference(row.id))
        shown = row.model_dump(include=set(OfferView.model_fields))
        items.append(OfferView(technician=technicians[row.technician_id], text=text.state if text else None, **shown))
    return TicketOffers(items=items)
