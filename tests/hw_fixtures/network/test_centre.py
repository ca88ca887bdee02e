"""The message centre: order, waiting, reports, duplicates."""

from datetime import UTC, datetime, timedelta

from hw_fixtures.network import DUPLICATE, MessageCentre
from modem_drivers import pdu

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OWN, ALICE = "+15550199", "+15550101"


class Taker:
    """A subscriber with so much room."""

    def __init__(self, room: int = 100) -> None:
        self.room = room
        self.taken: list[str] = []

    def take(self, hexed: str) -> bool:
        if len(self.taken) >= self.room:
            return False
        self.taken.append(hexed)
        return True


def _submit(
    centre: MessageCentre, text: str, reference: int, *, report: bool = True, again: bool = False
) -> int | None:
    (submit,) = pdu.encode_submit(ALICE, text, first_reference=reference, report=report, reject_duplicates=again)
    return centre.submit(OWN, submit.hex, pdu.decode_submit(submit.hex))


def test_texts_wait_and_come_in_order_and_are_reported_when_they_arrive() -> None:
    now = NOON
    centre = MessageCentre("+15550100", lambda: now)
    modem, alice = Taker(), Taker(room=1)
    centre.attach(OWN, modem)
    assert [_submit(centre, text, reference) for reference, text in enumerate(("one", "two"))] == [None, None]
    centre.dispatch()
    assert (centre.waiting(ALICE), modem.taken) == (2, [])
    now = NOON + timedelta(hours=1)
    centre.attach(ALICE, alice)
    assert [pdu.decode_deliver(hexed).text for hexed in alice.taken] == ["one"]
    alice.room = 2
    centre.dispatch()
    assert [pdu.decode_deliver(hexed).text for hexed in alice.taken] == ["one", "two"]
    reports = [pdu.decode_status_report(hexed) for hexed in modem.taken]
    assert [(report.reference, report.timestamp, report.discharged) for report in reports] == [
        (0, NOON, now),
        (1, NOON, now),
    ]


def test_no_report_unless_asked() -> None:
    centre = MessageCentre("+15550100", lambda: NOON)
    modem = Taker()
    centre.attach(OWN, modem)
    centre.attach(ALICE, Taker())
    _submit(centre, "hi", 1, report=False)
    centre.dispatch()
    assert modem.taken == []


def test_duplicates_are_rejected_only_where_the_sender_asks() -> None:
    centre = MessageCentre("+15550100", lambda: NOON)
    assert _submit(centre, "hi", 1, again=True) is None
    assert _submit(centre, "hi", 1) is None
    assert _submit(centre, "hi", 1, again=True) == DUPLICATE
    assert _submit(centre, "hi", 2, again=True) is None
    centre.rejects_duplicates = False
    assert _submit(centre, "hi", 2, again=True) is None
    assert len(centre.submitted) == 4


def test_detached_numbers_keep_their_queue() -> None:
    centre = MessageCentre("+15550100", lambda: NOON)
    strangers: list[str] = []
    centre.stranger = strangers.append
    alice = Taker()
    centre.attach(ALICE, alice)
    centre.detach(ALICE)
    centre.originate(OWN, ALICE, "hi")
    centre.originate(OWN, "+15550103", "hi")
    assert (centre.waiting(ALICE), alice.taken, strangers) == (1, [], ["+15550103"])
    centre.attach(ALICE, alice)
    assert centre.waiting(ALICE) == 0


class Far(Taker):
    """A subscriber who tells later."""

    def take(self, hexed: str) -> None:  # type: ignore[override]
        self.taken.append(hexed)


def test_a_subscriber_who_tells_later_is_asked_for_one_at_a_time() -> None:
    centre, modem, alice = MessageCentre("+15550100", lambda: NOON), Taker(), Far()
    centre.attach(OWN, modem)
    centre.attach(ALICE, alice)
    for reference, text in enumerate(("one", "two")):
        _submit(centre, text, reference)
    centre.dispatch()
    centre.dispatch()
    assert (len(alice.taken), centre.waiting(ALICE), modem.taken) == (1, 2, [])
    centre.answered(ALICE, taken=False)
    assert (len(alice.taken), centre.waiting(ALICE)) == (1, 2)
    centre.dispatch()
    centre.answered(ALICE, taken=True)
    assert [pdu.decode_deliver(hexed).text for hexed in alice.taken] == ["one", "one", "two"]
    assert (centre.waiting(ALICE), len(modem.taken)) == (1, 1)
    centre.detach(ALICE)
    centre.answered(ALICE, taken=True)  # too late to count
    assert centre.waiting(ALICE) == 1
