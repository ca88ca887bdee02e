"""Transcripts are text a person can read and a program can read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_drivers.at.transcript import HEADING, Exchange, dumps, loads


def test_as_it_is_written() -> None:
    rows = [
        Exchange(b"\x1b", b""),
        Exchange(b"AT+CSQ\r", b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n"),
        Exchange(b"AT+CMGS=1\r", b"\r\n> "),
        Exchange(b'AT+CPIN="1234"\r', b'AT+CPIN="1234"\r\r\n+CME ERROR: 16\r\n'),
        Exchange(b"a|b\\", b""),
    ]
    assert dumps(rows).splitlines() == [
        HEADING,
        r"\x1b                             |",
        r"AT+CSQ\r                         | \r\n+CSQ: 20,99\r\n\r\nOK\r\n",
        r"AT+CMGS=1\r                      | \r\n>\x20",
        r'AT+CPIN="****"\r                 | AT+CPIN="****"\r\r\n+CME ERROR: 16\r\n',
        r"a\x7cb\\                         |",
    ]


@given(st.lists(st.builds(Exchange, st.binary(max_size=40), st.binary(max_size=80))))
def test_read_back(rows: list[Exchange]) -> None:
    again = loads(dumps(rows))
    if "****" not in dumps(rows):
        assert again == rows
    assert dumps(again) == dumps(rows)


def test_comments_and_blank_lines() -> None:
    assert loads(f"{HEADING}\n# why\n\nAT\\r | OK\n") == [Exchange(b"AT\r", b"OK")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "first line"),
        ("AT | OK\n", "first line"),
        (f"{HEADING}\nAT\n", "two columns .* line 2"),
        (f"{HEADING}\nAT | \\xZZ\n", "line 2"),
        (f"{HEADING}\nAT | ä\n", "line 2"),
        (f"{HEADING}\nAT | \\u1234\n", "line 2"),
    ],
)
def test_what_is_none(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        loads(text)
