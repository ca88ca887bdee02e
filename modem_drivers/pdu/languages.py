"""The national languages of SMS and their tables (3GPP TS 23.038 clause 6.2.1.2 and annex A), as data."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from modem_drivers.pdu import indian


class Language(IntEnum):
    """National language identifiers (clause 6.2.1.2.4); DEFAULT is the alphabet that every phone has."""

    DEFAULT = 0
    TURKISH = 1
    SPANISH = 2
    PORTUGUESE = 3
    BENGALI = 4
    GUJARATI = 5
    HINDI = 6
    KANNADA = 7
    MALAYALAM = 8
    ORIYA = 9
    PUNJABI = 10
    TAMIL = 11
    TELUGU = 12
    URDU = 13


# Clause 6.2.1, the default alphabet, septet 0 to 127.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Clause 6.2.1.1, the extension table: what a septet means behind an escape.
_EXTENSION = dict(zip(b"\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65", "\f^{}\\[~]|€", strict=True))


def _differing(places: Mapping[int, str]) -> str:
    """The default alphabet with other characters at some places."""
    return "".join(places.get(place, char) for place, char in enumerate(_BASIC))


LOCKING: Final[Mapping[Language, str]] = MappingProxyType(
    {
        Language.DEFAULT: _BASIC,
        # A.3.1
        Language.TURKISH: _differing(dict(zip(b"\x04\x07\x0b\x0c\x1c\x1d\x40\x60", "€ıĞğŞşİç", strict=True))),
        # A.3.3
        Language.PORTUGUESE: _differing(
            dict(
                zip(
                    b"\x04\x06\x07\x08\x09\x0b\x0c\x0e\x0f\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1c\x1d\x1e",
                    "êúíóçÔôÁáªÇÀ∞^\\€Ó|ÂâÊ",
                    strict=True,
                )
            )
            | dict(zip(b"\x24\x40\x5b\x5c\x5d\x60\x7b\x7c\x7d", "ºÍÃÕÚ~ãõ`", strict=True))
        ),
        **{Language(number): indian.locking(script) for number, script in indian.SCRIPTS.items()},
        # A.3.13
        Language.URDU: (
            "اآبٻڀپڦتۂٿ\nٹٽ\rٺټثجځڄڃڅچڇحخد\x1bڌڈډڊ"
            " !ڏڍذرڑړ)(ڙز,ږ.ژ0123456789:;ښسش?"
            "صضطظعفقکڪګگڳڱلمنںڻڼوۄەہھءیېے\u064d\u0650\u064f\u0657"
            "\u0654abcdefghijklmnopqrstuvwxyz\u0655\u0651\u0653\u0656\u0670"
        ),
    }
)
"""Locking shift tables of 128 places; Spanish has none (annex A.3)."""

SINGLE: Final[Mapping[Language, Mapping[int, str]]] = MappingProxyType(
    {
        Language.DEFAULT: _EXTENSION,
        # A.2.1
        Language.TURKISH: _EXTENSION | dict(zip(b"GIScgis", "ĞİŞçğış", strict=True)),
        # A.2.2
        Language.SPANISH: _EXTENSION | dict(zip(b"\x09AIOUaiou", "çÁÍÓÚáíóú", strict=True)),
        # A.2.3
        Language.PORTUGUESE: _EXTENSION
        | dict(zip(b"\x05\x09\x0b\x0c\x0e\x0f", "êçÔôÁá", strict=True))
        | dict(zip(b"\x12\x13\x15\x16\x17\x18\x19\x1f", "ΦΓΩΠΨΣΘÊ", strict=True))
        | dict(zip(b"AIOU[\\aiou{|\x7f", "ÀÍÓÚÃÕÂíóúãõâ", strict=True)),
        **{Language(number): indian.single(script) for number, script in indian.SCRIPTS.items()},
        # A.2.13
        Language.URDU: indian.single(
            indian.Script(
                0x0600,
                "",
                "",
                "600 601 6F0 6F1 6F2 6F3 6F4 6F5 6F6 6F7 6F8 6F9 60C 60D 60E 60F 610 611 612"
                " 613 614 61B 61F 640 652 658 66B 66C 672 673 6CD",
            )
        )
        | {0x3F: "\u06d4"},
    }
)
"""Single shift tables: what a septet means behind an escape."""

Shift = tuple[Language, Language]
"""A locking and a single shift table that go together."""
_LATIN: Final = (Language.TURKISH, Language.SPANISH, Language.PORTUGUESE)
READABLE: Final[tuple[Shift, ...]] = tuple((Language.DEFAULT, single) for single in _LATIN)
"""Tables that a phone without them reads nearly right: it shows "s" for "ş" and "a" for "á"."""
EVERY: Final[tuple[Shift, ...]] = READABLE + tuple(
    shift
    for language in Language
    if language in LOCKING and language is not Language.DEFAULT
    for shift in ((Language.DEFAULT, language), (language, Language.DEFAULT), (language, language))
    if shift not in READABLE
)
"""All tables, for phones that are known to have them: others show letters without meaning."""
