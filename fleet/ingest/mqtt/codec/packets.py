"""The packets a server receives, as plain data; the same for every version of MQTT."""

from msgspec import Struct

from fleet.ingest.mqtt.codec.reasons import Reason

NEVER = 0xFFFF_FFFF
"""A session expiry interval that does not end (MQTT 5 §3.1.2.11.2)."""
LARGEST_PACKET = 268_435_460
"""Bytes of the longest packet there can be: no limit was given."""


class Will(Struct, frozen=True):
    """What the server should publish if this client is lost."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    delay: int = 0
    """Seconds to wait for the client to come back."""
    content_type: str = ""


class Connect(Struct, frozen=True):
    """The first packet. `keep_alive`: seconds, 0 = none. `password` is never shown by repr."""

    level: int
    client_id: str
    clean: bool
    """Start without what is kept of an earlier session."""
    keep_alive: int
    will: Will | None
    user_name: str | None
    password: bytes | None
    expiry: int = 0
    """Seconds for which the session is kept after the connection; before MQTT 5: 0 if clean, else NEVER."""
    packet_size: int = LARGEST_PACKET
    """Bytes of the longest packet the client takes."""

    def __repr__(self) -> str:
        return f"Connect(client_id={self.client_id!r}, user_name={self.user_name!r}, clean={self.clean})"


class Publish(Struct, frozen=True, gc=False):
    """A message. `packet_id` is 0 for QoS 0."""

    topic: str
    payload: bytes
    qos: int
    packet_id: int
    retain: bool
    dup: bool
    content_type: str = ""


class PubAck(Struct, frozen=True):
    """The client has what we published."""

    packet_id: int


class PubRel(Struct, frozen=True):
    """The client knows that its QoS 2 message has arrived, and will use the packet id anew."""

    packet_id: int


class Subscribe(Struct, frozen=True):
    """Filters with the QoS wanted for each, in order."""

    packet_id: int
    filters: tuple[tuple[str, int], ...]
    identified: bool = False
    """It asks for a subscription identifier."""


class Unsubscribe(Struct, frozen=True):
    """Filters to forget."""

    packet_id: int
    filters: tuple[str, ...]


class PingReq(Struct, frozen=True):
    """The client is alive."""


class Disconnect(Struct, frozen=True):
    """The client goes, in order."""

    reason: int = Reason.SUCCESS
    expiry: int | None = None
    """A new session expiry, seconds."""


Packet = Publish | PubAck | PubRel | Subscribe | Unsubscribe | PingReq | Disconnect
"""What may follow a CONNECT."""


class Terms(Struct, frozen=True):
    """What a CONNACK of MQTT 5 tells beside yes; None and empty: as the client asked."""

    receive_maximum: int
    """How many QoS 1 and 2 messages may be under way."""
    packet_size: int
    """Bytes of the longest packet that is taken."""
    expiry: int | None = None
    client_id: str = ""
    """The one that the server made."""
    keep_alive: int | None = None
    """The one to use, seconds."""
