"""CONNECT, bit by bit."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.mqtt.codec.connect import decode_connect
from fleet.ingest.mqtt.codec.errors import Malformed, MqttError, UnsupportedVersion
from fleet.ingest.mqtt.codec.packets import NEVER, Connect, Will
from tests.fleet.ingest.mqtt.client import connect, field

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
HEAD = field("MQTT") + b"\x04"


def body(packet: bytes) -> bytes:
    """Without the fixed header (packets here are short)."""
    assert packet[1] < 0x80
    return packet[2:]


def test_the_example_of_the_standard() -> None:
    """Figure 3.6: user name, password, will QoS 1, clean session, keep-alive 10."""
    raw = (
        bytes.fromhex("0004 4d515454 04 ce 000a")
        + field("a")
        + field("w/t")
        + field(b"\xff\0")
        + field("u")
        + field(b"\0p")
    )
    assert decode_connect(raw) == Connect(4, "a", True, 10, Will("w/t", b"\xff\0", 1, False), "u", b"\0p")


@given(TEXT, st.none() | TEXT, st.binary(max_size=20), st.booleans(), st.integers(0, 65_535))
def test_what_a_client_writes_is_what_is_read(
    client_id: str, user: str | None, password: bytes, clean: bool, keep_alive: int
) -> None:
    secret = None if user is None else password
    packet = connect(client_id, user, secret, clean=clean, keep_alive=keep_alive, will=("a/b", password))
    length = 2 if packet[1] < 0x80 else 3
    will, expiry = Will("a/b", password, 0, False), 0 if clean else NEVER
    expected = Connect(4, client_id, clean, keep_alive, will, user, secret, expiry)
    assert decode_connect(packet[length:]) == expected


@given(st.binary(max_size=60))
def test_any_bytes_give_a_connect_or_a_typed_error(tail: bytes) -> None:
    for raw in (tail, HEAD + tail):
        with contextlib.suppress(MqttError):
            assert decode_connect(raw).level == 4


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (HEAD + b"\x03\0\0" + field("c"), "reserved connect flag"),
        (HEAD + b"\x1e\0\0" + field("c") + field("t") + field("p"), "will QoS"),
        (HEAD + b"\x08\0\0" + field("c"), "without a will"),
        (HEAD + b"\x20\0\0" + field("c"), "without a will"),
        (HEAD + b"\x40\0\0" + field("c") + field("p"), "user name beside"),
        (HEAD + b"\x02\0\0" + field("c") + b"x", "1 more bytes"),
        (HEAD + b"\x82\0\0" + field("c"), "two-byte integer"),
        (HEAD + b"\x02\0\0" + b"\0\x05abc", "5 bytes, got 3"),
        (HEAD + b"\x02\0", "two-byte integer"),
        (field("MQTT"), "one more byte"),
        (HEAD + b"\x02\0\0" + field(b"\xed\xa0\x80"), "UTF-8"),
        (HEAD + b"\x02\0\0" + field(b"\xff"), "UTF-8"),
        (HEAD + b"\x02\0\0" + field("a\0b"), r"U\+0000"),
        (HEAD + b"\x06\0\0" + field("c") + field("a/#") + field("p"), "will topic"),
        (HEAD + b"\x06\0\0" + field("c") + field("") + field("p"), "will topic"),
        (field("AMQP") + b"\x04\x02\0\0" + field("c"), "protocol name"),
        (b"", "two-byte integer"),
    ],
)
def test_a_malformed_connect_says_what_is_wrong(raw: bytes, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        decode_connect(raw)


@pytest.mark.parametrize(("name", "level"), [("MQTT", 6), ("MQTT", 3), ("MQTT", 0), ("MQIsdp", 4), ("MQIsdp", 5)])
def test_other_versions_are_told_apart_from_rubbish(name: str, level: int) -> None:
    with pytest.raises(UnsupportedVersion, match=r"3\.1\.1"):
        decode_connect(body(connect(name=name, level=level)))


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(decode_connect(body(connect(password=b"secret"))))


def test_a_byte_order_mark_is_a_character() -> None:
    assert decode_connect(body(connect("\ufeffa"))).client_id == "\ufeffa"
