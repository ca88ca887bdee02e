"""The tables of India's scripts (3GPP TS 23.038, annexes A.2.4 to A.2.12 and A.3.4 to A.3.12).

Nine scripts share one layout: their letters stand in the order of their Unicode blocks, which are laid out alike.
A script is its block, the letters it lacks, and what stands at the places that are its own.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

UNDEFINED: Final = "\ufffe"
"""Marks a place of a table that stands for no character."""


class Script(NamedTuple):
    """One script: `block` is its first code point, all others are offsets in it, in hexadecimal.

    `lacks` are the letters without a place in the locking table, `tail` what stands there at 60 and 7B to 7F.
    `signs` fill the free places of the single shift table, "-" leaves one free; those past FF are code points.
    """

    block: int
    lacks: str
    tail: str
    signs: str


_DANDAS = "964 965"
_DIGITS = "66 67 68 69 6A 6B 6C 6D 6E 6F"
# By national language identifier, TS 23.038 clause 6.2.1.2.4.
SCRIPTS: Final[Mapping[int, Script]] = {
    4: Script(
        0x0980,
        "0D 0E 11 12 29 31 33 34 35 45 46 49 4A",
        "4E 57 5C 5D 70 71",
        "66 67 68 69 6A 6B 6C 6D 6E 6F 5F 60 61 62 63 72 73 74 75 76 77 78 79 7A",
    ),
    5: Script(0x0A80, "0E 12 29 31 34 46 4A", "50 60 61 62 63 71", f"{_DANDAS} {_DIGITS}"),
    6: Script(
        0x0900, "", "50 72 7B 7C 7E 7F", f"{_DANDAS} {_DIGITS} 51 52 53 54 58 59 5A 5B 5C 5D 5E 5F 60 61 62 63 70 71"
    ),
    7: Script(0x0C80, "01 0D 11 29 34 45 49", "55 56 60 61 62 63", f"{_DANDAS} {_DIGITS} 5E 71 72"),
    8: Script(
        0x0D00,
        "01 0D 11 29 3C 45 49",
        "57 60 61 62 63 79",
        f"{_DANDAS} {_DIGITS} 70 71 72 73 74 75 7A 7B 7C 7D 7E 7F",
    ),
    9: Script(0x0B00, "0D 0E 11 12 29 31 34 45 46 49 4A", "56 57 60 61 62 63", f"{_DANDAS} {_DIGITS} 5C 5D 5F 70 71"),
    10: Script(
        0x0A00,
        "0B 0C 0D 0E 11 12 29 31 34 37 3D 43 44 45 46 49 4A",
        "51 70 71 72 73 74",
        f"{_DANDAS} {_DIGITS} 59 5A 5B 5C 5E 75",
    ),
    11: Script(
        0x0B80,
        "01 0B 0C 0D 11 16 17 18 1B 1D 20 21 22 25 26 27 2B 2C 2D 3C 3D 43 44 45 49",
        "50 57 70 71 72 79",
        f"{_DANDAS} {_DIGITS} 73 74 75 76 77 78 7A",
    ),
    12: Script(
        0x0C00,
        "0D 11 29 34 3C 45 49",
        "55 56 60 61 62 63",
        f"- - {_DIGITS} 58 59 78 79 7A 7B 7C 7D 7E 7F",
    ),
}

_LETTERS: Final = (*range(0x01, 0x04), *range(0x05, 0x3A), *range(0x3C, 0x4E))
# What stands at the places that are no letter's in all locking tables.
_FIXED: Final = (
    dict(zip(b"\x0a\x0d\x1b !", "\n\r\x1b !", strict=True))
    | dict(zip(b"(),.:;?", ")(,.:;?", strict=True))  # the parentheses are the other way round
    | {place: chr(place) for place in (*range(0x30, 0x3A), *range(0x61, 0x7B))}
)
_TAIL: Final = (0x60, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F)

_SHIFTED: Final = (
    dict(enumerate("@£$¥¿\"¤%&'\f*+"))
    | dict(enumerate("-/<=>¡^¡_#*", 0x0E))
    | {0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€"}
    | {place: chr(place) for place in range(0x41, 0x5B)}
)
"""What all single shift tables of annex A have in common from A.2.4 on."""
FREE: Final = (0x19, 0x1A, *range(0x1C, 0x28), *range(0x2A, 0x2F), *range(0x30, 0x3C))


def locking(script: Script) -> str:
    """The 128 places of a script's locking shift table."""
    lacking = set(_offsets(script.lacks))
    letters: Iterator[int] = iter(_LETTERS)
    places = []
    for place in range(0x60):
        if place in _FIXED:
            places.append(_FIXED[place])
        else:
            letter = next(letters)
            places.append(UNDEFINED if letter in lacking else chr(script.block + letter))
    tail = dict(zip(_TAIL, _offsets(script.tail), strict=True))
    places += [_FIXED.get(place) or chr(script.block + tail[place]) for place in range(0x60, 0x80)]
    return "".join(places)


def single(script: Script) -> dict[int, str]:
    """A script's single shift table, by septet."""
    signs = zip(FREE, script.signs.split(), strict=False)
    return _SHIFTED | {place: _sign(script.block, sign) for place, sign in signs if sign != "-"}


def _offsets(text: str) -> list[int]:
    return [int(offset, 16) for offset in text.split()]


def _sign(block: int, sign: str) -> str:
    code = int(sign, 16)
    return chr(code if code > 0xFF else block + code)
