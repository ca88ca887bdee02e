"""Power saving: PSM's timers and eDRX's cycles, as networks and modems tell them.

3GPP TS 27.007 clauses 7.38 to 7.41; the bits by TS 24.008 clauses 10.5.7.4, 10.5.7.4a and 10.5.5.32.
"""

import re
from dataclasses import dataclass
from typing import Final

from modem_drivers.at.params import number, values

_BITS: Final = re.compile(r"[01]{8}")
_UPDATE: Final = (600, 3600, 36_000, 2, 30, 60, 1_152_000)
_ACTIVE: Final = {0: 2, 1: 60, 2: 360}
_OFF: Final = 7
_LONGEST: Final = 31 * 1_152_000  # seconds: the longest T3412 there is

_FOUR: Final = re.compile(r"[01]{4}")
_CYCLES: Final = (
    5.12, 10.24, 20.48, 40.96, 61.44, 81.92, 102.4, 122.88,
    143.36, 163.84, 327.68, 655.36, 1310.72, 2621.44, 5242.88, 10485.76,
)  # fmt: skip
_NOT_NARROW: Final = frozenset({0, 1, 4, 6, 7, 8})  # on NB-IoT these count as 20.48 s
_NARROW: Final = 5
_WINDOWS: Final = {4: 1.28, 5: 2.56}  # seconds a step, by access


@dataclass(frozen=True, slots=True)
class PowerSaving:
    """PSM as asked for, or as granted: T3412 and T3324 in seconds, None where they are off or not told."""

    on: bool
    update_period: int | None = None
    active_time: int | None = None


@dataclass(frozen=True, slots=True)
class IdleCycle:
    """eDRX of one access technology (4 is LTE and LTE-M, 5 NB-IoT, 0 none), in seconds; None where not told."""

    access: int
    asked: float | None = None
    granted: float | None = None
    window: float | None = None


def cpsms(text: str) -> PowerSaving | None:
    """`1,,,"01011111","00000001"` or `0` of AT+CPSMS?; the two that are left out are GPRS's."""
    fields = values(text)
    if not fields or fields[0] not in ("0", "1"):
        return None
    update, active = [*fields[3:5], "", ""][:2]
    return PowerSaving(fields[0] == "1", update_period(update), active_time(active))


def qpsmtimer(text: str) -> PowerSaving | None:
    """Quectel's `+QPSMTIMER: 1320,30`, in seconds."""
    fields = [number(field) for field in values(text)]
    if len(fields) != 2:
        return None
    update, active = fields
    if update is None or active is None or not (0 <= update <= _LONGEST and 0 <= active <= _LONGEST):
        return None
    return PowerSaving(True, update, active)


def cedrx(text: str) -> IdleCycle | None:
    """`4,"0101"` of AT+CEDRXS?, `4,"0101","0101","0011"` of +CEDRXP and AT+CEDRXRDP."""
    fields = values(text)
    access = number(fields[0]) if fields else None
    if access is None or not 0 <= access <= _NARROW:
        return None
    asked, granted, window = [*fields[1:4], "", "", ""][:3]
    steps = int(window, 2) + 1 if _FOUR.fullmatch(window) and access in _WINDOWS else None
    return IdleCycle(
        access,
        cycle(asked, access),
        cycle(granted, access),
        round(steps * _WINDOWS[access], 2) if steps is not None else None,
    )


def cycle(bits: str, access: int) -> float | None:
    """An eDRX cycle in seconds, from four bits; None where they are none or the access has another table."""
    if access not in _WINDOWS or not _FOUR.fullmatch(bits):
        return None
    value = int(bits, 2)
    return _CYCLES[2 if access == _NARROW and value in _NOT_NARROW else value]


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
