"""Unstructured supplementary services: +CUSD (3GPP TS 27.007 clause 7.15)."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from modem_drivers.at.params import number
from modem_drivers.pdu.alphabets import from_gsm7
from modem_drivers.pdu.packing import unpack

_SHAPE: Final = re.compile(
    r'\s*([0-5])\s*(?:,\s*"(.*)"\s*(?:,\s*([0-9]{1,3}))?|,\s*([^",]*)(?:,\s*([0-9]{0,3}))?)?\s*', re.S
)
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")

LONGEST: Final = 160
"""Octets of a USSD string (3GPP TS 23.038 clause 6.1.2.3); what is longer is not packed."""


class UssdState(Enum):
    """What becomes of the dialogue."""

    DONE = 0
    REPLY_WANTED = 1
    TERMINATED = 2
    OTHER_CLIENT = 3
    NOT_SUPPORTED = 4
    TIMEOUT = 5


@dataclass(frozen=True, slots=True)
class Ussd:
    """What the network said; `text` is None where it said nothing that can be read."""

    state: UssdState
    text: str | None
    scheme: int | None


def cusd(text: str, *, packed: bool = False) -> Ussd | None:
    """`0,"text",15`. Quotes and line ends may stand inside the text; UCS-2 in hex is told by the scheme.

    `packed`: this modem gives the default alphabet as packed septets in hex.
    """
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    body = match[2] if match[2] is not None else match[4]
    scheme = number(match[3] or match[5] or "")
    return Ussd(UssdState(int(match[1])), _read(body, scheme, packed=packed) if body else None, scheme)


def _read(body: str, scheme: int | None, *, packed: bool) -> str | None:
    """The text; padding of 0xFFFF, carriage returns and the like is cut off."""
    if _HEX.fullmatch(body):
        octets = bytes.fromhex(body)
        if scheme is not None and _ucs2(scheme):
            if len(octets) % 2:
                return None
            return octets.decode("utf-16-be", "replace").rstrip("\uffff\r\0")
        if packed and len(octets) <= LONGEST:
            return from_gsm7(unpack(octets, len(octets) * 8 // 7)).rstrip("\r@")
    return body.rstrip("\r")


def _ucs2(scheme: int) -> bool:
    """3GPP TS 23.038 clause 5: 0x11, and general coding with character set 2."""
    return scheme == 0x11 or (scheme & 0xC0 == 0x40 and scheme & 0x0C == 0x08)
