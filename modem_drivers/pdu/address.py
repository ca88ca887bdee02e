"""Addresses of SMS: phone numbers, short codes and names (3GPP TS 23.040, clause 9.1.2.5)."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from modem_drivers.errors import PduError
from modem_drivers.pdu.alphabets import from_gsm7, to_gsm7
from modem_drivers.pdu.packing import pack, unpack

# Type of number, bits 6 to 4 of the type-of-address octet, in the order of their values.
Kind = Literal[
    "unknown",
    "international",
    "national",
    "network",
    "subscriber",
    "alphanumeric",
    "abbreviated",
    "reserved",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
_ISDN_PLAN = 0x01
_EXTENSION_BIT = 0x80
_MOST_SEMI_OCTETS = 20
_CODES = str.maketrans("*#abc", "abcde")  # semi-octets 10 to 14, clause 9.1.2.3; 15 fills up an odd number
SWAPPED = bytes((octet & 0x0F) << 4 | octet >> 4 for octet in range(256))
"""Each octet with its two halves exchanged."""
_NUMBER = re.compile(r"\+?[0-9*#abc]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """One end of a message. `number` is "+" and digits when international, else bare digits or a name."""

    number: str
    kind: Kind

    def __str__(self) -> str:
        return self.number


def parse_address(text: str) -> Address:
    """The address a person writes: "+15550101", a short code, a national number, a short name.

    Raises PduError for what no address field can hold.
    """
    if _NUMBER.fullmatch(text):
        return Address(text, "international" if text.startswith("+") else "unknown")
    septets = to_gsm7(text)
    if text and not text.startswith("+") and septets is not None and len(septets) * 7 <= _MOST_SEMI_OCTETS * 4:
        return Address(text, "alphanumeric")
    raise PduError(f"expected a phone number such as +15550101 or a name of at most 11 letters, got {text!r}")


def parse_number(text: str) -> Address:
    """Like parse_address, for a place where a name will not do: raises PduError for one."""
    address = parse_address(text)
    if address.kind == "alphanumeric":
        raise PduError(f"expected a phone number such as +15550101, got the name {text!r}")
    return address


def encode_address(address: Address) -> bytes:
    """The address field: useful semi-octets, type of address, value."""
    if address.kind == "alphanumeric":
        septets = to_gsm7(address.number) or b""
        semi_octets = (len(septets) * 7 + 3) // 4
        return bytes([semi_octets, type_octet(address)]) + pack(septets)
    digits = address.number.removeprefix("+")
    return bytes([len(digits), type_octet(address)]) + encode_digits(digits)


def type_octet(address: Address) -> int:
    """The type-of-address octet: 0x91 for international numbers, 0x81 for short codes, 0xD0 for names."""
    plan = 0 if address.kind == "alphanumeric" else _ISDN_PLAN
    return _EXTENSION_BIT | KINDS.index(address.kind) << 4 | plan


def encode_digits(digits: str) -> bytes:
    """Digits as swapped semi-octets, filled up with 0xF."""
    filled = digits.translate(_CODES) + "f" * (len(digits) % 2)
    return bytes.fromhex(filled).translate(SWAPPED)


def name_of(octets: bytes, semi_octets: int) -> str:
    """The name in an alphanumeric address of so many useful semi-octets."""
    return from_gsm7(unpack(octets, semi_octets * 4 // 7))
