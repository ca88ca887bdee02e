"""What a network says to a USSD code, with everything modems do to it."""

import pytest

from modem_drivers.at.parsers.ussd import Ussd, UssdState, cusd


@pytest.mark.parametrize(
    ("text", "ussd"),
    [
        ('0,"Balance 4,20 EUR",15', Ussd(UssdState.DONE, "Balance 4,20 EUR", 15)),
        ('1,"1. Yes\r\n2. "No"",15', Ussd(UssdState.REPLY_WANTED, '1. Yes\r\n2. "No"', 15)),
        ('0,"00420061007300740061FFFF",72', Ussd(UssdState.DONE, "Basta", 72)),
        ('0,"00420061007",72', Ussd(UssdState.DONE, "00420061007", 72)),
        ('0,"no scheme"', Ussd(UssdState.DONE, "no scheme", None)),
        ("0,bare,15", Ussd(UssdState.DONE, "bare", 15)),
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
