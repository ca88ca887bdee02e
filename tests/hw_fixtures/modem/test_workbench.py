"""A modem made from what people write."""

from typing import Any

import pytest

from hw_fixtures.modem.workbench import network, plan

GOOD: dict[str, Any] = {
    "number": "+15550199",
    "pin": None,
    "iccid": "8988300000000000013",
    "imsi": "001010000000001",
    "imei": "867698040000005",
}


def test_made() -> None:
    modem = plan("quectel-ec25", **GOOD).build(network())
    assert modem.sim is not None
    assert (modem.sim.msisdn, modem.sim.state, modem.radio.registered) == ("+15550199", "READY", True)


def test_a_wrong_check_digit_can_be_rehearsed() -> None:
    assert plan("quectel-ec25", **GOOD | {"iccid": "8988300000000000014"}).card.iccid.endswith("4")


@pytest.mark.parametrize(
    "wrong", [{"pin": "12"}, {"pin": "abcd"}, {"iccid": "8988"}, {"imsi": "x"}, {"imei": "1"}, {"number": "bob"}]
)
def test_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"expected .* got") as caught:
        plan("quectel-ec25", **GOOD | wrong)
    if "pin" in wrong:
        assert wrong["pin"] not in str(caught.value)
