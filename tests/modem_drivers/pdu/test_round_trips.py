"""Whatever is written is read back the same; whatever is malformed ends in PduError."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_drivers import pdu
from modem_drivers.errors import PduError
from modem_drivers.pdu import EVERY
from modem_drivers.pdu.alphabets import gsm7
from tests.modem_drivers.pdu.golden import NOON

GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0189:;<=>?¡AZÄÖÑÜ§¿azäöñüà\f^{}\\[~]|€"
gsm_texts = st.text(GSM, max_size=500)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=500) | gsm_texts
recipients = st.from_regex(r"\+[1-9][0-9]{3,14}|[0-9]{2,8}", fullmatch=True)
numbers = st.from_regex(r"\+?[0-9*#abc]{1,20}", fullmatch=True)
names = st.text(GSM.replace("@", ""), min_size=1, max_size=5).filter(
    lambda name: any(char not in "0123456789*#abc+" for char in name) and not name.startswith("+")
)
octets = st.integers(0, 255)
moments = st.datetimes(
    datetime(2000, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2099, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-48, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters))),
).map(lambda moment: moment.replace(microsecond=0))


@given(recipients, texts, octets, octets, st.booleans(), st.booleans())
def test_submit(to: str, text: str, first: int, concat: int, report: bool, reject: bool) -> None:
    submits = pdu.encode_submit(
        to, text, first_reference=first, concat_reference=concat, report=report, reject_duplicates=reject
    )
    read = [pdu.decode_submit(submit.hex) for submit in submits]
    assert "".join(part.text or "" for part in read) == text
    assert {part.recipient.number for part in read} == {to}
    assert [part.reference for part in read] == [(first + index) % 256 for index in range(len(submits))]
    assert {(part.report, part.reject_duplicates) for part in read} == {(report, reject)}
    for index, (submit, part) in enumerate(zip(submits, read, strict=True), start=1):
        assert submit.length <= 164  # 140 octets of user data and the longest fields before them
        if len(submits) > 1:
            assert part.concat == pdu.Concat(concat, index, len(submits))


@given(numbers | names, texts, moments, octets, st.data())
def test_deliver_in_any_order(sender: str, text: str, at: datetime, concat: int, data: st.DataObject) -> None:
    parts = [pdu.decode_deliver(one) for one in pdu.encode_deliver(sender, text, at, concat_reference=concat)]
    reassembler = pdu.Reassembler()
    shuffled = data.draw(st.permutations(parts))
    whole = [done for part in shuffled if (done := reassembler.add(part, NOON)) is not None]
    assert len(whole) == 1
    assert whole[0].text == text
    assert whole[0].sender.number == sender
    assert whole[0].timestamp == at


national = st.sampled_from(EVERY).flatmap(lambda shift: st.text(sorted(gsm7(*shift)._codes), min_size=40, max_size=400))


@given(national, st.integers(0, 0xFFFF), st.sampled_from([None, 0, 1, 2, 3]), st.booleans())
def test_national_tables_wide_references_classes(
    text: str, concat: int, message_class: int | None, silent: bool
) -> None:
    submits = pdu.encode_submit(
        "+15550101",
        text,
        first_reference=0,
        concat_reference=concat,
        wide_reference=True,
        message_class=message_class,
        silent=silent,
        shifts=EVERY,
    )
    assert len(submits) <= len(pdu.segment(text, wide_reference=True, shifts=()).parts)
    read = [pdu.decode_submit(submit.hex) for submit in submits]
    assert "".join(part.text or "" for part in read) == text
    assert {(part.message_class, part.silent) for part in read} == {(message_class, silent)}
    if len(read) > 1:
        assert [part.concat for part in read] == [pdu.Concat(concat, at, len(read)) for at in range(1, len(read) + 1)]
    again = pdu.encode_deliver("+15550101", text, NOON, concat_reference=concat, wide_reference=True, shifts=EVERY)
    joiner = pdu.Reassembler()
    whole = [done for one in again if (done := joiner.add(pdu.decode_deliver(one), NOON)) is not None]
    assert [done.text for done in whole] == [text]


@given(st.binary(max_size=1000), st.none() | st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)), octets)
def test_data_and_ports(data: bytes, numbers: tuple[int, int] | None, concat: int) -> None:
    ports = pdu.Ports(*numbers) if numbers else None
    submits = pdu.encode_data("+15550101", data, first_reference=0, ports=ports, concat_reference=concat)
    joiner = pdu.Reassembler()
    delivers = [pdu.decode_deliver(pdu.relay(submit.hex, "Vending", NOON)) for submit in submits]
    whole = [done for part in reversed(delivers) if (done := joiner.add(part, NOON)) is not None]
    assert [(done.text, done.data, done.ports) for done in whole] == [(None, data, ports)]
    assert all(part.ports == ports for part in delivers)


@given(st.binary(max_size=200))
def test_rubbish_is_a_pdu_error(octets: bytes) -> None:
    for decode in (pdu.decode_deliver, pdu.decode_submit, pdu.decode_status_report):
        try:
            decode(octets.hex())
        except PduError as error:
            assert "expected" in str(error)  # noqa: PT017 - most inputs raise, some are PDUs by chance


@given(st.binary(max_size=40), st.integers(0, 255))
def test_rubbish_behind_a_good_start_is_a_pdu_error(octets: bytes, scheme: int) -> None:
    start = f"004408915155101000{scheme:02X}62110221000000"
    try:
        read = pdu.decode_deliver(start + octets.hex())
    except PduError:
        return
    (read.text or "").encode()  # valid Unicode


@pytest.mark.parametrize("text", ["", "0", "zz", "00 04", "0004é", "07", "04" * 4])
def test_what_is_no_pdu_is_refused(text: str) -> None:
    with pytest.raises(PduError, match="expected an SMS-DELIVER PDU"):
        pdu.decode_deliver(text)


@given(st.integers(0, 63 * 7 * 24 * 60))
def test_validity_is_never_shorter_than_asked(minutes: int) -> None:
    period = timedelta(minutes=max(minutes, 1))
    (submit,) = pdu.encode_submit("+15550101", "hi", first_reference=0, validity=period)
    code = int(submit.hex[22:24], 16)
    if code <= 143:
        said = timedelta(minutes=5 * (code + 1))
    elif code <= 167:
        said = timedelta(hours=12, minutes=30 * (code - 143))
    elif code <= 196:
        said = timedelta(days=code - 166)
    else:
        said = timedelta(weeks=code - 192)
    assert period <= said <= max(period * 2, timedelta(minutes=5))


def test_whole_truncations_of_a_good_pdu_are_refused() -> None:
    (good,) = pdu.encode_deliver("+15550101", "hello", datetime(2026, 11, 20, tzinfo=UTC))
    for cut in range(len(good)):
        with pytest.raises(PduError):
            pdu.decode_deliver(good[:cut])
