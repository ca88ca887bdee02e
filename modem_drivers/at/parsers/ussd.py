"""Unstructured supplementary services: +CUSD (3GPP TS 27.007 clause 7.15)."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from modem_drivers.at.hexed import ucs2
from modem_drivers.at.params import number
from modem_drivers.pdu.alphabets import from_gsm7
from modem_drivers.pdu.packing import unpack
from modem_drivers.pdu.schemes import Coding

_SHAPE: Final = re.compile(r"([0-5])\s*(?:,(.*))?", re.S)
_TAIL: Final = re.compile(r',\s*(?:(0|[1-9][0-9]{0,2}|)|"([0-9]{1,3})")\s*,?$')
"""The scheme, or its empty place; a figure with a leading zero is the end of a text without quotes."""
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_SEPTETS: Final = re.compile(r"\x1b[\x00-\x7f]|[\x01-\x09\x0b\x0c\x0e-\x1f]")
"""What no text has but one in septets, as AT+CSCS="GSM" asks for: `$` is 02 there, `_` is 11."""
_LANGUAGE: Final = re.compile(r"[a-z]{2}[\r\n]")

LONGEST: Final = 160
"""Octets of a USSD string (3GPP TS 23.038 clause 6.1.2.3); what is longer is not packed."""

_LANGUAGE_FIRST: Final = (0x10, 0x11)
"""Schemes whose text begins with its language, two letters of ISO 639 (3GPP TS 23.038 clause 5)."""

_SOME: Final = 4
"""Characters at least, before hexadecimal is taken for a text that no scheme tells of."""


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

    `packed`: this modem gives the default alphabet as packed septets in hex. Where that is not known, and where the
    scheme is missing or wrong, hexadecimal is a text if it makes words; a number or a code stays what it is.
    """
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        return None
    body, scheme = (match[2] or "").strip(), None
    if (tail := _TAIL.search(body)) is not None:
        body, scheme = body[: tail.start()].rstrip(), number(tail[1] or tail[2] or "")
    body = body.removeprefix('"').removesuffix('"')  # the one at the end is missing where the text was cut
    return Ussd(UssdState(int(match[1])), _read(body, scheme, packed=packed) if body else None, scheme)


def coding_of(scheme: int) -> Coding:
    """The alphabet that a scheme of a USSD string means (3GPP TS 23.038 clause 5, the table for cell broadcast).

    What is reserved counts as the default alphabet, as the clause asks.
    """
    if scheme == 0x11:
        return Coding.UTF16
    group = scheme >> 4
    if 0x4 <= group <= 0x7 and scheme & 0x20:
        return Coding.COMPRESSED
    if 0x4 <= group <= 0x7 or group == 0x9:
        return (Coding.SEPTETS, Coding.OCTETS, Coding.UTF16, Coding.SEPTETS)[scheme >> 2 & 3]
    return Coding.OCTETS if group == 0xF and scheme & 0x04 else Coding.SEPTETS


def _read(body: str, scheme: int | None, *, packed: bool) -> str | None:
    """The text; padding of 0xFFFF, carriage returns and the like is cut off."""
    coding = coding_of(scheme) if scheme is not None else Coding.SEPTETS
    if coding is Coding.COMPRESSED:
        return None
    if not _HEX.fullmatch(body):
        text = _SEPTETS.sub(lambda found: from_gsm7(found[0].encode("ascii")), body.rstrip("\r"))
        return _without_language(text, scheme)
    octets = bytes.fromhex(body)
    if coding is Coding.OCTETS:  # nobody says what they mean: words where they make some
        return octets.decode("ascii") if octets.isascii() and octets.decode("ascii").isprintable() else body
    if coding is Coding.UTF16:
        return _utf16(octets[2:] if scheme in _LANGUAGE_FIRST else octets)
    if packed and len(octets) <= LONGEST:
        return _without_language(_septets(octets), scheme)
    return ucs2(body, least=_SOME if scheme is not None else 2) or _words(octets) or body


def _utf16(octets: bytes) -> str | None:
    if len(octets) % 2 and octets.endswith(b"\xff"):
        octets = octets[:-1]  # padding, of one octet
    return None if len(octets) % 2 else octets.decode("utf-16-be", "replace").rstrip("\uffff\r\0")


def _septets(octets: bytes) -> str:
    """Packed septets; what fills the last octet up (clause 6.1.2.3.1) is cut off."""
    text = from_gsm7(unpack(octets, len(octets) * 8 // 7))
    if len(octets) % 7 == 0:
        text = text.removesuffix("@")  # a whole septet of zeros
    return text.rstrip("\r")


def _without_language(text: str, scheme: int | None) -> str:
    match = _LANGUAGE.match(text) if scheme in _LANGUAGE_FIRST else None
    return text[match.end() :] if match else text


def _words(octets: bytes) -> str | None:
    """The text in octets that nobody says are one, where as septets they make words; else None."""
    if len(octets) > LONGEST or octets.hex().isdecimal():
        return None
    text = _septets(octets)
    letters = all(char.isascii() or char.isalpha() for char in text) and text.replace("\n", " ").isprintable()
    return text if len(text.split()) > 1 and letters and len(text) > 2 * _SOME else None
