"""What is asked about texts: those that go out and those that came in, as one list."""

import enum
import re
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from fleet.errors import Invalid, NotFound
from fleet.messages.models import Attempt, InboundText, MessageState, TextMessage

Text = TypeVar("Text", TextMessage, InboundText)
ID = re.compile("[0-9a-f]{1,32}")


class Direction(enum.StrEnum):
    """Which way a text goes."""

    OUT = "out"
    IN = "in"


class TextState(enum.StrEnum):
    """How a text stands: one of the queue's states (MessageState), or it came in."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    WRITING = "writing"
    UNKNOWN = "unknown"
    SENT = "sent"
    REFUSED = "refused"
    EXPIRED = "expired"
    RECEIVED = "received"
    INCOMPLETE = "incomplete"
    """Came in, and some of its parts never did."""


class Wanted(NamedTuple):
    """Which texts: all that is given must hold. `number`: the other person's, with or without its plus sign."""

    direction: Direction | None = None
    state: TextState | None = None
    number: str = ""
    since: datetime | None = None


OUT_STATES: dict[TextState, ColumnElement[bool]] = {
    TextState(state): col(TextMessage.state) == state for state in MessageState
}
IN_STATES: dict[TextState, ColumnElement[bool]] = {
    TextState.RECEIVED: col(InboundText.missing) == 0,
    TextState.INCOMPLETE: col(InboundText.missing) > 0,
}


def latest(
    tx: Session, account_id: UUID, before: UUID | None, limit: int, wanted: Wanted
) -> list[TextMessage | InboundText]:
    """Texts, newest first; with `before` those older than it."""
    texts: list[TextMessage | InboundText] = []
    if wanted.direction is not Direction.IN:
        texts += _newest(tx, TextMessage, col(TextMessage.to), OUT_STATES, account_id, before, limit, wanted)
    if wanted.direction is not Direction.OUT:
        texts += _newest(tx, InboundText, col(InboundText.sender), IN_STATES, account_id, before, limit, wanted)
    return sorted(texts, key=lambda text: text.id, reverse=True)[:limit]


def get(tx: Session, account_id: UUID, beginning: str) -> TextMessage | InboundText:
    """The text whose id begins so; raises NotFound, Invalid where several do."""
    digits = beginning.lower().replace("-", "")
    found: list[TextMessage | InboundText] = []
    if ID.fullmatch(digits):
        first, last = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
        found += _between(tx, TextMessage, account_id, first, last)
        found += _between(tx, InboundText, account_id, first, last)
    if not found:
        raise NotFound(f"expected the id of a text, got {beginning[:40]!r}: see `fleet texts list`")
    if len(found) > 1:
        raise Invalid(f"expected the id of one text, got {beginning!r}, with which several begin: give more of it")
    return found[0]


def state_of(text: TextMessage | InboundText) -> TextState:
    """How the text stands."""
    if isinstance(text, TextMessage):
        return TextState(text.state)
    return TextState.INCOMPLETE if text.missing else TextState.RECEIVED


def attempts(tx: Session, text: TextMessage | InboundText) -> list[Attempt]:
    """The attempts at a text, in order; none at one that came in."""
    return list(tx.exec(select(Attempt).where(Attempt.message_id == text.id).order_by(col(Attempt.number))))


def _newest(
    tx: Session,
    table: type[Text],
    number: Mapped[str],
    states: dict[TextState, ColumnElement[bool]],
    account_id: UUID,
    before: UUID | None,
    limit: int,
    wanted: Wanted,
) -> list[Text]:
    query = select(table).where(table.account_id == account_id)
    if before is not None:
        query = query.where(table.id < before)
    if wanted.state is not None:
        if wanted.state not in states:
            return []
        query = query.where(states[wanted.state])
    if wanted.number:
        bare = wanted.number.removeprefix("+")  # some networks leave it away
        query = query.where(number.in_([bare, f"+{bare}"]))
    if wanted.since is not None:
        query = query.where(table.created_at >= wanted.since)
    return list(tx.exec(query.order_by(col(table.id).desc()).limit(limit)))


def _between(tx: Session, table: type[Text], account_id: UUID, first: UUID, last: UUID) -> list[Text]:
    return list(
        tx.exec(select(table).where(table.account_id == account_id, col(table.id).between(first, last)).limit(2))
    )
