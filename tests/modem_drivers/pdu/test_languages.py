"""The tables of annex A: their form, and places read in 3GPP TS 23.038 one by one."""

import pytest

from modem_drivers.pdu.alphabets import gsm7
from modem_drivers.pdu.indian import UNDEFINED
from modem_drivers.pdu.languages import LOCKING, SINGLE, Language

T = Language
LOCKED = [
    (T.DEFAULT, 0x40, "¡"),
    (T.TURKISH, 0x04, "€"),
    (T.TURKISH, 0x05, "é"),
    (T.TURKISH, 0x07, "ı"),
    (T.TURKISH, 0x1C, "Ş"),
    (T.TURKISH, 0x60, "ç"),
    (T.PORTUGUESE, 0x05, "é"),
    (T.PORTUGUESE, 0x12, "ª"),
    (T.PORTUGUESE, 0x15, "∞"),
    (T.PORTUGUESE, 0x5E, "Ü"),
    (T.PORTUGUESE, 0x7D, "`"),
    (T.BENGALI, 0x00, "\u0981"),
    (T.BENGALI, 0x60, "\u09ce"),
    (T.GUJARATI, 0x7F, "\u0af1"),
    (T.HINDI, 0x3C, "\u0929"),
    (T.HINDI, 0x5F, "\u094d"),
    (T.KANNADA, 0x24, "\u0ca1"),
    (T.MALAYALAM, 0x48, "\u0d34"),
    (T.ORIYA, 0x49, "\u0b35"),
    (T.PUNJABI, 0x4A, "\u0a36"),
    (T.TAMIL, 0x4A, "\u0bb6"),
    (T.TELUGU, 0x7B, "\u0c56"),
    (T.URDU, 0x00, "\u0627"),
    (T.URDU, 0x5C, "\u064d"),
    (T.URDU, 0x7F, "\u0670"),
]
SHIFTED = [
    (T.DEFAULT, 0x65, "€"),
    (T.TURKISH, 0x53, "Ş"),
    (T.TURKISH, 0x69, "ı"),
    (T.SPANISH, 0x09, "ç"),
    (T.SPANISH, 0x75, "ú"),
    (T.PORTUGUESE, 0x05, "ê"),
    (T.PORTUGUESE, 0x61, "Â"),
    (T.PORTUGUESE, 0x7F, "â"),
    (T.BENGALI, 0x1A, "\u09e7"),
    (T.BENGALI, 0x34, "\u09fa"),
    (T.GUJARATI, 0x19, "\u0964"),
    (T.HINDI, 0x26, "\u0951"),
    (T.HINDI, 0x3A, "\u0971"),
    (T.KANNADA, 0x2A, "\u0cf2"),
    (T.MALAYALAM, 0x34, "\u0d7f"),
    (T.ORIYA, 0x2A, "\u0b5f"),
    (T.PUNJABI, 0x2D, "\u0a75"),
    (T.TAMIL, 0x24, "\u0bee"),
    (T.TELUGU, 0x32, "\u0c7f"),
    (T.URDU, 0x3F, "\u06d4"),
]


@pytest.mark.parametrize(("language", "septet", "char"), LOCKED)
def test_places_of_the_locking_tables(language: Language, septet: int, char: str) -> None:
    assert gsm7(locking=language).decode(bytes([septet])) == char
    assert gsm7(locking=language).encode(char) == bytes([septet])


@pytest.mark.parametrize(("language", "septet", "char"), SHIFTED)
def test_places_of_the_single_shift_tables(language: Language, septet: int, char: str) -> None:
    assert gsm7(single=language).decode(bytes([0x1B, septet])) == char
    assert gsm7(single=language).encode(char) == bytes([0x1B, septet])


@pytest.mark.parametrize("language", Language)
def test_every_table_is_whole_and_holds_no_character_twice(language: Language) -> None:
    assert set(SINGLE) == set(Language)
    assert set(LOCKING) == set(Language) - {Language.SPANISH}
    table = LOCKING.get(language, LOCKING[Language.DEFAULT])
    chars = [char for char in table if char != UNDEFINED]
    assert len(table) == 128
    assert len(set(chars)) == len(chars)
    assert (table[0x0A], table[0x0D], table[0x1B]) == ("\n", "\r", "\x1b")
    assert (SINGLE[language][0x0A], SINGLE[language][0x65]) == ("\f", "€")
    assert not {0x0D, 0x1B} & set(SINGLE[language])


@pytest.mark.parametrize("locking", Language)
@pytest.mark.parametrize("single", Language)
def test_what_a_pair_of_tables_writes_it_reads(locking: Language, single: Language) -> None:
    alphabet = gsm7(locking, single)
    text = "".join(sorted(alphabet._codes))
    septets = alphabet.encode(text)
    assert septets is not None
    assert alphabet.decode(septets) == text
    assert alphabet.has(set(text))
    assert alphabet.encode(text + "漢") is None
    assert not alphabet.has({"漢"})


def test_escapes_that_stand_for_nothing() -> None:
    turkish = gsm7(Language.TURKISH, Language.TURKISH)
    for septets, text in (
        (b"\x1b", " "),
        (b"\x1b\x1b", " "),
        (b"A\x1b\x1bA", "A A"),
        (b"\x1b\x1b\x1b\x65", " €"),
        (b"\x1b\x07", "ı"),  # in no single shift table: the main table's
    ):
        assert turkish.decode(septets) == text
    assert gsm7(Language.TAMIL).decode(b"\x00") == "\ufffd"
    assert gsm7().encode("\x1b") is None
    assert gsm7().encode("\0") is None
