"""The serving cell, as Quectel and SIMCom tell it, and what the readers of all makers share."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from modem_drivers.at.params import number, unquote, values
from modem_drivers.at.parsers.signal import RSRP, RSRQ, RSSI, Signal, of_lte, within
from modem_drivers.at.unsolicited import named

_PLMN: Final = re.compile(r"([0-9]{3})[ -]?([0-9]{2,3})")
_NO_COUNTRY: Final = "000"
_NO_BAND: Final = (0, 255)
_NO_CHANNEL: Final = (0xFFFF, 0xFFFFFFFF)
_NO_CELL: Final = (0, 0x0FFFFFFF, 0xFFFFFFFF)
_DIGITS: Final = re.compile(r"[0-9]+")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{1,8}")
MOST_PHYSICAL: Final = 503
_DECIMAL: Final = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class ServingCell:
    """The cell a modem camps on. `plmn` is MCC and MNC together, `area` the TAC or LAC, `channel` the (E)ARFCN."""

    access: str
    plmn: str | None = None
    area: int | None = None
    cell: int | None = None
    pci: int | None = None
    band: int | None = None
    channel: int | None = None
    signal: Signal = field(default_factory=Signal)


def qeng(text: str) -> ServingCell | None:
    """Quectel's `AT+QENG="servingcell"`; None while the modem searches. SINR is left out, its scale differs."""
    fields = values(text)
    if len(fields) < 3 or fields[0] != "servingcell" or fields[1] not in ("LIMSRV", "NOCONN", "CONNECT"):
        return None
    access = fields[2].upper()
    if access != "LTE" and not access.startswith(("CAT", "EMTC", "NB")):
        plmn = plmn_of("".join(padded(fields[3:5]))) if len(fields) > 6 else None
        return ServingCell(access, plmn, known_area(fields[5]), known_cell(fields[6])) if plmn else None
    if len(fields) < 17:
        return None
    return ServingCell(
        access,
        plmn_of("".join(padded(fields[4:6]))),
        area=known_area(fields[12]),
        cell=known_cell(fields[6]),
        pci=physical(fields[7]),
        channel=known_channel(fields[8]),
        band=known_band(fields[9]),
        signal=of_lte(level(fields[15], RSSI), level(fields[13], RSRP), level(fields[14], RSRQ)),
    )


def qnwinfo(text: str) -> ServingCell | None:
    """Quectel's `AT+QNWINFO`; None for `No Service`."""
    fields = values(text)
    if len(fields) < 4:
        return None
    return ServingCell(
        fields[0].upper(), plmn_of(fields[1]), band=known_band(fields[2]), channel=known_channel(fields[3])
    )


def cpsi(text: str) -> ServingCell | None:
    """SIMCom's `AT+CPSI?`; None for `NO SERVICE`. Levels are in tenths where RSRP is below -200."""
    fields = values(text)
    if len(fields) < 5 or fields[1] != "Online":
        return None
    access, plmn, area, cell = fields[0].upper(), plmn_of(fields[2]), known_area(fields[3], "0x"), natural(fields[4])
    cell = None if cell in _NO_CELL else cell
    if not access.startswith("LTE") or len(fields) < 14:
        return ServingCell(access, plmn, area, cell)
    rsrq, rsrp, rssi = (number(one) for one in fields[10:13])
    scale = 10 if rsrp is not None and rsrp < -200 else 1
    return ServingCell(
        access,
        plmn,
        area,
        cell,
        pci=physical(fields[5]),
        band=known_band(fields[6]),
        channel=known_channel(fields[7]),
        signal=of_lte(
            within(rssi / scale if rssi is not None else None, RSSI),
            within(rsrp / scale if rsrp is not None else None, RSRP),
            within(rsrq / scale if rsrq is not None else None, RSRQ),
        ),
    )


def first(parse: Callable[[str], ServingCell | None]) -> Callable[[Sequence[str]], ServingCell | None]:
    """The reader of an answer's lines that takes the first one that `parse` can read behind its prefix."""

    def read(lines: Sequence[str]) -> ServingCell | None:
        return next((found for found in map(parse, map(behind_prefix, lines)) if found is not None), None)

    return read


def behind_prefix(line: str) -> str:
    """What a line says behind its prefix; the line itself where it has none."""
    name, text = named(line)
    return line if name is line else text


def plmn_of(text: str) -> str | None:
    """`46001`, `460-01` or `460 01` as five or six digits; a country 000 is how modems say that they do not know it."""
    match = _PLMN.fullmatch(text.strip())
    return match[1] + match[2] if match and match[1] != _NO_COUNTRY else None


def natural(text: str) -> int | None:
    """A number that is not negative; None for `-` and the like."""
    found = number(text)
    return found if found is not None and found >= 0 else None


def hexadecimal(text: str, prefix: str = "") -> int | None:
    """Up to eight hexadecimal digits as a number."""
    digits = unquote(text).removeprefix(prefix)
    return int(digits, 16) if _HEX.fullmatch(digits) else None


def known_cell(text: str) -> int | None:
    """A cell's identity from hexadecimal digits; all zeros and all ones are how modems say that they do not know it."""
    found = hexadecimal(text)
    return None if found in _NO_CELL else found


def known_area(text: str, prefix: str = "") -> int | None:
    """A LAC or TAC from hexadecimal digits; 0000, FFFE and FFFF are none (3GPP TS 23.003 clauses 4.1, 19.4.2.3)."""
    found = hexadecimal(text, prefix)
    return None if found in (0, 0xFFFE, 0xFFFF) else found


def known_band(text: str) -> int | None:
    """The first figures as a band, as in `EUTRAN-BAND3`; 0 and 255 are none."""
    match = _DIGITS.search(text)
    found = natural(match[0]) if match else None
    return None if found in _NO_BAND else found


def known_channel(text: str) -> int | None:
    """An (E)ARFCN; 65535 is none (3GPP TS 36.101 clause 5.7.3), and all ones are none."""
    found = natural(text)
    return None if found in _NO_CHANNEL else found


def physical(text: str) -> int | None:
    """A physical cell identity, 0 to 503 (3GPP TS 36.211 clause 6.11)."""
    found = natural(text)
    return found if found is not None and found <= MOST_PHYSICAL else None


def level(text: str, limits: tuple[float, float]) -> float | None:
    """A level in dB or dBm within its limits."""
    text = unquote(text)
    return within(float(text), limits) if _DECIMAL.fullmatch(text) else None


def padded(codes: list[str]) -> list[str]:
    """MCC and MNC told as numbers, whose leading zeros are lost; one that is not told stays empty."""
    return [code and code.zfill(wide) for code, wide in zip(codes, (3, 2), strict=False)]
