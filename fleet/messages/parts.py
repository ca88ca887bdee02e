"""The parts a text travels in: composed, marked, and told apart. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from fleet.messages.limits import VALIDITY
from modem_drivers import pdu


class Outcome(StrEnum):
    """What became of one part."""

    OPEN = ""
    """Not written, or not known yet because the attempt still runs."""
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """One SMS-SUBMIT of an attempt: `reference` is its TP-MR, `length` what AT+CMGS wants."""

    hex: str
    length: int
    reference: int
    part: int
    parts: int
    outcome: Outcome = Outcome.OPEN
    delivered: bool = False
    resend: bool = False

    def submit(self) -> pdu.Submit:
        """As the modem library takes it."""
        return pdu.Submit(self.hex, self.length, self.reference, self.part, self.parts)


@dataclass(frozen=True, slots=True)
class Result:
    """What the modem said of one part: `reference` as the network knows it, `may_retry` for a refusal that may pass."""

    outcome: Outcome
    reference: int | None = None
    cause: str = ""
    may_retry: bool = False


def compose(to: str, body: str, reference: int) -> list[Part]:
    """The parts of a text, counting references up from `reference`, which also ties them together.

    Raises PduError when the number or the text cannot be sent.
    """
    submits = pdu.encode_submit(to, body, first_reference=reference, concat_reference=reference, validity=VALIDITY)
    return [Part(s.hex, s.length, s.reference, s.part, s.parts) for s in submits]


def left(parts: Sequence[Part]) -> list[Part]:
    """What is still to be moved after an attempt: what did not surely leave.

    What may have left is marked as a resend (TP-RD), so that the message centre can reject the second one.
    """
    return [_again(part) for part in parts if part.outcome is not Outcome.SENT and not part.delivered]


def told(parts: Sequence[Part], results: Sequence[Result]) -> list[Part]:
    """The parts of an attempt with what became of them; `results` may be shorter: the rest was not written.

    What a report has proved in the meantime stays proved.
    """
    known = [
        part
        if part.outcome is Outcome.SENT
        else replace(part, outcome=result.outcome, reference=_either(result.reference, part.reference))
        for part, result in zip(parts, results, strict=False)
    ]
    return known + list(parts[len(known) :])


def lost(parts: Sequence[Part]) -> list[Part]:
    """The parts of an attempt whose carrier vanished: any of them may have left."""
    return [replace(part, outcome=Outcome.UNKNOWN) if part.outcome is Outcome.OPEN else part for part in parts]


def reported(parts: Sequence[Part], reference: int, delivered: bool) -> list[Part]:
    """The parts after word from the message centre about one of them: it had it, and perhaps delivered it."""
    return [
        replace(part, outcome=Outcome.SENT, delivered=part.delivered or delivered)
        if part.reference == reference
        else part
        for part in parts
    ]


def all_sent(parts: Sequence[Part]) -> bool:
    """Whether every part surely left."""
    return all(part.outcome is Outcome.SENT for part in parts)


def complete(attempts: Iterable[tuple[str, Sequence[Part]]]) -> list[list[Part]]:
    """For each modem (IMEI, parts of one attempt, oldest first): its best knowledge of each part.

    Parts that went through different modems are never one text on the phone, so they are not mixed.
    """
    known: dict[str, dict[int, Part]] = {}
    for modem, parts in attempts:
        of_modem = known.setdefault(modem, {})
        for part in parts:
            before = of_modem.get(part.part)
            if before is None or before.outcome is not Outcome.SENT or part.delivered:
                of_modem[part.part] = part
    return [list(of_modem.values()) for of_modem in known.values()]


def load(rows: Sequence[dict[str, Any]]) -> list[Part]:
    """Parts from an attempt's row."""
    return [Part(**{**row, "outcome": Outcome(row["outcome"])}) for row in rows]


def dump(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Parts for an attempt's row."""
    return [asdict(part) for part in parts]


def _either(first: int | None, second: int) -> int:
    return second if first is None else first


def _again(part: Part) -> Part:
    again = replace(part, outcome=Outcome.OPEN)
    if part.outcome is not Outcome.UNKNOWN and not part.resend:
        return again
    return replace(again, hex=part.submit().resend().hex, resend=True)
