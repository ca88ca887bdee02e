"""Plain data to PDUs: SUBMIT for a modem, DELIVER and STATUS-REPORT for a message centre (3GPP TS 23.040)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from modem_drivers.errors import PduError
from modem_drivers.numbers import objection
from modem_drivers.pdu.address import encode_address, encode_digits, parse_address, parse_number, type_octet
from modem_drivers.pdu.bodies import Body, Form, data_bodies, text_bodies
from modem_drivers.pdu.decode import (
    DELIVER,
    HAS_HEADER,
    REJECT_DUPLICATES,
    REPORT_WANTED,
    STATUS_REPORT,
    SUBMIT,
)
from modem_drivers.pdu.header import Ports
from modem_drivers.pdu.languages import READABLE, Shift
from modem_drivers.pdu.model import TYPE_0, Submit

_NO_MORE_MESSAGES: Final = 0x04  # TP-MMS of DELIVER and STATUS-REPORT, clause 9.2.3.2
_RELATIVE_VALIDITY: Final = 0x10  # TP-VPF, clause 9.2.3.3
_OWN_SMSC: Final = b"\x00"


def encode_submit(
    to: str,
    text: str,
    *,
    first_reference: int,
    concat_reference: int = 0,
    wide_reference: bool = False,
    report: bool = True,
    validity: timedelta | None = None,
    reject_duplicates: bool = False,
    message_class: int | None = None,
    silent: bool = False,
    shifts: Iterable[Shift] = READABLE,
) -> tuple[Submit, ...]:
    """The PDUs that carry a text to a number (clause 9.2.2.2), in order; their references (TP-MR) count up modulo 256.

    `concat_reference` (0 to 255, or to 65535 with `wide_reference`) ties the parts together; `validity` (at
    most 63 weeks) is rounded up to what TP-VP can say; `message_class` 0 is a flash message; a `silent` one is
    dropped unseen by the phone. National tables among `shifts` are used where they save a part. Raises PduError
    when the number, text, validity, class or a reference cannot be sent.
    """
    bodies = text_bodies(text, Form(concat_reference, wide_reference, message_class, shifts))
    first = REPORT_WANTED * report | REJECT_DUPLICATES * reject_duplicates
    return _submits(to, bodies, first, first_reference, validity, TYPE_0 if silent else 0)


def encode_data(
    to: str,
    data: bytes,
    *,
    first_reference: int,
    ports: Ports | None = None,
    concat_reference: int = 0,
    wide_reference: bool = False,
    report: bool = True,
    validity: timedelta | None = None,
    reject_duplicates: bool = False,
    message_class: int | None = None,
) -> tuple[Submit, ...]:
    """Like encode_submit, for octets instead of a text, to an application's port if `ports` names one.

    Raises PduError also for what is no port.
    """
    bodies = data_bodies(data, ports, Form(concat_reference, wide_reference, message_class))
    first = REPORT_WANTED * report | REJECT_DUPLICATES * reject_duplicates
    return _submits(to, bodies, first, first_reference, validity, 0)


def encode_deliver(
    sender: str,
    text: str,
    timestamp: datetime,
    *,
    concat_reference: int = 0,
    wide_reference: bool = False,
    message_class: int | None = None,
    silent: bool = False,
    shifts: Iterable[Shift] = READABLE,
) -> tuple[str, ...]:
    """The SMS-DELIVER PDUs (hex) that bring a text from a number or name (clause 9.2.2.1).

    `timestamp` must be aware; the others as in encode_submit. Raises PduError for what cannot be said in one.
    """
    origin = encode_address(parse_address(sender))
    stamp = encode_timestamp(timestamp)
    protocol = TYPE_0 if silent else 0
    pdus = []
    for body in text_bodies(text, Form(concat_reference, wide_reference, message_class, shifts)):
        first = DELIVER | _NO_MORE_MESSAGES | HAS_HEADER * body.has_header
        tpdu = bytes([first]) + origin + bytes([protocol, body.scheme]) + stamp + body.octets
        pdus.append((_OWN_SMSC + tpdu).hex().upper())
    return tuple(pdus)


def encode_status_report(
    recipient: str, reference: int, submitted: datetime, discharged: datetime, status: int = 0
) -> str:
    """The SMS-STATUS-REPORT PDU (hex) for the message sent under that reference (clause 9.2.2.3).

    Times must be aware; status 0 means delivered (9.2.3.15). Raises PduError for what cannot be said in one.
    """
    tpdu = bytes([STATUS_REPORT | _NO_MORE_MESSAGES, _octet("reference", reference)])
    tpdu += encode_address(parse_number(recipient))
    tpdu += encode_timestamp(submitted) + encode_timestamp(discharged) + bytes([_octet("status", status)])
    return (_OWN_SMSC + tpdu).hex().upper()


def with_smsc(pdu: str, smsc: str) -> str:
    """The same PDU (hex) naming this message centre, as a modem hands it to its host; "" names none.

    3GPP TS 27.005 clause 3.1 (`<pdu>`). Raises PduError for what is no number.
    """
    tpdu = pdu[2 + 2 * int(pdu[:2], 16) :]
    if not smsc:
        return _OWN_SMSC.hex() + tpdu
    address = parse_number(smsc)
    value = bytes([type_octet(address)]) + encode_digits(address.number.removeprefix("+"))
    return (bytes([len(value)]) + value).hex().upper() + tpdu


def encode_timestamp(moment: datetime) -> bytes:
    """Seven octets, the zone in quarters of an hour (9.2.3.11); PduError unless aware and in 2000-2099."""
    offset = moment.utcoffset()
    if offset is None or not 2000 <= moment.year <= 2099:
        raise PduError(f"expected a time with a zone between 2000 and 2099, got {moment.isoformat()}")
    quarters, rest = divmod(abs(offset), timedelta(minutes=15))
    if rest:
        raise PduError(f"expected a zone in quarters of an hour, got {moment.isoformat()}; convert to UTC")
    year = moment.year % 100
    fields = (year, moment.month, moment.day, moment.hour, moment.minute, moment.second, quarters)
    octets = bytearray(field % 10 << 4 | field // 10 for field in fields)
    if offset < timedelta(0):
        octets[-1] |= 0x08
    return bytes(octets)


def _submits(
    to: str, bodies: list[Body], flags: int, first_reference: int, validity: timedelta | None, protocol: int
) -> tuple[Submit, ...]:
    if (wrong := objection(to)) is not None:
        raise PduError(wrong)
    recipient = encode_address(parse_number(to))
    reference = _octet("first reference", first_reference)
    period = b""
    if validity is not None:
        flags |= _RELATIVE_VALIDITY
        period = bytes([_validity(validity)])
    submits = []
    for number, body in enumerate(bodies, start=1):
        first = SUBMIT | flags | HAS_HEADER * body.has_header
        middle = bytes([protocol, body.scheme])
        tpdu = bytes([first, reference]) + recipient + middle + period + body.octets
        submits.append(Submit((_OWN_SMSC + tpdu).hex().upper(), len(tpdu), reference, number, len(bodies)))
        reference = (reference + 1) % 256
    return tuple(submits)


def _validity(period: timedelta) -> int:
    """TP-VP, relative format (clause 9.2.3.12.1)."""
    steps = (
        (timedelta(hours=12), timedelta(minutes=5), -1),
        (timedelta(hours=24), timedelta(minutes=30), 143 - 24),
        (timedelta(days=30), timedelta(days=1), 166),
        (timedelta(weeks=63), timedelta(weeks=1), 192),
    )
    for longest, step, base in steps:
        if timedelta(0) < period <= longest:
            return base + -(-period // step)
    raise PduError(f"expected a validity above 0 and up to 63 weeks, got {period}")


def _octet(what: str, value: int) -> int:
    if not 0 <= value <= 255:
        raise PduError(f"expected a {what} from 0 to 255, got {value}")
    return value
