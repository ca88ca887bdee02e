"""Joining parts: duplicates, reused references, age and number."""

from datetime import timedelta

from modem_drivers import pdu
from modem_drivers.pdu import Address, Concat, Deliver
from tests.modem_drivers.pdu.golden import NOON

SENDER = Address("+15550101", "international")


def _part(text: str, part: int, parts: int = 2, reference: int = 1, sender: Address = SENDER) -> Deliver:
    return Deliver(sender, text, None, NOON, Concat(reference, part, parts))


def test_a_repeated_part_counts_once() -> None:
    reassembler = pdu.Reassembler()
    assert reassembler.add(_part("a", 1), NOON) is None
    assert reassembler.add(_part("a", 1), NOON) is None
    assert reassembler.add(_part("b", 2), NOON) == Deliver(SENDER, "ab", None, NOON)


def test_parts_of_two_senders_stay_apart() -> None:
    reassembler = pdu.Reassembler()
    other = Address("+15550102", "international")
    assert reassembler.add(_part("a", 1), NOON) is None
    assert reassembler.add(_part("B", 2, sender=other), NOON) is None
    assert reassembler.add(_part("b", 2), NOON) == Deliver(SENDER, "ab", None, NOON)


def test_another_text_under_the_same_reference_begins_anew() -> None:
    reassembler = pdu.Reassembler()
    assert reassembler.add(_part("old ", 1), NOON) is None
    assert reassembler.add(_part("new ", 1), NOON) is None
    whole = reassembler.add(_part("text", 2), NOON)
    assert whole is not None
    assert whole.text == "new text"


def test_old_parts_expire() -> None:
    reassembler = pdu.Reassembler(max_age=timedelta(hours=1))
    assert reassembler.add(_part("a", 1), NOON) is None
    assert reassembler.add(_part("b", 2), NOON + timedelta(hours=1)) is None
    assert reassembler.add(_part("a", 1), NOON + timedelta(hours=1)) is not None


def test_unfinished_messages_are_bounded() -> None:
    reassembler = pdu.Reassembler(limit=2)
    for reference in (1, 2, 3):
        assert reassembler.add(_part("a", 1, reference=reference), NOON) is None
    assert reassembler.add(_part("b", 2, reference=1), NOON) is None  # the oldest gave way
    assert reassembler.add(_part("b", 2, reference=3), NOON) is not None


def test_binary_parts_are_joined_as_octets() -> None:
    reassembler = pdu.Reassembler()
    first = Deliver(SENDER, None, b"\x01", NOON, Concat(1, 1, 2))
    second = Deliver(SENDER, None, b"\x02", NOON, Concat(1, 2, 2))
    assert reassembler.add(second, NOON) is None
    assert reassembler.add(first, NOON) == Deliver(SENDER, None, b"\x01\x02", NOON)
