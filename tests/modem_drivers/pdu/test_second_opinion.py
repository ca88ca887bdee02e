"""smspdudecoder and our decoder, side by side: they agree wherever it is right."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_drivers import pdu
from modem_drivers.pdu.second_opinion import second_opinion
from tests.modem_drivers.pdu.golden import NOON

# No escapes, no headers, and no eighth spare septet: the classes it reads right.
LETTERS = "£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà"
gsm = st.text(LETTERS, max_size=159).filter(lambda text: len(text) % 8 != 7)
ucs2 = st.text(st.characters(exclude_categories=["Cs"]), max_size=35).map(lambda text: text + "–")
senders = st.from_regex(r"\+?[0-9]{1,20}", fullmatch=True)
recipients = st.from_regex(r"\+[1-9][0-9]{3,14}|[0-9]{2,8}", fullmatch=True)
names = st.text(LETTERS.replace("\n", ""), min_size=1, max_size=11).filter(
    lambda name: any(char not in "0123456789*#abc" for char in name) and name[0] != "+" and len(name) != 7
)


@given(senders, gsm | ucs2)
def test_delivers(sender: str, text: str) -> None:
    (hexed,) = pdu.encode_deliver(sender, text, NOON, shifts=())
    theirs = second_opinion(hexed)
    assert (theirs["sender.number"], theirs["user_data.data"], theirs["scts"]) == (sender.lstrip("+"), text, NOON)
    ours = pdu.decode_deliver(hexed)
    assert (ours.sender.number, ours.text, ours.timestamp) == (sender, text, NOON)


@given(names, gsm | ucs2)
def test_names(sender: str, text: str) -> None:
    (hexed,) = pdu.encode_deliver(sender, text, NOON, shifts=())
    theirs = second_opinion(hexed)
    assert (theirs["sender.number"], theirs["user_data.data"]) == (sender, text)
    ours = pdu.decode_deliver(hexed)
    assert (ours.sender.number, ours.sender.kind, ours.text) == (sender, "alphanumeric", text)


@given(recipients, gsm | ucs2, st.integers(0, 255), st.booleans(), st.booleans())
def test_submits(to: str, text: str, reference: int, report: bool, reject: bool) -> None:
    (submit,) = pdu.encode_submit(
        to, text, first_reference=reference, report=report, reject_duplicates=reject, shifts=()
    )
    theirs = second_opinion(submit.hex)
    ours = pdu.decode_submit(submit.hex)
    assert (theirs["recipient.number"], theirs["user_data.data"]) == (to.lstrip("+"), text)
    assert (theirs["message-ref"], theirs["header.srr"], theirs["header.rd"]) == (reference, report, reject)
    assert (ours.text, ours.reference, ours.report, ours.reject_duplicates) == (text, reference, report, reject)


@given(st.integers(0, 255), st.integers(0, 0xFFFF), st.booleans())
def test_places_of_parts(narrow: int, broad: int, wide: bool) -> None:
    reference = broad if wide else narrow
    for hexed in pdu.encode_deliver("+15550101", "Ж" * 150, NOON, concat_reference=reference, wide_reference=wide):
        theirs = second_opinion(hexed)
        place = [theirs[f"user_data.header.elements.0.data.{name}"] for name in ("reference", "part_number")]
        ours = pdu.decode_deliver(hexed)
        assert ours.concat is not None
        assert place == [ours.concat.reference, ours.concat.part]
        assert theirs["user_data.data"] == ours.text


def test_where_it_is_wrong_it_is_still_an_opinion() -> None:
    (hexed,) = pdu.encode_deliver("Vending", "hi", NOON)
    assert second_opinion(hexed)["sender.number"] == "Vending@"
    assert pdu.decode_deliver(hexed).sender.number == "Vending"


@pytest.mark.parametrize("hexed", ["", "00", "zz", "0004", "0006070891515510106211022100000062110221500000", "0003"])
def test_what_it_cannot_read_is_a_pdu_error(hexed: str) -> None:
    with pytest.raises(pdu.PduError, match="smspdudecoder"):
        second_opinion(hexed)


def test_rubbish_never_leaks_another_error() -> None:
    source = random.Random(23040)
    for _ in range(300):
        octets = bytes([0, source.choice([0x00, 0x04, 0x40, 0x01, 0x51])]) + source.randbytes(source.randrange(60))
        try:
            second_opinion(octets.hex())
        except pdu.PduError as error:
            assert "smspdudecoder" in str(error)  # noqa: PT017 - some are PDUs by chance
