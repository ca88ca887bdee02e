"""MQTT 5 packets both ways."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.mqtt.codec import v5
from fleet.ingest.mqtt.codec.connect import decode_connect
from fleet.ingest.mqtt.codec.errors import Malformed, MqttError, NotAllowed, ProtocolError
from fleet.ingest.mqtt.codec.frames import Frames
from fleet.ingest.mqtt.codec.packets import (
    NEVER,
    Connect,
    Disconnect,
    Packet,
    PingReq,
    PubAck,
    Publish,
    PubRel,
    Subscribe,
    Terms,
    Unsubscribe,
    Will,
)
from fleet.ingest.mqtt.codec.reasons import Reason
from tests.fleet.ingest.mqtt.client import (
    DISCONNECT,
    PINGREQ,
    connect,
    field,
    properties,
    publish,
    pubrel,
    subscribe,
    unsubscribe,
)

CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
TEXT = st.text(CHARACTERS, max_size=20)
TOPIC = st.text(st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1, max_size=30)
FILTER = st.text(CHARACTERS, min_size=1, max_size=30)
ID = st.integers(1, 65_535)
NOTHING = properties()


def pair(name: str, value: str) -> bytes:
    return b"\x26" + field(name) + field(value)


def read(raw: bytes) -> Packet:
    frames = Frames(v5.FIRST_BYTES, 1 << 20)
    frames.feed(raw)
    found = frames.next()
    assert found is not None
    return v5.decode(*found)


def body(packet: bytes) -> bytes:
    frames = Frames(frozenset({0x10}), 1 << 20)
    frames.feed(packet)
    found = frames.next()
    assert found is not None
    return found[1]


@given(TOPIC, st.binary(max_size=300), st.integers(0, 2), ID, st.booleans(), st.booleans(), TEXT, st.lists(TEXT))
def test_publish_both_ways(
    topic: str, payload: bytes, qos: int, packet_id: int, retain: bool, dup: bool, content: str, names: list[str]
) -> None:
    identifier, again = (packet_id if qos else 0), dup and qos > 0
    packet = Publish(topic, payload, qos, identifier, retain, again, content)
    assert read(v5.publish(packet)) == packet
    told = properties(*[pair(name, name) for name in names], b"\x03" + field(content))
    raw = publish(topic, payload, identifier, dup=again, qos=qos, told=told)
    assert read(raw) == Publish(topic, payload, qos, identifier, False, again, content)


@given(ID, st.lists(st.tuples(FILTER, st.integers(0, 2), st.integers(0, 2), st.booleans()), min_size=1, max_size=5))
def test_subscribe_both_ways(packet_id: int, filters: list[tuple[str, int, int, bool]]) -> None:
    options = [(name, qos | handling << 4 | published << 3) for name, qos, handling, published in filters]
    expected = tuple((name, qos) for name, qos, _, _ in filters)
    assert read(subscribe(packet_id, *options, told=NOTHING)) == Subscribe(packet_id, expected)
    identified = subscribe(packet_id, *options, told=properties(b"\x0b\x80\x01", pair("a", "b")))
    assert read(identified) == Subscribe(packet_id, expected, True)


@given(ID, st.lists(FILTER, min_size=1, max_size=5))
def test_unsubscribe_both_ways(packet_id: int, filters: list[str]) -> None:
    raw = unsubscribe(packet_id, *filters, told=properties(pair("a", "b")))
    assert read(raw) == Unsubscribe(packet_id, tuple(filters))


@given(
    TEXT,
    st.none() | TEXT,
    st.none() | st.binary(max_size=20),
    st.booleans(),
    st.integers(0, 65_535),
    st.none() | st.integers(0, NEVER),
    st.none() | st.integers(1, NEVER),
    st.integers(0, NEVER),
)
def test_connect(
    client_id: str,
    user: str | None,
    password: bytes | None,
    clean: bool,
    keep_alive: int,
    expiry: int | None,
    size: int | None,
    delay: int,
) -> None:
    told = properties(
        b"" if expiry is None else b"\x11" + expiry.to_bytes(4, "big"),
        pair("a", "b"),
        b"" if size is None else b"\x27" + size.to_bytes(4, "big"),
        b"\x21\0\x07\x22\0\x09\x17\0\x19\x01",
    )
    will_told = properties(b"\x18" + delay.to_bytes(4, "big"), b"\x03" + field("application/cbor"), b"\x01\x00")
    raw = connect(
        client_id, user, password, clean=clean, keep_alive=keep_alive, level=5, told=told, will_told=will_told,
        will=("a/b", b"\xff"),
    )  # fmt: skip
    found = decode_connect(body(raw))
    will = Will("a/b", b"\xff", 0, False, delay, "application/cbor")
    assert (found.client_id, found.user_name, found.password) == (client_id, user, password)
    assert found == Connect(
        5, client_id, clean, keep_alive, will, user, password, expiry or 0, size or found.packet_size
    )


def test_a_password_without_a_user_name_is_fine_in_version_5() -> None:
    assert decode_connect(body(connect(user_name=None, level=5))).password == b"secret"


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (properties(b"\x15" + field("SCRAM")), Reason.BAD_AUTHENTICATION_METHOD),
        (properties(b"\x16" + field("x")), Reason.PROTOCOL_ERROR),
        (properties(b"\x21\0\0"), Reason.PROTOCOL_ERROR),
        (properties(b"\x11\0\0\0\1", b"\x11\0\0\0\1"), Reason.PROTOCOL_ERROR),
        (properties(b"\x23\0\1"), Reason.PROTOCOL_ERROR),
        (properties(b"\x05"), Reason.MALFORMED_PACKET),
        (b"\x7f", Reason.MALFORMED_PACKET),
    ],
)
def test_a_bad_connect_knows_its_reason_and_its_level(told: bytes, error: Reason) -> None:
    with pytest.raises(MqttError) as caught:
        decode_connect(body(connect(level=5, told=told)))
    assert (caught.value.reason, caught.value.level) == (error, 5)


def test_small_packets_in_short_and_long_form() -> None:
    assert read(PINGREQ) == PingReq()
    assert read(DISCONNECT) == Disconnect(0, None)
    assert read(b"\xe0\x01\x04") == Disconnect(4, None)
    assert read(b"\xe0\x02\x04\x00") == Disconnect(4, None)
    assert read(b"\xe0\x07\x00\x05\x11\0\0\0\x09") == Disconnect(0, 9)
    for told in (b"", b"\x00", b"\x00\x00", b"\x10" + properties(b"\x1f" + field("fine"))):
        assert read(bytes((0x40, 2 + len(told), 0x12, 0x34)) + told) == PubAck(0x1234)
    assert read(pubrel(7)) == read(b"\x62\x03\x00\x07\x92") == read(b"\x62\x04\x00\x07\x00\x00") == PubRel(7)


def test_answers_are_the_bytes_of_the_standard() -> None:
    assert v5.connack(False, Reason.BAD_USER_NAME_OR_PASSWORD) == bytes.fromhex("2003008600")
    assert v5.connack(True, Reason.SUCCESS, Terms(20, 131_072)) == bytes.fromhex("200f01000c210014270002000029002a00")
    terms = Terms(20, 131_072, expiry=9, client_id="c", keep_alive=60)
    tail = "11000000091200016313003c"
    assert v5.connack(False, Reason.SUCCESS, terms) == bytes.fromhex("201b000018210014270002000029002a00" + tail)
    assert v5.puback(0xABCD) == bytes.fromhex("4002abcd")
    assert v5.puback(0xABCD, Reason.NOT_AUTHORIZED) == bytes.fromhex("4003abcd87")
    assert v5.pubrec(0xABCD) == bytes.fromhex("5002abcd")
    assert v5.pubcomp(0xABCD, Reason.PACKET_ID_NOT_FOUND) == bytes.fromhex("7003abcd92")
    assert v5.refused(v5.pubrec(1), Reason.PAYLOAD_FORMAT_INVALID) == bytes.fromhex("5003000199")
    assert v5.refused(b"", Reason.PAYLOAD_FORMAT_INVALID) == b""
    assert v5.suback(10, [0, 1, 0x87]) == bytes.fromhex("9006000a00000187")
    assert v5.unsuback(10, [0, 0x11]) == bytes.fromhex("b005000a000011")
    assert v5.disconnect(Reason.SESSION_TAKEN_OVER) == bytes.fromhex("e0018e")


@given(st.sampled_from(sorted(v5.FIRST_BYTES)), st.binary(max_size=60))
def test_any_body_gives_a_packet_or_a_typed_error(first: int, raw: bytes) -> None:
    with contextlib.suppress(MqttError):
        assert isinstance(v5.decode(first, raw), Packet)


@given(st.binary(max_size=60))
def test_any_connect_gives_a_packet_or_a_typed_error(tail: bytes) -> None:
    with contextlib.suppress(MqttError):
        assert decode_connect(field("MQTT") + b"\x05" + tail).level == 5


@pytest.mark.parametrize(
    ("first", "raw", "message"),
    [
        (0x30, field("a"), "one more byte"),
        (0x30, field("a/+") + b"\0", "without wildcards"),
        (0x32, field("a") + b"\0\0\0", "got 0"),
        (0x30, field(b"\xed\xa0\x80") + b"\0", "UTF-8"),
        (0x40, b"\0\0", "got 0"),
        (0x40, b"\0\1\0\0x", "1 more bytes"),
        (0x82, b"\0\1\0" + field("a") + b"\x40", "reserved"),
        (0x82, b"\0\1\0" + field("a"), "one more byte"),
        (0x82, b"\0\1\0" + field("") + b"\0", "at least one character"),
        (0xC0, b"x", "1 more bytes"),
        (0xE0, b"\0\0x", "1 more bytes"),
    ],
)
def test_malformed(first: int, raw: bytes, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        v5.decode(first, raw)


@pytest.mark.parametrize(
    ("first", "raw"),
    [
        (0x10, b""),
        (0xF0, b""),
        (0x20, b"\0\0\0"),
        (0x50, b"\0\1"),
        (0x30, field("") + b"\0"),
        (0x30, field("a") + properties(b"\x0b\x01")),
        (0x30, field("a") + properties(b"\x11\0\0\0\1")),
        (0x40, b"\0\1\x01"),
        (0x62, b"\0\1\x80"),
        (0x82, b"\0\1\0"),
        (0x82, b"\0\1\0" + field("a") + b"\x03"),
        (0x82, b"\0\1\0" + field("a") + b"\x30"),
        (0x82, b"\0\1\0" + field("$share/g/a") + b"\x04"),
        (0xA2, b"\0\1\0"),
        (0xE0, b"\x8e"),
    ],
)
def test_protocol_errors(first: int, raw: bytes) -> None:
    with pytest.raises(ProtocolError, match="expected"):
        v5.decode(first, raw)


def test_a_topic_alias_is_refused_by_name() -> None:
    for topic in ("", "a"):
        with pytest.raises(NotAllowed) as caught:
            v5.decode(0x30, field(topic) + properties(b"\x23\0\1"))
        assert caught.value.reason is Reason.TOPIC_ALIAS_INVALID


@pytest.mark.parametrize("first", [0x36, 0x38, 0x3E, 0x41, 0x60, 0x80, 0xA0, 0xC1, 0xE8, 0x00, 0xF1, 0x11])
def test_wrong_flags_are_no_packet(first: int) -> None:
    assert first not in v5.FIRST_BYTES
