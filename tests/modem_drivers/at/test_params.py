"""Values after a prefix, as vendors write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_drivers.at import params


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", []),
        ("1", ["1"]),
        ('2,1,"D509","80D413D",7', ["2", "1", "D509", "80D413D", "7"]),
        ("2,,", ["2", "", ""]),
        (' 2 , 1 ,"a b" ', ["2", "1", "a b"]),
        ('"a,b",c', ["a,b", "c"]),
        ('1,"unended', ["1", "unended"]),
        ('("SM","ME"),(0-2)', ['("SM","ME")', "(0-2)"]),
        ('1,"Bob"s",23', ["1", 'Bob"s', "23"]),
        ('1,"say "a, b"",7', ["1", 'say "a, b"', "7"]),
        ('"",",",x', ["", ",", "x"]),
        ('"a" ,b', ["a", "b"]),
        ('1,"open, 2', ["1", "open", "2"]),
        ('"000B","2816, 2', ["000B", "2816", "2"]),
        ("Net (UK), x),7", ["Net (UK)", "x)", "7"]),
        ('(2,"Net (UK","N"),7', ['(2,"Net (UK","N")', "7"]),
    ],
)
def test_values(text: str, fields: list[str]) -> None:
    assert params.values(text) == fields


@pytest.mark.parametrize(
    ("group", "found"),
    [
        ("(0-2,7)", {0, 1, 2, 7}),
        ("(0,1)", {0, 1}),
        ("3", {3}),
        ("()", set()),
        ("(a-b)", set()),
        ("(5-1)", set()),
        ("(0-99999999999)", set()),
        ("(1-)", set()),
    ],
)
def test_numbers(group: str, found: set[int]) -> None:
    assert params.numbers(group) == found


def test_strings() -> None:
    assert params.strings('("SM","ME","MT")') == ("SM", "ME", "MT")
    assert params.strings("()") == ()
    assert params.strings('"SM"') == ("SM",)


@pytest.mark.parametrize(
    ("field", "value"), [("7", 7), ("-1", -1), ('"7"', 7), ("", None), ("x", None), ("²", None), ("9" * 19, None)]
)
def test_number(field: str, value: int | None) -> None:
    assert params.number(field) == value


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert isinstance(params.values(text), list)
    assert len(params.numbers(text)) <= params.MAX_RANGE + 1
    assert isinstance(params.strings(text), tuple)
    number = params.number(text)
    assert number is None or abs(number) < 10**18
