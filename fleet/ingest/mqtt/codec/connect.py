"""Reads CONNECT, which comes before the two sides agree on a version (clauses of MQTT 3.1.1, or 5 where it says so)."""

from fleet.ingest.mqtt.codec.errors import Malformed, MqttError, NotAllowed, ProtocolError, UnsupportedVersion
from fleet.ingest.mqtt.codec.fields import binary, byte, finish, integer, text
from fleet.ingest.mqtt.codec.packets import LARGEST_PACKET, NEVER, Connect, Will
from fleet.ingest.mqtt.codec.properties import NONE, Place, Property, read
from fleet.ingest.mqtt.codec.reasons import Reason

FIRST_BYTES = frozenset({0x10})
"""Nothing but a CONNECT may come first [MQTT-3.1.0-1]."""

VERSIONS = frozenset({("MQIsdp", 3), ("MQTT", 4), ("MQTT", 5)})
"""Protocol names and levels spoken here: MQTT 3.1, 3.1.1 and 5."""

NAMES = frozenset({"MQTT", "MQIsdp"})
"""Protocol names ever used; any other is no MQTT at all."""

V5 = 5

RESERVED, CLEAN, WILL, WILL_QOS, WILL_RETAIN, PASSWORD, USER_NAME = 0x01, 0x02, 0x04, 0x18, 0x20, 0x40, 0x80
"""Connect flags (§3.1.2.3)."""


def decode_connect(body: bytes) -> Connect:
    """The CONNECT whose body this is; raises MqttError, with the `level` where it could be read."""
    name, at = text(body, 0)
    if name not in NAMES:
        raise Malformed(f"expected the protocol name 'MQTT', got {name[:16]!r}")
    level, at = byte(body, at)
    if (name, level) not in VERSIONS:
        raise UnsupportedVersion(name, level)
    try:
        return _connect(level, body, at)
    except MqttError as error:
        error.level = level
        raise


def _connect(level: int, body: bytes, at: int) -> Connect:
    flags, at = byte(body, at)
    _check(flags, level)
    keep_alive, at = integer(body, at)
    properties, at = read(body, at, Place.CONNECT) if level == V5 else (NONE, at)
    if Property.AUTHENTICATION_METHOD in properties:
        raise NotAllowed("expected no authentication method, got one", Reason.BAD_AUTHENTICATION_METHOD)
    if Property.AUTHENTICATION_DATA in properties:
        raise ProtocolError("expected no authentication data without a method, got some")
    client_id, at = text(body, at)
    will = user_name = password = None
    if flags & WILL:
        will, at = _will(level, flags, body, at)
    if flags & USER_NAME:
        user_name, at = text(body, at)
    if flags & PASSWORD:
        password, at = binary(body, at)
    finish(body, at)
    clean = bool(flags & CLEAN)
    forever = NEVER if level != V5 and not clean else 0
    return Connect(
        level,
        client_id,
        clean,
        keep_alive,
        will,
        user_name,
        password,
        properties.get(Property.SESSION_EXPIRY, forever),
        properties.get(Property.MAXIMUM_PACKET_SIZE, LARGEST_PACKET),
    )


def _will(level: int, flags: int, body: bytes, at: int) -> tuple[Will, int]:
    properties, at = read(body, at, Place.WILL) if level == V5 else (NONE, at)
    topic, at = text(body, at)
    payload, at = binary(body, at)
    if not topic or "+" in topic or "#" in topic:
        raise Malformed(f"expected a will topic without wildcards, got {topic[:80]!r}")
    delay, content_type = properties.get(Property.WILL_DELAY, 0), properties.get(Property.CONTENT_TYPE, "")
    return Will(topic, payload, (flags & WILL_QOS) >> 3, bool(flags & WILL_RETAIN), delay, content_type), at


def _check(flags: int, level: int) -> None:
    if flags & RESERVED:
        raise Malformed("expected the reserved connect flag to be 0, got 1")  # [MQTT-3.1.2-3]
    if flags & WILL_QOS == WILL_QOS:
        raise Malformed("expected a will QoS of 0, 1 or 2, got 3")  # [MQTT-3.1.2-14]
    if not flags & WILL and flags & (WILL_QOS | WILL_RETAIN):
        raise Malformed("expected no will flags without a will, got some")  # [MQTT-3.1.2-13], [MQTT-3.1.2-15]
    if level != V5 and flags & PASSWORD and not flags & USER_NAME:
        raise Malformed("expected a user name beside the password, got none")  # [MQTT-3.1.2-22]
