"""MQTT 3.1.1 behind CONNECT: reads what a client sends, writes what a server answers.

Clauses are of the OASIS standard, 29 October 2014.
"""

from collections.abc import Callable, Sequence

from fleet.ingest.mqtt.codec.errors import Malformed
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
from fleet.ingest.mqtt.codec.reasons import REFUSAL, Reason

PUBLISH, PUBACK, PUBREL, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT = 0x30, 0x40, 0x62, 0x82, 0xA2, 0xC0, 0xE0
"""First bytes of what a client sends, flags included [MQTT-2.2.2-2]; PUBLISH has its own flags."""

DUP, QOS_SHIFT, RETAIN = 0x08, 1, 0x01
"""Flags of a PUBLISH (§3.3.1)."""

FIRST_BYTES = frozenset(
    {
        0x30,
        0x31,
        0x32,
        0x33,
        0x34,
        0x35,
        0x3A,
        0x3B,
        0x3C,
        0x3D,
    }  # no QoS 3 [3.3.1-4], no DUP with QoS 0 [3.3.1-2]
    | {PUBACK, PUBREL, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT}
)
"""What a client may begin a packet with; without the answers to QoS 2, with which nothing is sent to it."""

PINGRESP = b"\xd0\x00"

REFUSES = False
"""A single message cannot be refused: the connection ends."""

RETURN_CODES = {
    Reason.SUCCESS: 0,
    Reason.UNSUPPORTED_VERSION: 1,
    Reason.CLIENT_ID_NOT_VALID: 2,
    Reason.SERVER_UNAVAILABLE: 3,
    Reason.SERVER_BUSY: 3,
    Reason.BAD_USER_NAME_OR_PASSWORD: 4,
    Reason.NOT_AUTHORIZED: 5,
}
"""What a CONNACK says (table 3.1); for other reasons the connection is closed without one."""
SUBACK_FAILURE = 0x80
"""A refused filter (§3.9.3)."""


def decode(first: int, body: bytes) -> Packet:
    """The packet with this first byte (one of FIRST_BYTES) and body; raises Malformed."""
    if first & 0xF0 == PUBLISH:
        return _publish(first, body)
    return _OTHERS[first](body)


def connack(present: bool, reason: Reason, terms: Terms | None = None) -> bytes:
    """CONNACK; a refusal never says that a session is present [MQTT-3.2.2-4]."""
    code = RETURN_CODES.get(reason)
    return b"" if code is None else bytes((0x20, 2, present and not code, code))


def puback(identifier: int, reason: Reason = Reason.SUCCESS) -> bytes:
    """PUBACK."""
    return bytes((0x40, 2, identifier >> 8, identifier & 0xFF))


def pubrec(identifier: int, reason: Reason = Reason.SUCCESS) -> bytes:
    """PUBREC."""
    return bytes((0x50, 2, identifier >> 8, identifier & 0xFF))


def pubcomp(identifier: int, reason: Reason = Reason.SUCCESS) -> bytes:
    """PUBCOMP."""
    return bytes((0x70, 2, identifier >> 8, identifier & 0xFF))


def refused(ack: bytes, reason: Reason) -> bytes:
    """`ack` itself: what is kept as a dead letter is acknowledged like the rest."""
    return ack


def suback(identifier: int, codes: Sequence[int]) -> bytes:
    """SUBACK: one code for each filter, in order [MQTT-3.9.3-1]."""
    known = bytes(SUBACK_FAILURE if code >= REFUSAL else code for code in codes)
    return frame(0x90, identifier.to_bytes(2, "big") + known)


def unsuback(identifier: int, codes: Sequence[int]) -> bytes:
    """UNSUBACK."""
    return bytes((0xB0, 2, identifier >> 8, identifier & 0xFF))


def disconnect(reason: Reason) -> bytes:
    """Nothing: a server of this version just closes."""
    return b""


def publish(packet: Publish) -> bytes:
    """PUBLISH, to a client."""
    topic = packet.topic.encode()
    identifier = packet.packet_id.to_bytes(2, "big") if packet.qos else b""
    first = PUBLISH | (DUP if packet.dup else 0) | packet.qos << QOS_SHIFT | packet.retain
    return frame(first, len(topic).to_bytes(2, "big") + topic + identifier + packet.payload)


def topic_filter(body: bytes, at: int) -> tuple[str, int]:
    """A topic filter of at least one character."""
    pattern, at = text(body, at)
    if not pattern:
        raise Malformed("expected a topic filter of at least one character, got none")  # [MQTT-4.7.3-1]
    return pattern, at


def _publish(first: int, body: bytes) -> Publish:
    topic, at = text(body, 0)
    if not topic or "#" in topic or "+" in topic:
        raise Malformed(f"expected a topic without wildcards, got {topic[:80]!r}")  # [MQTT-3.3.2-2], [MQTT-4.7.3-1]
    qos = first >> QOS_SHIFT & 3
    identifier = 0
    if qos:
        identifier, at = packet_id(body, at)
    return Publish(topic, body[at:], qos, identifier, bool(first & RETAIN), bool(first & DUP))


def _puback(body: bytes) -> PubAck:
    identifier, at = packet_id(body, 0)
    finish(body, at)
    return PubAck(identifier)


def _pubrel(body: bytes) -> PubRel:
    identifier, at = packet_id(body, 0)
    finish(body, at)
    return PubRel(identifier)


def _subscribe(body: bytes) -> Subscribe:
    identifier, at = packet_id(body, 0)
    filters: list[tuple[str, int]] = []
    while at < len(body) or not filters:  # at least one filter [MQTT-3.8.3-3]
        pattern, at = topic_filter(body, at)
        qos, at = byte(body, at)
        if qos > 2:
            raise Malformed(f"expected a requested QoS of 0, 1 or 2, got {qos}")  # [MQTT-3.8.3-4]
        filters.append((pattern, qos))
    return Subscribe(identifier, tuple(filters))


def _unsubscribe(body: bytes) -> Unsubscribe:
    identifier, at = packet_id(body, 0)
    filters: list[str] = []
    while at < len(body) or not filters:  # at least one filter [MQTT-3.10.3-2]
        pattern, at = topic_filter(body, at)
        filters.append(pattern)
    return Unsubscribe(identifier, tuple(filters))


def _pingreq(body: bytes) -> PingReq:
    finish(body, 0)
    return PingReq()


def _disconnect(body: bytes) -> Disconnect:
    finish(body, 0)
    return Disconnect()


_OTHERS: dict[int, Callable[[bytes], Packet]] = {
    PUBACK: _puback,
    PUBREL: _pubrel,
    SUBSCRIBE: _subscribe,
    UNSUBSCRIBE: _unsubscribe,
    PINGREQ: _pingreq,
    DISCONNECT: _disconnect,
}
