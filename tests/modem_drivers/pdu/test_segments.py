"""Where a text is cut."""

import pytest

from modem_drivers import pdu
from modem_drivers.errors import PduError
from modem_drivers.pdu import EVERY, READABLE, Alphabet, Language, Shift, segment


@pytest.mark.parametrize(
    ("text", "alphabet", "lengths", "units"),
    [
        ("", Alphabet.GSM7, [0], 0),
        ("a" * 160, Alphabet.GSM7, [160], 160),
        ("a" * 161, Alphabet.GSM7, [153, 8], 161),
        ("€" * 80, Alphabet.GSM7, [80], 160),
        ("a" + "€" * 80, Alphabet.GSM7, [77, 4], 161),  # 1 + 76 × 2 = 153
        ("€" * 81, Alphabet.GSM7, [76, 5], 162),  # 153 is odd: the escape is not cut
        ("я" * 70, Alphabet.UCS2, [70], 70),
        ("я" * 71, Alphabet.UCS2, [67, 4], 71),
        ("\U0001f600" * 35, Alphabet.UCS2, [35], 70),
        ("\U0001f600" * 36, Alphabet.UCS2, [33, 3], 72),  # 67 is odd: the pair is not cut
    ],
)
def test_segments(text: str, alphabet: Alphabet, lengths: list[int], units: int) -> None:
    cut = pdu.segment(text)
    assert (cut.alphabet, [len(part) for part in cut.parts], cut.units) == (alphabet, lengths, units)
    assert "".join(cut.parts) == text


def test_more_than_255_parts_are_refused() -> None:
    assert len(pdu.segment("a" * 153 * 255).parts) == 255
    with pytest.raises(PduError, match="at most 255 parts, got one of 256"):
        pdu.segment("a" * (153 * 255 + 1))


def test_half_a_character_is_refused() -> None:
    with pytest.raises(PduError, match="half a surrogate pair"):
        pdu.segment("\ud83d")


@pytest.mark.parametrize(
    ("text", "shifts", "parts", "used"),
    [
        ("ş" * 77, READABLE, 1, (Language.DEFAULT, Language.TURKISH)),  # 154 of 155 septets; UCS-2 would need two
        ("ş" * 70, READABLE, 1, (Language.DEFAULT, Language.DEFAULT)),  # one part of UCS-2 is one part
        ("ş" * 78, READABLE, 2, (Language.DEFAULT, Language.DEFAULT)),  # no part saved: UCS-2 that all can read
        ("ş" * 78, EVERY, 1, (Language.TURKISH, Language.DEFAULT)),
        ("ó" * 10 + "x" * 140, READABLE, 2, (Language.DEFAULT, Language.SPANISH)),
        ("ó" * 10 + "x" * 140, EVERY, 1, (Language.PORTUGUESE, Language.DEFAULT)),
        ("ã€" * 60, EVERY, 1, (Language.PORTUGUESE, Language.DEFAULT)),
        ("Φ" * 20 + "õ" * 60, READABLE, 1, (Language.DEFAULT, Language.PORTUGUESE)),
        ("ş" * 77 + "ã", READABLE, 2, (Language.DEFAULT, Language.DEFAULT)),  # in no pair of tables
        ("ş" * 77, (), 2, (Language.DEFAULT, Language.DEFAULT)),
        ("\u0915" * 155, EVERY, 1, (Language.HINDI, Language.DEFAULT)),
        ("\u0915" * 155, READABLE, 3, (Language.DEFAULT, Language.DEFAULT)),
        ("\u0966" * 5 + "\u0915" * 140, EVERY, 1, (Language.HINDI, Language.HINDI)),
        ("€" * 81, READABLE, 2, (Language.DEFAULT, Language.DEFAULT)),
    ],
)
def test_shift_tables_are_used_where_they_save_a_part(
    text: str, shifts: tuple[Shift, ...], parts: int, used: Shift
) -> None:
    cut = segment(text, shifts=shifts)
    assert (len(cut.parts), (cut.locking, cut.single)) == (parts, used)
    assert "".join(cut.parts) == text


def test_a_wide_reference_takes_one_octet_of_every_part() -> None:
    assert [len(part) for part in segment("x" * 306).parts] == [153, 153]
    assert [len(part) for part in segment("x" * 306, wide_reference=True).parts] == [152, 152, 2]
    assert [len(part) for part in segment("Ж" * 134, wide_reference=True).parts] == [66, 66, 2]
