"""The states of an AT channel and every way from one to another. Nothing else changes the state."""

from enum import Enum, auto
from types import MappingProxyType
from typing import Final


class State(Enum):
    """Where the channel stands between us and the modem."""

    DIRTY = auto()
    """What the modem will say next is unknown: newly opened, or a command outlived its deadline."""
    PROBING = auto()
    """A bare AT is out, to learn whether the modem answers in step."""
    SETTLING = auto()
    """The AT was answered; another final result now would be a late one."""
    IDLE = auto()
    """In step; a command may be written."""
    AWAITING_REPLY = auto()
    """A command is out; its final result is not in."""
    AWAITING_PROMPT = auto()
    """A command with a message is out; the message is still with us."""
    LOST = auto()
    """The line is gone."""


class Trigger(Enum):
    """What happens to a channel."""

    PROBE = auto()
    SEND = auto()
    SEND_WITH_PAYLOAD = auto()
    PROMPT = auto()
    OK = auto()
    REFUSED = auto()
    GIVE_UP = auto()
    SETTLED = auto()
    LOSE = auto()


TRANSITIONS: Final = MappingProxyType(
    {
        State.DIRTY: {
            Trigger.PROBE: State.PROBING,
            Trigger.OK: State.DIRTY,
            Trigger.REFUSED: State.DIRTY,
            Trigger.GIVE_UP: State.DIRTY,
            Trigger.LOSE: State.LOST,
        },
        State.PROBING: {
            Trigger.OK: State.SETTLING,
            Trigger.REFUSED: State.SETTLING,  # a few modems refuse a bare AT: an answer all the same
            Trigger.GIVE_UP: State.DIRTY,
            Trigger.LOSE: State.LOST,
        },
        State.SETTLING: {
            Trigger.SETTLED: State.IDLE,
            Trigger.OK: State.DIRTY,
            Trigger.REFUSED: State.DIRTY,
            Trigger.GIVE_UP: State.DIRTY,
            Trigger.LOSE: State.LOST,
        },
        State.IDLE: {
            Trigger.SEND: State.AWAITING_REPLY,
            Trigger.SEND_WITH_PAYLOAD: State.AWAITING_PROMPT,
            Trigger.OK: State.DIRTY,  # the end of nothing we asked: the next one would be taken for a reply
            Trigger.REFUSED: State.DIRTY,
            Trigger.GIVE_UP: State.DIRTY,
            Trigger.LOSE: State.LOST,
        },
        State.AWAITING_REPLY: {
            Trigger.OK: State.IDLE,
            Trigger.REFUSED: State.IDLE,
            Trigger.GIVE_UP: State.DIRTY,
            Trigger.LOSE: State.LOST,
        },
        State.AWAITING_PROMPT: {
            Trigger.PROMPT: State.AWAITING_REPLY,
            Trigger.OK: State.DIRTY,  # a command that wants a message cannot end well without one
            Trigger.REFUSED: State.IDLE,
            Trigger.GIVE_UP: State.DIRTY,
            Trigger.LOSE: State.LOST,
        },
        State.LOST: {
            Trigger.LOSE: State.LOST,
            Trigger.GIVE_UP: State.LOST,
            Trigger.OK: State.LOST,
            Trigger.REFUSED: State.LOST,
        },
    }
)
