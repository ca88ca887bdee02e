"""Calls: the list, and how each maker tells of their progress."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from modem_drivers.at.hexed import phone
from modem_drivers.at.params import number, values


class CallState(Enum):
    """3GPP TS 27.007 clause 7.18, and the end."""

    ACTIVE = 0
    HELD = 1
    DIALING = 2
    ALERTING = 3
    INCOMING = 4
    WAITING = 5
    ENDED = 6


@dataclass(frozen=True, slots=True)
class Call:
    """One call of AT+CLCC. A modem on LTE also lists its data connection: `voice` is false for it."""

    index: int
    incoming: bool
    state: CallState
    voice: bool
    conference: bool
    number: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """A call has reached a state. `index` and `number` are None where the maker does not tell them."""

    state: CallState
    index: int | None = None
    number: str | None = None
    seconds: int | None = None


_DSCI: Final = {
    1: CallState.HELD,
    2: CallState.DIALING,
    3: CallState.ACTIVE,
    4: CallState.INCOMING,
    5: CallState.WAITING,
    6: CallState.ENDED,
    7: CallState.ALERTING,
}
_UCALLSTAT: Final = {
    0: CallState.ACTIVE,
    1: CallState.HELD,
    2: CallState.DIALING,
    3: CallState.ALERTING,
    4: CallState.INCOMING,
    5: CallState.WAITING,
    6: CallState.ENDED,
    7: CallState.ACTIVE,
}
_VOICE_CALL: Final = re.compile(r"(BEGIN|END)(?:: ?([0-9]{1,9}))?")


def clcc(text: str) -> Call | None:
    """`1,0,0,0,0,"+4915…",145` of AT+CLCC and of SIMCom's unsolicited +CLCC, where state 6 is the end."""
    fields = values(text)
    if len(fields) < 5:
        return None
    index, direction, state, mode, conference = (number(one) for one in fields[:5])
    known = _state(state, {state.value: state for state in CallState})
    if index is None or index < 1 or direction not in (0, 1) or known is None or mode is None:
        return None
    return Call(index, direction == 1, known, mode == 0, conference == 1, _at(fields, 5))


def dsci(text: str) -> Progress | None:
    """Quectel's `^DSCI: id,dir,stat,type,number,ntype`."""
    fields = values(text)
    state = _state(number(fields[2]) if len(fields) > 2 else None, _DSCI)
    return Progress(state, number(fields[0]), _at(fields, 4)) if state else None


def ccinfo(text: str) -> Progress | None:
    """Quectel's `+QIND: "ccinfo",id,dir,state,mode,mpty,number,type`; state -1 is the end."""
    fields = values(text)
    if len(fields) < 5 or fields[0] != "ccinfo" or fields[4] != "0":
        return None
    told = number(fields[3])
    state = CallState.ENDED if told == -1 else _state(told, {state.value: state for state in CallState})
    return Progress(state, number(fields[1]), _at(fields, 6)) if state else None


def ucallstat(text: str) -> Progress | None:
    """u-blox's `+UCALLSTAT: id,stat`; both 0 and 7 mean connected."""
    fields = values(text)
    state = _state(number(fields[1]) if len(fields) > 1 else None, _UCALLSTAT)
    return Progress(state, number(fields[0])) if state else None


def voice_call(text: str) -> Progress | None:
    """SIMCom's `VOICE CALL: BEGIN` or `VOICE CALL: END: 000041`."""
    match = _VOICE_CALL.fullmatch(text)
    if match is None:
        return None
    seconds = int(match[2]) if match[2] else None
    return Progress(CallState.ACTIVE if match[1] == "BEGIN" else CallState.ENDED, seconds=seconds)


def ciev(text: str) -> Progress | None:
    """`+CIEV: call,1` and `call,0`, by name as Telit tells it; others are None (3GPP TS 27.007 clause 8.10)."""
    fields = values(text)
    if len(fields) < 2 or fields[0].lower() != "call" or fields[1] not in ("0", "1"):
        return None
    return Progress(CallState.ACTIVE if fields[1] == "1" else CallState.ENDED)


def _state(told: int | None, known: dict[int, CallState]) -> CallState | None:
    return known.get(told) if told is not None else None


def _at(fields: list[str], index: int) -> str | None:
    return phone(fields[index]) or None if len(fields) > index else None
