"""Power saving mode: the timers as networks and modems write them (3GPP TS 24.008 clauses 10.5.7.4 and 10.5.7.4a)."""

import re
from typing import Final

_BITS: Final = re.compile(r"[01]{8}")
_UPDATE: Final = (600, 3600, 36_000, 2, 30, 60, 1_152_000)
_ACTIVE: Final = {0: 2, 1: 60, 2: 360}
_OFF: Final = 7


def update_period(bits: str) -> int | None:
    """T3412 extended in seconds, from eight bits; None for off and for what is none."""
    if not _BITS.fullmatch(bits):
        return None
    unit, value = int(bits[:3], 2), int(bits[3:], 2)
    return None if unit == _OFF else _UPDATE[unit] * value


def active_time(bits: str) -> int | None:
    """T3324 in seconds, from eight bits; None for off and for what is none. Unknown units count minutes."""
    if not _BITS.fullmatch(bits):
        return None
    unit, value = int(bits[:3], 2), int(bits[3:], 2)
    return None if unit == _OFF else _ACTIVE.get(unit, 60) * value
