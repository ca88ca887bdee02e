"""QoS 2 on the receiving side: which packet ids are taken, and by what, until the client releases them.

A repeat has the packet id and the content of a message that is taken [MQTT-4.3.3-10]. The same id with another content
is a new message of a client that has lost its state: it is stored, since answering it as a repeat would lose it.
"""

from collections.abc import Mapping
from hashlib import blake2b

from fleet.ingest.mqtt.codec.errors import NotAllowed
from fleet.ingest.mqtt.codec.packets import Publish
from fleet.ingest.mqtt.codec.reasons import Reason


def digest(packet: Publish) -> bytes:
    """16 bytes of topic and payload."""
    return blake2b(packet.topic.encode() + b"\0" + packet.payload, digest_size=16).digest()


class Unreleased:
    """The packet ids of one session, as one connection sees them."""

    __slots__ = ("_counted", "_taken")

    def __init__(self, taken: Mapping[int, bytes]) -> None:
        """`taken`: on earlier connections, digest by packet id."""
        self._taken = dict(taken)
        self._counted: set[int] = set()
        """Those that came on this connection: the others are not under way here (MQTT 5 §4.9)."""

    def repeated(self, identifier: int, content: bytes) -> bool:
        """True if this message is there already."""
        return self._taken.get(identifier) == content

    def take(self, identifier: int, content: bytes, most: int) -> int:
        """Take the id; how many more messages are under way. Raises NotAllowed past `most` ids."""
        if identifier not in self._taken and len(self._taken) >= most:
            raise NotAllowed(f"expected PUBREL for some of {most} messages, got one more", Reason.QUOTA_EXCEEDED)
        self._taken[identifier] = content
        more = identifier not in self._counted
        self._counted.add(identifier)
        return int(more)

    def release(self, identifier: int) -> tuple[bool, int]:
        """Forget the id: whether it was known, and how many messages fewer are under way."""
        known = self._taken.pop(identifier, None) is not None
        fewer = identifier in self._counted
        self._counted.discard(identifier)
        return known, int(fewer)
