"""History as one row per message, the newest value of every point, and what could not be read."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field, SQLModel, UniqueConstraint

from fleet.db.log import Logged, log_index
from fleet.db.types import BigKey


class Kind(enum.IntEnum):
    """What a message carries."""

    TELEMETRY = 0
    EVENT = 1


class Quality(enum.IntEnum):
    """How good the used time is."""

    DEVICE = 0
    """The device's own time."""
    MISSING = 1
    """The device gave none: time of receipt."""
    IMPLAUSIBLE = 2
    """The device's time is too far off: time of receipt."""


class Message(Logged, table=True):
    """One message of a device, as committed before it was acknowledged. Times are Unix milliseconds.

    A commit costs the pages it touches, and each message of a batch is another device's: only the identity may
    spread over its index, so the index of times begins with the time.
    """

    __tablename__ = "message"
    __table_args__ = (
        log_index("message"),
        Index("ux_message_identity", "device_key", "identity", unique=True),
        Index("ix_message_time", "used_ms", "device_key"),
    )

    account_id: UUID = Field(foreign_key="account.id")
    device_key: int = Field(sa_type=Integer)
    kind: int = Field(sa_type=Integer)
    identity: bytes
    """16 bytes: of (device, id) where the device gave an id, else of (device, time, content)."""
    digest: bytes
    """16 bytes of the content: the same identity with another digest is a conflict."""
    device_ms: int | None = Field(default=None, sa_type=BigInteger)
    received_ms: int = Field(sa_type=BigInteger)
    used_ms: int = Field(sa_type=BigInteger)
    quality: int = Field(sa_type=Integer)
    body: bytes
    """msgpack: for telemetry {name key: value}, for an event [code, state]."""


class MessageConflict(SQLModel, table=True):
    """The same identity with other content: kept, counted, not in the history."""

    __tablename__ = "message_conflict"

    seq: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    account_id: UUID = Field(foreign_key="account.id")
    device_key: int = Field(sa_type=Integer)
    identity: bytes
    received_ms: int = Field(sa_type=BigInteger)
    body: bytes


class PointName(SQLModel, table=True):
    """A point's name and the small integer that stands for it in the history."""

    __tablename__ = "point_name"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    key: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    account_id: UUID = Field(foreign_key="account.id")
    name: str


class Latest(SQLModel, table=True):
    """The newest values of a device, by used time."""

    __tablename__ = "latest"

    device_key: int = Field(primary_key=True, sa_type=Integer, sa_column_kwargs={"autoincrement": False})
    account_id: UUID = Field(foreign_key="account.id")
    points: bytes
    """msgpack: {name key: [used time in Unix milliseconds, value]}."""


class DeadLetter(Logged, table=True):
    """What a known device sent and nobody can read, kept whole with the reason before it was acknowledged."""

    __tablename__ = "dead_letter"
    __table_args__ = (log_index("dead_letter"),)

    account_id: UUID = Field(foreign_key="account.id", index=True)
    device_name: str
    way: str
    topic: str
    payload: bytes
    reason: str
    received_at: datetime


class MqttSession(SQLModel, table=True):
    """That an MQTT session exists: a client that hears "no session" discards what it has not had acknowledged."""

    __tablename__ = "mqtt_session"

    device_id: UUID = Field(foreign_key="device.id", primary_key=True)
    client_id: str = Field(primary_key=True)
    """Belongs to the device: the same client id of another device is another session."""
    id: UUID = Field(unique=True)
    """A new one each time the session begins anew: what comes late for the old one does not touch the new."""
    account_id: UUID = Field(foreign_key="account.id")
    subscriptions: str = "[]"
    """JSON: [[topic filter, granted QoS], …]."""
    created_at: datetime
    expiry_s: int | None = None
    """How long it outlives its connection; None: until it is discarded."""
    ends_at: datetime | None = None
    """Set when its connection is gone; a crash of the service leaves it empty, and the session alive, until somebody
    finds what the crash left behind."""


class MqttPacket(SQLModel, table=True):
    """A QoS 2 packet id whose message is stored and which the client has not released yet."""

    __tablename__ = "mqtt_packet"

    session_id: UUID = Field(primary_key=True)
    """Of MqttSession.id; no foreign key, since a session may be discarded while a commit is under way."""
    packet_id: int = Field(primary_key=True, sa_type=Integer, sa_column_kwargs={"autoincrement": False})
    account_id: UUID = Field(foreign_key="account.id")
    digest: bytes
    """16 bytes of topic and payload."""


class MqttConnection(SQLModel, table=True):
    """A client that is let in, and by which process: whoever connects under its id gets the row, and so ends it.

    What a connection does to its session counts only while the row bears its id.
    """

    __tablename__ = "mqtt_connection"

    device_id: UUID = Field(foreign_key="device.id", primary_key=True)
    client_id: str = Field(primary_key=True)
    id: UUID = Field(unique=True)
    """Of this one connection."""
    process: UUID = Field(index=True)
    """Whose it is: when that process is gone, so is the connection."""
    account_id: UUID = Field(foreign_key="account.id")
    session_id: UUID
    expiry_s: int = Field(sa_type=BigInteger)
    """How long the session outlives this connection; 0: not at all."""
    will: bytes | None = None
    """msgpack; what is to be published should the client be lost."""


class MqttWill(SQLModel, table=True):
    """The will of a client that is gone, until it is published or the client is back."""

    __tablename__ = "mqtt_will"
    __table_args__ = (Index("ix_mqtt_will_client", "device_id", "client_id"),)

    id: UUID = Field(primary_key=True)
    """Of its connection; becomes the identity of the message: published again after a crash, it is stored once."""
    process: UUID
    """Who publishes it; another process does when that one is late."""
    account_id: UUID = Field(foreign_key="account.id")
    device_id: UUID = Field(foreign_key="device.id")
    client_id: str
    session_id: UUID
    """The session it belongs to: a client that comes back to it in time makes the will void, its end makes it due."""
    pardoned: bool
    """The service itself has ended the connection: the client makes it void whichever way it comes back."""
    will: bytes
    """msgpack."""
    due_at: datetime = Field(index=True)
