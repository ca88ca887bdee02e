"""The serving cell, as each maker tells it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from modem_drivers.at.params import number, unquote, values
from modem_drivers.at.parsers.signal import RSRP, RSRQ, RSSI, Signal, within

_PLMN: Final = re.compile(r"([0-9]{3})[ -]?([0-9]{2,3})")
_DIGITS: Final = re.compile(r"[0-9]+")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{1,8}")
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
        plmn = plmn_of("".join(_padded(fields[3:5]))) if len(fields) > 6 else None
        return ServingCell(access, plmn, hexadecimal(fields[5]), hexadecimal(fields[6])) if plmn else None
    if len(fields) < 17:
        return None
    return ServingCell(
        access,
        plmn_of("".join(_padded(fields[4:6]))),
        area=hexadecimal(fields[12]),
        cell=hexadecimal(fields[6]),
        pci=natural(fields[7]),
        channel=natural(fields[8]),
        band=natural(fields[9]),
        signal=Signal(level(fields[15], RSSI), level(fields[13], RSRP), level(fields[14], RSRQ)),
    )


def qnwinfo(text: str) -> ServingCell | None:
    """Quectel's `AT+QNWINFO`; None for `No Service`."""
    fields = values(text)
    if len(fields) < 4:
        return None
    band = _DIGITS.search(fields[2])
    return ServingCell(
        fields[0].upper(), plmn_of(fields[1]), band=int(band[0]) if band else None, channel=natural(fields[3])
    )


def cpsi(text: str) -> ServingCell | None:
    """SIMCom's `AT+CPSI?`; None for `NO SERVICE`. Levels are in tenths where RSRP is below -200."""
    fields = values(text)
    if len(fields) < 5 or fields[1] != "Online":
        return None
    access, plmn, area, cell = fields[0].upper(), plmn_of(fields[2]), hexadecimal(fields[3], "0x"), natural(fields[4])
    if not access.startswith("LTE") or len(fields) < 14:
        return ServingCell(access, plmn, area, cell)
    rsrq, rsrp, rssi = (number(one) for one in fields[10:13])
    scale = 10 if rsrp is not None and rsrp < -200 else 1
    band = _DIGITS.search(fields[6])
    return ServingCell(
        access,
        plmn,
        area,
        cell,
        pci=natural(fields[5]),
        band=int(band[0]) if band else None,
        channel=natural(fields[7]),
        signal=Signal(
            within(rssi / scale if rssi is not None else None, RSSI),
            within(rsrp / scale if rsrp is not None else None, RSRP),
            within(rsrq / scale if rsrq is not None else None, RSRQ),
        ),
    )


def rfsts(text: str) -> ServingCell | None:
    """Telit's `AT#RFSTS` on LTE; None where the order is another's, which the levels show."""
    fields = values(text)
    if len(fields) < 6:
        return None
    plmn = plmn_of(fields[0])
    rsrp, rssi, rsrq = level(fields[2], RSRP), level(fields[3], RSSI), level(fields[4], RSRQ)
    if plmn is None or rsrp is None or rssi is None or rsrq is None or rsrp > rssi:
        return None
    return ServingCell("LTE", plmn, hexadecimal(fields[5]), channel=natural(fields[1]), signal=Signal(rssi, rsrp, rsrq))


def gstatus(lines: Sequence[str]) -> ServingCell | None:
    """Sierra's `AT!GSTATUS?`: a table of `key: value`, two columns a line."""
    found: dict[str, str] = {}
    for line in lines:
        for key, value in re.findall(r"([A-Za-z][A-Za-z ()]*?):[ \t]+([^\t:]*?)(?=[ \t]{2,}|\t|$)", line):
            found.setdefault(key.strip().upper(), value.strip())
    access = found.get("SYSTEM MODE", "").upper()
    if not access or access in ("NO SERVICE", "UNKNOWN", "---"):
        return None
    band = _DIGITS.search(found.get("LTE BAND", ""))
    return ServingCell(
        access,
        area=hexadecimal(found.get("TAC", "").partition(" ")[0]),
        cell=hexadecimal(found.get("CELL ID", "").partition(" ")[0]),
        band=int(band[0]) if band else None,
        channel=natural(found.get("LTE RX CHAN", "")),
        signal=Signal(
            level(found.get("RSSI (DBM)", found.get("PCC RXM RSSI", "")), RSSI),
            level(found.get("RSRP (DBM)", found.get("PCC RXM RSRP", "")), RSRP),
            level(found.get("RSRQ (DB)", ""), RSRQ),
        ),
    )


def first(parse: Callable[[str], ServingCell | None]) -> Callable[[Sequence[str]], ServingCell | None]:
    """The reader of lines that takes the first one that `parse` can read."""

    def read(texts: Sequence[str]) -> ServingCell | None:
        return next((found for found in map(parse, texts) if found is not None), None)

    return read


def plmn_of(text: str) -> str | None:
    """`46001`, `460-01` or `460 01` as five or six digits."""
    match = _PLMN.fullmatch(text.strip())
    return match[1] + match[2] if match else None


def natural(text: str) -> int | None:
    """A number that is not negative; None for `-` and the like."""
    found = number(text)
    return found if found is not None and found >= 0 else None


def hexadecimal(text: str, prefix: str = "") -> int | None:
    """Up to eight hexadecimal digits as a number."""
    digits = unquote(text).removeprefix(prefix)
    return int(digits, 16) if _HEX.fullmatch(digits) else None


def level(text: str, limits: tuple[float, float]) -> float | None:
    """A level in dB or dBm within its limits."""
    text = unquote(text)
    return within(float(text), limits) if _DECIMAL.fullmatch(text) else None


def _padded(codes: list[str]) -> list[str]:
    """MCC and MNC told as numbers, whose leading zeros are lost."""
    return [code.zfill(wide) for code, wide in zip(codes, (3, 2), strict=False)]
