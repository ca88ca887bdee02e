"""Who goes first, how much is too much, and how long to wait: data a person can audit."""

import enum
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, func, select

from fleet.messages.models import TextMessage


class Priority(enum.IntEnum):
    """What a text is for; the smaller number goes first."""

    OFFER = 0
    """Somebody is asked to go."""
    NOTICE = 10
    """Somebody who acted, or was asked, learns what became of it."""
    ECHO = 15
    """An answer to a reply that came too late to change anything."""
    PASSIVE = 20
    """An answer to something we could not act upon."""


class Limit(NamedTuple):
    """At most that many `texts` to one number in any `period`."""

    texts: int
    period: timedelta


LIMITS: dict[Priority, Limit] = {
    Priority.ECHO: Limit(20, timedelta(hours=1)),
    Priority.PASSIVE: Limit(5, timedelta(hours=1)),
}
"""So that two machines can never talk to each other for ever."""

BACK_OFF = tuple(timedelta(seconds=s) for s in (5, 15, 30, 60, 120))
"""How long a text waits after its first, second, … refusal that may pass; the last one holds from then on."""

VALIDITY = timedelta(hours=4)
"""How long the network may try to deliver a text to a phone that is off (TP-VP)."""


def allowed(tx: Session, account_id: UUID, to: str, priority: Priority, now: datetime) -> bool:
    """Whether one more text of this priority may go to this number now."""
    limit = LIMITS.get(priority)
    if limit is None:
        return True
    query = select(func.count()).where(
        TextMessage.account_id == account_id,
        TextMessage.to == to,
        TextMessage.priority == int(priority),
        col(TextMessage.created_at) > now - limit.period,
    )
    return tx.exec(query).one() < limit.texts


def back_off(attempts: int) -> timedelta:
    """How long to wait after that many attempts (1 or more)."""
    return BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
