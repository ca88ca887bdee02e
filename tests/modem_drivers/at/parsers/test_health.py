"""Volts and degrees."""

import pytest

from modem_drivers.at.parsers.health import cbc, telit_cbc, temperatures


@pytest.mark.parametrize(
    ("text", "volts"), [("0,100,3850", 3.85), ("3.85V", 3.85), ("0,95", None), ("0,0,0", None), ("", None)]
)
def test_cbc(text: str, volts: float | None) -> None:
    assert cbc(text) == volts


def test_telit_cbc() -> None:
    assert telit_cbc("0,385") == 3.85
    assert telit_cbc("0") is None


@pytest.mark.parametrize(
    ("text", "degrees"),
    [("26,25,24", (26, 25, 24)), ("32", (32,)), ('"soc-thermal","43"', (43,)), ('"pa","-273"', ()), ("", ())],
)
def test_temperatures(text: str, degrees: tuple[int, ...]) -> None:
    assert temperatures(text) == degrees
