"""Values are found with and without the prefix."""

import pytest

from modem_drivers.errors import UnexpectedReply
from modem_drivers.features.answers import identity, last_row, rows, value
from modem_drivers.session import Response


@pytest.mark.parametrize("line", ["EC25", "+CGMM: EC25", '+CGMM: "EC25"', '"EC25"'])
def test_value(line: str) -> None:
    assert value(Response((line,)), "+CGMM") == "EC25"


def test_the_last_line_counts() -> None:
    assert value(Response(("+CPIN: NOT READY", "+CPIN: READY")), "+CPIN?") == "READY"


@pytest.mark.parametrize("number", ["490154203237518", "98101430121181157002F4", "8949 0154 2032 3751 8F"])
def test_an_identity_is_found_beside_words_nobody_knows(number: str) -> None:
    assert identity(Response(("*W", number, "RINGING")), "+CGSN") == number
    assert identity(Response((f'+CGSN: "{number}"',)), "+CGSN") == number


def test_what_is_no_identity_is_told_as_it_is() -> None:
    assert identity(Response(("*W", "none")), "+CGSN") == "none"


def test_no_line_is_an_error_that_names_the_command() -> None:
    with pytest.raises(UnexpectedReply, match=r"AT\+CGMM expected"):
        value(Response(()), "+CGMM")
    with pytest.raises(UnexpectedReply, match="2 values"):
        last_row(Response(("+CSQ: 20",)), "+CSQ", 2)
    with pytest.raises(UnexpectedReply, match="none"):
        last_row(Response(()), "+CSQ", 2)


def test_rows() -> None:
    assert rows(Response(('+CGDCONT: 1,"IP","iot"', "+CGDCONT:2"))) == [["1", "IP", "iot"], ["2"]]
