"""Texts in the modem: stores, what the host is told, what it sends."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from hw_fixtures.modem import textmode
from hw_fixtures.modem.answers import Afterwards, Answer, Pending, Vanish, Wait
from hw_fixtures.modem.errors import CmsRefusal
from hw_fixtures.modem.storage import READ, UNREAD, Store
from modem_drivers import pdu

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

Message = TypeVar("Message", pdu.Deliver, pdu.SubmitPdu)

_BEHIND = 1.0  # seconds the network is behind with a text whose answer was lost
_STATUS_REPORT = 0x02  # message type, TS 23.040 clause 9.2.3.1


@dataclass(frozen=True, slots=True)
class Indications:
    """AT+CNMI."""

    mode: str
    texts: str
    cells: str
    reports: str
    buffer: str


class Messaging:
    """A subscriber of the message centre with its stores; SM belongs to the card, the others to the modem."""

    def __init__(self, modem: "SimulatedModem") -> None:
        model = modem.model
        self._modem = modem
        self._own = {"ME": Store("ME", model.message_capacity), "SR": Store("SR", model.message_capacity)}
        self.choose_memories()
        self.smsc = modem.network.centre_number
        self._reference = 0

    def store(self, name: str) -> Store:
        """The store of this name; CMS 302 for none."""
        model = self._modem.model
        if name not in model.memories and name != "SR":
            raise CmsRefusal(302)
        name = model.memory_names.get(name, name)
        if name == "SM" and self._modem.sim is not None:
            return self._modem.sim.store
        if name not in self._own:
            raise CmsRefusal(302)
        return self._own[name]

    def choose_memories(self) -> None:
        """AT+CPMS as it is at first: for reading and deleting, writing and sending, receiving."""
        self.memories = [self._modem.model.message_memory] * 3

    @property
    def text_mode(self) -> bool:
        """AT+CMGF=1."""
        return self._modem.settings["+CMGF"] == "1"

    @property
    def charset(self) -> str:
        """AT+CSCS."""
        return self._modem.settings["+CSCS"].strip('"')

    def shown(self, hexed: str) -> tuple[str, str | None]:
        """A message as this mode shows it behind its status: fields, and PDU or text."""
        return textmode.shown(hexed, self.charset) if self.text_mode else (f",{_length(hexed)}", hexed)

    @property
    def indications(self) -> Indications:
        """What the host wants to be told, and how."""
        return Indications(*self._modem.settings["+CNMI"].split(","))

    # --- from the network ---

    def take(self, hexed: str) -> bool:
        """A DELIVER or STATUS-REPORT from the message centre; False when there is no room."""
        first = int(hexed[2 + 2 * int(hexed[:2], 16) :][:2], 16)
        if first & 3 == _STATUS_REPORT:
            return self._take_report(hexed)
        return self._take_text(hexed)

    def _take_text(self, hexed: str) -> bool:
        indications = self.indications
        if indications.texts == "2" and indications.mode != "0":
            fields, text = self.shown(hexed)
            self._modem.say(f"+CMT: {fields}\r\n{text}")
            return True
        store = self.store(self.memories[2])
        index = self.keep(store, hexed, UNREAD)
        if index is None:
            return False
        if indications.texts in ("1", "2"):
            self._modem.say(f'+CMTI: "{self.memories[2]}",{index}')
        if store.full:
            self._modem.say(*(line.format(memory=self.memories[2]) for line in self._modem.model.full_lines))
        return True

    def _take_report(self, hexed: str) -> bool:
        wanted = self.indications.reports
        if wanted == "1":
            fields, body = self.shown(hexed)  # in PDU mode without the <alpha> of other lines
            self._modem.say(f"+CDS: {fields.lstrip(',')}" + ("" if body is None else f"\r\n{body}"))
        elif wanted == "2":
            memory = self._modem.model.report_memory or self.memories[2]
            index = self.keep(self.store(memory), hexed, UNREAD)
            if index is None:
                return False
            announced = self._modem.model.report_announced_as.format(memory=memory, index=index)
            self._modem.say(f"+CDSI: {announced}")
        return True

    # --- from the host ---

    def keep(self, store: Store, hexed: str, status: int) -> int | None:
        """The slot a PDU went to; None when the store is full."""
        return None if self._modem.faults.storage_full else store.add(hexed, status)

    def require_sim(self) -> None:
        """Raise the refusal of a card that is missing or locked."""
        sim = self._modem.sim
        if sim is None:
            raise CmsRefusal(310)
        if self._modem.card_busy:
            raise CmsRefusal(314)
        if sim.state != "READY":
            raise CmsRefusal({"SIM PIN": 311, "SIM PUK": 316}.get(sim.state, 313))

    def write_body(self, length: int, status: int, body: str) -> Answer:
        """Keep what was typed at the prompt of AT+CMGW."""
        hexed = _typed(length, body)
        if status in (UNREAD, READ):
            _read(hexed, pdu.decode_deliver)
        else:
            _read(hexed, pdu.decode_submit)
        return self._written(hexed, status)

    def write_text(self, to: str, status: int, body: str) -> Answer:
        """Keep the text typed at the prompt of AT+CMGW."""
        return self._written(self._composed(to, body), status)

    def _composed(self, to: str, body: str) -> str:
        self._reference = (self._reference + 1) % 256
        first_octet = self._modem.settings["+CSMP"].split(",")[0]
        return textmode.composed(to, body, charset=self.charset, first_octet=first_octet, reference=self._reference)

    def _written(self, hexed: str, status: int) -> Answer:
        index = self.keep(self.store(self.memories[1]), hexed, status)
        if index is None:
            raise CmsRefusal(322)
        return [f"+CMGW: {index}"]

    def submit_body(self, length: int, body: str) -> Answer:
        """Send the PDU typed at the prompt of AT+CMGS."""
        return self.submit(_typed(length, body), "+CMGS")

    def submit_text(self, to: str, body: str) -> Answer:
        """Send the text typed at the prompt of AT+CMGS."""
        return self.submit(self._composed(to, body), "+CMGS")

    def submit(self, hexed: str, command: str) -> Answer:
        """Send a PDU; the answer comes when the network has taken it, CMS 304 when it is malformed."""
        message = _read(hexed, pdu.decode_submit)
        return Wait(self._modem.cmgs_latency, partial(self._submitted, hexed, message, command))

    def _submitted(self, hexed: str, message: pdu.SubmitPdu, command: str) -> Answer:
        modem = self._modem
        assert modem.sim is not None
        fault = modem.faults.after_pdu()
        if fault == "lost":
            return Vanish()
        if not modem.radio.registered:
            raise CmsRefusal(331)
        modem.faults.refuse()
        return Pending(
            partial(modem.network.submit, modem.sim.msisdn, hexed, message),
            partial(self._answered, f"{command}: {message.reference}", fault),
        )

    def _answered(self, line: str, fault: str | None, cause: int | None) -> Answer:
        """What the message centre said."""
        if cause is not None:
            raise CmsRefusal(cause)
        if fault == "accepted":
            return Vanish(self._modem.network.dispatch)
        if fault == "timed out":
            self._modem.later(_BEHIND, self._modem.network.dispatch)
            raise CmsRefusal(332)
        return Afterwards((line,), self._modem.network.dispatch)


def _typed(length: int, body: str) -> str:
    """What was typed at a prompt, as hex; CMS 304 when it is not of the length promised."""
    hexed = "".join(body.split()).upper()
    try:
        if _length(hexed) != length:
            raise CmsRefusal(304)
    except ValueError:
        raise CmsRefusal(304) from None
    return hexed


def _read(hexed: str, decode: Callable[[str], Message]) -> Message:
    try:
        return decode(hexed)
    except pdu.PduError:
        raise CmsRefusal(304) from None


def _length(hexed: str) -> int:
    return len(hexed) // 2 - 1 - int(hexed[:2], 16)
