"""Properties of MQTT 5: which, where, how often, with what."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.mqtt.codec.errors import Malformed, MqttError, ProtocolError
from fleet.ingest.mqtt.codec.fields import encoded
from fleet.ingest.mqtt.codec.properties import RULES, Place, Property, read, write
from tests.fleet.ingest.mqtt.client import field, properties

EXAMPLES = {
    Property.PAYLOAD_FORMAT: b"\1", Property.MESSAGE_EXPIRY: b"\0\0\0\1", Property.CONTENT_TYPE: field("a"),
    Property.RESPONSE_TOPIC: field("a"), Property.CORRELATION_DATA: field(b"\xff"), Property.SUBSCRIPTION_ID: b"\1",
    Property.SESSION_EXPIRY: b"\0\0\0\1", Property.ASSIGNED_CLIENT_ID: field("a"),
    Property.SERVER_KEEP_ALIVE: b"\0\1", Property.AUTHENTICATION_METHOD: field("a"),
    Property.AUTHENTICATION_DATA: field(b"a"), Property.REQUEST_PROBLEM_INFORMATION: b"\1",
    Property.WILL_DELAY: b"\0\0\0\1", Property.REQUEST_RESPONSE_INFORMATION: b"\1",
    Property.RESPONSE_INFORMATION: field("a"), Property.SERVER_REFERENCE: field("a"),
    Property.REASON_STRING: field("a"), Property.RECEIVE_MAXIMUM: b"\0\1", Property.TOPIC_ALIAS_MAXIMUM: b"\0\1",
    Property.TOPIC_ALIAS: b"\0\1", Property.MAXIMUM_QOS: b"\1", Property.RETAIN_AVAILABLE: b"\1",
    Property.USER_PROPERTY: field("a") + field("b"), Property.MAXIMUM_PACKET_SIZE: b"\0\0\0\1",
    Property.WILDCARDS_AVAILABLE: b"\1", Property.SUBSCRIPTION_IDS_AVAILABLE: b"\1", Property.SHARED_AVAILABLE: b"\1",
}  # fmt: skip
ALLOWED = {
    Place.CONNECT: "SESSION_EXPIRY AUTHENTICATION_METHOD AUTHENTICATION_DATA REQUEST_PROBLEM_INFORMATION "
    "REQUEST_RESPONSE_INFORMATION RECEIVE_MAXIMUM TOPIC_ALIAS_MAXIMUM USER_PROPERTY MAXIMUM_PACKET_SIZE",
    Place.WILL: "PAYLOAD_FORMAT MESSAGE_EXPIRY CONTENT_TYPE RESPONSE_TOPIC CORRELATION_DATA WILL_DELAY USER_PROPERTY",
    Place.PUBLISH: "PAYLOAD_FORMAT MESSAGE_EXPIRY CONTENT_TYPE RESPONSE_TOPIC CORRELATION_DATA TOPIC_ALIAS "
    "USER_PROPERTY",
    Place.ACK: "REASON_STRING USER_PROPERTY",
    Place.SUBSCRIBE: "SUBSCRIPTION_ID USER_PROPERTY",
    Place.UNSUBSCRIBE: "USER_PROPERTY",
    Place.DISCONNECT: "SESSION_EXPIRY REASON_STRING USER_PROPERTY",
}
"""Table 2-4, as a client may use it: not Server Reference, which only a server sends, nor Subscription Identifier in a
PUBLISH [MQTT-3.3.4-6]."""
PAIRS = [(place, known) for place in Place for known in Property]


@pytest.mark.parametrize(("place", "known"), PAIRS)
def test_each_property_stands_where_the_standard_says(place: Place, known: Property) -> None:
    raw = properties(bytes((known,)) + EXAMPLES[known])
    if known.name in ALLOWED[place].split():
        assert read(raw, 0, place)[1] == len(raw)
    else:
        with pytest.raises(ProtocolError, match=known.name):
            read(raw, 0, place)


@pytest.mark.parametrize(("place", "known"), PAIRS)
def test_each_property_stands_once_but_for_user_properties(place: Place, known: Property) -> None:
    one = bytes((known,)) + EXAMPLES[known]
    if known is Property.USER_PROPERTY:
        assert read(properties(one, one), 0, place)[0] == {}
    else:
        with pytest.raises(ProtocolError):
            read(properties(one, one), 0, place)


@pytest.mark.parametrize(
    ("place", "raw", "message"),
    [
        (Place.PUBLISH, b"\x01\x02", "PAYLOAD_FORMAT"),
        (Place.PUBLISH, b"\x08" + field("a/#"), "RESPONSE_TOPIC"),
        (Place.PUBLISH, b"\x08" + field(""), "RESPONSE_TOPIC"),
        (Place.CONNECT, b"\x21\0\0", "RECEIVE_MAXIMUM"),
        (Place.CONNECT, b"\x27\0\0\0\0", "MAXIMUM_PACKET_SIZE"),
        (Place.CONNECT, b"\x17\x02", "REQUEST_PROBLEM"),
        (Place.CONNECT, b"\x19\x02", "REQUEST_RESPONSE"),
        (Place.SUBSCRIBE, b"\x0b\0", "SUBSCRIPTION_ID"),
    ],
)
def test_values_that_are_a_protocol_error(place: Place, raw: bytes, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        read(properties(raw), 0, place)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (properties(b"\x04\0"), "0x04"),
        (properties(b"\x7f"), "0x7f"),
        (properties(b"\xff\x7f"), "0x3fff"),
        (properties(b"\x81\0\0"), "shortest"),
        (b"\x05\x01", "5 bytes of properties, got 1"),
        (b"\x01\x01\x00", "one more byte"),
        (b"\x03\x03\0\x05abcde", "field of 5 bytes"),
        (b"\xff\xff\xff\xff\x01", "fifth"),
        (b"\x80\x00", "shortest"),
        (properties(b"\x26" + field("a") + field(b"\xff")), "UTF-8"),
        (properties(b"\x03" + field("a\0")), r"U\+0000"),
        (b"", "one more byte"),
    ],
)
def test_malformed(raw: bytes, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        read(raw, 0, Place.PUBLISH)


@given(st.binary(max_size=60), st.sampled_from(Place))
def test_any_bytes_give_properties_or_a_typed_error(raw: bytes, place: Place) -> None:
    with contextlib.suppress(MqttError):
        assert read(raw, 0, place)[1] <= len(raw)
    with contextlib.suppress(MqttError):
        assert read(properties(raw), 0, place)[1] == len(encoded(len(raw))) + len(raw)


@given(st.integers(0, 0xFFFF_FFFF), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_what_is_written_is_read(expiry: int, content_type: str) -> None:
    raw = write([(Property.MESSAGE_EXPIRY, expiry), (Property.CONTENT_TYPE, content_type)])
    found, at = read(raw + b"rest", 0, Place.PUBLISH)
    assert (found, raw[at:]) == ({Property.MESSAGE_EXPIRY: expiry, Property.CONTENT_TYPE: content_type}, b"")


def test_every_property_has_its_rule() -> None:
    assert set(RULES) == set(Property) == set(EXAMPLES)
