"""A device's message on its way into the history: its time, its identity, its content. Pure."""

import os
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct, msgpack

from fleet.telemetry.models import Kind, Quality

Value = int | float | str | bool
"""What a point may be. Numbers are finite, integers have at most 64 bits."""

_pack = msgpack.Encoder(order="sorted").encode


class Window(NamedTuple):
    """How far a device's time may lie from the time of receipt before it is not believed, milliseconds."""

    past_ms: int
    ahead_ms: int


class Record(Struct, frozen=True):
    """One message, ready for the history. Times are Unix milliseconds."""

    account_id: UUID
    device_key: int
    kind: Kind
    identity: bytes
    digest: bytes
    device_ms: int | None
    received_ms: int
    used_ms: int
    quality: Quality
    content: dict[str, Value] | tuple[str, str]
    """Telemetry: values by name; an event: (code, state)."""


class Letter(Struct, frozen=True):
    """A payload that nobody can read, and why."""

    account_id: UUID
    device_name: str
    way: str
    topic: str
    payload: bytes
    reason: str
    received_at: datetime


class Packet(Struct, frozen=True):
    """A QoS 2 packet id of an MQTT session: taken together with the records it brought, or released."""

    session_id: UUID
    packet_id: int
    digest: bytes = b""
    """Of what came under it; empty: released."""
    records: tuple[int, int] = (0, 0)
    """Where its records begin and end in the batch."""
    holder: UUID | None = None
    """The connection it came on: once another has the session, nothing of it counts."""


def record(
    account_id: UUID,
    device_key: int,
    kind: Kind,
    content: dict[str, Value] | tuple[str, str],
    *,
    identifier: str | None,
    device_ms: int | None,
    received_ms: int,
    window: Window,
) -> Record:
    """The record of a message. Its identity is the device's own `identifier`, else (time, content).

    With neither a time nor an identifier a repeat cannot be told from a new message: each one is kept.
    """
    digest = blake2b(_pack((kind, device_ms, content)), digest_size=16).digest()
    if identifier is not None:
        identity = blake2b(identifier.encode(), digest_size=16, person=b"id").digest()
    elif device_ms is not None:
        identity = blake2b(digest, digest_size=16, person=b"time+content").digest()
    else:
        identity = os.urandom(16)
    used_ms, quality = used_time(device_ms, received_ms, window)
    return Record(account_id, device_key, kind, identity, digest, device_ms, received_ms, used_ms, quality, content)


def used_time(device_ms: int | None, received_ms: int, window: Window) -> tuple[int, Quality]:
    """The time that counts for a message: the device's where it is believable, else that of receipt."""
    if device_ms is None:
        return received_ms, Quality.MISSING
    if not -window.past_ms <= device_ms - received_ms <= window.ahead_ms:
        return received_ms, Quality.IMPLAUSIBLE
    return device_ms, Quality.DEVICE
