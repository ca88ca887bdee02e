"""The client's side of MQTT, for tests: writes what the service reads, reads what it writes."""

from collections.abc import Iterator, Sequence

from fleet.ingest.mqtt.codec import v311
from fleet.ingest.mqtt.codec.fields import encoded
from fleet.ingest.mqtt.codec.frames import Frames, frame
from fleet.ingest.mqtt.codec.packets import Publish

SERVER_FIRST_BYTES = frozenset({0x20, 0x40, 0x50, 0x70, 0x90, 0xB0, 0xD0, 0xE0} | {0x30, 0x32})


def field(value: str | bytes) -> bytes:
    """Two bytes of length, then the bytes."""
    raw = value.encode() if isinstance(value, str) else value
    return len(raw).to_bytes(2, "big") + raw


def properties(*values: bytes) -> bytes:
    """Properties of MQTT 5, each as it stands in a packet, behind their length."""
    body = b"".join(values)
    return encoded(len(body)) + body


def connect(
    client_id: str = "c1",
    user_name: str | None = "m1",
    password: bytes | None = b"secret",
    *,
    clean: bool = True,
    keep_alive: int = 60,
    will: tuple[str, bytes] | None = None,
    name: str = "MQTT",
    level: int = 4,
    told: bytes = properties(),
    will_told: bytes = properties(),
) -> bytes:
    """A CONNECT packet; `told` and `will_told`: properties, in version 5."""
    flags = clean << 1 | (will is not None) << 2 | (password is not None) << 6 | (user_name is not None) << 7
    body = field(name) + bytes((level, flags)) + keep_alive.to_bytes(2, "big")
    body += (told if level == 5 else b"") + field(client_id)
    if will is not None:
        body += (will_told if level == 5 else b"") + field(will[0]) + field(will[1])
    for part in (user_name, password):
        if part is not None:
            body += field(part)
    return frame(0x10, body)


def publish(
    topic: str,
    payload: bytes,
    packet_id: int = 0,
    *,
    dup: bool = False,
    qos: int | None = None,
    told: bytes | None = None,
) -> bytes:
    """A PUBLISH packet; QoS 1 when it has a packet id, unless `qos` says otherwise; with properties in version 5."""
    level = (1 if packet_id else 0) if qos is None else qos
    if told is None:
        return v311.publish(Publish(topic, payload, level, packet_id, False, dup))
    identifier = packet_id.to_bytes(2, "big") if level else b""
    return frame(0x30 | dup << 3 | level << 1, field(topic) + identifier + told + payload)


def pubrel(packet_id: int) -> bytes:
    """A PUBREL packet."""
    return frame(0x62, packet_id.to_bytes(2, "big"))


def subscribe(packet_id: int, *filters: tuple[str, int], told: bytes = b"") -> bytes:
    """A SUBSCRIBE packet; the numbers are options in version 5, which always has properties."""
    body = packet_id.to_bytes(2, "big") + told + b"".join(field(name) + bytes((qos,)) for name, qos in filters)
    return frame(0x82, body)


def unsubscribe(packet_id: int, *filters: str, told: bytes = b"") -> bytes:
    """An UNSUBSCRIBE packet."""
    return frame(0xA2, packet_id.to_bytes(2, "big") + told + b"".join(map(field, filters)))


PINGREQ = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"


class Answers:
    """Cuts what the server sent into (first byte, body)."""

    def __init__(self) -> None:
        self._frames = Frames(SERVER_FIRST_BYTES, 1 << 20)

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The packets that are whole now."""
        self._frames.feed(data)
        return list(self._take())

    def _take(self) -> Iterator[tuple[int, bytes]]:
        while (found := self._frames.next()) is not None:
            yield found


def answers(data: bytes) -> list[tuple[int, bytes]]:
    """The packets in `data`."""
    return Answers().feed(data)


def acked(packets: Sequence[tuple[int, bytes]]) -> list[int]:
    """The packet ids of the PUBACKs among them, in order."""
    return [int.from_bytes(body, "big") for first, body in packets if first == 0x40]
