"""Errors in the standards' words, and in the makers' spelling of them."""

import pytest

from modem_drivers.at.codes import Cme, Cms
from modem_drivers.at.results import final


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("+CME ERROR: Operation not allowed", Cme.NOT_ALLOWED),
        ("+CME ERROR: incorrect password", Cme.INCORRECT_PASSWORD),
        ("+CME ERROR: SIM busy", Cme.SIM_BUSY),
        ("+CME ERROR: (U)SIM not inserted", Cme.SIM_NOT_INSERTED),
        ("+CME ERROR: Illegal MS (#3)", Cme.ILLEGAL_MS),
        ("+CME ERROR: network not allowed - emergency calls only", Cme.EMERGENCY_CALLS_ONLY),
        ("+CME ERROR: SIM_PIN required", Cme.SIM_PIN_REQUIRED),
        ("+CMS ERROR: network timeout", Cms.NETWORK_TIMEOUT),
        ("+CMS ERROR: SM Rejected-Duplicate SM", Cms.DUPLICATE_REJECTED),
        ("+CMS ERROR: PH-(U)SIM PIN required", Cms.PH_SIM_PIN_REQUIRED),
        ("+CMS ERROR: SMSC address unknown", Cms.CENTRE_ADDRESS_UNKNOWN),
        ("+CMS ERROR: unknown error", Cms.UNKNOWN),
        ("+CMS ERROR: bananas", None),
        ("+CME ERROR: ", None),
    ],
)
def test_by_words(line: str, code: Cme | Cms | None) -> None:
    result = final(line)
    assert result is not None
    assert (result.ok, result.code) == (False, code)


@pytest.mark.parametrize("known", [Cme, Cms])
def test_a_code_is_known_by_its_own_words(known: type[Cme] | type[Cms]) -> None:
    kind = "CME" if known is Cme else "CMS"
    for code in list(known):
        result = final(f"+{kind} ERROR: {code.words}")
        assert result is not None
        assert result.code == code
