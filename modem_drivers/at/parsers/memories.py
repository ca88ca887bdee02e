"""Message memories: AT+CPMS, +CMTI (3GPP TS 27.005 clauses 3.2.2 and 3.4.1)."""

import re
from dataclasses import dataclass
from typing import Final

from modem_drivers.at.params import number, split, values

_NAME: Final = re.compile(r"(?<![A-Z])[A-Z]{2}(?![A-Z])")
_NESTED: Final = re.compile(r"\(\s*(\(.*\))\s*\)")


@dataclass(frozen=True, slots=True)
class Fill:
    """How full a memory is; `name` is empty in the answer to a change, which leaves it out."""

    name: str
    used: int
    total: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is; `index` is None where the modem says that it had no room (-1)."""

    memory: str
    index: int | None


def offered(text: str) -> tuple[tuple[str, ...], ...]:
    """The memories for each use in an answer to AT+CPMS=?; groups may be ranges, empty, nested or lack quotes."""
    groups = split(text)
    if len(groups) == 1 and (nested := _NESTED.fullmatch(groups[0])):
        groups = split(nested[1])
    return tuple(tuple(_NAME.findall(group.upper())) for group in groups)


def fill(text: str) -> tuple[Fill, ...] | None:
    """`"ME",3,255,"SM",…` of AT+CPMS?, or `3,255,…` of AT+CPMS=; one for each use."""
    fields = values(text.rstrip(", "))  # uses that the modem does not have may stand there empty
    wide = 2 if fields and number(fields[0]) is not None else 3
    if not fields or len(fields) % wide:
        return None
    found = []
    for at in range(0, len(fields), wide):
        *names, used, total = fields[at : at + wide]
        taken, most = number(used), number(total)
        if taken is None or most is None or taken < 0 or most < 0:
            return None
        found.append(Fill(names[0] if names else "", taken, most))
    return tuple(found)


def place(text: str) -> Place | None:
    """`"ME",7` of +CMTI and +CDSI; `,-1` is a modem without room."""
    fields = values(text)
    name = fields[0].upper() if fields else ""
    index = number(fields[1]) if len(fields) > 1 else None
    if index is None or not (_NAME.fullmatch(name) or not name):
        return None
    return Place(name, index if index >= 0 else None)
