"""Codes know their words and whether the cause passes by itself."""

import pytest

from modem_drivers.at.codes import Cme, Cms


@pytest.mark.parametrize("code", [Cme.SIM_BUSY, Cms.NETWORK_OUT_OF_ORDER, Cms.CONGESTION, Cms.UNKNOWN, Cms.SIM_BUSY])
def test_passing_causes(code: Cme | Cms) -> None:
    assert code.may_retry


@pytest.mark.parametrize("code", [Cme.INCORRECT_PASSWORD, Cms.NETWORK_TIMEOUT, Cms.UNASSIGNED_NUMBER, Cms(999)])
def test_lasting_causes(code: Cme | Cms) -> None:
    assert not code.may_retry


def test_words() -> None:
    assert Cms.NETWORK_OUT_OF_ORDER.words == "network out of order"
    assert Cme(901).words == "code 901"
    assert Cme(901) == 901
