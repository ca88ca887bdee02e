"""Operators: what AT+COPS? and AT+COPS=? tell (3GPP TS 27.007 clause 7.3)."""

import re
from dataclasses import dataclass
from typing import Final

from modem_drivers.at.hexed import ucs2
from modem_drivers.at.params import number, split, values

_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{4})*")
_ADJOINING: Final = re.compile(r"\)\s*\(")
_CURRENT: Final = 2
_ACTS: Final = 16
_NUMERIC: Final = re.compile(r"[0-9]{5,6}")


@dataclass(frozen=True, slots=True)
class Selection:
    """How the network is chosen (0 automatic, 1 by hand, 2 off) and which one it is, in the form asked for."""

    mode: int
    name: str | None = None
    act: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A network heard in a scan. `status`: 0 unknown, 1 available, 2 current, 3 forbidden."""

    status: int
    numeric: str
    name: str | None
    act: int | None


def selection(text: str) -> Selection | None:
    """`0,0,"Test Network",7` or `0` of AT+COPS?."""
    fields = values(text)
    mode = number(fields[0]) if fields else None
    if mode is None or not 0 <= mode <= 4:
        return None
    return Selection(
        mode,
        readable(fields[2]) or None if len(fields) > 2 else None,
        _act(fields, 3),
    )


def scan(text: str) -> tuple[Found, ...]:
    """The networks in an answer to AT+COPS=?; the ranges of modes and formats at its end are left out.

    Short names, access technology and quotes may be missing.
    """
    found = []
    for group in split(_ADJOINING.sub("),(", text)):
        if not (group.startswith("(") and group.endswith(")")):
            continue
        fields = [readable(field) for field in values(group[1:-1])]
        status = number(fields[0] or "0") if fields else None
        at = max((at for at, one in enumerate(fields) if at and _NUMERIC.fullmatch(one)), default=None)  # names may be
        if status is None or not 0 <= status <= 3 or at is None:
            continue
        name = next((one for one in fields[1:at] if one), None)
        found.append(
            Found(
                status,
                fields[at],
                name,
                _act(fields, at + 1),
            )
        )
    return tuple(found)


def qspn(text: str) -> Found | None:
    """Quectel's `"China Mobile","CMCC","",0,"46000"` of AT+QSPN, the current network; alphabet 1 is UCS-2 in hex."""
    fields = values(text)
    if len(fields) < 5 or not _NUMERIC.fullmatch(fields[4]) or fields[3] not in ("0", "1"):
        return None
    full, short = (
        bytes.fromhex(name).decode("utf-16-be", "replace") if _HEX.fullmatch(name) else "" for name in fields[:2]
    )
    names = (full, short) if fields[3] == "1" else (fields[0], fields[1])
    return Found(_CURRENT, fields[4], next((name for name in names if name), None), None)


def readable(name: str) -> str:
    """An operator's name; UCS-2 in hexadecimal, as LARA gives it and others with AT+CSCS="UCS2", is read."""
    return ucs2(name, least=2) or name


def _act(fields: list[str], at: int) -> int | None:
    """The access technology; numbers that name none are how modems say that they do not know it."""
    told = number(fields[at]) if len(fields) > at else None
    return told if told in range(_ACTS) else None
