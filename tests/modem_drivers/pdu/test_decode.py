"""What is odd, rare or cut in two comes out right."""

from datetime import timedelta

import pytest

from modem_drivers import pdu
from modem_drivers.pdu import Ports, Waiting
from tests.modem_drivers.pdu.golden import NOON, NOON_STAMP


def _deliver(scheme: int, length: int, body: str, first: int = 0x04) -> pdu.Deliver:
    return pdu.decode_deliver(f"00{first:02X}089151551010" + f"00{scheme:02X}" + NOON_STAMP + f"{length:02X}" + body)


def test_no_at_sign_after_seven_spare_bits_with_an_escape() -> None:
    text = "€23456"  # seven septets: the eighth in the last octet is spare
    (hexed,) = pdu.encode_deliver("+15550101", text, NOON)
    assert pdu.decode_deliver(hexed).text == text


def test_seven_letter_name_has_no_at_sign() -> None:
    (hexed,) = pdu.encode_deliver("Vending", "hi", NOON)
    assert pdu.decode_deliver(hexed).sender == pdu.Address("Vending", "alphanumeric")


def test_every_header_leaves_the_first_letter_alone() -> None:
    text = "abcdefgh" * 172  # nine parts
    for reference in range(256):
        parts = pdu.encode_deliver("+15550101", text, NOON, concat_reference=reference)
        assert len(parts) == 9
        assert "".join(pdu.decode_deliver(part).text or "" for part in parts) == text


def test_sixteen_bit_reference() -> None:
    read = _deliver(0x08, 0x09, "060804ABCD0201" + "0041", first=0x44)
    assert (read.text, read.concat) == ("A", pdu.Concat(0xABCD, 1, 2))


def test_impossible_concatenation_is_ignored() -> None:
    assert _deliver(0x08, 0x08, "050003AB0203" + "0041", first=0x44).concat is None
    assert _deliver(0x08, 0x08, "050003AB0000" + "0041", first=0x44).concat is None


def test_split_surrogate_pair_is_joined() -> None:
    first = _deliver(0x08, 0x08, "050003AB0201" + "D83D", first=0x44)
    second = _deliver(0x08, 0x08, "050003AB0202" + "DE00", first=0x44)
    assert (first.text, second.text) == ("�", "�")
    reassembler = pdu.Reassembler()
    assert reassembler.add(first, NOON) is None
    whole = reassembler.add(second, NOON)
    assert whole is not None
    assert whole.text == "\U0001f600"


@pytest.mark.parametrize(
    ("scheme", "body", "text"),
    [
        (0x00, "E834", "hi"),
        (0x11, "E834", "hi"),  # class 1
        (0x0C, "E834", "hi"),  # reserved alphabet
        (0x48, "0041", "A"),  # marked for deletion, UCS-2
        (0x90, "E834", "hi"),  # reserved group
        (0xC8, "E834", "hi"),  # message waiting, discard
        (0xD8, "E834", "hi"),  # message waiting, store
        (0xE0, "0041", "A"),  # message waiting, UCS-2
        (0xF0, "E834", "hi"),  # class 0
        (0x04, "0041", None),  # octets
        (0xF5, "0041", None),  # octets, class 1
        (0x20, "0041", None),  # compressed
    ],
)
def test_data_coding_schemes(scheme: int, body: str, text: str | None) -> None:
    read = _deliver(scheme, 2, body)
    assert read.text == text
    assert (read.data == b"\x00A") is (body == "0041")


def test_odd_address_types_are_read() -> None:
    for kind_octet, number in (
        ("80", "15550101"),
        ("01", "15550101"),
        ("A2", "15550101"),
        ("97", "+15550101"),
    ):
        read = pdu.decode_deliver(f"000408{kind_octet}515510100000{NOON_STAMP}02E834")
        assert read.sender.number == number


def test_a_date_that_is_none_does_not_lose_the_message() -> None:
    for stamp in ("00000000000000", "FFFFFFFFFFFFFF", "62119921000000"):
        read = pdu.decode_deliver(f"00040891515510100000{stamp}02E834")
        assert (read.text, read.timestamp) == ("hi", None)


@pytest.mark.parametrize("stamp", ["F2110221000000", "2F110221000000", "621102210000A0"])
def test_a_date_with_a_figure_that_is_none(stamp: str) -> None:
    assert pdu.decode_deliver(f"00040891515510100000{stamp}02E834").timestamp is None


def test_a_number_whose_filler_was_counted() -> None:
    assert pdu.decode_deliver(f"00040891515510F10000{NOON_STAMP}02E834").sender.number == "+1555011"
    with pytest.raises(pdu.PduError, match="filler"):
        pdu.decode_deliver(f"0004089151F510100000{NOON_STAMP}02E834")


def test_a_cut_header_is_ignored_and_the_text_is_read() -> None:
    read = _deliver(0x08, 0x08, "050003AB0301" + "0041", first=0x44)
    assert read.concat == pdu.Concat(0xAB, 1, 3)
    read = _deliver(0x08, 0x08, "050004AB0301" + "0041", first=0x44)  # the element says four octets, there are three
    assert (read.text, read.concat, read.elements) == ("A", None, ())
    with pytest.raises(pdu.PduError, match="header longer"):
        _deliver(0x08, 0x02, "05AB", first=0x44)


def test_the_last_of_two_elements_counts() -> None:
    read = _deliver(0x08, 0x0D, "0A0003AA02010003AB0302" + "0041", first=0x44)
    assert read.concat == pdu.Concat(0xAB, 2, 3)


@pytest.mark.parametrize(
    ("header", "body", "text"),
    [
        ("03240101", "1B73", "ş"),  # Turkish, single shift
        ("03240201", "1B61", "a"),  # an element of the wrong length is none
        ("03250101", "0B0C1C", "ĞğŞ"),  # Turkish, locking
        ("06240101250101", "1B6507", "€ı"),
        ("03240102", "1B61", "á"),  # Spanish
        ("03250103", "12", "ª"),  # Portuguese
        ("0324011F", "1B73", "s"),  # no such language: the default tables
    ],
)
def test_national_tables(header: str, body: str, text: str) -> None:
    octets = bytes.fromhex(header)
    fill = -len(octets) * 8 % 7
    bits = "".join(f"{septet:07b}"[::-1] for septet in bytes.fromhex(body))
    bits = "0" * fill + bits
    packed = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    length = (len(octets) * 8 + len(bits)) // 7
    assert _deliver(0, length, (octets + packed).hex(), first=0x44).text == text


@pytest.mark.parametrize(
    ("scheme", "header", "waiting"),
    [
        (0xC8, "", Waiting("voice", True, None, stored=False)),
        (0xC1, "", Waiting("fax", False, None, stored=False)),
        (0xDA, "", Waiting("e-mail", True)),
        (0xEB, "", Waiting("other", True)),
        (0x08, "04010280" + "05", Waiting("voice", True, 5)),
        (0x08, "04010200" + "00", Waiting("voice", False, 0, stored=False)),
        (0x08, "", None),
    ],
)
def test_messages_waiting(scheme: int, header: str, waiting: Waiting | None) -> None:
    read = _deliver(scheme, len(header) // 2 + 2, header + "0041", first=0x44 if header else 0x04)
    assert read.waiting == waiting


def test_flash_silent_and_port_addressed() -> None:
    (flash,) = pdu.encode_deliver("+15550101", "hi", NOON, message_class=0)
    read = pdu.decode_deliver(flash)
    assert (read.flash, read.message_class, read.silent, read.text) == (True, 0, False, "hi")
    (silent,) = pdu.encode_deliver("+15550101", "", NOON, silent=True)
    assert pdu.decode_deliver(silent).silent
    assert _deliver(0x04, 0x06, "0404020B0A" + "FF", first=0x44).ports == Ports(11, 10)
    wap = _deliver(0xF5, 0x09, "0605040B8423F0" + "0106", first=0x44)
    assert (wap.ports, wap.data, wap.text, wap.message_class) == (Ports(2948, 9200), b"\x01\x06", None, 1)


@pytest.mark.parametrize(
    ("form", "octets", "validity"),
    [
        (0x10, "00", timedelta(minutes=5)),
        (0x10, "A7", timedelta(hours=24)),
        (0x10, "C4", timedelta(days=30)),
        (0x10, "FF", timedelta(weeks=63)),
        (0x18, NOON_STAMP, NOON),
        (0x08, "010B0000000000", timedelta(hours=1)),
        (0x08, "021E0000000000", timedelta(seconds=30)),
        (0x08, "03105432000000", timedelta(hours=1, minutes=45, seconds=23)),
        (0x08, "83001054320000", timedelta(hours=1, minutes=45, seconds=23)),
        (0x08, "03FF5432000000", None),
        (0x08, "00000000000000", None),
        (0x00, "", None),
    ],
)
def test_validity(form: int, octets: str, validity: object) -> None:
    read = pdu.decode_submit(f"00{0x01 | form:02X}070891515510100000{octets}02E834")
    assert (read.validity, read.text, read.reference) == (validity, "hi", 7)


def test_any_pdu_is_read_by_its_type() -> None:
    (deliver,) = pdu.encode_deliver("Vending", "hi", NOON)
    (submit,) = pdu.encode_submit("+15550101", "hi", first_reference=7)
    report = pdu.encode_status_report("+15550101", 7, NOON, NOON)
    assert pdu.decode(deliver) == pdu.decode_deliver(deliver)
    assert pdu.decode(submit.hex) == pdu.decode_submit(submit.hex)
    assert pdu.decode(report) == pdu.decode_status_report(report)
    assert [pdu.message_type(one) for one in (deliver, submit.hex, report, "00", "x")] == [0, 1, 2, None, None]


@pytest.mark.parametrize("first", range(256))
def test_every_first_octet(first: int) -> None:
    """Two bits are the type, of which the reserved one counts as a DELIVER (clause 9.2.3.1); the others are flags."""
    body = "08050003AB0201E834" if first & 0x40 else "02E834"
    address, scheme = "089151551010", "0000"
    match first & 3:
        case 0 | 3:
            read = pdu.decode(f"00{first:02X}{address}{scheme}{NOON_STAMP}{body}")
            assert isinstance(read, pdu.Deliver)
            assert (str(read.sender), read.concat is not None) == ("+15550101", first & 0x40 != 0)
        case 1:
            validity = ("", "010B0000000000", "A7", NOON_STAMP)[first >> 3 & 3]
            read = pdu.decode(f"00{first:02X}07{address}{scheme}{validity}{body}")
            assert isinstance(read, pdu.SubmitPdu)
            assert (read.reference, read.report, read.reject_duplicates) == (7, first & 0x20 != 0, first & 4 != 0)
        case _:
            for optional in ("", "00", "0700" + scheme, f"07{scheme}{body}"):  # TP-PI and what it announces
                report = pdu.decode(f"00{first:02X}07{address}{NOON_STAMP}{NOON_STAMP}00{optional}")
                assert isinstance(report, pdu.StatusReport)
                assert (report.reference, report.delivered, report.timestamp) == (7, True, NOON)


def test_a_reserved_type_is_received_like_any_text() -> None:
    (deliver,) = pdu.encode_deliver("Vending", "hi", NOON)
    reserved = f"00{int(deliver[2:4], 16) | 3:02X}{deliver[4:]}"
    assert pdu.decode_deliver(reserved) == pdu.decode_deliver(deliver)
    assert pdu.message_type(reserved) == 0


@pytest.mark.parametrize("kind", [0x81, 0x91, 0xD0])
def test_an_empty_address_is_empty(kind: int) -> None:
    assert pdu.decode(f"000400{kind:02X}0000{NOON_STAMP}02E834").sender.number == ""  # type: ignore[union-attr]


def test_half_a_character_does_not_shift_the_parts_behind_it() -> None:
    first = _deliver(0x08, 0x09, "050003AB0201" + "004100", first=0x44)
    second = _deliver(0x08, 0x08, "050003AB0202" + "0042", first=0x44)
    assert first.text == "A\N{REPLACEMENT CHARACTER}"
    reassembler = pdu.Reassembler()
    reassembler.add(first, NOON)
    whole = reassembler.add(second, NOON)
    assert whole is not None
    assert whole.text == "AB"
