"""TP-DCS, the data coding scheme: alphabet, class and waiting messages (3GPP TS 23.038 clause 4)."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from modem_drivers.pdu.alphabets import Alphabet

WaitingKind = Literal["voice", "fax", "e-mail", "other"]
KINDS: Final[tuple[WaitingKind, ...]] = ("voice", "fax", "e-mail", "other")

_CLASS_MEANT: Final = 0x10
_COMPRESSED: Final = 0x20
_WAITING_ACTIVE: Final = 0x08


class Coding(Enum):
    """What the octets of the user data are."""

    SEPTETS = "GSM-7"
    OCTETS = "8-bit data"
    UTF16 = "UCS-2"
    COMPRESSED = "compressed"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages wait elsewhere; `count` is None where only their being there is told.

    `stored`: the text that tells it is worth keeping.
    """

    kind: WaitingKind
    active: bool
    count: int | None = None
    stored: bool = True


@dataclass(frozen=True, slots=True)
class Scheme:
    """One value of TP-DCS. `message_class` 0 is shown at once and not kept, 1 to 3 are for modem, SIM, terminal."""

    coding: Coding
    message_class: int | None = None
    deleted_once_read: bool = False
    waiting: Waiting | None = None


def _scheme(value: int) -> Scheme:
    group = value >> 4
    if group < 0x8:
        kept = group < 0x4
        message_class = value & 3 if value & _CLASS_MEANT else None
        coding = (Coding.SEPTETS, Coding.OCTETS, Coding.UTF16, Coding.SEPTETS)[value >> 2 & 3]
        return Scheme(Coding.COMPRESSED if value & _COMPRESSED else coding, message_class, not kept)
    if group < 0xC:  # reserved: the default alphabet, as the clause asks
        return Scheme(Coding.SEPTETS)
    if group < 0xF:
        waiting = Waiting(KINDS[value & 3], bool(value & _WAITING_ACTIVE), stored=group != 0xC)
        return Scheme(Coding.UTF16 if group == 0xE else Coding.SEPTETS, waiting=waiting)
    return Scheme(Coding.OCTETS if value & 0x04 else Coding.SEPTETS, value & 3)


SCHEMES: Final = tuple(_scheme(value) for value in range(256))
"""What each value of TP-DCS means."""


def scheme_of(coding: Alphabet | None, message_class: int | None = None) -> int:
    """The value for a text in this alphabet, or for data (None), in the general group."""
    bits = {Alphabet.GSM7: 0x00, None: 0x04, Alphabet.UCS2: 0x08}[coding]
    return bits if message_class is None else bits | _CLASS_MEANT | message_class
