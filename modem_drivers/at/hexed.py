"""Text in hexadecimal that nobody announces: UCS-2, as modems give names and answers while AT+CSCS is set so.

3GPP TS 27.007 clause 5.5.
"""

import re
from typing import Final

_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{4})+")
_PHONE: Final = re.compile(r"\+?[0-9*#]+")
_LAST_ROW: Final = 0x06
"""Scripts up to Arabic stand in rows of 256 of which a text uses one besides the Latin one."""


def ucs2(text: str, *, least: int) -> str | None:
    """The text in such hexadecimal, at least so many characters long; None for what is none, a number, or a code."""
    if not _HEX.fullmatch(text):
        return None
    octets = bytes.fromhex(text)
    while octets.endswith(b"\xff\xff"):
        octets = octets[:-2]  # padding
    rows = set(octets[::2])
    if len(octets) < 2 * least or len(rows - {0}) > 1 or max(rows) > _LAST_ROW:
        return None
    found = octets.decode("utf-16-be", "replace").rstrip("\r\0")
    return found if found and all(char.isprintable() or char in "\r\n" for char in found) else None


def phone(text: str) -> str:
    """A phone number; one in such hexadecimal is read."""
    found = ucs2(text, least=3)
    return found if found and _PHONE.fullmatch(found) else text
