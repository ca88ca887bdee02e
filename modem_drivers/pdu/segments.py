"""How a text will travel: in which alphabet, cut into which parts (3GPP TS 23.040 clause 9.2.3.24)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from modem_drivers.errors import PduError
from modem_drivers.pdu.alphabets import Alphabet, gsm7, to_gsm7
from modem_drivers.pdu.languages import READABLE, Language, Shift

# TS 23.040 clause 9.2.3.24: of 140 octets a header takes one for its length, five or six for the place of a
# part (.1 and .8) and three for each shift table (.15 and .16).
_USER_DATA: Final = 140
_LENGTH, _CONCAT, _SHIFT = 1, 5, 3
_GSM7_SINGLE: Final = 160
_MOST_PARTS: Final = 255


@dataclass(frozen=True, slots=True)
class Segmentation:
    """A text as it will be sent; `units` is its length in septets or UTF-16 units, over all parts.

    `locking` and `single` are the shift tables its parts ask for.
    """

    alphabet: Alphabet
    parts: tuple[str, ...]
    units: int
    locking: Language = Language.DEFAULT
    single: Language = Language.DEFAULT


def segment(text: str, *, wide_reference: bool = False, shifts: Iterable[Shift] = READABLE) -> Segmentation:
    """The text cut into the parts of a concatenated message (3GPP TS 23.040 clause 9.2.3.24.1).

    No escape sequence or surrogate pair is split.

    National tables among `shifts` are used where they save a part. `wide_reference` leaves room for a 16-bit
    reference. Raises PduError for text that is not valid Unicode or needs more than 255 parts.
    """
    septets = to_gsm7(text)
    if septets is not None and len(septets) <= _GSM7_SINGLE:
        return Segmentation(Alphabet.GSM7, (text,), len(septets))
    best = _ucs2(text, wide_reference) if septets is None else _gsm7(text, wide_reference)
    if len(best.parts) > 1:
        chars = set(text)
        for locking, single in shifts:
            if gsm7(locking, single).has(chars):
                other = _gsm7(text, wide_reference, locking, single)
                if len(other.parts) < len(best.parts):
                    best = other
    if len(best.parts) > _MOST_PARTS:
        raise PduError(f"expected a text of at most {_MOST_PARTS} parts, got one of {len(best.parts)}; shorten it")
    return best


def room(header_octets: int, alphabet: Alphabet | None) -> int:
    """What fits behind a header of so many octets: septets, UTF-16 units, or octets of data (None)."""
    octets = _USER_DATA - header_octets
    return octets * 8 // 7 if alphabet is Alphabet.GSM7 else octets // 2 if alphabet is Alphabet.UCS2 else octets


def _gsm7(
    text: str, wide: bool, locking: Language = Language.DEFAULT, single: Language = Language.DEFAULT
) -> Segmentation:
    header = _SHIFT * ((locking is not Language.DEFAULT) + (single is not Language.DEFAULT))
    alphabet = gsm7(locking, single)
    sizes = [len(alphabet.septets(char) or b"") for char in text]
    parts = _cut(text, Alphabet.GSM7, sizes, header, wide)
    return Segmentation(Alphabet.GSM7, parts, sum(sizes), locking, single)


def _ucs2(text: str, wide: bool) -> Segmentation:
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise PduError("expected Unicode text, got half a surrogate pair; send the whole character")
    sizes = [2 if char > "\uffff" else 1 for char in text]
    return Segmentation(Alphabet.UCS2, _cut(text, Alphabet.UCS2, sizes, 0, wide), sum(sizes))


def _cut(text: str, alphabet: Alphabet, sizes: list[int], header: int, wide: bool) -> tuple[str, ...]:
    """The parts; `header` is the length of the elements for shift tables."""
    if sum(sizes) <= room(_LENGTH + header if header else 0, alphabet):
        return (text,)
    most = room(_LENGTH + _CONCAT + wide + header, alphabet)
    parts: list[str] = []
    start = used = 0
    for index, size in enumerate(sizes):
        if used + size > most:
            parts.append(text[start:index])
            start, used = index, 0
        used += size
    return (*parts, text[start:])
