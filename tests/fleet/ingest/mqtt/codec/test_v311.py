"""MQTT 3.1.1 packets both ways."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.mqtt.codec import v311
from fleet.ingest.mqtt.codec.errors import Malformed
from fleet.ingest.mqtt.codec.frames import Frames
from fleet.ingest.mqtt.codec.packets import (
    Disconnect,
    Packet,
    PingReq,
    PubAck,
    Publish,
    PubRel,
    Subscribe,
    Unsubscribe,
)
from fleet.ingest.mqtt.codec.reasons import Reason
from tests.fleet.ingest.mqtt.client import DISCONNECT, PINGREQ, field, pubrel, subscribe, unsubscribe

TOPIC = st.text(st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1, max_size=30)
FILTER = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30)
ID = st.integers(1, 65_535)


def read(raw: bytes) -> Packet:
    frames = Frames(v311.FIRST_BYTES, 1 << 20)
    frames.feed(raw)
    found = frames.next()
    assert found is not None
    return v311.decode(*found)


@given(TOPIC, st.binary(max_size=300), st.integers(0, 2), ID, st.booleans(), st.booleans())
def test_publish_both_ways(topic: str, payload: bytes, qos: int, packet_id: int, retain: bool, dup: bool) -> None:
    packet = Publish(topic, payload, qos, packet_id if qos else 0, retain, dup and qos > 0)
    assert read(v311.publish(packet)) == packet


@given(ID, st.lists(st.tuples(FILTER, st.integers(0, 2)), min_size=1, max_size=5))
def test_subscribe_both_ways(packet_id: int, filters: list[tuple[str, int]]) -> None:
    assert read(subscribe(packet_id, *filters)) == Subscribe(packet_id, tuple(filters))


@given(ID, st.lists(FILTER, min_size=1, max_size=5))
def test_unsubscribe_both_ways(packet_id: int, filters: list[str]) -> None:
    assert read(unsubscribe(packet_id, *filters)) == Unsubscribe(packet_id, tuple(filters))


def test_small_packets() -> None:
    assert read(PINGREQ) == PingReq()
    assert read(DISCONNECT) == Disconnect()
    assert read(v311.puback(0x1234)) == PubAck(0x1234)
    assert read(pubrel(0x1234)) == PubRel(0x1234)


def test_answers_are_the_bytes_of_the_standard() -> None:
    assert v311.connack(True, Reason.SUCCESS) == bytes.fromhex("20020100")
    assert v311.connack(False, Reason.SUCCESS) == bytes.fromhex("20020000")
    assert v311.connack(True, Reason.BAD_USER_NAME_OR_PASSWORD) == bytes.fromhex("20020004")
    assert v311.connack(False, Reason.MALFORMED_PACKET) == b"", "3.1.1 has no word for it"
    assert v311.pubrec(0xABCD) == bytes.fromhex("5002abcd")
    assert v311.pubcomp(0xABCD, Reason.PACKET_ID_NOT_FOUND) == bytes.fromhex("7002abcd")
    assert v311.disconnect(Reason.SERVER_BUSY) == b""
    assert v311.puback(0xABCD) == bytes.fromhex("4002abcd")
    assert v311.suback(10, [0, 1, 0x87]) == bytes.fromhex("9005000a000180")
    assert v311.unsuback(10, [0x11]) == bytes.fromhex("b002000a")
    assert bytes.fromhex("d000") == v311.PINGRESP
    assert v311.publish(Publish("a/b", b"x", 1, 10, False, True)) == bytes.fromhex("3a080003612f62000a78")


@given(st.sampled_from(sorted(v311.FIRST_BYTES)), st.binary(max_size=60))
def test_any_body_gives_a_packet_or_malformed(first: int, body: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(v311.decode(first, body), Packet)


@pytest.mark.parametrize(
    ("first", "body", "message"),
    [
        (0x30, b"", "two-byte integer"),
        (0x30, b"\0\x05ab", "5 bytes, got 2"),
        (0x30, field(""), "topic without wildcards"),
        (0x30, field("a/+"), "topic without wildcards"),
        (0x30, field("a/#"), "topic without wildcards"),
        (0x30, field("a\0b"), r"U\+0000"),
        (0x30, field(b"\xed\xbf\xbf"), "UTF-8"),
        (0x32, field("a"), "two-byte integer"),
        (0x32, field("a") + b"\0\0", "got 0"),
        (0x40, b"\0\0", "got 0"),
        (0x40, b"\0\x01\0", "1 more bytes"),
        (0x62, b"\0\x01\0", "1 more bytes"),
        (0x82, b"\0\x01", "two-byte integer"),
        (0x82, b"\0\x01" + field("a"), "one more byte"),
        (0x82, b"\0\x01" + field("a") + b"\x03", "requested QoS"),
        (0x82, b"\0\x01" + field("") + b"\0", "at least one character"),
        (0x82, b"\0\0" + field("a") + b"\0", "got 0"),
        (0xA2, b"\0\x01", "two-byte integer"),
        (0xA2, b"\0\x01" + field(""), "at least one character"),
        (0xC0, b"x", "1 more bytes"),
        (0xE0, b"x", "1 more bytes"),
    ],
)
def test_malformed(first: int, body: bytes, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        v311.decode(first, body)


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (0x10, "a second CONNECT"), (0x36, "QoS 3"), (0x38, "DUP with QoS 0"), (0x3E, "QoS 3 with DUP"),
        (0x41, "PUBACK with flags"), (0x80, "SUBSCRIBE, no flags"), (0xA0, "UNSUBSCRIBE, no flags"),
        (0xC1, "PINGREQ with flags"), (0xE8, "DISCONNECT with flags"), (0x20, "CONNACK from a client"),
        (0x90, "SUBACK from a client"), (0x00, "reserved"), (0xF0, "AUTH"),
        (0x60, "PUBREL, no flags"), (0x50, "PUBREC"), (0x70, "PUBCOMP"),
    ],
)  # fmt: skip
def test_first_bytes_that_may_not_come(first: int, why: str) -> None:
    assert first not in v311.FIRST_BYTES, why
