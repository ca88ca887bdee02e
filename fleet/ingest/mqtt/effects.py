"""What a step of a connection asks of its owner, and what the owner tells it, as plain data."""

from collections.abc import Mapping

from msgspec import Struct

from fleet.ingest.decoders import Format
from fleet.ingest.mqtt.codec.packets import Connect
from fleet.telemetry.models import Kind


class Delivery(Struct, frozen=True, gc=False):
    """A message that was accepted for storing."""

    kind: Kind
    topic: str
    payload: bytes
    format: Format = Format.JSON
    packet_id: int = 0
    """QoS 2 in a session that is kept: to be remembered in the same commit, until it is released."""
    digest: bytes = b""
    """Of what came under that packet id."""


class Release(Struct, frozen=True, gc=False):
    """A packet id to forget."""

    packet_id: int


class Denied(Struct, frozen=True, gc=False):
    """The client asked for a topic that it may not have."""

    asked: str
    why: str
    times: int = 1


class Effects(Struct):
    """What a step asks of the connection's owner, in the order of these fields."""

    login: Connect | None = None
    """Decide on this CONNECT, then call `admit` or `refuse`."""
    deliveries: list[Delivery | Release] = []
    """Store these, in order, then call `committed`, or `end`."""
    subscriptions: tuple[tuple[str, int], ...] | None = None
    """Keep these as the session's subscriptions, then call `subscribed`, or `end`."""
    send: bytes = b""
    refused: int = 0
    """Messages refused just now, on a connection that goes on."""
    denied: list[Denied] = []
    """What the client asked for and may not have; whether the connection goes on or not."""
    fault: bool = False
    """The peer broke the protocol just now; the connection ends once what came before is acknowledged."""
    close: str | None = None
    """Close the connection; why, for people."""


class Welcome(Struct, frozen=True):
    """Who the client is and what it comes back to."""

    device: str
    client_id: str
    """The client's own, or the one that was made for it."""
    present: bool
    """The session was there before, and the client will hear so [MQTT-3.2.2-3], in 3.1.1 [MQTT-3.2.2-2]."""
    subscriptions: Mapping[str, int] = {}
    unreleased: Mapping[int, bytes] = {}
    """QoS 2 packet ids whose message is stored, with its digest."""
