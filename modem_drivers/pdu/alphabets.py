"""The alphabets of SMS (3GPP TS 23.038): GSM 7-bit with its shift tables, its packing, and UTF-16."""

import codecs
from enum import Enum
from functools import cache
from typing import Final

from modem_drivers.pdu.indian import UNDEFINED
from modem_drivers.pdu.languages import LOCKING, SINGLE, Language

_ESCAPE: Final = 0x1B
_ESCAPE_OCTET: Final = b"\x1b"
_SEPTETS: Final = 128


class Alphabet(Enum):
    """How the characters of a text travel."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


class Gsm7:
    """A locking and a single shift table together; get one from `gsm7`."""

    def __init__(self, locking: Language, single: Language) -> None:
        table = LOCKING.get(locking, LOCKING[Language.DEFAULT])
        extension = SINGLE.get(single, SINGLE[Language.DEFAULT])
        self._table = table
        # Behind an escape, what the extension lacks is read from the main table (clause 6.2.1.1).
        self._extended = "".join(extension.get(septet, char) for septet, char in enumerate(table))
        # The C codec is fast for tables that begin with NUL, so the septets come out 128 too high.
        self._fast = codecs.charmap_build("\0" + UNDEFINED * 127 + table.replace("\x1b", UNDEFINED))
        codes = {char: bytes([_ESCAPE, septet]) for septet, char in extension.items()}
        codes |= {char: bytes([septet]) for septet, char in enumerate(table) if char not in ("\x1b", UNDEFINED)}
        self._codes = codes

    def has(self, chars: set[str]) -> bool:
        """Whether all these characters can be written."""
        return chars <= self._codes.keys()

    def septets(self, char: str) -> bytes | None:
        """The one or two septets of a character; None where neither table has it."""
        return self._codes.get(char)

    def encode(self, text: str) -> bytes | None:
        """The text as septets, one per byte; None when a character is in neither table."""
        try:
            if "\0" not in text:
                high, _ = codecs.charmap_encode(text, "strict", self._fast)
                return high.translate(_LOW)
        except UnicodeEncodeError:
            pass  # not of one septet each
        try:
            return b"".join([self._codes[char] for char in text])
        except KeyError:
            return None

    def decode(self, septets: bytes) -> str:
        """The text of septets; a lone escape shows a space, a septet without a character U+FFFD."""
        plain, *escaped = septets.split(_ESCAPE_OCTET)
        text = codecs.charmap_decode(plain, "replace", self._table)[0]
        return text + self._rest(escaped) if escaped else text

    def _rest(self, escaped: list[bytes]) -> str:
        """What follows the first escape, cut at the escapes."""
        texts: list[str] = []
        doubled = False  # the escape before was escaped itself: this one begins nothing
        for run in escaped:
            if doubled:
                texts.append(" " + codecs.charmap_decode(run, "replace", self._table)[0])
                doubled = False
            elif run:
                texts.append(codecs.charmap_decode(run[:1], "replace", self._extended)[0])
                texts.append(codecs.charmap_decode(run[1:], "replace", self._table)[0])
            else:
                doubled = True
        return "".join(texts) + " " * doubled


@cache
def gsm7(locking: Language = Language.DEFAULT, single: Language = Language.DEFAULT) -> Gsm7:
    """The 7-bit alphabet of these tables; a language without such a table has the default one."""
    return Gsm7(locking, single)


_LOW: Final = bytes(octet & 0x7F for octet in range(256))
DEFAULT: Final = gsm7()
"""The alphabet that every phone has."""


def to_gsm7(text: str) -> bytes | None:
    """The text as septets of the default alphabet, one per byte; None when a character is outside it."""
    return DEFAULT.encode(text)


def from_gsm7(septets: bytes) -> str:
    """The text of septets of the default alphabet."""
    return DEFAULT.decode(septets)


def from_utf16(octets: bytes) -> str:
    """The text of big-endian UTF-16; half a surrogate pair becomes U+FFFD: always valid Unicode."""
    return octets.decode("utf-16-be", "replace")
