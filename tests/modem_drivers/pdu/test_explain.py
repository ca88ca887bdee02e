"""Every octet is claimed by one field, and what the fields say is what the decoder read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_drivers import pdu
from modem_drivers.pdu import Language, Ports
from modem_drivers.pdu.explain import explain
from modem_drivers.pdu.statuses import words
from tests.modem_drivers.pdu.golden import DELIVERS, NOON, STATUS_REPORT, SUBMITS

SAMPLES = (
    [row[2] for row in DELIVERS] + [hexed for row in SUBMITS for hexed in row.pdus] + [STATUS_REPORT.format(status=0)]
)


def meanings(hexed: str) -> dict[str, str]:
    return {field.name: field.meaning for field in explain(hexed)}


@pytest.mark.parametrize("hexed", SAMPLES)
def test_the_fields_together_are_the_pdu(hexed: str) -> None:
    found = explain(hexed)
    assert "".join(field.octets for field in found) == hexed
    assert all(field.meaning or field.name == "TP-UD" for field in found)
    assert all(field.clause for field in found)
    assert explain(hexed + "ABCD")[-1].octets == "ABCD"


def test_a_deliver() -> None:
    (hexed,) = pdu.encode_deliver("Vending", "hi", NOON)
    found = meanings(pdu.with_smsc(hexed, "+15550100"))
    assert found["SMSC"] == "+15550100 (international)"
    assert found["TP-MTI"] == "SMS-DELIVER"
    assert found["TP-OA"] == "Vending (alphanumeric)"
    assert found["TP-SCTS"] == "2026-11-20 12:00:00 UTC"
    assert (found["TP-UDL"], found["TP-UD"]) == ("2 septets", "hi")


def test_a_reserved_type() -> None:
    (hexed,) = pdu.encode_deliver("Vending", "hi", NOON)
    found = meanings(f"00{int(hexed[2:4], 16) | 3:02X}{hexed[4:]}")
    assert (found["TP-MTI"], found["TP-UD"]) == ("SMS-DELIVER (reserved, counts as this)", "hi")


def test_a_submit() -> None:
    (submit,) = pdu.encode_submit(
        "41414",
        "ş" * 75,
        first_reference=7,
        validity=timedelta(hours=1),
        message_class=0,
        reject_duplicates=True,
        silent=True,
    )
    found = explain(submit.hex)
    said = {field.name: field.meaning for field in found}
    assert (said["TP-MR"], said["TP-VP"], said["TP-RD"]) == ("reference 7", "1:00:00", "reject duplicates")
    assert said["TP-DCS"] == "GSM-7, class 0 (flash: show at once, do not keep)"
    assert said["TP-PID"] == "type 0: to be dropped unseen"
    assert said["UDH"] == "national single shift table: Turkish"
    assert said["TP-UD"] == "ş" * 75
    assert [field.clause for field in found if field.name == "UDH"] == ["9.2.3.24.15"]


def test_elements() -> None:
    first, *_ = pdu.encode_data(
        "+15550101", bytes(300), first_reference=0, ports=Ports(2948, 9200), concat_reference=700, wide_reference=True
    )
    said = [field.meaning for field in explain(first.hex) if field.name == "UDH"]
    assert said == [
        "part of a long message, 16-bit reference: 1 of 3, reference 700",
        "application ports, 16 bits: to 2948, from 9200",
    ]
    waiting = meanings("00440891515510100008" + "62110221000000" + "06" + "0401028005" + "41")
    assert waiting["UDH"] == "messages waiting: 5 voice messages waiting, keep this text"
    strange = meanings("00440891515510100008" + "62110221000000" + "06" + "04EE020105" + "41")
    assert strange["UDH"] == "element 0xee: 0105"
    cut = meanings("00440891515510100008" + "62110221000000" + "06" + "0401038005" + "41")
    assert cut["UDH"] == "cut short: to be ignored"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (0x00, "received by the phone"),
        (0x11, "done: for a reason of the centre's own"),
        (0x22, "still trying: no response from the phone"),
        (0x46, "failed: validity period expired"),
        (0x4F, "failed: for a reserved reason"),
        (0x63, "failed, the centre tries no more: service rejected"),
        (0x99, "reserved, counts as failed"),
    ],
)
def test_statuses(status: int, said: str) -> None:
    assert words(status) == said
    assert meanings(STATUS_REPORT.format(status=status))["TP-ST"] == said


@given(
    st.binary(max_size=80), st.sampled_from(["", "0004", "0044089151551010", "0011000891515510100008", "000607089151"])
)
def test_what_can_be_read_can_be_explained(octets: bytes, start: str) -> None:
    hexed = (bytes.fromhex(start) + octets).hex().upper()
    try:
        found = explain(hexed)
    except pdu.PduError:
        return
    assert "".join(field.octets for field in found) == hexed
    read = pdu.decode(hexed)
    if not isinstance(read, pdu.StatusReport) and read.text is not None:
        assert read.text in [field.meaning for field in found if field.name == "TP-UD"]


def test_a_language_is_named() -> None:
    (hexed,) = pdu.encode_deliver("+15550101", "\u0627" * 100, NOON, shifts=((Language.URDU, Language.DEFAULT),))
    assert meanings(hexed)["UDH"] == "national locking shift table: Urdu"
