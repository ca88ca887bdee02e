"""The modem's clock."""

from datetime import datetime, timedelta

import pytest

from modem_drivers.at.parsers.clock import Clock, cclk, qlts

NOON = datetime(2026, 11, 20, 12, 0, 5)  # noqa: DTZ001 - a clock without zone


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ('"26/11/20,12:00:05+04"', Clock(NOON, timedelta(hours=1))),
        ("26/11/20,12:00:05-32", Clock(NOON, timedelta(hours=-8))),
        ('"26/11/20,12:00:05"', Clock(NOON, None)),
        ('"2026/11/20,12:00:05+00"', Clock(NOON, timedelta())),
        ('"26/11/20, 12:00:05 +04"', Clock(NOON, timedelta(hours=1))),
        ('"26/11/20","12:00:05+04"', Clock(NOON, timedelta(hours=1))),
        ('" 26/11/20,12:00:05+4', Clock(NOON, timedelta(hours=1))),
        ('"80/01/06,00:00:20+00"', None),
        ('"70/01/01,00:00:20"', None),
        ('"04/01/01,00:00:20+00"', None),
        ('"26/13/20,12:00:05+04"', None),
        ('"26/11/20,12:00:05+99"', None),
        ("", None),
    ],
)
def test_cclk(text: str, clock: Clock | None) -> None:
    assert cclk(text) == clock


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ('"2026/11/20,12:00:05+04,0"', Clock(NOON, timedelta(hours=1))),
        ('"2026/11/20,12:00:05+08,1"', Clock(NOON, timedelta(hours=2))),
        ('"2026/11/20,12:00:05+04"', None),
        ('""', None),
        ("", None),
    ],
)
def test_qlts(text: str, clock: Clock | None) -> None:
    assert qlts(text) == clock
