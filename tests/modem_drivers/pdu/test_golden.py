"""The hand-made table against encoder and decoder."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from modem_drivers import pdu
from tests.modem_drivers.pdu.golden import DELIVERS, NOON, STATUS_REPORT, SUBMITS, SubmitRow


@pytest.mark.parametrize("row", SUBMITS, ids=lambda row: row.name)
def test_submit_is_written_octet_for_octet(row: SubmitRow) -> None:
    options: dict[str, Any] = row.options
    submits = pdu.encode_submit(row.to, row.text, **options)
    assert tuple(submit.hex for submit in submits) == row.pdus
    assert [submit.length for submit in submits] == [len(hexed) // 2 - 1 for hexed in row.pdus]


@pytest.mark.parametrize("row", SUBMITS, ids=lambda row: row.name)
def test_submit_is_read_back(row: SubmitRow) -> None:
    read = [pdu.decode_submit(hexed) for hexed in row.pdus]
    assert "".join(part.text or "" for part in read) == row.text
    assert {part.recipient.number for part in read} == {row.to}
    assert read[0].reference == row.options["first_reference"]
    assert read[0].report is row.options.get("report", True)
    assert read[0].reject_duplicates is row.options.get("reject_duplicates", False)


@pytest.mark.parametrize(("name", "message", "hexed"), DELIVERS, ids=[row[0] for row in DELIVERS])
def test_deliver_both_ways(name: str, message: tuple[str, str, datetime], hexed: str) -> None:
    sender, text, timestamp = message
    assert pdu.encode_deliver(sender, text, timestamp) == (hexed,)
    read = pdu.decode_deliver(hexed)
    assert (read.sender.number, read.text, read.timestamp) == message
    assert (read.data, read.concat) == (None, None)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0x00, "delivered"),
        (0x1F, "delivered"),
        (0x20, "pending"),
        (0x3F, "pending"),
        (0x40, "failed"),
        (0xFF, "failed"),
    ],
)
def test_status_report_both_ways(status: int, outcome: str) -> None:
    hexed = STATUS_REPORT.format(status=status)
    later = NOON + timedelta(minutes=5)
    assert pdu.encode_status_report("+15550101", 7, NOON, later, status) == hexed
    report = pdu.decode_status_report(hexed)
    assert (report.reference, report.recipient.number, report.status) == (7, "+15550101", status)
    assert (report.timestamp, report.discharged) == (NOON, later)
    flags = {"delivered": report.delivered, "pending": report.pending, "failed": report.failed}
    assert [name for name, is_set in flags.items() if is_set] == [outcome]


def test_resend_sets_only_the_reject_duplicates_bit() -> None:
    (submit,) = pdu.encode_submit("+15550101", "hi", first_reference=7)
    again = submit.resend()
    assert again.hex == "0025" + submit.hex[4:]
    assert (again.reference, again.length) == (submit.reference, submit.length)
    assert again.resend() == again


def test_smsc_is_written_in_front() -> None:
    (submit,) = pdu.encode_submit("+15550101", "hi", first_reference=7)
    named = pdu.with_smsc(submit.hex, "+15550100")
    assert named == "059151551000" + submit.hex[2:]
    assert str(pdu.decode_submit(named).smsc) == "+15550100"
    assert pdu.with_smsc(named, "") == submit.hex
