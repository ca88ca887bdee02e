"""What one connection may ask for, in one place."""

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Times are seconds, sizes bytes."""

    connect_time: float = 10.0
    """From the first byte possible to a whole CONNECT."""
    connect_size: int = 4096
    packet_size: int = 131_072
    """Twice the greatest payload that is read: one a little too long becomes a dead letter, not a loop."""
    window: int = 1024
    """Answers that may wait for a commit; past it nothing is read, not even a ping."""
    window_size: int = 262_144
    """Bytes of payload that may wait for their commit."""
    receive_maximum: int = 1000
    """QoS 1 and 2 messages that a client of MQTT 5 may have under way: it keeps to that and is never left unread.

    As many as a burst has of a client that does not look at the number (MQTT.js 5): past it the connection ends."""
    unreleased: int = 1000
    """QoS 2 packet ids remembered for a session until the client releases them."""
    patience: float = 15.0
    """Without progress of what waits, the connection ends: the device keeps its data and tries again."""
    keep_alive: int = 14_400
    """The longest a client of MQTT 5 is granted; older ones have what they ask for."""
    expiry: int = 30 * 86_400
    """The longest a session of MQTT 5 is kept after its connection."""
    subscriptions: int = 16
    client_id: int = 128


LIMITS = Limits()
