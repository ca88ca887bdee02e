"""MQTT 5 behind CONNECT: reads what a client sends, writes what a server answers.

Clauses are of the OASIS standard, 7 March 2019. No reason strings and user properties are ever sent, so that neither
"request problem information" nor a small maximum packet size of the client is ever in the way.
"""

from collections.abc import Callable, Sequence

from fleet.ingest.mqtt.codec import v311
from fleet.ingest.mqtt.codec.errors import Malformed, NotAllowed, ProtocolError
from fleet.ingest.mqtt.codec.fields import byte, finish, packet_id, text
from fleet.ingest.mqtt.codec.frames import frame
from fleet.ingest.mqtt.codec.packets import (
    Disconnect,
    Packet,
    PingReq,
    PubAck,
    Publish,
    PubRel,
    Subscribe,
    Terms,
    Unsubscribe,
)
from fleet.ingest.mqtt.codec.properties import NONE, Place, Property, read, write
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.codec.v311 import (
    DISCONNECT,
    DUP,
    PINGREQ,
    PINGRESP,
    PUBACK,
    PUBLISH,
    PUBREL,
    QOS_SHIFT,
    RETAIN,
    SUBSCRIBE,
    UNSUBSCRIBE,
)

__all__ = [
    "FIRST_BYTES", "PINGRESP", "REFUSES",
    "connack", "decode", "disconnect", "puback", "pubcomp", "publish", "pubrec", "refused", "suback", "unsuback",
]  # fmt: skip

REFUSES = True
"""A single message can be refused and the connection kept."""

UNEXPECTED = {
    0x10: "expected one CONNECT, got a second",  # [MQTT-3.1.0-2]
    0x20: "expected no CONNACK from a client, got one",
    0x50: "expected no PUBREC, since nothing is sent with QoS 2, got one",
    0x70: "expected no PUBCOMP, since nothing is sent with QoS 2, got one",
    0x90: "expected no SUBACK from a client, got one",
    0xB0: "expected no UNSUBACK from a client, got one",
    0xD0: "expected no PINGRESP from a client, got one",
    0xF0: "expected no AUTH without an authentication method in CONNECT, got one",  # [MQTT-4.12.0-7]
}
"""What can be read and may never come (0x82)."""

FIRST_BYTES: frozenset[int] = v311.FIRST_BYTES | UNEXPECTED.keys()
"""What a client may begin a packet with, as far as bytes go: wrong flags are malformed [MQTT-2.1.3-1]."""

PUBACK_REASONS = frozenset({0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99})
PUBREL_REASONS = frozenset({0x00, 0x92})
DISCONNECT_REASONS = frozenset({0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99})
"""What a client may say (tables 3-4, 3-6, 3-10)."""

QOS, NO_LOCAL, RETAIN_HANDLING, RESERVED = 0x03, 0x04, 0x30, 0xC0
"""Subscription options (§3.8.3.1)."""


def decode(first: int, body: bytes) -> Packet:
    """The packet with this first byte (one of FIRST_BYTES) and body; raises Malformed, ProtocolError, NotAllowed."""
    if first & 0xF0 == PUBLISH:
        return _publish(first, body)
    if first in UNEXPECTED:
        raise ProtocolError(UNEXPECTED[first])
    return _OTHERS[first](body)


def connack(present: bool, reason: Reason, terms: Terms | None = None) -> bytes:
    """CONNACK; `terms` of an accepted connection (§3.2.2.3)."""
    if terms is None:
        return bytes((0x20, 3, 0, reason, 0))
    told: list[tuple[Property, int | str]] = [
        (Property.RECEIVE_MAXIMUM, terms.receive_maximum),
        (Property.MAXIMUM_PACKET_SIZE, terms.packet_size),
        (Property.SUBSCRIPTION_IDS_AVAILABLE, 0),
        (Property.SHARED_AVAILABLE, 0),
    ]
    if terms.expiry is not None:
        told.append((Property.SESSION_EXPIRY, terms.expiry))
    if terms.client_id:
        told.append((Property.ASSIGNED_CLIENT_ID, terms.client_id))
    if terms.keep_alive is not None:
        told.append((Property.SERVER_KEEP_ALIVE, terms.keep_alive))
    return frame(0x20, bytes((present, reason)) + write(told))


def puback(identifier: int, reason: Reason = Reason.SUCCESS) -> bytes:
    """PUBACK."""
    return _ack(0x40, identifier, reason)


def pubrec(identifier: int, reason: Reason = Reason.SUCCESS) -> bytes:
    """PUBREC."""
    return _ack(0x50, identifier, reason)


def pubcomp(identifier: int, reason: Reason = Reason.SUCCESS) -> bytes:
    """PUBCOMP."""
    return _ack(0x70, identifier, reason)


def refused(ack: bytes, reason: Reason) -> bytes:
    """The same PUBACK or PUBREC, refusing with `reason`; nothing of nothing (QoS 0)."""
    return bytes((ack[0], 3, ack[2], ack[3], reason)) if ack else b""


def suback(identifier: int, codes: Sequence[int]) -> bytes:
    """SUBACK: one code for each filter [MQTT-3.8.4-6], in order [MQTT-3.9.3-1]."""
    return frame(0x90, identifier.to_bytes(2, "big") + b"\0" + bytes(codes))


def unsuback(identifier: int, codes: Sequence[int]) -> bytes:
    """UNSUBACK: one code for each filter, in order [MQTT-3.11.3-1]."""
    return frame(0xB0, identifier.to_bytes(2, "big") + b"\0" + bytes(codes))


def disconnect(reason: Reason) -> bytes:
    """DISCONNECT, from the server."""
    return bytes((DISCONNECT, 1, reason))


def publish(packet: Publish) -> bytes:
    """PUBLISH, to a client."""
    topic = packet.topic.encode()
    identifier = packet.packet_id.to_bytes(2, "big") if packet.qos else b""
    first = PUBLISH | (DUP if packet.dup else 0) | packet.qos << QOS_SHIFT | packet.retain
    told = write([(Property.CONTENT_TYPE, packet.content_type)] if packet.content_type else [])
    return frame(first, len(topic).to_bytes(2, "big") + topic + identifier + told + packet.payload)


def _ack(first: int, identifier: int, reason: Reason) -> bytes:
    if reason is Reason.SUCCESS:  # the short form (§3.4.2.1)
        return bytes((first, 2, identifier >> 8, identifier & 0xFF))
    return bytes((first, 3, identifier >> 8, identifier & 0xFF, reason))


def _publish(first: int, body: bytes) -> Publish:
    topic, at = text(body, 0)
    if "#" in topic or "+" in topic:
        raise Malformed(f"expected a topic without wildcards, got {topic[:80]!r}")  # [MQTT-3.3.2-2]
    qos = first >> QOS_SHIFT & 3
    identifier = 0
    if qos:
        identifier, at = packet_id(body, at)
    if at < len(body) and not body[at]:
        properties, at = NONE, at + 1
    else:
        properties, at = read(body, at, Place.PUBLISH)
    if Property.TOPIC_ALIAS in properties:  # none was offered [MQTT-3.3.2-9]
        raise NotAllowed("expected no topic alias, got one", Reason.TOPIC_ALIAS_INVALID)
    if not topic:
        raise ProtocolError("expected a topic of at least one character, got none")
    content_type = properties.get(Property.CONTENT_TYPE, "")
    return Publish(topic, body[at:], qos, identifier, bool(first & RETAIN), bool(first & DUP), content_type)


def _ack_id(body: bytes, allowed: frozenset[int]) -> int:
    """The packet id of an acknowledgement in its short or its long form (§3.4.2.1)."""
    identifier, at = packet_id(body, 0)
    _ending(body, at, allowed, Place.ACK)
    return identifier


def _ending(body: bytes, at: int, allowed: frozenset[int], place: Place) -> tuple[int, dict[int, int]]:
    """A reason code and properties, both of which may be left out at the end."""
    reason, properties = 0, NONE
    if at < len(body):
        reason, at = byte(body, at)
        if reason not in allowed:
            raise ProtocolError(f"expected a reason code that {place} may have, got 0x{reason:02x}")
    if at < len(body):
        properties, at = read(body, at, place)
    finish(body, at)
    return reason, properties


def _puback(body: bytes) -> PubAck:
    return PubAck(_ack_id(body, PUBACK_REASONS))


def _pubrel(body: bytes) -> PubRel:
    return PubRel(_ack_id(body, PUBREL_REASONS))


def _subscribe(body: bytes) -> Subscribe:
    identifier, at = packet_id(body, 0)
    properties, at = read(body, at, Place.SUBSCRIBE)
    filters: list[tuple[str, int]] = []
    if at == len(body):
        raise ProtocolError("expected at least one topic filter, got none")  # [MQTT-3.8.3-2]
    while at < len(body):
        pattern, at = v311.topic_filter(body, at)
        options, at = byte(body, at)
        if options & RESERVED:
            raise Malformed(f"expected the reserved subscription options to be 0, got 0x{options:02x}")  # [3.8.3-5]
        if options & QOS == QOS or options & RETAIN_HANDLING == RETAIN_HANDLING:
            raise ProtocolError(f"expected subscription options with values up to 2, got 0x{options:02x}")
        if options & NO_LOCAL and pattern.startswith("$share/"):
            raise ProtocolError("expected no No Local on a shared subscription, got it")  # [MQTT-3.8.3-4]
        filters.append((pattern, options & QOS))
    return Subscribe(identifier, tuple(filters), Property.SUBSCRIPTION_ID in properties)


def _unsubscribe(body: bytes) -> Unsubscribe:
    identifier, at = packet_id(body, 0)
    _, at = read(body, at, Place.UNSUBSCRIBE)
    filters: list[str] = []
    if at == len(body):
        raise ProtocolError("expected at least one topic filter, got none")  # [MQTT-3.10.3-2]
    while at < len(body):
        pattern, at = v311.topic_filter(body, at)
        filters.append(pattern)
    return Unsubscribe(identifier, tuple(filters))


def _pingreq(body: bytes) -> PingReq:
    finish(body, 0)
    return PingReq()


def _disconnect(body: bytes) -> Disconnect:
    reason, properties = _ending(body, 0, DISCONNECT_REASONS, Place.DISCONNECT)
    return Disconnect(reason, properties.get(Property.SESSION_EXPIRY))


_OTHERS: dict[int, Callable[[bytes], Packet]] = {
    PUBACK: _puback,
    PUBREL: _pubrel,
    SUBSCRIBE: _subscribe,
    UNSUBSCRIBE: _unsubscribe,
    PINGREQ: _pingreq,
    DISCONNECT: _disconnect,
}
