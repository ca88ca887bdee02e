"""Whom a ticket is offered to next: a pure function of what has happened and the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fleet.escalation.models import OfferState
from fleet.tickets.models import TicketState

WANTED = (TicketState.OPEN, TicketState.OFFERED)
"""The states in which a ticket looks for somebody."""


@dataclass(frozen=True, slots=True)
class Step:
    """Offer to this technician, for so many seconds; `active`: whether they take work at all."""

    technician_id: UUID
    timeout_s: int
    active: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """An offer of this ticket, as it stands."""

    turn: int
    technician_id: UUID
    state: OfferState
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A technician who is not asked, and why."""

    technician_id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """The ticket wants nobody."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody is being asked; until then, or until the text has left when None."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class TimeOut:
    """That offer went unanswered."""

    turn: int


@dataclass(frozen=True, slots=True)
class OfferTo:
    """Ask this technician now."""

    turn: int
    step: Step
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Everybody was asked, in every round."""

    skipped: tuple[Skipped, ...]


Decision = Nothing | Wait | TimeOut | OfferTo | Exhausted


def decide(
    ticket: TicketState, steps: Sequence[Step], rounds: int, turns: Sequence[Turn], now: datetime, cycle: int = 0
) -> Decision:
    """What comes next for a ticket that was opened anew `cycle` times.

    At most one offer is pending. Whoever is inactive is passed over at once, and so is whoever has refused this
    ticket in an earlier round of the same cycle.
    """
    if ticket not in WANTED:
        return Nothing()
    for past in turns:
        if past.state is OfferState.PENDING:
            over = past.deadline is not None and now >= past.deadline
            return TimeOut(past.turn) if over else Wait(past.deadline)
    first = cycle * len(steps) * rounds
    refused = {past.technician_id for past in turns if past.state is OfferState.REFUSED and past.turn >= first}
    skipped: list[Skipped] = []
    asked = max((past.turn for past in turns), default=-1)
    for turn in range(max(asked + 1, first), first + len(steps) * rounds):
        step = steps[turn % len(steps)]
        if not step.active:
            skipped.append(Skipped(step.technician_id, "inactive"))
        elif step.technician_id in refused:
            skipped.append(Skipped(step.technician_id, "has refused"))
        else:
            return OfferTo(turn, step, tuple(skipped))
    return Exhausted(tuple(skipped))
