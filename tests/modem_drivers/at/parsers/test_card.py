"""The SIM's state."""

import pytest

from modem_drivers.at.parsers.card import Ready, SimState, cpin, qinistat, qsimstat, qss, tries_left


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("READY", SimState.READY),
        ('"SIM PIN"', SimState.PIN),
        ("   SIM PUK", SimState.PUK),
        ("sim pin2", SimState.PIN2),
        ("PH-NET PIN", SimState.LOCKED),
        ("PH", None),
        ("PH_SIM PIN", SimState.LOCKED),
        ("PH-NETSUB PUK", SimState.LOCKED),
        ("SIM  PIN", SimState.PIN),
        ("SIM not inserted", SimState.ABSENT),
        ("SIM REMOVED", SimState.ABSENT),
        ("SIM BUSY", SimState.BUSY),
        ("SIM failure", SimState.FAILED),
        ("BLOCKED", None),
        ("NOT READY", SimState.BUSY),
        ("", None),
        ("SIM", None),
    ],
)
def test_cpin(text: str, state: SimState | None) -> None:
    assert cpin(text) == state


def test_makers() -> None:
    assert qinistat("7") == Ready.CARD | Ready.MESSAGES | Ready.PHONEBOOK
    assert qinistat("8") is None
    assert [qss(text) for text in ("0", "2,3", "1", "4", "")] == [
        SimState.ABSENT, SimState.READY, SimState.BUSY, None, None,
    ]  # fmt: skip
    assert [qsimstat(text) for text in ("1,0", "1,1", "1,2", "1")] == [False, True, None, None]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('4,"63C3"', 3),
        ('4,"63C0"', 0),
        ("4,63ca", 10),
        ('4,"6983"', 0),
        ('4,"9000"', None),
        ('8,"63C3"', None),
        ("", None),
    ],
)
def test_tries_left(text: str, left: int | None) -> None:
    assert tries_left(text) == left
