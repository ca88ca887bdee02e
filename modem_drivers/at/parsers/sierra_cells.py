"""The serving cell as Sierra's EM, MC and WP modems tell it: tables over several lines."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from modem_drivers.at.parsers import cells
from modem_drivers.at.parsers.cells import ServingCell
from modem_drivers.at.parsers.signal import RSRP, RSRQ, RSSI, Signal

_PAIR: Final = re.compile(r"([A-Za-z][A-Za-z ()]{0,30}?):[ \t]+([^\t:]*?)(?=[ \t]{2,}|\t|$)")
_SERVING: Final = "SERVING:"


def gstatus(lines: Sequence[str]) -> ServingCell | None:
    """Sierra's `AT!GSTATUS?`: a table of `key: value`, two columns a line."""
    found: dict[str, str] = {}
    for line in lines:
        for key, value in _PAIR.findall(line):
            found.setdefault(key.strip().upper(), value.strip())
    access = found.get("SYSTEM MODE", "").upper()
    if not access or access in ("NO SERVICE", "UNKNOWN", "---"):
        return None
    return ServingCell(
        access,
        area=cells.known_area(found.get("TAC", "").partition(" ")[0]),
        cell=cells.known_cell(found.get("CELL ID", "").partition(" ")[0]),
        band=cells.known_band(found.get("LTE BAND", "")),
        channel=cells.known_channel(found.get("LTE RX CHAN", "")),
        signal=Signal(
            cells.level(found.get("RSSI (DBM)", found.get("PCC RXM RSSI", "")), RSSI),
            cells.level(found.get("RSRP (DBM)", found.get("PCC RXM RSRP", "")), RSRP),
            cells.level(found.get("RSRQ (DB)", ""), RSRQ),
        ),
    )


def lteinfo(lines: Sequence[str]) -> ServingCell | None:
    """Sierra's `AT!LTEINFO?`: below `Serving:` and its headings stand the values, TAC decimal, CID hexadecimal.

    `--` is unknown. None where there is no such row, or where it has another number of values than headings.
    """
    for heading, row in pairwise(lines):
        names = heading.upper().split()
        if not names or names[0] != _SERVING or len(row.split()) != len(names) - 1:
            continue
        found = dict(zip(names[1:], row.split(), strict=True))
        tac = cells.natural(found.get("TAC", ""))
        return ServingCell(
            "LTE",
            cells.plmn_of("".join(cells.padded([found.get("MCC", ""), found.get("MNC", "")]))),
            tac if tac is not None and 0 < tac < 0xFFFE else None,
            cells.known_cell(found.get("CID", "")),
            cells.physical(found.get("PCI", "")),
            cells.known_band(found.get("BD", "")),
            cells.known_channel(found.get("EARFCN", "")),
            Signal(
                cells.level(found.get("RSSI", ""), RSSI),
                cells.level(found.get("RSRP", ""), RSRP),
                cells.level(found.get("RSRQ", ""), RSRQ),
            ),
        )
    return None
