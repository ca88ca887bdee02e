"""Timers of the power saving mode."""

import pytest

from modem_drivers.at.parsers.sleep import active_time, update_period


@pytest.mark.parametrize(
    ("bits", "seconds"),
    [
        ("00000110", 3600),  # 6 × 10 min
        ("00100001", 3600),
        ("01000001", 36_000),
        ("01100001", 2),
        ("10000010", 60),
        ("10100001", 60),
        ("11000001", 1_152_000),
        ("11100000", None),
        ("0000011", None),
        ("", None),
    ],
)
def test_update_period(bits: str, seconds: int | None) -> None:
    assert update_period(bits) == seconds


@pytest.mark.parametrize(
    ("bits", "seconds"),
    [("00000101", 10), ("00100001", 60), ("01000001", 360), ("01100001", 60), ("11100001", None), ("x", None)],
)
def test_active_time(bits: str, seconds: int | None) -> None:
    assert active_time(bits) == seconds
