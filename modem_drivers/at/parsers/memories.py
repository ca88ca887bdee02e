"""Message memories: AT+CPMS, +CMTI (3GPP TS 27.005 clauses 3.2.2 and 3.4.1)."""

import re
from dataclasses import dataclass
from typing import Final

from modem_drivers.at.params import number, split, values

_NAME: Final = re.compile(r"(?<![A-Za-z])[A-Z]{2}(?![A-Za-z])")


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
    """The memories for each use in an answer to AT+CPMS=?; groups may be ranges, empty or lack quotes."""
    return tuple(tuple(_NAME.findall(group)) for group in split(text))


def fill(text: str) -> tuple[Fill, ...] | None:
    """`"ME",3,255,"SM",…` of AT+CPMS?, or `3,255,…` of AT+CPMS=; one for each use."""
    fields = values(text)
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
    if len(fields) < 2 or not (_NAME.fullmatch(fields[0]) or not fields[0]):
        return None
    index = number(fields[1])
    if index is None:
        return None
    return Place(fields[0], index if index >= 0 else None)
