"""Text mode (AT+CMGF=1): messages as fields and characters instead of PDUs (3GPP TS 27.005 clause 3.1)."""

from datetime import datetime

from hw_fixtures.modem.errors import CmsRefusal
from modem_drivers import pdu
from modem_drivers.pdu.alphabets import from_gsm7, to_gsm7

STATUSES = ("REC UNREAD", "REC READ", "STO UNSENT", "STO SENT", "ALL")  # in the order of their numbers
_REPORT_REQUEST = 0x20  # in <fo> of AT+CSMP
_SUBMIT, _STATUS_REPORT = 0x01, 0x02  # message type, TS 23.040 clause 9.2.3.1


def shown(hexed: str, charset: str) -> tuple[str, str | None]:
    """What AT+CMGR, AT+CMGL and +CMT show of a PDU behind its status: fields, and its text (reports have none)."""
    kind = int(hexed[2 + 2 * int(hexed[:2], 16) :][:2], 16) & 3
    if kind == _STATUS_REPORT:
        report = pdu.decode_status_report(hexed)
        number = report.recipient.number
        times = f'"{_time(report.timestamp)}","{_time(report.discharged)}"'
        return f'6,{report.reference},"{number}",{_kind(number)},{times},{report.status}', None
    if kind == _SUBMIT:
        submit = pdu.decode_submit(hexed)
        return f'"{submit.recipient}",', _to_host(submit.text, submit.data, charset)
    deliver = pdu.decode_deliver(hexed)
    text = _to_host(deliver.text, deliver.data, charset)
    return f'"{deliver.sender}",,"{_time(deliver.timestamp)}"', text


def composed(to: str, body: str, *, charset: str, first_octet: str, reference: int) -> str:
    """The PDU of a text typed at the prompt; CMS 305 for what is no text or number, or longer than one message."""
    try:
        text = _from_host(body, charset)
        report = bool(int(first_octet) & _REPORT_REQUEST)
        submits = pdu.encode_submit(to, text, first_reference=reference, report=report)
    except ValueError:
        raise CmsRefusal(305) from None
    if len(submits) > 1:
        raise CmsRefusal(305)
    return submits[0].hex


def _to_host(text: str | None, data: bytes | None, charset: str) -> str:
    if charset == "UCS2" and text is not None:
        return text.encode("utf-16-be").hex().upper()
    if data is not None or text is None:
        return (data or b"").hex().upper()
    if charset == "GSM":
        return (to_gsm7(text) or b"").decode("ascii")
    return text.encode("ascii", "replace").decode("ascii")


def _from_host(body: str, charset: str) -> str:
    if charset == "UCS2":
        return bytes.fromhex(body).decode("utf-16-be")
    if charset == "GSM":
        return from_gsm7(body.encode("ascii"))
    return body.encode("ascii").decode("ascii")


def _kind(number: str) -> int:
    return 145 if number.startswith("+") else 129


def _time(moment: datetime | None) -> str:
    return f"{moment:%y/%m/%d,%H:%M:%S}+00" if moment is not None else ""
