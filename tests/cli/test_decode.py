"""`fleet modem decode`."""

import json
from datetime import UTC, datetime

from modem_drivers import pdu
from tests.cli.conftest import Shell

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
(DELIVER,) = pdu.encode_deliver("Vending", "41A\non my way", NOON)


def test_a_text(shell: Shell) -> None:
    screen = shell.pipe(f"modem decode {DELIVER}")
    assert screen.code == 0
    assert screen.out.splitlines() == [
        "type\tdeliver",
        "from\tVending",
        "at\t2026-11-20T12:00:00+00:00",
        "text\t41A on my way",
    ]


def test_every_field_with_its_clause_and_the_second_opinion(shell: Shell) -> None:
    screen = shell.terminal(f"modem decode {DELIVER} --explain")
    assert screen.code == 0
    assert "TP-OA" in screen.out
    assert "9.2.3.7" in screen.out
    assert "Vending@" in screen.out  # smspdudecoder's mistake, for all to see
    rows = shell.pipe(f"modem decode {DELIVER} --explain").out.splitlines()
    assert "TP-SCTS\t62110221000000\t2026-11-20 12:00:00 UTC\t9.2.3.11" in rows
    assert "smspdudecoder sender.number\tVending@" in rows


def test_as_json(shell: Shell) -> None:
    part, *_ = pdu.encode_data("+15550101", bytes(200), first_reference=7, ports=pdu.Ports(2948, 0), message_class=0)
    data = json.loads(shell.pipe(f"modem decode {part.hex} --explain --json").out)
    assert (data["type"], data["to"], data["reference"], data["flash"]) == ("submit", "+15550101", 7, True)
    assert (data["part"], data["parts"], data["to_port"], data["from_port"]) == (1, 2, 2948, 0)
    assert (data["text"], data["data"][:4]) == (None, "0000")
    assert "".join(field["octets"] for field in data["fields"]) == part.hex
    assert data["smspdudecoder"]["recipient.number"] == "15550101"


def test_a_delivery_report_that_smspdudecoder_cannot_read(shell: Shell) -> None:
    report = pdu.encode_status_report("+15550101", 7, NOON, NOON, status=0x46)
    screen = shell.pipe(f"modem decode {report}")
    assert "status\tfailed: validity period expired" in screen.out.splitlines()
    data = json.loads(shell.pipe(f"modem decode {report} --explain --json").out)
    assert "another type" in data["smspdudecoder"]["error"]


def test_what_is_no_pdu_is_one_sentence(shell: Shell) -> None:
    screen = shell.pipe("modem decode 00FF")
    assert (screen.code, screen.out) == (1, "")
    assert screen.err.startswith("fleet: expected an SMS-DELIVER")
    assert screen.err.count("\n") == 1
