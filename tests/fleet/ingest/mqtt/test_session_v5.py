"""What is different on a connection of MQTT 5, and of 3.1."""

import pytest

from fleet.ingest.decoders import Format
from fleet.ingest.mqtt.codec.packets import NEVER
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.effects import Delivery, Effects
from fleet.ingest.mqtt.limits import Limits
from tests.fleet.ingest.mqtt.client import (
    DISCONNECT,
    PINGREQ,
    answers,
    connect,
    field,
    properties,
    publish,
    subscribe,
    unsubscribe,
)
from tests.fleet.ingest.mqtt.line import COMMANDS, EVENTS, TELEMETRY, Line, opened, opened_v5, why

NOTHING = properties()


def v5_publish(topic: str, payload: bytes, packet_id: int = 0, told: bytes = NOTHING) -> bytes:
    return publish(topic, payload, packet_id, told=told)


def expiring(seconds: int) -> bytes:
    return properties(b"\x11" + seconds.to_bytes(4, "big"))


def test_connack_says_what_is_granted() -> None:
    line = opened_v5()
    assert answers(line.sent) == [(0x20, bytes.fromhex("00000c2103e8270002000029002a00"))]
    line = Line()
    line.receive(connect("", level=5, told=expiring(NEVER), keep_alive=0))
    line.admit(present=True)
    granted = "11" + (30 * 86_400).to_bytes(4, "big").hex() + "1200026331" + "133840"
    assert answers(line.sent) == [(0x20, bytes.fromhex("010019" + "2103e8270002000029002a00" + granted))]
    assert line.session.expiry == 30 * 86_400


def test_a_foreign_topic_is_refused_in_its_turn_and_the_connection_kept() -> None:
    line = opened_v5()
    line.receive(v5_publish(TELEMETRY, b"1", 7), v5_publish("devices/m2/telemetry", b"x", 8), PINGREQ)
    line.receive(v5_publish("devices/m2/telemetry", b"x"), publish("elsewhere", b"x", 9, qos=2, told=NOTHING))
    assert line.packets() == [(0xD0, b"")], "the refusal waits behind the commit"
    line.committed(1)
    assert line.packets()[1:] == [(0x40, b"\0\7"), (0x40, b"\0\x08\x87"), (0x50, b"\0\x09\x87")]
    assert (line.stored, line.refused, line.closed) == ([b"1"], 3, None)


def test_what_became_a_dead_letter_is_refused_after_its_commit() -> None:
    line = opened_v5()
    line.receive(v5_publish(TELEMETRY, b"?"), *[v5_publish(TELEMETRY, b"%d" % n, n) for n in (1, 2, 3)])
    line.committed(2, 0)
    line.committed(2, 0)
    assert line.packets() == [(0x40, b"\0\1"), (0x40, b"\0\2\x99"), (0x40, b"\0\3")]


def test_3_1_1_acknowledges_a_dead_letter_like_the_rest() -> None:
    line = opened()
    line.receive(publish(TELEMETRY, b"1", 1), publish(TELEMETRY, b"2", 2))
    line.committed(2, 0, 1)
    assert line.acks() == [1, 2]


def test_the_content_type_says_how_a_payload_is_written() -> None:
    line = opened_v5()
    cbor = properties(b"\x03" + field("application/cbor"))
    effects = line.receive(v5_publish(TELEMETRY, b"\xa0", 1, cbor), v5_publish(TELEMETRY, b"{}", 2))
    formats = [one.format for one in effects.deliveries if isinstance(one, Delivery)]
    assert formats == [Format.CBOR, Format.JSON]


def test_receive_maximum_is_the_brake() -> None:
    line = opened_v5(Limits(receive_maximum=3))
    line.receive(*[v5_publish(TELEMETRY, b"", n) for n in (1, 2, 3)], v5_publish(TELEMETRY, b""))
    assert line.session.reading, "who keeps to it is never left unread"
    line.committed(1)
    line.receive(v5_publish(TELEMETRY, b"", 4), PINGREQ)
    assert (line.faults, line.packets()[-1]) == (0, (0xD0, b""))
    line.receive(v5_publish(TELEMETRY, b"", 5))
    assert (line.faults, line.closed) == (1, None)
    line.committed(4)
    assert line.closed is not None
    assert line.packets()[-1] == (0xE0, b"\x93")


@pytest.mark.parametrize(
    ("packet", "code"),
    [
        (v5_publish(TELEMETRY, b"", told=properties(b"\x23\0\1")), 0x94),
        (b"\x30\xff\xff\xff\x7f", 0x95),
        (b"\x30\x80\x80\x80\x80\x01", 0x81),
        (b"\x36\x00", 0x81),
        (b"\x00\x00", 0x81),
        (b"\x30\x04\0\1#\0", 0x81),
        (b"\x30\x06\0\3\xed\xa0\x80\0", 0x81),
        (connect(level=5), 0x82),
        (b"\xf0\x00", 0x82),
        (b"\x20\x03\x00\x00\x00", 0x82),
        (b"\x30\x05\0\1a\x02\x05", 0x81),
        (b"\xe0\x07\x00\x05\x11\0\0\0\1", 0x82),
    ],
)
def test_a_fault_is_named_after_what_came_before_is_acknowledged(packet: bytes, code: int) -> None:
    line = opened_v5()
    line.receive(v5_publish(TELEMETRY, b"1", 7), packet, v5_publish(TELEMETRY, b"2", 8))
    assert (line.stored, line.closed, line.faults) == ([b"1"], None, 1)
    line.committed(1)
    assert line.packets() == [(0x40, b"\0\7"), (0xE0, bytes((code,)))]
    assert line.closed is not None


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (properties(b"\x15" + field("SCRAM-SHA-256")), 0x8C),
        (properties(b"\x21\0\0"), 0x82),
        (properties(b"\x55\0"), 0x81),
    ],
)
def test_a_connect_that_is_wrong_is_told_so(told: bytes, code: int) -> None:
    line = Line()
    line.receive(connect(level=5, told=told), v5_publish(TELEMETRY, b"1", 7))
    assert (line.sent, line.stored) == (bytes((0x20, 3, 0, code, 0)), [])
    assert line.closed is not None


def test_a_refused_connect_hears_the_reason() -> None:
    line = Line()
    line.receive(connect(level=5))
    line.did(line.session.refuse(Reason.SERVER_UNAVAILABLE, "no database"))
    assert (line.sent, line.closed) == (b"\x20\x03\x00\x88\x00", "no database")


def test_a_client_too_small_for_the_answer_gets_none() -> None:
    line = Line()
    line.receive(connect(level=5, told=properties(b"\x27\0\0\0\x08")))
    line.admit()
    assert line.closed is not None
    assert len(line.sent) <= 8


def test_each_filter_has_its_own_code() -> None:
    line = opened_v5(Limits(subscriptions=2))
    filters = (
        (COMMANDS + "/#", 2),
        ("#", 0),
        ("$share/g/" + COMMANDS, 0),
        ("a#", 0),
        (COMMANDS, 0),
        (COMMANDS + "/x", 0),
    )
    line.receive(subscribe(5, *filters, told=NOTHING))
    line.did(line.session.subscribed(0.0))
    assert line.packets() == [(0x90, bytes.fromhex("0005 00 01 87 9e 8f 00 97"))]
    line.receive(unsubscribe(6, COMMANDS, "unknown", told=NOTHING))
    line.did(line.session.subscribed(0.0))
    assert line.packets()[1:] == [(0xB0, bytes.fromhex("0006 00 00 11"))]
    line.receive(subscribe(7, (COMMANDS, 0), told=properties(b"\x0b\x07")))
    line.did(line.session.subscribed(0.0))
    assert line.packets()[2:] == [(0x90, bytes.fromhex("0007 00 a1"))]


def test_an_ended_connection_is_told_why() -> None:
    line = opened_v5()
    line.receive(v5_publish(TELEMETRY, b"1", 7))
    line.did(line.session.end("taken over", Reason.SESSION_TAKEN_OVER))
    assert (line.packets(), line.closed) == ([(0xE0, b"\x8e")], "taken over")


def test_nothing_is_said_before_connack() -> None:
    line = Line()
    line.receive(connect(level=5))
    line.did(line.session.end("the service stops", Reason.SERVER_SHUTTING_DOWN))
    assert (line.sent, line.closed) == (b"", "the service stops")


def test_a_goodbye_needs_no_answer() -> None:
    line = opened_v5()
    line.receive(DISCONNECT)
    assert (line.packets(), line.closed) == ([], "the client disconnected")


@pytest.mark.parametrize(("asked", "granted"), [(10, 10), (0, 20), (60, 20)])
def test_the_keep_alive_is_capped(asked: int, granted: int) -> None:
    line = opened_v5(Limits(keep_alive=20), keep_alive=asked)
    assert line.session.overdue(granted * 1.5) is None
    overdue = line.session.overdue(granted * 1.5 + 0.1)
    assert overdue is not None
    assert overdue.reason is Reason.KEEP_ALIVE_TIMEOUT
    assert (b"\x13\0\x14" in line.sent) is (asked != granted)


def test_a_commit_that_does_not_come_ends_the_connection_as_busy() -> None:
    line = opened_v5()
    line.receive(v5_publish(TELEMETRY, b"1", 7))
    overdue = line.session.overdue(15.1)
    assert overdue is not None
    assert overdue.reason is Reason.SERVER_BUSY


def test_a_will_is_void_after_a_goodbye_and_stands_after_anything_else() -> None:
    will = (EVENTS, b"gone")
    for packet, stands in ((DISCONNECT, False), (b"\xe0\x01\x00", False), (b"\xe0\x01\x04", True), (b"\xff", True)):
        line = opened_v5(will=will)
        line.receive(packet)
        assert line.closed is not None
        assert (line.session.will is not None) is stands
    line = Line()
    line.receive(connect(will=will))
    assert line.session.will is None, "not before the client is let in"
    line.admit()
    line.did(line.session.end("no ping", Reason.KEEP_ALIVE_TIMEOUT))
    assert line.session.will is not None


def test_a_goodbye_may_change_the_expiry_but_not_from_nothing() -> None:
    line = opened_v5(told=expiring(100))
    line.receive(b"\xe0\x07\x00\x05\x11\0\0\0\7")
    assert (line.session.expiry, line.closed) == (7, "the client disconnected")
    line = opened_v5(told=expiring(100))
    line.receive(b"\xe0\x07\x00\x05\x11\0\0\0\0")
    assert line.session.expiry == 0


def test_an_acknowledgement_for_nothing_is_passed_over() -> None:
    line = opened_v5()
    assert line.receive(b"\x40\x02\0\7") == Effects()


def test_3_1_grants_what_it_cannot_refuse() -> None:
    line = Line()
    line.receive(connect(name="MQIsdp", level=3))
    line.admit()
    line.receive(subscribe(1, ("#", 1), (COMMANDS, 1)))
    line.did(line.session.subscribed(0.0))
    assert line.packets() == [(0x90, b"\0\1\0\1")]
    assert line.session.subscriptions == {COMMANDS: 1}
    assert why(line, 0) == ""


def test_a_connection_that_has_ended_does_not_mind_what_became_of_its_messages() -> None:
    line = opened_v5()
    line.receive(publish(TELEMETRY, b"?", 1, told=properties()))
    line.did(line.session.end("the same client connected anew", Reason.SESSION_TAKEN_OVER))
    line.committed(1, 0)
    assert line.packets() == [(0xE0, b"\x8e")]
