"""From SUBMIT to DELIVER nothing of the text is lost, with any validity format."""

from datetime import timedelta

import pytest

from modem_drivers import pdu
from tests.modem_drivers.pdu.golden import NOON, NOON_STAMP


@pytest.mark.parametrize("validity", [None, timedelta(hours=1)])
@pytest.mark.parametrize("text", ["", "hi", "я" * 200, "€" * 200])
def test_relay(text: str, validity: timedelta | None) -> None:
    submits = pdu.encode_submit("+1555010", text, first_reference=1, concat_reference=9, validity=validity)
    reassembler = pdu.Reassembler()
    whole = None
    for submit in submits:
        read = pdu.decode_deliver(pdu.relay(pdu.with_smsc(submit.hex, "+15550100"), "Vending", NOON))
        whole = reassembler.add(read, NOON)
    assert whole is not None
    assert (whole.sender.number, whole.text, whole.timestamp) == ("Vending", text, NOON)


def test_absolute_validity_is_skipped() -> None:
    submit = "0019070891515510100000" + NOON_STAMP + "02E834"
    assert pdu.decode_submit(submit).text == "hi"
    assert pdu.decode_deliver(pdu.relay(submit, "+15550102", NOON)).text == "hi"
