"""Values are found with and without the prefix."""

import pytest

from modem_drivers.errors import UnexpectedReply
from modem_drivers.features.answers import last_row, rows, value
from modem_drivers.session import Response


@pytest.mark.parametrize("line", ["EC25", "+CGMM: EC25", '+CGMM: "EC25"', '"EC25"'])
def test_value(line: str) -> None:
    assert value(Response((line,)), "+CGMM") == "EC25"


def test_the_last_line_counts() -> None:
    assert value(Response(("+CPIN: NOT READY", "+CPIN: READY")), "+CPIN?") == "READY"


def test_no_line_is_an_error_that_names_the_command() -> None:
    with pytest.raises(UnexpectedReply, match=r"AT\+CGMM expected"):
        value(Response(()), "+CGMM")
    with pytest.raises(UnexpectedReply, match="2 values"):
        last_row(Response(("+CSQ: 20",)), "+CSQ", 2)
    with pytest.raises(UnexpectedReply, match="none"):
        last_row(Response(()), "+CSQ", 2)


def test_rows() -> None:
    assert rows(Response(('+CGDCONT: 1,"IP","iot"', "+CGDCONT:2"))) == [["1", "IP", "iot"], ["2"]]
