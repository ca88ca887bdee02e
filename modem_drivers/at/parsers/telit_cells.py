"""The serving cell as Telit tells it; order and words differ by access and generation."""

import re
from typing import Final

from modem_drivers.at.params import number, values
from modem_drivers.at.parsers import cells
from modem_drivers.at.parsers.cells import ServingCell
from modem_drivers.at.parsers.signal import RSCP, RSRP, RSRQ, RSSI, Signal

_PAIR: Final = re.compile(r"\b([A-Za-z]+):\s*(-?[0-9A-Fa-f.]+?)(?=\s|dbm|$)", re.IGNORECASE)


def rfsts(text: str) -> ServingCell | None:
    """Telit's `AT#RFSTS` on LTE; None where the order is another's, which the levels show."""
    fields = values(text)
    if len(fields) < 6:
        return None
    plmn = cells.plmn_of(fields[0])
    rsrp, rssi, rsrq = cells.level(fields[2], RSRP), cells.level(fields[3], RSSI), cells.level(fields[4], RSRQ)
    if plmn is None or rsrp is None or rssi is None or rsrq is None or rsrp > rssi:
        return None
    return ServingCell(
        "LTE",
        plmn,
        cells.known_area(fields[5]),
        channel=cells.known_channel(fields[1]),
        signal=Signal(rssi, rsrp, rsrq),
    )


def servinfo(text: str) -> ServingCell | None:
    """Telit's `AT#SERVINFO`; None without a network's code, and where the access cannot be told by the form.

    LTE has nine fields, RSRP last: `1650,-58,"Net","00101",00B4D511,1E2D,64,3,-87`. The fifth is, by generation, the
    cell's identity or the physical one, which is below 504. The others have a quoted mode of operation behind,
    and UMTS its RSCP before that.
    """
    fields = values(text)
    plmn = cells.plmn_of(fields[3]) if len(fields) >= 8 else None
    if plmn is None:
        return None
    channel, rssi = cells.known_channel(fields[0]), cells.level(fields[1], RSSI)
    rsrp = cells.level(fields[8], RSRP) if len(fields) == 9 else None
    area = cells.known_area(fields[5])
    if rsrp is not None:
        cell = cells.known_cell(fields[4])
        physical = cell if cell is not None and cell <= cells.MOST_PHYSICAL else None
        cell = None if physical is not None else cell
        return ServingCell("LTE", plmn, area, cell, physical, channel=channel, signal=Signal(rssi, rsrp))
    access = _older(fields)
    return ServingCell(access, plmn, area, channel=channel, signal=Signal(rssi)) if access else None


def moni(text: str) -> ServingCell | None:
    """Telit's `AT#MONI`: the network's name, then `key:value`; None for a neighbour, whose area is not told."""
    found = {key.upper(): value for key, value in _PAIR.findall(text)}
    rssi = cells.level(found.get("PWR", ""), RSSI)
    cell = cells.known_cell(found.get("ID", ""))
    if "TAC" in found:
        return ServingCell(
            "LTE",
            None,
            cells.known_area(found["TAC"]),
            cell,
            cells.physical(found.get("PCI", "")),
            channel=cells.known_channel(found.get("EARFCN", "")),
            signal=Signal(rssi, cells.level(found.get("RSRP", ""), RSRP), cells.level(found.get("RSRQ", ""), RSRQ)),
        )
    if "LAC" not in found:
        return None
    access, channel = ("WCDMA", "UARFCN") if "PSC" in found else ("GSM", "ARFCN")
    return ServingCell(
        access,
        None,
        cells.known_area(found["LAC"]),
        cell,
        channel=cells.known_channel(found.get(channel, "")),
        signal=Signal(rssi),
    )


def _older(fields: list[str]) -> str | None:
    """The access below LTE: UMTS tells its RSCP in the ninth field, GSM leaves it out and says 0 or 1 before it."""
    ninth = fields[8] if len(fields) > 8 else ""
    if cells.level(ninth, RSCP) is not None:
        return "WCDMA"
    return "GSM" if not ninth and number(fields[7]) in (0, 1) else None
