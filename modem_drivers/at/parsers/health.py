"""Supply voltage and temperature."""

import re
from typing import Final

from modem_drivers.at.params import number, values

_VOLTS: Final = re.compile(r"([0-9]{1,2}\.[0-9]{1,3})V?")
_ABSENT: Final = -273
_HOTTEST: Final = 200


def cbc(text: str) -> float | None:
    """Volts: `0,100,3850` in millivolts (3GPP TS 27.007 clause 8.4 and Quectel), or SIMCom's `3.85V`."""
    fields = values(text)
    if len(fields) == 1 and (match := _VOLTS.fullmatch(fields[0])):
        return float(match[1])
    told = number(fields[2]) if len(fields) == 3 else None
    return told / 1000 if told is not None and 0 < told < 100_000 else None


def telit_cbc(text: str) -> float | None:
    """Volts: Telit's `#CBC: 0,385`, in hundredths."""
    fields = values(text)
    told = number(fields[1]) if len(fields) == 2 else None
    return told / 100 if told is not None and 0 < told < 10_000 else None


def temperatures(text: str) -> tuple[int, ...]:
    """Degrees Celsius: `26,25,24`, `32`, or one sensor a line, `"soc-thermal","43"`; absent sensors left out."""
    told = (number(field) for field in values(text))
    return tuple(one for one in told if one is not None and _ABSENT < one < _HOTTEST)
