"""Properties of MQTT 5 (§2.2.2): which there are, where each may stand, what it may say."""

from collections.abc import Callable, Iterable
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from fleet.ingest.mqtt.codec.errors import Malformed, ProtocolError
from fleet.ingest.mqtt.codec.fields import binary, byte, encoded, integer, long, text, variable

Values = dict[int, Any]
"""What was given, by property; user properties are read over."""
NONE: Values = {}


class Property(IntEnum):
    """Table 2-4."""

    PAYLOAD_FORMAT = 0x01
    MESSAGE_EXPIRY = 0x02
    CONTENT_TYPE = 0x03
    RESPONSE_TOPIC = 0x08
    CORRELATION_DATA = 0x09
    SUBSCRIPTION_ID = 0x0B
    SESSION_EXPIRY = 0x11
    ASSIGNED_CLIENT_ID = 0x12
    SERVER_KEEP_ALIVE = 0x13
    AUTHENTICATION_METHOD = 0x15
    AUTHENTICATION_DATA = 0x16
    REQUEST_PROBLEM_INFORMATION = 0x17
    WILL_DELAY = 0x18
    REQUEST_RESPONSE_INFORMATION = 0x19
    RESPONSE_INFORMATION = 0x1A
    SERVER_REFERENCE = 0x1C
    REASON_STRING = 0x1F
    RECEIVE_MAXIMUM = 0x21
    TOPIC_ALIAS_MAXIMUM = 0x22
    TOPIC_ALIAS = 0x23
    MAXIMUM_QOS = 0x24
    RETAIN_AVAILABLE = 0x25
    USER_PROPERTY = 0x26
    MAXIMUM_PACKET_SIZE = 0x27
    WILDCARDS_AVAILABLE = 0x28
    SUBSCRIPTION_IDS_AVAILABLE = 0x29
    SHARED_AVAILABLE = 0x2A


class Place(StrEnum):
    """Where a client's properties stand."""

    CONNECT = "CONNECT"
    WILL = "a will"
    PUBLISH = "PUBLISH"
    ACK = "an acknowledgement"
    SUBSCRIBE = "SUBSCRIBE"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    DISCONNECT = "DISCONNECT"


class _Rule(NamedTuple):
    read: Callable[[bytes, int], tuple[Any, int]]
    places: frozenset[Place]
    allowed: Callable[[Any], bool] = lambda _value: True


def _pair(body: bytes, at: int) -> tuple[tuple[str, str], int]:
    name, at = text(body, at)
    value, at = text(body, at)
    return (name, value), at


def _flag(value: int) -> bool:
    return value in (0, 1)


def _positive(value: int) -> bool:
    return value > 0


def _topic(value: str) -> bool:
    return bool(value) and "#" not in value and "+" not in value


_CONNECT, _PUBLISH = frozenset({Place.CONNECT}), frozenset({Place.PUBLISH})
_MESSAGE = frozenset({Place.PUBLISH, Place.WILL})
_NOWHERE: frozenset[Place] = frozenset()
"""What only a server may send."""

RULES: dict[int, _Rule] = {
    Property.PAYLOAD_FORMAT: _Rule(byte, _MESSAGE, _flag),
    Property.MESSAGE_EXPIRY: _Rule(long, _MESSAGE),
    Property.CONTENT_TYPE: _Rule(text, _MESSAGE),
    Property.RESPONSE_TOPIC: _Rule(text, _MESSAGE, _topic),
    Property.CORRELATION_DATA: _Rule(binary, _MESSAGE),
    Property.SUBSCRIPTION_ID: _Rule(variable, frozenset({Place.SUBSCRIBE}), _positive),
    Property.SESSION_EXPIRY: _Rule(long, frozenset({Place.CONNECT, Place.DISCONNECT})),
    Property.ASSIGNED_CLIENT_ID: _Rule(text, _NOWHERE),
    Property.SERVER_KEEP_ALIVE: _Rule(integer, _NOWHERE),
    Property.AUTHENTICATION_METHOD: _Rule(text, _CONNECT),
    Property.AUTHENTICATION_DATA: _Rule(binary, _CONNECT),
    Property.REQUEST_PROBLEM_INFORMATION: _Rule(byte, _CONNECT, _flag),
    Property.WILL_DELAY: _Rule(long, frozenset({Place.WILL})),
    Property.REQUEST_RESPONSE_INFORMATION: _Rule(byte, _CONNECT, _flag),
    Property.RESPONSE_INFORMATION: _Rule(text, _NOWHERE),
    Property.SERVER_REFERENCE: _Rule(text, _NOWHERE),
    Property.REASON_STRING: _Rule(text, frozenset({Place.ACK, Place.DISCONNECT})),
    Property.RECEIVE_MAXIMUM: _Rule(integer, _CONNECT, _positive),
    Property.TOPIC_ALIAS_MAXIMUM: _Rule(integer, _CONNECT),
    Property.TOPIC_ALIAS: _Rule(integer, _PUBLISH),
    Property.MAXIMUM_QOS: _Rule(byte, _NOWHERE),
    Property.RETAIN_AVAILABLE: _Rule(byte, _NOWHERE),
    Property.USER_PROPERTY: _Rule(_pair, frozenset(Place)),
    Property.MAXIMUM_PACKET_SIZE: _Rule(long, _CONNECT, _positive),
    Property.WILDCARDS_AVAILABLE: _Rule(byte, _NOWHERE),
    Property.SUBSCRIPTION_IDS_AVAILABLE: _Rule(byte, _NOWHERE),
    Property.SHARED_AVAILABLE: _Rule(byte, _NOWHERE),
}


def read(body: bytes, at: int, place: Place) -> tuple[Values, int]:
    """The properties at `at` and where they end; raises Malformed (0x81) or ProtocolError (0x82)."""
    size, at = variable(body, at)
    if not size:
        return NONE, at
    end = at + size
    if end > len(body):
        raise Malformed(f"expected {size} bytes of properties, got {len(body) - at}")
    found: Values = {}
    body = body[:end]
    while at < end:
        known, at = variable(body, at)
        rule = RULES.get(known)
        if rule is None:
            raise Malformed(f"expected a property of MQTT 5, got 0x{known:02x}")
        value, at = rule.read(body, at)
        name = Property(known).name
        if place not in rule.places:
            raise ProtocolError(f"expected no {name} in {place}, got one")
        if known == Property.USER_PROPERTY:
            continue  # may come again (§3.1.2.11.8, §3.3.2.3.7)
        if known in found:
            raise ProtocolError(f"expected {name} at most once, got it again")
        if not rule.allowed(value):
            raise ProtocolError(f"expected {name} with a value that is allowed, got {str(value)[:40]!r}")
        found[known] = value
    return found, at


def write(values: Iterable[tuple[Property, int | str]]) -> bytes:
    """Properties as they stand in a packet, their length before them."""
    body = b"".join(bytes((known,)) + _value(known, value) for known, value in values)
    return encoded(len(body)) + body


def _value(known: Property, value: int | str) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return len(raw).to_bytes(2, "big") + raw
    return value.to_bytes(_SIZES[RULES[known].read], "big")


_SIZES: dict[Callable[[bytes, int], tuple[Any, int]], int] = {byte: 1, integer: 2, long: 4}
