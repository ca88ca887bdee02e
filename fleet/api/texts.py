"""/v1/texts: what was written to people and by them, and how each text stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel
from sqlmodel import Session

from fleet.api.access import FleetContext, Operator
from fleet.api.paging import Page, PagingQuery, page
from fleet.errors import Invalid
from fleet.ids import check_phone
from fleet.messages import parts, store
from fleet.messages.models import Attempt, InboundText, TextMessage
from fleet.messages.parts import Outcome
from fleet.messages.store import Direction, TextState
from fleet.oncall import service as oncall

router = APIRouter(prefix="/v1/texts", tags=["texts"])


class TextView(BaseModel):
    """A text; `number` is the other person's, `technician` whose that is, `cause` the last thing that went wrong.

    `reference` says what one that goes out is about (`offer:<id>`), `missing` how many parts never came of one that
    came in. `created_at`: queued, or received; `sent_at`: when it left, by the message centre's clock if it came in.
    """

    id: UUID
    direction: Direction
    number: str
    technician: str | None
    body: str
    state: TextState
    created_at: datetime
    sent_at: datetime | None
    cause: str = ""
    reference: str = ""
    expires_at: datetime | None = None
    delivered_at: datetime | None = None
    missing: int = 0


class AttemptView(BaseModel):
    """One try at a text by a modem (IMEI); `outcome` is empty while it runs.

    Of its `parts` so many are surely `sent` and `delivered`. `resend`: some of them may have left before.
    """

    number: int
    modem: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    cause: str
    resend: bool
    parts: int
    sent: int
    delivered: int


class TextDetail(TextView):
    """A text with the attempts at it, or with the modem (IMEI) it came in by."""

    modem: str
    attempts: list[AttemptView]


class Wanted(BaseModel):
    """Which texts: all that is given must hold."""

    direction: Direction | None = None
    state: TextState | None = None
    number: str = ""
    technician: str = ""
    since: AwareDatetime | None = None


@router.get("")
async def list_texts(
    fleet: FleetContext, operator: Operator, asked: PagingQuery, wanted: Annotated[Wanted, Depends()]
) -> Page[TextView]:
    """Texts both ways, newest first; only those with `number` or `technician`, queued or received `since` then."""
    before = asked.after_id()
    if wanted.number and wanted.technician:
        raise Invalid("expected a number or a technician, got both: give one")
    written = wanted.number.strip()
    number = check_phone(written) if written.startswith("+") else written  # else a short code or a name

    def read(tx: Session) -> list[TextView]:
        whose = oncall.get(tx, operator.account_id, wanted.technician).phone if wanted.technician else number
        chosen = store.Wanted(wanted.direction, wanted.state, whose, wanted.since)
        return _views(tx, operator.account_id, store.latest(tx, operator.account_id, before, asked.limit + 1, chosen))

    return page(await fleet.database.read(read), asked, lambda row: str(row.id))


@router.get("/{text_id}")
async def show_text(fleet: FleetContext, operator: Operator, text_id: str) -> TextDetail:
    """One text, each attempt at it; `text_id` may be the beginning of its id."""

    def read(tx: Session) -> TextDetail:
        text = store.get(tx, operator.account_id, text_id)
        (shown,) = _views(tx, operator.account_id, [text])
        return TextDetail(
            **shown.model_dump(),
            modem=text.modem if isinstance(text, InboundText) else "",
            attempts=[_attempt(attempt) for attempt in store.attempts(tx, text)],
        )

    return await fleet.database.read(read)


def _views(tx: Session, account_id: UUID, texts: Sequence[TextMessage | InboundText]) -> list[TextView]:
    people = oncall.names_by_phone(tx, account_id, {_phone(text) for text in texts})
    return [
        TextView(
            direction=Direction.IN if isinstance(text, InboundText) else Direction.OUT,
            number=text.sender if isinstance(text, InboundText) else text.to,
            technician=people.get(_phone(text)),
            state=store.state_of(text),
            **text.model_dump(include=set(TextView.model_fields) - {"state"}),
        )
        for text in texts
    ]


def _phone(text: TextMessage | InboundText) -> str:
    """The other person's number as technicians' are written; some networks leave the + away."""
    return f"+{text.sender.removeprefix('+')}" if isinstance(text, InboundText) else text.to


def _attempt(attempt: Attempt) -> AttemptView:
    known = parts.load(attempt.parts)
    return AttemptView(
        **attempt.model_dump(include=set(AttemptView.model_fields) - {"parts"}),
        parts=len(known),
        sent=sum(part.outcome is Outcome.SENT for part in known),
        delivered=sum(part.delivered for part in known),
    )
