"""/v1/texts: the queue of texts to people, and how each stands."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from fleet.api.access import FleetContext, Operator
from fleet.api.paging import Page, PagingQuery, page
from fleet.messages import service
from fleet.messages.models import MessageState, TextMessage

router = APIRouter(prefix="/v1/texts", tags=["texts"])


class TextView(BaseModel):
    """A text; `cause` is the last thing that went wrong, `reference` what it is about (`offer:<id>`)."""

    id: UUID
    reference: str
    to: str
    body: str
    state: MessageState
    attempts: int
    cause: str
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None


@router.get("")
async def list_texts(
    fleet: FleetContext, operator: Operator, asked: PagingQuery, state: MessageState | None = None
) -> Page[TextView]:
    """Texts, newest first; only those in `state`."""
    below = asked.after_id()
    rows = await fleet.database.read(lambda tx: service.latest(tx, operator.account_id, below, asked.limit + 1, state))
    return page([_view(row) for row in rows], asked, lambda item: str(item.id))


def _view(text: TextMessage) -> TextView:
    return TextView(**text.model_dump(include=set(TextView.model_fields)))
