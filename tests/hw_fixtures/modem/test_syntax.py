"""Command lines cut into commands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_fixtures.modem.syntax import Request, parse_line


@pytest.mark.parametrize(
    ("line", "requests"),
    [
        ("", []),
        ("E0V1", [Request("E", "run", ("0",)), Request("V", "run", ("1",))]),
        ("&F", [Request("&F", "run", ("",))]),
        ("S0=1", [Request("S0", "set", ("1",), "1")]),
        ("+CSQ", [Request("+CSQ", "run")]),
        ("+creg?", [Request("+CREG", "read")]),
        ("+CNMI=?", [Request("+CNMI", "test")]),
        ('+CPMS="SM",,"ME"', [Request("+CPMS", "set", ("SM", "", "ME"), '"SM",,"ME"')]),
        ("+COPS=3,2;+COPS?", [Request("+COPS", "set", ("3", "2"), "3,2"), Request("+COPS", "read")]),
        ('+CUSD=1,"a;b,c",15', [Request("+CUSD", "set", ("1", "a;b,c", "15"), '1,"a;b,c",15')]),
        ("E0;+CMEE=1", [Request("E", "run", ("0",)), Request("+CMEE", "set", ("1",), "1")]),
        ("D+15550101;", [Request("D", "set", ("+15550101;",))]),
    ],
)
def test_parsed(line: str, requests: list[Request]) -> None:
    assert parse_line(line) == requests


@pytest.mark.parametrize("line", ["!", "+", "+CSQ rubbish", "=1", "é"])
def test_not_a_command_line(line: str) -> None:
    assert parse_line(line) is None


@given(st.text(max_size=80))
def test_any_text_is_parsed_or_refused(line: str) -> None:
    requests = parse_line(line)
    assert requests is None or all(request.name for request in requests)
