"""PDUs to plain data (3GPP TS 23.040 clause 9.2.2): what modems hand over and what they are given."""

from collections.abc import Callable
from typing import Final, TypeVar

from modem_drivers.errors import PduError
from modem_drivers.pdu import fields
from modem_drivers.pdu.alphabets import DEFAULT, from_utf16, gsm7
from modem_drivers.pdu.header import Concat, Elements, concat_of, elements_of, shifts_of
from modem_drivers.pdu.model import Deliver, StatusReport, SubmitPdu
from modem_drivers.pdu.packing import fill_bits, unpack
from modem_drivers.pdu.schemes import SCHEMES, Coding

# First octet, clauses 9.2.3.1 to 9.2.3.25.
MESSAGE_TYPE: Final = 0x03
DELIVER, SUBMIT, STATUS_REPORT = 0x00, 0x01, 0x02
_TYPES: Final = (DELIVER, SUBMIT, STATUS_REPORT, DELIVER)
"""By the two bits; a phone takes the reserved value for an SMS-DELIVER (clause 9.2.3.1)."""
REJECT_DUPLICATES: Final = 0x04
REPORT_WANTED: Final = 0x20
HAS_HEADER: Final = 0x40

Read = TypeVar("Read")
UserData = tuple[str | None, bytes | None, Concat | None, Elements]


def decode_deliver(pdu: str) -> Deliver:
    """The message in an SMS-DELIVER PDU (hex, SMSC first; clause 9.2.2.1). Raises PduError for anything else."""
    return _decode(pdu, "an SMS-DELIVER PDU", _deliver)


def decode_submit(pdu: str) -> SubmitPdu:
    """The message in an SMS-SUBMIT PDU (hex, SMSC first; clause 9.2.2.2). Raises PduError for anything else."""
    return _decode(pdu, "an SMS-SUBMIT PDU", _submit)


def decode_status_report(pdu: str) -> StatusReport:
    """The report in an SMS-STATUS-REPORT PDU (hex, SMSC first; clause 9.2.2.3). Raises PduError for anything else."""
    return _decode(pdu, "an SMS-STATUS-REPORT PDU", _status_report)


def decode(pdu: str) -> Deliver | SubmitPdu | StatusReport:
    """What a PDU (hex, SMSC first) holds, by its message type (9.2.3.1). Raises PduError for none of the three."""
    return _decode(pdu, "an SMS-DELIVER, SMS-SUBMIT or SMS-STATUS-REPORT PDU", _any)


def message_type(pdu: str) -> int | None:
    """TP-MTI of a PDU (hex, SMSC first): DELIVER, SUBMIT or STATUS_REPORT; None where it has none."""
    try:
        octets = bytes.fromhex(pdu)
        return type_of(octets[1 + octets[0]])
    except (ValueError, IndexError):
        return None


def type_of(first: int) -> int:
    """TP-MTI in the first octet of a TPDU: DELIVER, SUBMIT or STATUS_REPORT."""
    return _TYPES[first & MESSAGE_TYPE]


def octets_of(pdu: str) -> bytes:
    """The octets of a PDU. Raises ValueError where it is no even number of hex digits."""
    try:
        octets = bytes.fromhex(pdu)
    except ValueError:
        raise ValueError("it is no even number of hex digits") from None
    if 2 * len(octets) != len(pdu):
        raise ValueError("blanks between the hex digits")
    return octets


def user_data(octets: bytes, at: int, has_header: bool, scheme: int) -> UserData:
    """Text, data, place in the whole and header elements of the user data whose length octet stands at `at`.

    Clause 9.2.3.24. Raises ValueError, or IndexError, where it is cut.
    """
    length = octets[at]
    at += 1
    coding = SCHEMES[scheme].coding
    end = at + ((length * 7 + 7) // 8 if coding is Coding.SEPTETS else length)
    if end > len(octets):
        raise ValueError("it ends too early")
    elements: Elements = ()
    concat = None
    skipped = 0
    if has_header:
        skipped = 1 + octets[at]
        if at + skipped > end:
            raise ValueError("a user data header longer than the user data")
        elements = elements_of(octets[at + 1 : at + skipped])
        concat = concat_of(elements)
    body = octets[at + skipped : end]
    if coding is Coding.SEPTETS:
        if not has_header:
            return DEFAULT.decode(unpack(body, length)), None, None, ()
        fill = fill_bits(skipped)
        count = max(length - (skipped * 8 + fill) // 7, 0)
        return gsm7(*shifts_of(elements)).decode(unpack(body, count, fill)), None, concat, elements
    if coding is Coding.UTF16:
        return from_utf16(body), body, concat, elements
    return None, body, concat, elements


def _decode(pdu: str, expected: str, read: Callable[[bytes], Read]) -> Read:
    pdu = pdu.strip()
    try:
        return read(octets_of(pdu))
    except IndexError as error:
        raise _refused(pdu, expected, "it ends too early") from error
    except ValueError as error:
        raise _refused(pdu, expected, str(error)) from error


def _refused(pdu: str, expected: str, why: str) -> PduError:
    shown = pdu if len(pdu) <= 16 else f"{pdu[:16]}…"
    return PduError(f"expected {expected}, got {shown!r} ({why}); read it again")


def _any(octets: bytes) -> Deliver | SubmitPdu | StatusReport:
    kind = type_of(octets[1 + octets[0]])
    if kind == DELIVER:
        return _deliver(octets)
    if kind == SUBMIT:
        return _submit(octets)
    return _status_report(octets)


def _first(octets: bytes, wanted: int) -> int:
    """Where the first octet of the TPDU stands, once it is of the type wanted."""
    at = 1 + octets[0]
    if type_of(octets[at]) != wanted:
        raise ValueError(f"message type {octets[at] & MESSAGE_TYPE}")
    return at


def _deliver(octets: bytes) -> Deliver:
    at = _first(octets, DELIVER)
    sender, scheme_at = fields.address(octets, at + 1)
    protocol, scheme = octets[scheme_at], octets[scheme_at + 1]
    stamp_at = scheme_at + 2
    body_at = stamp_at + fields.STAMP_OCTETS
    text, data, concat, elements = user_data(octets, body_at, octets[at] & HAS_HEADER != 0, scheme)
    return Deliver(sender, text, data, fields.stamp(octets[stamp_at:body_at]), concat, protocol, scheme, elements)


def _submit(octets: bytes) -> SubmitPdu:
    at = _first(octets, SUBMIT)
    first = octets[at]
    recipient, scheme_at = fields.address(octets, at + 2)
    protocol, scheme = octets[scheme_at], octets[scheme_at + 1]
    form = first >> 3 & 3
    body_at = scheme_at + 2 + fields.VALIDITY_OCTETS[form]
    text, data, concat, elements = user_data(octets, body_at, first & HAS_HEADER != 0, scheme)
    return SubmitPdu(
        recipient,
        text,
        data,
        octets[at + 1],
        first & REPORT_WANTED != 0,
        first & REJECT_DUPLICATES != 0,
        concat,
        fields.smsc(octets),
        fields.validity(form, octets[scheme_at + 2 : body_at]),
        protocol,
        scheme,
        elements,
    )


def _status_report(octets: bytes) -> StatusReport:
    at = _first(octets, STATUS_REPORT)
    recipient, submitted_at = fields.address(octets, at + 2)
    discharged_at = submitted_at + fields.STAMP_OCTETS
    status_at = discharged_at + fields.STAMP_OCTETS
    return StatusReport(
        octets[at + 1],
        recipient,
        octets[status_at],
        fields.stamp(octets[submitted_at:discharged_at]),
        fields.stamp(octets[discharged_at:status_at]),
    )
