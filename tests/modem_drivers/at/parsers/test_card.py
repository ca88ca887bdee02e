"""The SIM's state."""

import pytest

from modem_drivers.at.parsers.card import Ready, SimState, cpin, qinistat, qsimstat, qss


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("READY", SimState.READY),
        ('"SIM PIN"', SimState.PIN),
        ("   SIM PUK", SimState.PUK),
        ("sim pin2", SimState.PIN2),
        ("PH-NET PIN", SimState.LOCKED),
        ("PH", None),
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
