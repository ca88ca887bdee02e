"""One tree; each error is a sentence, says whether a retry may help, and holds no secret."""

import pytest

from modem_drivers import errors
from modem_drivers.errors import Cme, Cms, CommandRefused, EndCause, ModemError, PduError


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_in_the_tree(name: str) -> None:
    found = getattr(errors, name)
    if found not in (Cme, Cms, EndCause):
        assert issubclass(found, ModemError)


def test_bad_pdus_and_identities_are_value_errors_too() -> None:
    assert issubclass(PduError, ValueError)
    assert issubclass(errors.IdentityError, ValueError)


def test_a_refusal_may_be_retried_where_its_code_says_so() -> None:
    assert CommandRefused(Cms.CONGESTION, "+CMS ERROR: 42", "AT+CMGS").may_retry
    assert not CommandRefused(Cms.UNASSIGNED_NUMBER, "+CMS ERROR: 1").may_retry
    assert not CommandRefused(None, "ERROR").may_retry
    assert (
        str(CommandRefused(Cms.CONGESTION, "+CMS ERROR: 42", "AT+CMGS"))
        == "the modem refused AT+CMGS: +CMS ERROR: 42 (congestion)"
    )


def test_sentences_name_what_to_do() -> None:
    assert "ttyX" in str(errors.PortMissing("/dev/ttyX", "no such device"))
    assert "gammu (pid 7)" in str(errors.PortBusy("/dev/ttyX", "gammu (pid 7)"))
    assert "2 tries left" in str(errors.PinRefused(2))
    assert "unknown tries" in str(errors.PinRefused(None))
