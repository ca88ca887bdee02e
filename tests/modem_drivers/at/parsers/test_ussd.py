"""What a network says to a USSD code, with everything modems do to it."""

import pytest

from modem_drivers.at.parsers.ussd import Ussd, UssdState, coding_of, cusd
from modem_drivers.features.ussd import packed
from modem_drivers.pdu.schemes import Coding


@pytest.mark.parametrize(
    ("text", "ussd"),
    [
        ('0,"Balance 4,20 EUR",15', Ussd(UssdState.DONE, "Balance 4,20 EUR", 15)),
        ('1,"1. Yes\r\n2. "No"",15', Ussd(UssdState.REPLY_WANTED, '1. Yes\r\n2. "No"', 15)),
        ('0,"00420061007300740061FFFF",72', Ussd(UssdState.DONE, "Basta", 72)),
        ('0,"00420061007",72', Ussd(UssdState.DONE, "00420061007", 72)),
        ('0,"no scheme"', Ussd(UssdState.DONE, "no scheme", None)),
        ("0,bare,15", Ussd(UssdState.DONE, "bare", 15)),
        ("0,bare 5,00 EUR", Ussd(UssdState.DONE, "bare 5,00 EUR", None)),
        ("0,bare 5,00", Ussd(UssdState.DONE, "bare 5,00", None)),
        ('0,"cut off', Ussd(UssdState.DONE, "cut off", None)),
        ('0,"text",', Ussd(UssdState.DONE, "text", None)),
        ('0,"text",15,', Ussd(UssdState.DONE, "text", 15)),
        (' 0 , "text" , "15" ', Ussd(UssdState.DONE, "text", 15)),
        ('0,"press "1", 15"', Ussd(UssdState.DONE, 'press "1", 15', None)),
        ("2", Ussd(UssdState.TERMINATED, None, None)),
        ("4", Ussd(UssdState.NOT_SUPPORTED, None, None)),
        ('0,"12345678",15', Ussd(UssdState.DONE, "12345678", 15)),
        ("7", None),
        ("", None),
    ],
)
def test_cusd(text: str, ussd: Ussd | None) -> None:
    assert cusd(text) == ussd


def test_packed_septets() -> None:
    told = cusd('0,"E8329BFD06",15', packed=True)
    assert told == Ussd(UssdState.DONE, "hello", 15)
    long = cusd(f'0,"{"E8" * 400}",15', packed=True)
    assert long is not None
    assert long.text == "E8" * 400


def ranges(*pairs: tuple[int, int]) -> set[int]:
    return {value for low, high in pairs for value in range(low, high + 1)}


UCS2 = {0x11} | ranges((0x48, 0x4B), (0x58, 0x5B), (0x98, 0x9B))
DATA = ranges((0x44, 0x47), (0x54, 0x57), (0x94, 0x97), (0xF4, 0xF7), (0xFC, 0xFF))
COMPRESSED = ranges((0x60, 0x7F))


@pytest.mark.parametrize("scheme", range(256))
def test_every_scheme(scheme: int) -> None:
    """3GPP TS 23.038 clause 5: languages, then general coding, then what is left is the default alphabet."""
    wanted = Coding.SEPTETS
    for values, coding in ((UCS2, Coding.UTF16), (DATA, Coding.OCTETS), (COMPRESSED, Coding.COMPRESSED)):
        wanted = coding if scheme in values else wanted
    assert coding_of(scheme) is wanted


MENU = "1 Data\n2 Top up"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        # UCS-2 in hex: by its scheme, with class, with padding, with its language before it
        (f'1,"{MENU.encode("utf-16-be").hex()}",72', MENU),
        (f'1,"{"Баланс 5".encode("utf-16-be").hex().upper()}",72', "Баланс 5"),
        (f'0,"{"Баланс".encode("utf-16-be").hex()}",89', "Баланс"),
        (f'0,"{"余额 5".encode("utf-16-be").hex()}FFFFFFFF",72', "余额 5"),
        (f'0,"{"Guthaben".encode("utf-16-be").hex()}000D",72', "Guthaben"),
        (f'0,"{"Guthaben".encode("utf-16-be").hex()}FF",72', "Guthaben"),
        (f'0,"{"😁".encode("utf-16-be").hex()}",72', "😁"),
        (f'0,"6432{"Guthaben".encode("utf-16-be").hex()}",17', "Guthaben"),
        ('0,"D83D",72', "\ufffd"),
        # the same without its scheme, or under that of the default alphabet
        (f'0,"{"Баланс 5".encode("utf-16-be").hex()}"', "Баланс 5"),
        (f'0,"{"Balance 5".encode("utf-16-be").hex()}",15', "Balance 5"),
        (f'0,"{"رصيد".encode("utf-16-be").hex()}",15', "رصيد"),
        # packed septets from a modem that takes plain codes
        ('0,"EBB79B1E0685E9ECF4BADE9E03", 0', "konta atlikums"),
        (f'0,"{packed("Your balance is 5.00")}",15', "Your balance is 5.00"),
        (f'1,"{packed(MENU.replace(chr(10), " "))}",15', MENU.replace("\n", " ")),
        # what is a number, a code or a word stays what it is
        ('0,"00420123456789",15', "00420123456789"),
        ('0,"0042012345678900",15', "0042012345678900"),
        ('0,"4915112345678900"', "4915112345678900"),
        ('0,"CAFE",15', "CAFE"),
        ('0,"DEADBEEF",15', "DEADBEEF"),
        ('0,"A1B2C3D4E5F6",15', "A1B2C3D4E5F6"),
        ('0,"CAFE BABE",15', "CAFE BABE"),
        # plain, in a language, with its language before it, in no language
        ('0,"Guthaben 5,00 EUR",0', "Guthaben 5,00 EUR"),
        ('0,"de\nGuthaben",16', "Guthaben"),
        ('0,"de\rGuthaben",16', "Guthaben"),
        ('0,"de\nGuthaben",15', "de\nGuthaben"),
        ('0,"Guthaben\r",15', "Guthaben"),
        ('0,"Guthaben",240', "Guthaben"),
        ('0,"\x025 or \x1be5, \x11 Caf\x05 {\r\n",15', "$5 or €5, _ Café {\r\n"),
        # octets, compressed
        ('0,"47757468",68', "Guth"),
        ('0,"00FF",68', "00FF"),
        ('0,"Guthaben",68', "Guthaben"),
        ('0,"47757468",96', None),
        ('2,"Bye",15', "Bye"),
        ('2,"",15', None),
        ("2,,", None),
    ],
)
def test_what_modems_make_of_a_text(text: str, read: str | None) -> None:
    told = cusd(text)
    assert told is not None
    assert told.text == read


@pytest.mark.parametrize("text", ["*100#", "hello@", "12345678", "1234567@", "Your balance", "@" * 8, "a" * 160])
def test_septets_lose_nothing_but_what_fills_them_up(text: str) -> None:
    told = cusd(f'0,"{packed(text)}",15', packed=True)
    assert told is not None
    assert told.text == (text if len(packed(text)) % 14 or not text.endswith("@") else text[:-1])
