"""The serving cell as u-blox tells it: AT+UCGED?, of which each series has a form of its own."""

from collections.abc import Sequence
from typing import Final

from modem_drivers.at.params import number, values
from modem_drivers.at.parsers import cells
from modem_drivers.at.parsers.cells import ServingCell
from modem_drivers.at.parsers.signal import RSRP, RSRQ, Signal, within
from modem_drivers.at.unsolicited import named

_ACCESS: Final = {"2": "GSM", "3": "WCDMA", "4": "LTE", "6": "LTE"}


def ucged(lines: Sequence[str]) -> ServingCell | None:
    """The cell in an answer to AT+UCGED?; None where it holds none. SINR is left out, its scale differs.

    Form 5 (SARA-R410M) tells the physical cell, the channel and two levels. Form 2 tells the access and the network
    in one line and the rest in the next: SARA-R5 and LARA-R6 with the state of service, SARA-R422 without. Levels are
    indices of 3GPP TS 36.133 clause 9.1, of SARA-R422 decibels: an RSRP is never positive.
    """
    levels = {name: values(text) for name, text in map(named, lines) if name in ("+RSRP", "+RSRQ")}
    if "+RSRP" in levels:
        return _of_levels(levels)
    rows = [row for line in lines if named(line)[0] is line and (row := values(line))]
    if len(rows) < 2:
        return None
    (access, *network), row = rows[0], rows[1]
    plmn = cells.plmn_of("".join(cells.padded(network[-2:]))) if len(network) >= 2 else None
    kind = _ACCESS.get(access)
    if plmn is None or kind is None:
        return None
    match kind:
        case "GSM":
            return ServingCell(kind, plmn, _area(row, 4), _cell(row, 2), channel=_channel(row, 0))
        case "WCDMA":
            return ServingCell(kind, plmn, _area(row, 3), _cell(row, 2), channel=_channel(row, 0))
    if len(network) == 2:
        return ServingCell(
            kind, plmn, _area(row, 4), None, _physical(row, 5), _band(row, 1), _channel(row, 0), _signal(row, 6)
        )
    return ServingCell(
        kind, plmn, _area(row, 4), _cell(row, 5), _physical(row, 6), _band(row, 1), _channel(row, 0), _signal(row, 10)
    )


def _of_levels(levels: dict[str, list[str]]) -> ServingCell | None:
    """`162,5110,"-075.50"` behind +RSRP, and its like behind +RSRQ."""
    first = levels["+RSRP"]
    rsrp = cells.level(_at(first, 2), RSRP)
    if rsrp is None:
        return None
    rsrq = cells.level(_at(levels.get("+RSRQ", []), 2), RSRQ)
    return ServingCell(
        "LTE", pci=cells.physical(_at(first, 0)), channel=_channel(first, 1), signal=Signal(None, rsrp, rsrq)
    )


def _signal(row: list[str], at: int) -> Signal:
    rsrp, rsrq = number(_at(row, at)), number(_at(row, at + 1))
    if rsrp is not None and rsrp < 0:
        return Signal(rsrp_dbm=within(rsrp, RSRP), rsrq_db=within(rsrq, RSRQ))
    return Signal(
        rsrp_dbm=float(rsrp - 141) if rsrp is not None and rsrp <= 97 else None,
        rsrq_db=rsrq / 2 - 20 if rsrq is not None and -30 <= rsrq <= 46 else None,
    )


def _channel(row: list[str], at: int) -> int | None:
    return cells.known_channel(_at(row, at))


def _band(row: list[str], at: int) -> int | None:
    return cells.known_band(_at(row, at))


def _area(row: list[str], at: int) -> int | None:
    return cells.known_area(_at(row, at))


def _cell(row: list[str], at: int) -> int | None:
    return cells.known_cell(_at(row, at))


def _physical(row: list[str], at: int) -> int | None:
    return cells.physical(_at(row, at))


def _at(row: list[str], at: int) -> str:
    return row[at] if at < len(row) else ""
