"""Keys, as a code and as themselves."""

import pytest

from modem_drivers.at.parsers.keys import code, letter


@pytest.mark.parametrize(("text", "key"), [("49", "1"), ("42", "*"), ("35", "#"), ("68", "D"), ("1", None), ("", None)])
def test_code(text: str, key: str | None) -> None:
    assert code(text) == key


@pytest.mark.parametrize(
    ("text", "key"), [("8", "8"), (" 5", "5"), ('"*"', "*"), ("5,1", "5"), ("5,0", None), ("a", "A"), ("12", None)]
)
def test_letter(text: str, key: str | None) -> None:
    assert letter(text) == key
