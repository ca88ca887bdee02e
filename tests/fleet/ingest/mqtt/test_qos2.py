"""QoS 2: stored once for its packet id, in every version, until the client releases the id."""

import pytest

from fleet.ingest.mqtt.codec.packets import Publish
from fleet.ingest.mqtt.effects import Delivery
from fleet.ingest.mqtt.limits import Limits
from fleet.ingest.mqtt.session import State
from fleet.ingest.mqtt.unreleased import digest
from tests.fleet.ingest.mqtt.client import connect, properties, publish, pubrel
from tests.fleet.ingest.mqtt.line import TELEMETRY, Line, opened, opened_v5

NOTHING = properties()


def once(payload: bytes, packet_id: int, *, dup: bool = False, version: int = 4) -> bytes:
    return publish(TELEMETRY, payload, packet_id, qos=2, dup=dup, told=NOTHING if version == 5 else None)


def durable(version: int, unreleased: dict[int, bytes] | None = None, limits: Limits | None = None) -> Line:
    line = Line(limits or Limits())
    line.receive(connect(level=version, clean=False, told=properties(b"\x11\0\0\1\0")))
    line.admit(present=unreleased is not None, unreleased=unreleased)
    return line


@pytest.mark.parametrize("version", [4, 5])
def test_received_released_complete(version: int) -> None:
    line = durable(version)
    effects = line.receive(once(b"1", 7, version=version))
    (delivery,) = effects.deliveries
    assert isinstance(delivery, Delivery)
    assert (delivery.packet_id, len(delivery.digest)) == (7, 16)
    assert line.packets() == []
    line.committed(1)
    assert line.packets() == [(0x50, b"\0\7")]
    line.receive(pubrel(7))
    assert (line.released, line.packets()[1:]) == ([7], []), "PUBCOMP waits until the id is forgotten on disk"
    line.committed(1)
    assert line.packets()[1:] == [(0x70, b"\0\7")]


@pytest.mark.parametrize("version", [4, 5])
def test_a_repeat_is_answered_and_stored_once(version: int) -> None:
    line = durable(version)
    line.receive(once(b"1", 7, version=version), once(b"1", 7, dup=True, version=version))
    assert (line.stored, line.packets()) == ([b"1"], [])
    line.committed(1)
    line.receive(once(b"1", 7, dup=True, version=version))
    assert (line.stored, line.packets()) == ([b"1"], [(0x50, b"\0\7")] * 3)


def test_an_id_that_was_released_is_a_new_message() -> None:
    line = opened()
    line.receive(once(b"1", 7))
    line.committed(1)
    line.receive(pubrel(7), once(b"1", 7))
    line.committed(1)
    assert line.stored == [b"1", b"1"]
    assert [first for first, _ in line.packets()] == [0x50, 0x70, 0x50]


def test_another_content_under_a_taken_id_is_a_new_message() -> None:
    """The client has lost its state: answering it as a repeat would lose its data."""
    line = durable(4)
    line.receive(once(b"1", 7))
    line.committed(1)
    line.receive(once(b"2", 7))
    line.committed(1)
    assert (line.stored, line.packets()) == ([b"1", b"2"], [(0x50, b"\0\7")] * 2)


@pytest.mark.parametrize(("version", "answer"), [(4, b"\0\x09"), (5, b"\0\x09\x92")])
def test_an_unknown_id_is_complete_all_the_same(version: int, answer: bytes) -> None:
    line = durable(version)
    line.receive(pubrel(9))
    assert line.released == [9], "what is on disk and not known here goes too"
    line.committed(1)
    assert line.packets() == [(0x70, answer)]


def test_a_session_that_ends_with_its_connection_keeps_nothing_on_disk() -> None:
    line = opened()
    effects = line.receive(once(b"1", 7))
    assert isinstance(effects.deliveries[0], Delivery)
    assert effects.deliveries[0].packet_id == 0
    line.committed(1)
    line.receive(pubrel(7))
    assert (line.released, line.packets()) == ([], [(0x50, b"\0\7"), (0x70, b"\0\7")])


def test_what_was_stored_on_an_earlier_connection_is_a_repeat_on_this_one() -> None:
    known = digest(Publish(TELEMETRY, b"1", 2, 7, False, False))
    line = durable(5, {7: known}, Limits(receive_maximum=1))
    line.receive(once(b"1", 7, dup=True, version=5), once(b"2", 8, version=5))
    line.committed(1)
    assert (line.stored, line.packets()) == ([b"2"], [(0x50, b"\0\7"), (0x50, b"\0\x08")])
    line.receive(pubrel(7), pubrel(8))
    line.committed(2)
    assert line.packets()[2:] == [(0x70, b"\0\7"), (0x70, b"\0\x08")]


def test_an_id_counts_as_under_way_until_it_is_complete() -> None:
    line = durable(5, limits=Limits(receive_maximum=2))
    line.receive(once(b"1", 1, version=5), once(b"2", 2, version=5))
    line.committed(2)
    line.receive(pubrel(1))
    line.committed(1)
    line.receive(once(b"3", 3, version=5), once(b"3", 3, dup=True, version=5))
    assert line.faults == 0
    line.receive(once(b"4", 4, version=5))
    assert line.faults == 1
    line.committed(1)
    assert line.packets()[-1] == (0xE0, b"\x93")


def test_a_refused_one_is_over_and_its_id_free() -> None:
    line = durable(5, limits=Limits(receive_maximum=1))
    line.receive(once(b"?", 7, version=5))
    line.committed(1, 0)
    line.receive(once(b"?", 7, version=5))
    line.committed(1, 0)
    assert (line.stored, line.packets()) == ([b"?", b"?"], [(0x50, b"\0\7\x99")] * 2)
    line.receive(pubrel(7))
    line.committed(1)
    assert line.packets()[-1] == (0x70, b"\0\7\x92")


def test_a_dead_letter_of_3_1_1_keeps_its_id() -> None:
    line = durable(4)
    line.receive(once(b"?", 7))
    line.committed(1, 0)
    line.receive(once(b"?", 7, dup=True))
    assert (line.stored, line.packets()) == ([b"?"], [(0x50, b"\0\7")] * 2)


@pytest.mark.parametrize(("version", "told"), [(4, []), (5, [(0xE0, b"\x97")])])
def test_ids_that_are_never_released_are_bounded(version: int, told: list[tuple[int, bytes]]) -> None:
    line = durable(version, limits=Limits(unreleased=2))
    for n in (1, 2, 3):
        line.receive(once(b"%d" % n, n, version=version))
        line.committed(1)
    assert line.session.state is State.CLOSED
    assert (line.stored, line.packets()) == ([b"1", b"2"], [(0x50, b"\0\1"), (0x50, b"\0\2"), *told])


def test_quality_1_and_2_are_acknowledged_in_one_order() -> None:
    line = opened_v5()
    line.receive(
        once(b"1", 1, version=5), publish(TELEMETRY, b"2", 2, told=NOTHING), pubrel(9), once(b"3", 3, version=5)
    )
    line.committed(3)
    assert line.packets() == [(0x50, b"\0\1"), (0x40, b"\0\2"), (0x70, b"\0\x09\x92"), (0x50, b"\0\3")]
