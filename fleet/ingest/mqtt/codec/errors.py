"""What a peer can do wrong on the wire, as one tree. Each one ends the connection.

MqttError
├── Malformed            the bytes are no packet of this protocol
├── ProtocolError        a packet that can be read and may not come, or not now
├── TooLarge             a packet is longer than is accepted here
├── NotAllowed           a proper packet that this client may not send
└── UnsupportedVersion   a proper CONNECT of a version that is not spoken here
"""

from fleet.ingest.mqtt.codec.reasons import Reason


class MqttError(Exception):
    """The peer broke the protocol; the message says what was expected and what came."""

    reason = Reason.UNSPECIFIED
    """What MQTT 5 tells the peer; older versions only close."""
    level = 0
    """Of an error in a CONNECT: the protocol level it asked for, where that could be read."""


class Malformed(MqttError):
    """The bytes are no packet of this protocol (MQTT 3.1.1 §4.8, MQTT 5 §4.13)."""

    reason = Reason.MALFORMED_PACKET


class ProtocolError(MqttError):
    """A packet that can be read, and that the protocol does not allow like this or now (MQTT 5 §4.13)."""

    reason = Reason.PROTOCOL_ERROR


class TooLarge(MqttError):
    """A packet announces more bytes than are accepted here."""

    reason = Reason.PACKET_TOO_LARGE

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"expected a packet of at most {limit} bytes, got one of {size}")
        self.size, self.limit = size, limit


class NotAllowed(MqttError):
    """A proper packet that this client may not send; 3.1.1 has no way to refuse it but to close."""

    def __init__(self, message: str, reason: Reason = Reason.NOT_AUTHORIZED) -> None:
        super().__init__(message)
        self.reason = reason


class UnsupportedVersion(MqttError):
    """A CONNECT of a version that is not spoken here."""

    reason = Reason.UNSUPPORTED_VERSION

    def __init__(self, name: str, level: int) -> None:
        super().__init__(f"expected MQTT 3.1, 3.1.1 or 5, got {name[:16]!r} level {level}")
        self.name, self.level = name, level
