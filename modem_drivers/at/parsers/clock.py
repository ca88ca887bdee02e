"""The modem's clock: AT+CCLK? (3GPP TS 27.007 clause 8.15)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from modem_drivers.at.params import unquote

_SHAPE: Final = re.compile(
    r'(\d{2}|\d{4})/(\d{1,2})/(\d{1,2})"?\s*,\s*"?(\d{1,2}):(\d{1,2}):(\d{1,2})\s*([+-]\d{1,3})?', re.ASCII
)
FIRST_YEAR: Final = 2005
"""A clock before it was never set: modems start in 1970, 1980, 2000 or 2004."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time without zone, and the zone's offset where told. Whether it is local or UTC differs by maker."""

    time: datetime
    offset: timedelta | None


def cclk(text: str) -> Clock | None:
    """`"26/11/20,13:05:00+04"`, the zone in quarters of an hour; None for a clock that was never set."""
    match = _SHAPE.fullmatch(unquote(text))
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if len(match[1]) == 2:
        year += 1900 if year >= 70 else 2000
    offset = timedelta(minutes=15 * int(match[7])) if match[7] else None
    if year < FIRST_YEAR or (offset is not None and abs(offset) > timedelta(hours=24)):
        return None
    try:
        return Clock(datetime(year, month, day, hour, minute, second), offset)  # noqa: DTZ001 - its zone is told beside
    except ValueError:
        return None


def qlts(text: str) -> Clock | None:
    """Quectel's `"2017/10/13,03:40:48+32,0"` of AT+QLTS, the network's time; None where it never told one."""
    told, _, summer = text.strip().strip('"').rpartition(",")
    return cclk(told) if summer in ("0", "1", "2") else None
