"""User data as it is written: header, alphabet, octets (3GPP TS 23.040 clause 9.2.3.24)."""

from collections.abc import Iterable
from dataclasses import dataclass

from modem_drivers.errors import PduError
from modem_drivers.pdu.alphabets import Alphabet, gsm7
from modem_drivers.pdu.header import (
    Concat,
    Elements,
    Ports,
    check_reference,
    concat_element,
    header_of,
    ports_element,
    shift_elements,
)
from modem_drivers.pdu.languages import READABLE, Shift
from modem_drivers.pdu.packing import fill_bits, pack
from modem_drivers.pdu.schemes import scheme_of
from modem_drivers.pdu.segments import room, segment


@dataclass(frozen=True, slots=True)
class Form:
    """How a text is to be put, beside its words.

    `reference` ties its parts together: 0 to 255, or to 65535 if `wide`. `message_class` is 0 to 3, 0 for a
    flash message. National tables among `shifts` are used where they save a part.
    """

    reference: int = 0
    wide: bool = False
    message_class: int | None = None
    shifts: Iterable[Shift] = READABLE


@dataclass(frozen=True, slots=True)
class Body:
    """The end of a PDU: `octets` are TP-UDL and TP-UD."""

    has_header: bool
    scheme: int
    octets: bytes


def text_bodies(text: str, form: Form) -> list[Body]:
    """The parts of a text. Raises PduError for a text, reference or class that cannot be sent."""
    check_reference(form.reference, wide=form.wide)
    cut = segment(text, wide_reference=form.wide, shifts=form.shifts)
    scheme = scheme_of(cut.alphabet, _class(form.message_class))
    tables = shift_elements(cut.locking, cut.single)
    alphabet = gsm7(cut.locking, cut.single)
    bodies = []
    for number, part in enumerate(cut.parts, start=1):
        header = header_of(_place(form, number, len(cut.parts)) + tables)
        if cut.alphabet is Alphabet.UCS2:
            octets = header + part.encode("utf-16-be")
            length = len(octets)
        else:
            septets = alphabet.encode(part) or b""
            fill = fill_bits(len(header))
            octets = header + pack(septets, fill)
            length = (len(header) * 8 + fill) // 7 + len(septets)
        bodies.append(Body(bool(header), scheme, bytes([length]) + octets))
    return bodies


def data_bodies(data: bytes, ports: Ports | None, form: Form) -> list[Body]:
    """The parts of a binary message. Raises PduError as text_bodies, and for more than 255 parts or what is no port."""
    check_reference(form.reference, wide=form.wide)
    scheme = scheme_of(None, _class(form.message_class))
    addressed: Elements = (ports_element(ports),) if ports is not None else ()
    whole = room(len(header_of(addressed)), None)
    pieces = [data]
    if len(data) > whole:
        most = room(len(header_of((*_place(form, 1, 2), *addressed))), None)
        pieces = [data[at : at + most] for at in range(0, len(data), most)]
    if len(pieces) > 255:
        raise PduError(f"expected data of at most 255 parts, got {len(pieces)}; send less")
    bodies = []
    for number, piece in enumerate(pieces, start=1):
        header = header_of(_place(form, number, len(pieces)) + addressed)
        octets = header + piece
        bodies.append(Body(bool(header), scheme, bytes([len(octets)]) + octets))
    return bodies


def _place(form: Form, part: int, parts: int) -> Elements:
    return (concat_element(Concat(form.reference, part, parts), wide=form.wide),) if parts > 1 else ()


def _class(message_class: int | None) -> int | None:
    if message_class is not None and not 0 <= message_class <= 3:
        raise PduError(f"expected a message class from 0 to 3, got {message_class}")
    return message_class
