"""What is tried on a modem that fails is a table."""

import pytest

from modem_drivers.recovery import (
    LADDER,
    LADDER_WITH_SWITCH,
    MAX_DELAY,
    REPAIRS,
    Rung,
    absence,
    delay,
    repairs_due,
    rung,
)


def test_the_ladder_goes_from_mild_to_hard_and_ends_with_a_person() -> None:
    assert rung(1) is Rung.REOPEN
    assert [step for step in LADDER if step is not Rung.REOPEN] == [Rung.RADIO, Rung.RESET, Rung.ALARM]
    assert rung(len(LADDER)) is rung(10_000) is Rung.ALARM
    assert rung(0) is Rung.REOPEN


def test_a_power_switch_comes_before_the_person() -> None:
    steps = [step for step in LADDER_WITH_SWITCH if step is not Rung.REOPEN]
    assert steps == [Rung.RADIO, Rung.RESET, Rung.POWER, Rung.ALARM]
    assert rung(len(LADDER), LADDER_WITH_SWITCH) is Rung.POWER
    assert rung(10_000, LADDER_WITH_SWITCH) is Rung.ALARM


def test_tries_come_further_apart_but_never_stop() -> None:
    assert [delay(failures, 1) for failures in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert delay(10_000, 1) == MAX_DELAY


def test_one_repair_each_time_the_patience_is_used_up() -> None:
    assert [repairs_due(without, 60) for without in (0, 59, 60, 119, 120, 180, 10_000)] == [0, 0, 1, 1, 2, 3, 3]
    assert len(REPAIRS) == 3


@pytest.mark.parametrize(
    ("missing", "switch", "step"),
    [
        (299, True, None),
        (300, True, Rung.POWER),
        (900, True, Rung.POWER),
        (299, False, None),
        (300, False, Rung.ALARM),
    ],
)
def test_a_missing_port(missing: float, switch: bool, step: Rung | None) -> None:
    assert absence(missing, 300, switch=switch) is step
