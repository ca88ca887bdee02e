"""PDUs of other projects, read and written; each also as a modem's answer and as a line it says by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modem_drivers import pdu
from modem_drivers.at.parsers.ussd import cusd
from modem_drivers.features.ussd import packed
from modem_drivers.pdu import EVERY, fields, packing
from modem_drivers.pdu.address import encode_address, parse_address
from modem_drivers.pdu.alphabets import gsm7
from modem_drivers.pdu.header import elements_of, shifts_of
from modem_drivers.pdu.schemes import SCHEMES, Coding
from tests.modem_drivers.open_sets.mutations import MESSAGE, TOLD, cuts, doubled, interrupted
from tests.modem_drivers.open_sets.outcomes import through
from tests.modem_drivers.open_sets.samples import SETS, deliver, octets, rows
from tests.modem_drivers.pdu.golden import NOON

SMS = SETS["warthog618-sms"]
CMGR = {"command": "+CMGR=3"}


def pdu_of(row: dict[str, Any]) -> str:
    return str(row["pdu"]) if "pdu" in row else "00" + octets(row["tpdu"]).hex().upper()


def check(row: dict[str, Any], hexed: str) -> None:
    """A PDU read is what its row says."""
    match row["kind"]:
        case "deliver":
            read = pdu.decode_deliver(hexed)
            assert (read.sender.number, read.text, read.timestamp) == (
                row["sender"],
                row["text"],
                utc(row["timestamp"]),
            )
        case "submit":
            sent = pdu.decode_submit(hexed)
            assert (sent.recipient.number, sent.text, sent.reference) == (
                row["recipient"],
                row["text"],
                row["reference"],
            )
            assert (sent.protocol, sent.report) == (row.get("protocol", 0), row.get("report", False))
            assert (sent.smsc.number if sent.smsc else None) == row.get("smsc")
            minutes = row.get("validity_minutes")
            assert sent.validity == (timedelta(minutes=minutes) if minutes else None)
        case "report":
            report = pdu.decode_status_report(hexed)
            assert (report.recipient.number, report.reference) == (row["recipient"], row["reference"])
            assert report.status == row["status"]
            assert (report.timestamp, report.discharged) == (utc(row["timestamp"]), utc(row["discharged"]))
        case other:
            pytest.fail(f"a kind of PDU there is not: {other}")


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@pytest.mark.parametrize("row", rows("pdu", "kind"))
def test_read(row: dict[str, Any]) -> None:
    check(row, pdu_of(row))


@pytest.mark.parametrize("row", rows("pdu", "refused"))
def test_refused(row: dict[str, Any]) -> None:
    for text in [f"00{one}" for one in row["refused"]] + row.get("refused_pdus", []):
        for decode in (pdu.decode, pdu.decode_deliver, pdu.decode_submit, pdu.decode_status_report):
            with pytest.raises(pdu.PduError):
                decode(text.replace(" ", ""))


@pytest.mark.parametrize("row", rows("pdu", "written"))
def test_written(row: dict[str, Any]) -> None:
    options = dict(row["written"])
    (submit,) = pdu.encode_submit(options.pop("to"), options.pop("text"), **options)
    assert submit.hex == pdu_of(row)


def length(hexed: str) -> int:
    """Octets without the message centre's, as modems count them."""
    return len(hexed) // 2 - 1 - int(hexed[:2], 16)


@pytest.mark.parametrize("row", rows("pdu", "kind"))
def test_read_out_of_an_answer_that_the_line_has_handled(row: dict[str, Any]) -> None:
    hexed = pdu_of(row)
    says = f"\r\n+CMGR: 1,,{length(hexed)}\r\n{hexed}\r\n\r\nOK\r\n".encode()
    for pieces in [*cuts(says), [doubled(says)], [b"AT+CMGR=3\r" + says], *([one] for one in interrupted(says))]:
        found = through(CMGR, pieces)
        assert (found.pdus, found.result) == ([hexed], "OK")


@pytest.mark.parametrize("row", rows("pdu", "kind"))
def test_read_out_of_a_line_said_unasked(row: dict[str, Any]) -> None:
    hexed = pdu_of(row)
    says = f"\r\n+CMT: ,{length(hexed)}\r\n{hexed}\r\n".encode()
    for pieces in [*cuts(says), [doubled(says)], *([one] for one in interrupted(says) if MESSAGE not in one)]:
        told = through({}, pieces).unsolicited
        assert ("+CMT", hexed) in told
        assert {name for name, _ in told} <= TOLD


@pytest.mark.parametrize("row", rows("address"))
def test_addresses(row: dict[str, Any]) -> None:
    read, end = fields.address(octets(row["octets"]) + bytes(9), 0)
    assert (read.number, end) == (row["number"], len(octets(row["octets"])))
    assert not row.get("written") or encode_address(parse_address(row["number"])) == octets(row["octets"])


@pytest.mark.parametrize("row", rows("user_data"))
def test_user_data(row: dict[str, Any]) -> None:
    for header in row.get("headers", [""]):
        hexed = deliver(row, header)
        says = f"\r\n+CMGR: 1,,{length(hexed)}\r\n{hexed}\r\n\r\nOK\r\n".encode()
        for pieces in [*cuts(says), [doubled(says)], *([one] for one in interrupted(says))]:
            assert through(CMGR, pieces).pdus == [hexed]
        read = pdu.decode_deliver(hexed)
        assert read.text == row.get("text")
        assert "data" not in row or read.data == octets(row["data"])
        found = [[identifier, value.hex()] for identifier, value in read.elements]
        assert found == row.get("elements", found)
        place = read.concat
        assert ([place.reference, place.part, place.parts] if place else None) == row.get("concat")


@pytest.mark.parametrize("row", [row for row in rows("user_data", "text") if not row.values[0].get("one_way")])
def test_user_data_written(row: dict[str, Any]) -> None:
    if "septets" in row:
        alphabet = gsm7(*shifts_of(elements_of(octets(row.get("header", "")))))
        assert alphabet.encode(row["text"]) == octets(row["septets"])
    else:
        (submit,) = pdu.encode_submit("+6391", row["text"], first_reference=0, shifts=EVERY)
        assert submit.hex.endswith(f"{len(octets(row['octets'])):02X}{row['octets']}")


@pytest.mark.parametrize("row", rows("packed"))
def test_packing(row: dict[str, Any]) -> None:
    for fill, tight, loose in row["rows"]:
        septets = octets(loose)
        assert packing.pack(septets, fill) == octets(tight)
        assert packing.unpack(octets(tight), len(septets), fill) == septets


@pytest.mark.parametrize("row", rows("ussd"))
def test_packing_for_ussd(row: dict[str, Any]) -> None:
    for tight, text in row["rows"]:
        assert packed(text) == tight
        told = cusd(f'0,"{tight}",15', packed=True)
        assert told is not None
        assert told.text == text


@pytest.mark.parametrize("row", rows("stamp"))
def test_times(row: dict[str, Any]) -> None:
    assert fields.stamp(octets(row["octets"])) == (utc(row["time"]) if "time" in row else None)


@pytest.mark.parametrize("row", rows("validity"))
def test_periods(row: dict[str, Any]) -> None:
    for hexed, *seconds in row["rows"]:
        wanted = timedelta(seconds=seconds[0]) if seconds else None
        assert fields.validity(row["form"], octets(hexed)) == wanted


def values(ranges: list[str]) -> list[int]:
    """`["04", "F4-F7"]` as numbers."""
    found: list[int] = []
    for one in ranges:
        low, _, high = one.partition("-")
        found += range(int(low, 16), int(high or low, 16) + 1)
    return found


CODINGS = {"septets": Coding.SEPTETS, "octets": Coding.OCTETS, "utf16": Coding.UTF16, "compressed": Coding.COMPRESSED}


@pytest.mark.parametrize("name", CODINGS)
def test_codings(name: str) -> None:
    assert {SCHEMES[value].coding for value in values(SMS["coding"][name])} == {CODINGS[name]}


@pytest.mark.parametrize("name", ["none", "0", "1", "2", "3"])
def test_classes(name: str) -> None:
    wanted = None if name == "none" else int(name)
    assert {SCHEMES[value].message_class for value in values(SMS["message_class"][name])} == {wanted}


@pytest.mark.parametrize("row", rows("cut"))
def test_cut_into_parts(row: dict[str, Any]) -> None:
    whole = "".join(row["parts"])
    if row.get("data"):
        sent = pdu.encode_data("+1234", whole.encode(), first_reference=1, concat_reference=1)
        assert [pdu.decode_submit(one.hex).data for one in sent] == [part.encode() for part in row["parts"]]
    else:
        sent = pdu.encode_submit("+1234", whole, first_reference=1, concat_reference=1)
        assert [pdu.decode_submit(one.hex).text for one in sent] == row["parts"]
    read = [pdu.decode_submit(one.hex) for one in sent]
    assert [(one.reference, one.concat) for one in read] == [(1, pdu.Concat(1, 1, 2)), (2, pdu.Concat(1, 2, 2))]


@pytest.mark.parametrize("row", rows("joined"))
def test_joined(row: dict[str, Any]) -> None:
    joiner = pdu.Reassembler()
    found = []
    for at, header in enumerate(row["headers"]):
        body = {"octets": row["octets"][at], "scheme": 8} if "octets" in row else {"septets": "6869"}
        found.append(joiner.add(pdu.decode_deliver(deliver(body, header)), NOON))
    assert [one is not None for one in found] == row["whole"]
    assert "text" not in row or (found[-1] is not None and found[-1].text == row["text"])
