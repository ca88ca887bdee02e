"""How a message moves: a table of states, and what its timer means in each of them."""

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from fleet.errors import Conflict
from fleet.messages.models import MessageState as State

RESENDS = 1
"""How often a message of unknown outcome is sent again."""


class Step(enum.StrEnum):
    """What happens to a message."""

    CLAIM = "claimed"
    RELEASE = "released"
    BEGIN = "begun"
    CONFIRM = "confirmed"
    RETRY = "queued again"
    REFUSE = "refused"
    LOSE = "lost sight of"
    RESEND = "queued for its resend"
    EXPIRE = "expired"


MOVES: Mapping[Step, Mapping[State, State]] = {
    Step.CLAIM: {State.QUEUED: State.CLAIMED},
    Step.RELEASE: {State.CLAIMED: State.QUEUED},
    Step.BEGIN: {State.CLAIMED: State.WRITING},
    Step.CONFIRM: {
        State.WRITING: State.SENT,
        # A delivery report may come at any moment after an attempt of unknown outcome.
        State.UNKNOWN: State.SENT,
        State.QUEUED: State.SENT,
        State.CLAIMED: State.SENT,
        State.EXPIRED: State.SENT,
    },
    Step.RETRY: {State.WRITING: State.QUEUED},
    Step.REFUSE: {
        State.CLAIMED: State.REFUSED,
        State.WRITING: State.REFUSED,
        # The message centre gave up on what it had taken.
        State.UNKNOWN: State.REFUSED,
        State.SENT: State.REFUSED,
    },
    Step.LOSE: {State.WRITING: State.UNKNOWN},
    Step.RESEND: {State.UNKNOWN: State.QUEUED},
    Step.EXPIRE: {State.QUEUED: State.EXPIRED, State.UNKNOWN: State.EXPIRED},
}
"""Nothing leads from WRITING to QUEUED but a refusal the modem itself has spoken."""


def can(state: State, step: Step) -> bool:
    """Whether `step` is possible in `state`."""
    return state in MOVES[step]


def after(state: State, step: Step) -> State:
    """The state after `step`; raises Conflict where it cannot be."""
    if state not in MOVES[step]:
        allowed = ", ".join(MOVES[step])
        raise Conflict(f"expected a text that is {allowed} to be {step}, got one that is {state}: read it again")
    return MOVES[step][state]


class Facts(Protocol):
    """What the timer of a message follows from."""

    @property
    def state(self) -> State: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def not_before(self) -> datetime: ...
    @property
    def lease_until(self) -> datetime | None: ...
    @property
    def resends(self) -> int: ...


def timer(message: Facts, now: datetime) -> datetime | None:
    """When the message wants to be looked at next, if nothing happens before; None: never."""
    match message.state:
        case State.QUEUED:
            return message.not_before if now < message.not_before < message.expires_at else message.expires_at
        case State.CLAIMED | State.WRITING:
            return message.lease_until
        case State.UNKNOWN if message.resends < RESENDS:
            return message.not_before
        case _:
            return None


def on_time(message: Facts, now: datetime) -> Step | None:
    """What the passing of time does to the message; None where it only has become claimable, or it is too early."""
    match message.state:
        case State.QUEUED if now >= message.expires_at:
            return Step.EXPIRE
        case State.CLAIMED if message.lease_until is not None and now >= message.lease_until:
            return Step.RELEASE
        case State.WRITING if message.lease_until is not None and now >= message.lease_until:
            return Step.LOSE
        case State.UNKNOWN if message.resends < RESENDS and now >= message.not_before:
            return Step.EXPIRE if now >= message.expires_at else Step.RESEND
        case _:
            return None
