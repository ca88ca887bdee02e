"""Power saving: PSM's timers, eDRX's cycles."""

import pytest

from modem_drivers.at.parsers.sleep import (
    IdleCycle,
    PowerSaving,
    active_time,
    cedrx,
    cpsms,
    cycle,
    qpsmtimer,
    update_period,
)


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('1,,,"01011111","00000001"', PowerSaving(True, 31 * 36_000, 2)),
        ('1,,,"11100000","00000001"', PowerSaving(True, None, 2)),
        ('1,"00011000","00100010","00010011","00000011"', PowerSaving(True, 19 * 600, 6)),
        ("1", PowerSaving(True)),
        ("0", PowerSaving(False)),
        ("2", None),
        ("", None),
    ],
)
def test_cpsms(text: str, told: PowerSaving | None) -> None:
    assert cpsms(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [("1320,30", PowerSaving(True, 1320, 30)), ("1320", None), ("-1,30", None), ("99999999999,30", None), ("", None)],
)
def test_qpsmtimer(text: str, told: PowerSaving | None) -> None:
    assert qpsmtimer(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('4,"0101"', IdleCycle(4, 81.92)),
        ('4,"1001","0101","1011"', IdleCycle(4, 163.84, 81.92, 15.36)),
        ('5,"1101","0101","0011"', IdleCycle(5, 2621.44, 81.92, 10.24)),
        ('2,"0111","0001"', IdleCycle(2)),
        ("0", IdleCycle(0)),
        ("6", None),
        ("", None),
    ],
)
def test_cedrx(text: str, told: IdleCycle | None) -> None:
    assert cedrx(text) == told


def test_cycles_that_nb_iot_lacks_are_the_shortest_it_has() -> None:
    assert [cycle(bits, 5) for bits in ("0000", "0010", "0110", "1001")] == [20.48, 20.48, 20.48, 163.84]
