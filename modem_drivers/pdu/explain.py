"""Every field of a PDU in words, with its octets and its clause in 3GPP TS 23.040."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from modem_drivers.errors import PduError
from modem_drivers.pdu import fields, header, statuses
from modem_drivers.pdu.decode import (
    DELIVER,
    HAS_HEADER,
    MESSAGE_TYPE,
    REJECT_DUPLICATES,
    REPORT_WANTED,
    SUBMIT,
    decode,
    octets_of,
    type_of,
    user_data,
)
from modem_drivers.pdu.model import TYPE_0
from modem_drivers.pdu.schemes import SCHEMES, Coding, Waiting

_REPLY_PATH: Final = 0x80
_NAMES: Final = ("SMS-DELIVER", "SMS-SUBMIT", "SMS-STATUS-REPORT")
_VALIDITY_FORMS: Final = ("none", "enhanced", "relative", "absolute")
_CLASSES: Final = ("flash: show at once, do not keep", "for the modem", "for the SIM", "for the terminal")
_ELEMENTS: Final = {
    header.CONCAT_8: ("part of a long message", "9.2.3.24.1"),
    header.WAITING: ("messages waiting", "9.2.3.24.2"),
    header.PORTS_8: ("application ports, 8 bits", "9.2.3.24.3"),
    header.PORTS_16: ("application ports, 16 bits", "9.2.3.24.4"),
    0x06: ("SMSC control parameters", "9.2.3.24.5"),
    0x07: ("source of the header", "9.2.3.24.6"),
    header.CONCAT_16: ("part of a long message, 16-bit reference", "9.2.3.24.8"),
    0x09: ("wireless control message", "9.2.3.24.9"),
    0x20: ("RFC 822 e-mail header", "9.2.3.24.11"),
    header.SINGLE_SHIFT: ("national single shift table", "9.2.3.24.15"),
    header.LOCKING_SHIFT: ("national locking shift table", "9.2.3.24.16"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its octets in hex, empty where it shares the octet above; all of them together are the PDU."""

    name: str
    octets: str
    meaning: str
    clause: str


def explain(pdu: str) -> tuple[Field, ...]:
    """The fields of a DELIVER, SUBMIT or STATUS-REPORT PDU (hex, SMSC first), in order. Raises PduError."""
    decode(pdu)  # raises for what the walk below cannot read
    try:
        return tuple(_Walk(octets_of(pdu.strip())).fields())
    except (ValueError, IndexError) as error:
        raise PduError(f"expected the address of a message centre first, got {pdu[:16]!r} ({error})") from error


class _Walk:
    """Goes through the octets once, from the left."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def fields(self) -> Iterator[Field]:
        """All of them."""
        octets = self._octets
        centre = fields.smsc(octets)
        yield self._take("SMSC", 1 + octets[0], "the modem's own" if centre is None else _say(centre), "TS 27.005 3.1")
        first = octets[self._at]
        kind = type_of(first)
        reserved = " (reserved, counts as this)" if first & MESSAGE_TYPE != kind else ""
        yield self._take("TP-MTI", 1, f"{_NAMES[kind]}{reserved}", "9.2.3.1")
        yield from _flags(first, kind)
        if kind == DELIVER:
            yield self._address("TP-OA", "9.2.3.7")
            scheme = self._octets[self._at + 1]
            yield from self._protocol_and_scheme()
            yield self._stamp("TP-SCTS", "9.2.3.11")
            yield from self._user_data(first, scheme)
        elif kind == SUBMIT:
            yield self._take("TP-MR", 1, f"reference {octets[self._at]}", "9.2.3.6")
            yield self._address("TP-DA", "9.2.3.8")
            scheme = self._octets[self._at + 1]
            yield from self._protocol_and_scheme()
            yield from self._validity(first >> 3 & 3)
            yield from self._user_data(first, scheme)
        else:
            yield self._take("TP-MR", 1, f"reference {octets[self._at]}", "9.2.3.6")
            yield self._address("TP-RA", "9.2.3.14")
            yield self._stamp("TP-SCTS", "9.2.3.11")
            yield self._stamp("TP-DT", "9.2.3.13")
            yield self._take("TP-ST", 1, statuses.words(octets[self._at]), "9.2.3.15")
        if self._at < len(octets):
            yield self._take("more", len(octets) - self._at, "octets that no field claims", "")

    def _take(self, name: str, count: int, meaning: str, clause: str) -> Field:
        taken = self._octets[self._at : self._at + count]
        self._at += count
        return Field(name, taken.hex().upper(), meaning, clause)

    def _address(self, name: str, clause: str) -> Field:
        found, end = fields.address(self._octets, self._at)
        return self._take(name, end - self._at, _say(found), clause)

    def _stamp(self, name: str, clause: str) -> Field:
        octets = self._octets[self._at : self._at + fields.STAMP_OCTETS]
        return self._take(name, fields.STAMP_OCTETS, _moment(fields.stamp(octets)), clause)

    def _protocol_and_scheme(self) -> Iterator[Field]:
        protocol, scheme = self._octets[self._at : self._at + 2]
        meaning = {0: "an ordinary message", TYPE_0: "type 0: to be dropped unseen"}.get(protocol, f"{protocol:#04x}")
        yield self._take("TP-PID", 1, meaning, "9.2.3.9")
        yield self._take("TP-DCS", 1, _scheme(scheme), "9.2.3.10, TS 23.038 4")

    def _validity(self, form: int) -> Iterator[Field]:
        count = fields.VALIDITY_OCTETS[form]
        if count:
            period = fields.validity(form, self._octets[self._at : self._at + count])
            meaning = str(period) if isinstance(period, timedelta) else _moment(period)
            yield self._take("TP-VP", count, meaning, "9.2.3.12")

    def _user_data(self, first: int, scheme: int) -> Iterator[Field]:
        text, data, _, elements = user_data(self._octets, self._at, bool(first & HAS_HEADER), scheme)
        length = self._octets[self._at]
        septets = SCHEMES[scheme].coding is Coding.SEPTETS
        end = self._at + 1 + ((length * 7 + 7) // 8 if septets else length)
        yield self._take("TP-UDL", 1, f"{length} {'septets' if septets else 'octets'}", "9.2.3.16")
        if first & HAS_HEADER:
            count = self._octets[self._at]
            yield self._take("UDHL", 1, f"{count} octets of header", "9.2.3.24")
            for element in elements:
                yield self._element(element)
            if not elements and count:
                yield self._take("UDH", count, "cut short: to be ignored", "9.2.3.24")
        meaning = text if text is not None else f"{len(data or b'')} octets of data"
        yield self._take("TP-UD", end - self._at, meaning, "9.2.3.24")

    def _element(self, element: tuple[int, bytes]) -> Field:
        identifier, value = element
        name, clause = _ELEMENTS.get(identifier, (f"element {identifier:#04x}", "9.2.3.24"))
        return self._take("UDH", 2 + len(value), f"{name}{_element_value(element)}", clause)


def _flags(first: int, kind: int) -> Iterator[Field]:
    """The bits beside the message type; they share its octet."""
    if kind == SUBMIT:
        rows = [
            ("TP-RD", "9.2.3.25", "reject duplicates" if first & REJECT_DUPLICATES else "accept duplicates"),
            ("TP-VPF", "9.2.3.3", f"validity period: {_VALIDITY_FORMS[first >> 3 & 3]}"),
            ("TP-SRR", "9.2.3.5", "report wanted" if first & REPORT_WANTED else "no report wanted"),
        ]
    else:
        rows = [
            ("TP-MMS", "9.2.3.2", "no more messages wait" if first & 0x04 else "more messages wait"),
            ("TP-LP", "9.2.3.28", "forwarded: send no report of it" if first & 0x08 else "not forwarded"),
        ]
        if kind == DELIVER:
            rows.append(("TP-SRI", "9.2.3.4", "the sender gets a report" if first & 0x20 else "the sender gets none"))
        else:
            rows.append(("TP-SRQ", "9.2.3.26", "of an SMS-COMMAND" if first & 0x20 else "of an SMS-SUBMIT"))
    rows.append(("TP-UDHI", "9.2.3.23", "with a header" if first & HAS_HEADER else "without a header"))
    if kind in (DELIVER, SUBMIT):
        rows.append(("TP-RP", "9.2.3.17", "reply path set" if first & _REPLY_PATH else "no reply path"))
    for name, clause, meaning in rows:
        yield Field(name, "", meaning, clause)


def _say(address: object) -> str:
    return f"{address} ({getattr(address, 'kind', '')})"


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment is not None else "no date"


def _scheme(value: int) -> str:
    scheme = SCHEMES[value]
    words = [scheme.coding.value]
    if scheme.message_class is not None:
        words.append(f"class {scheme.message_class} ({_CLASSES[scheme.message_class]})")
    if scheme.waiting is not None:
        words.append(_waiting(scheme.waiting))
    if scheme.deleted_once_read:
        words.append("to be deleted once read")
    return ", ".join(words)


def _waiting(waiting: Waiting) -> str:
    count = "" if waiting.count is None else f"{waiting.count} "
    state = "waiting" if waiting.active else "waiting no more"
    return f"{count}{waiting.kind} messages {state}, {'keep' if waiting.stored else 'drop'} this text"


def _element_value(element: tuple[int, bytes]) -> str:
    """What one element says, as far as it can be read."""
    _, value = element
    alone = (element,)
    if (concat := header.concat_of(alone)) is not None:
        return f": {concat.part} of {concat.parts}, reference {concat.reference}"
    if (ports := header.ports_of(alone)) is not None:
        return f": to {ports.destination}, from {ports.source}"
    if (waiting := header.waiting_of(alone)) is not None:
        return f": {_waiting(waiting)}"
    shifts = [language.name.capitalize() for language in header.shifts_of(alone) if language]
    return f": {shifts[0]}" if shifts else f": {value.hex().upper() or 'empty'}"
