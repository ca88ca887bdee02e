"""What can happen to a ticket, and where it leads: a table of states."""

import enum

from fleet.errors import Conflict
from fleet.tickets.models import TicketState as State


class Act(enum.StrEnum):
    """What is done to a ticket, in the word people read."""

    OFFER = "offered"
    ACCEPT = "accepted"
    EXHAUST = "exhausted"
    REOPEN = "reopened"
    RESOLVE = "resolved"


MOVES: dict[Act, dict[State, State]] = {
    Act.OFFER: {State.OPEN: State.OFFERED, State.OFFERED: State.OFFERED},
    Act.ACCEPT: {State.OPEN: State.ACCEPTED, State.OFFERED: State.ACCEPTED, State.EXHAUSTED: State.ACCEPTED},
    Act.EXHAUST: {State.OPEN: State.EXHAUSTED, State.OFFERED: State.EXHAUSTED},
    Act.REOPEN: {State.EXHAUSTED: State.OPEN},
    Act.RESOLVE: {
        State.OPEN: State.RESOLVED,
        State.OFFERED: State.RESOLVED,
        State.ACCEPTED: State.RESOLVED,
        State.EXHAUSTED: State.RESOLVED,
    },
}
"""An exhausted ticket can still be accepted, by a late yes or by an operator, and is opened anew when more goes wrong.
Resolved is final: what goes wrong afterwards opens a new ticket."""


def after(state: State, act: Act, number: int) -> State:
    """The state of ticket `number` once `act` was done in `state`; raises Conflict where it cannot be."""
    moves = MOVES[act]
    if state not in moves:
        allowed = ", ".join(known for known in State if known in moves)
        raise Conflict(
            f"expected ticket {number} to be one of {allowed} so that it can be {act}, got one that is {state}: "
            f"see `fleet tickets show {number}`"
        )
    return moves[state]
