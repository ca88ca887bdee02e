"""The line behind a header such as `+CMGR: 0,,23`: whether it is that header's PDU (3GPP TS 27.005 clause 3.1)."""

import re
from typing import Final

from modem_drivers.at.params import number

_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_EXTENSION: Final = 0x80  # set in the type of every address (3GPP TS 23.040 clause 9.1.2.5)
_MOST_SEMI_OCTETS: Final = 20
_FILLER: Final = "Ff"


def is_hex(line: str) -> bool:
    """Whether the line can be a PDU at all."""
    return _HEX.fullmatch(line) is not None


def length(header: str) -> int | None:
    """The octets that a header tells, its last field; None where it has none, as in text mode."""
    told = number(header.rpartition(",")[2])
    return number(header.rpartition(":")[2]) if told is None else told


def fitted(header: str, line: str) -> str | None:
    """The PDU in a line of hexadecimal, SMSC first, where it has the length its header tells; else None.

    A header's last field counts octets, the SMSC's left out. Modems that count them too are believed as well. One that
    leaves the SMSC out gets an empty one before its PDU, and what fills a record of the SIM up is cut off.
    """
    told = length(header)
    if told is None:
        return line
    octets = len(line) // 2
    centre = 1 + int(line[:2], 16)
    end = 2 * (centre + told)
    if end == len(line):
        return line
    if told == octets:
        return line if _has_centre(bytes.fromhex(line)) else f"00{line}"
    return line[:end] if told > 0 and not line[end:].strip(_FILLER) and end < len(line) else None


def _has_centre(octets: bytes) -> bool:
    """Whether octets begin with an SMSC's address rather than with a TPDU at once."""
    centre = octets[0]
    if centre == 0 or (len(octets) > 1 and octets[1] & _EXTENSION):
        return _is_tpdu(octets[1 + centre :]) or not _is_tpdu(octets)
    return not _is_tpdu(octets)


def _is_tpdu(octets: bytes) -> bool:
    """Whether an address stands where a TPDU has its first one; before it all but a DELIVER have a reference."""
    address = octets[2 if octets[:1] and octets[0] & 3 in (1, 2) else 1 :][:2]
    return len(address) == 2 and address[0] <= _MOST_SEMI_OCTETS and address[1] & _EXTENSION != 0
