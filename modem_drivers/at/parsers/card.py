"""The SIM: AT+CPIN? and how makers tell that it is there and ready."""

import re
from enum import Enum, Flag
from typing import Final

from modem_drivers.at.params import number, values


class SimState(Enum):
    """What AT+CPIN? says, 3GPP TS 27.007 clause 8.3."""

    READY = "READY"
    PIN = "SIM PIN"
    PUK = "SIM PUK"
    PIN2 = "SIM PIN2"
    PUK2 = "SIM PUK2"
    LOCKED = "PH"  # to a device, a network or a provider
    BUSY = "NOT READY"
    ABSENT = "NOT INSERTED"
    FAILED = "FAILURE"


_STATES: Final = {state.value: state for state in SimState if state is not SimState.LOCKED} | {
    "BUSY": SimState.BUSY,
    "REMOVED": SimState.ABSENT,
}


class Ready(Flag):
    """What of the SIM can be used (Quectel's AT+QINISTAT)."""

    NOTHING = 0
    CARD = 1
    MESSAGES = 2
    PHONEBOOK = 4


def cpin(text: str) -> SimState | None:
    """The state in an answer to AT+CPIN? or its unsolicited line (3GPP TS 27.007 clause 8.3).

    Only letters and digits count, small ones too.
    """
    told = " ".join(re.findall(r"[A-Z0-9]+", text.upper()))
    if told.startswith("PH") and told.endswith((" PIN", " PUK")):
        return SimState.LOCKED
    return _STATES.get(told) or _STATES.get(told.removeprefix("SIM "))


def qinistat(text: str) -> Ready | None:
    """Quectel's `+QINISTAT: 7`."""
    told = number(text)
    return Ready(told) if told is not None and 0 <= told <= 7 else None


def qss(text: str) -> SimState | None:
    """Telit's `#QSS: 2,3` or, unasked, `#QSS: 3`: 0 removed, 1 inserted, 2 unlocked, 3 ready."""
    fields = values(text)
    told = number(fields[-1]) if fields and len(fields) <= 2 else None
    known = {0: SimState.ABSENT, 1: SimState.BUSY, 2: SimState.BUSY, 3: SimState.READY}
    return known.get(told) if told is not None else None


def qsimstat(text: str) -> bool | None:
    """Quectel's `+QSIMSTAT: 1,0`: whether a card is in the holder; None for unknown (2)."""
    fields = values(text)
    return {"0": False, "1": True}.get(fields[1]) if len(fields) == 2 else None


def tries_left(text: str) -> int | None:
    """`4,"63C3"` of AT+CSIM after an empty VERIFY: tries left (ETSI TS 102 221 clause 11.1.9); 6983 is none."""
    fields = values(text)
    word = fields[1].upper() if len(fields) == 2 and fields[0] == "4" else ""
    if word == "6983":
        return 0
    return int(word[3], 16) if re.fullmatch(r"63C[0-9A-F]", word) else None
