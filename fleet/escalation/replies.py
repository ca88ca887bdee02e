"""What a technician's text says: `41A`, `41E`, or a bare `A`, `E`, `1`, `2`. Pure."""

import enum
import re
import unicodedata
from dataclasses import dataclass


class Verb(enum.StrEnum):
    """What a technician answers to an offer."""

    ACCEPT = "A"
    REFUSE = "E"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `code` is None for a bare one, which only counts while exactly one offer is pending."""

    verb: Verb
    code: int | None


CARRIER_WORDS = frozenset(
    (
        "STOP",
        "STOPALL",
        "UNSUBSCRIBE",
        "CANCEL",
        "END",
        "QUIT",
        "REVOKE",
        "OPTOUT",
        "OPT-OUT",
        "REMOVE",
        "ARRET",
        "TD",
        "START",
        "UNSTOP",
        "YES",
        "HELP",
        "INFO",
    )
)
"""Words that belong to the carriers' consent rules: never an answer, and never answered."""

_BARE = {"A": Verb.ACCEPT, "1": Verb.ACCEPT, "E": Verb.REFUSE, "2": Verb.REFUSE}
_AROUND = " \t\r\n\"'`“”„‘’«»"
_CODED = re.compile(r"([1-9][0-9]{1,4})\s*([AE])")
_LOOK_ALIKES = str.maketrans("АЕΑΕ", "AEAE")
"""Cyrillic and Greek keyboards have them where others have A and E."""


def parse(text: str) -> Reply | None:
    """The answer in a text; None when it is not one.

    Case, quotes, blanks and trailing dots do not matter; anything beside code and letter does.
    """
    plain = _plain(text)
    if plain in _BARE:
        return Reply(_BARE[plain], None)
    coded = _CODED.fullmatch(plain)
    return Reply(Verb(coded[2]), int(coded[1])) if coded else None


def is_carrier_word(text: str) -> bool:
    """Whether the text is a word of the carriers, such as STOP."""
    return _plain(text) in CARRIER_WORDS


def _plain(text: str) -> str:
    upper = unicodedata.normalize("NFKC", text).upper().translate(_LOOK_ALIKES)
    return upper.strip(_AROUND).rstrip("." + _AROUND)
