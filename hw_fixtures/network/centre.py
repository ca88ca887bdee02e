"""The message centre: takes submitted texts, keeps them while a subscriber is away, delivers, reports."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count

from hw_fixtures.network.air import Subscriber
from modem_drivers import pdu

DUPLICATE = 197  # TP-FCS 0xC5, SM rejected: duplicate SM (TS 23.040 clause 9.2.3.22)
_REMEMBERED = 10_000  # submissions


@dataclass(frozen=True, slots=True)
class _Waiting:
    """`hexed` makes the PDU when it is delivered: the sender does not wait for that."""

    hexed: Callable[[], str]
    report: "_Report | None"


@dataclass(frozen=True, slots=True)
class _Report:
    """Wanted by the sender once his message is delivered."""

    sender: str
    recipient: str
    reference: int
    submitted: datetime
    smsc: str


class MessageCentre:
    """Pure store and forward. Submitting only queues; `dispatch` delivers what can be, in order per subscriber.

    `rejects_duplicates`: honour TP-RD, as a switch because many real centres do not. `stranger` is told of numbers
    that nobody enrolled, before a text to them is queued.
    """

    def __init__(self, number: str, now: Callable[[], datetime]) -> None:
        self.number = number
        self.rejects_duplicates = True
        self.stranger: Callable[[str], object] | None = None
        self.submitted: deque[pdu.SubmitPdu] = deque(maxlen=_REMEMBERED)
        self._now = now
        self._subscribers: dict[str, Subscriber] = {}
        self._enrolled: set[str] = set()
        self._queues: dict[str, deque[_Waiting]] = {}
        self._seen: dict[tuple[str, str, int], None] = {}
        self._concat = count()
        self._dispatching = False
        self._asked: set[str] = set()  # numbers whose subscriber will tell later

    def enrol(self, number: str) -> None:
        """The number exists, though it may not be reachable: texts to it wait."""
        self._enrolled.add(number)

    def attach(self, number: str, subscriber: Subscriber) -> None:
        """From now on the number can be reached; what waited for it is delivered."""
        self.enrol(number)
        self._subscribers[number] = subscriber
        self.dispatch()

    def detach(self, number: str) -> None:
        """The number cannot be reached any more; what it was asked to take waits."""
        self._subscribers.pop(number, None)
        self._asked.discard(number)

    def answered(self, number: str, *, taken: bool) -> None:
        """The subscriber who promised to tell has taken the PDU, or has no room for it."""
        if number not in self._asked:
            return
        self._asked.discard(number)
        if taken:
            self._delivered(self._queues[number])
            self.dispatch()

    def attached(self, number: str) -> bool:
        """Whether the number can be reached."""
        return number in self._subscribers

    def waiting(self, number: str) -> int:
        """PDUs kept for a number."""
        return len(self._queues.get(number, ()))

    def submit(self, sender: str, hexed: str, message: pdu.SubmitPdu) -> int | None:
        """Take an SMS-SUBMIT, as PDU and as read; None when accepted, else the cause of refusal."""
        to = message.recipient.number
        key = (sender, to, message.reference)
        if message.reject_duplicates and self.rejects_duplicates and key in self._seen:
            return DUPLICATE
        self._seen.pop(key, None)
        self._seen[key] = None
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        self.submitted.append(message)
        now = self._now()
        smsc = message.smsc.number if message.smsc else self.number
        report = _Report(sender, to, message.reference, now, smsc) if message.report else None
        self._queue(to, lambda: pdu.with_smsc(pdu.relay(hexed, sender, now), smsc), report)
        return None

    def originate(self, sender: str, to: str, text: str) -> None:
        """Send a text from a number or name, for which no report is wanted, and dispatch."""
        number = pdu.parse_number(to).number
        reference = next(self._concat) % 256
        for hexed in pdu.encode_deliver(sender, text, self._now(), concat_reference=reference):
            self._queue(number, partial(pdu.with_smsc, hexed, self.number), None)
        self.dispatch()

    def dispatch(self) -> None:
        """Deliver what waits for subscribers that can be reached and have room."""
        if self._dispatching:  # a delivery may cause a reply: the loop below sees it
            return
        self._dispatching = True
        try:
            while sum(self._drain(number) for number in list(self._queues)):
                pass
        finally:
            self._dispatching = False

    def _queue(self, to: str, hexed: Callable[[], str], report: _Report | None) -> None:
        if to not in self._enrolled and self.stranger is not None:
            self.stranger(to)
        self._queues.setdefault(to, deque()).append(_Waiting(hexed, report))

    def _drain(self, number: str) -> bool:
        queue = self._queues[number]
        subscriber = self._subscribers.get(number)
        moved = False
        while queue and subscriber is not None and number not in self._asked:
            taken = subscriber.take(queue[0].hexed())
            if taken is None:
                self._asked.add(number)
            if not taken:
                break
            moved = True
            self._delivered(queue)
        if not queue:
            self._queues.pop(number, None)
        return moved

    def _delivered(self, queue: deque[_Waiting]) -> None:
        """The first of a queue has arrived: its sender gets the report he asked for."""
        report = queue.popleft().report
        if report is not None:
            hexed = pdu.encode_status_report(report.recipient, report.reference, report.submitted, self._now())
            self._queue(report.sender, partial(pdu.with_smsc, hexed, report.smsc), None)
