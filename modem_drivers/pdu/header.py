"""The user data header: information elements (3GPP TS 23.040 clause 9.2.3.24)."""

from dataclasses import dataclass
from typing import Final

from modem_drivers.errors import PduError
from modem_drivers.pdu.languages import Language
from modem_drivers.pdu.schemes import KINDS, Waiting

CONCAT_8: Final = 0x00
WAITING: Final = 0x01
PORTS_8: Final = 0x04
PORTS_16: Final = 0x05
CONCAT_16: Final = 0x08
SINGLE_SHIFT: Final = 0x24
LOCKING_SHIFT: Final = 0x25

Elements = tuple[tuple[int, bytes], ...]
"""Identifier and value of each information element, in the order they stand."""


@dataclass(frozen=True, slots=True)
class Concat:
    """Place of a part in its whole: `part` counts from 1 to `parts`; `reference` is 8 or 16 bits wide."""

    reference: int
    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class Ports:
    """Application ports of a message (clauses 9.2.3.24.3 and .4)."""

    destination: int
    source: int


def elements_of(header: bytes) -> Elements:
    """The elements behind the length octet; none where the last one is cut, as clause 9.2.3.24 asks."""
    found = []
    at, end = 0, len(header)
    while at < end:
        value = header[at + 2 : at + 2 + header[at + 1]] if at + 1 < end else b""
        if at + 1 >= end or len(value) < header[at + 1]:
            return ()
        found.append((header[at], value))
        at += 2 + len(value)
    return tuple(found)


def header_of(elements: Elements) -> bytes:
    """A whole header, length octet first; empty where there are no elements."""
    octets = b"".join(bytes([identifier, len(value)]) + value for identifier, value in elements)
    return bytes([len(octets)]) + octets if octets else b""


def concat_of(elements: Elements) -> Concat | None:
    """The place in a concatenated message, clauses 9.2.3.24.1 and .8; an impossible one is to be ignored."""
    found = None
    for identifier, value in elements:
        if identifier == CONCAT_8 and len(value) == 3:
            found = Concat(value[0], value[2], value[1])
        elif identifier == CONCAT_16 and len(value) == 4:
            found = Concat(value[0] << 8 | value[1], value[3], value[2])
    return found if found is not None and 1 <= found.part <= found.parts else None


def check_reference(reference: int, *, wide: bool) -> None:
    """Raises PduError for a concatenation reference that 8 bits, or 16 if `wide`, do not hold."""
    most = 0xFFFF if wide else 0xFF
    if not 0 <= reference <= most:
        raise PduError(f"expected a concatenation reference from 0 to {most}, got {reference}")


def concat_element(concat: Concat, *, wide: bool) -> tuple[int, bytes]:
    """The element that names the place of a part; `wide` is the form with a reference of 16 bits."""
    place = bytes([concat.parts, concat.part])
    return (CONCAT_16 if wide else CONCAT_8), concat.reference.to_bytes(1 + wide, "big") + place


def ports_of(elements: Elements) -> Ports | None:
    """The application ports, None where the message is for a person."""
    found = None
    for identifier, value in elements:
        if identifier == PORTS_8 and len(value) == 2:
            found = Ports(value[0], value[1])
        elif identifier == PORTS_16 and len(value) == 4:
            found = Ports(value[0] << 8 | value[1], value[2] << 8 | value[3])
    return found


def ports_element(ports: Ports) -> tuple[int, bytes]:
    """The element that says so, 16 bits wide. Raises PduError for what is no port."""
    for port in (ports.destination, ports.source):
        if not 0 <= port <= 0xFFFF:
            raise PduError(f"expected a port from 0 to 65535, got {port}")
    return PORTS_16, ports.destination.to_bytes(2, "big") + ports.source.to_bytes(2, "big")


def shifts_of(elements: Elements) -> tuple[Language, Language]:
    """The locking and single shift tables asked for, clauses 9.2.3.24.15 and .16; unknown ones count as none."""
    locking = single = Language.DEFAULT
    for identifier, value in elements:
        if len(value) == 1 and value[0] in _LANGUAGES:
            if identifier == LOCKING_SHIFT:
                locking = Language(value[0])
            elif identifier == SINGLE_SHIFT:
                single = Language(value[0])
    return locking, single


def shift_elements(locking: Language, single: Language) -> Elements:
    """The elements that ask for them."""
    wanted = ((LOCKING_SHIFT, locking), (SINGLE_SHIFT, single))
    return tuple((identifier, bytes([language])) for identifier, language in wanted if language is not Language.DEFAULT)


def waiting_of(elements: Elements) -> Waiting | None:
    """How many messages wait elsewhere, clause 9.2.3.24.2."""
    found = None
    for identifier, value in elements:
        if identifier == WAITING and len(value) == 2:
            found = Waiting(KINDS[value[0] & 3], value[1] > 0, value[1], bool(value[0] & 0x80))
    return found


_LANGUAGES: Final = frozenset(Language)
