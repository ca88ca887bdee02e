"""Answers in the order of what they answer: each waits for its commit and for those before it.

So acknowledgements leave in the order of arrival [MQTT-4.6.0-2], refusals among them.
"""

from collections import deque


class Waiting:
    """An answer that must not leave yet. Empty for QoS 0, which is counted all the same."""

    __slots__ = ("frees", "packet", "ready", "size")

    def __init__(self, packet: bytes, size: int, frees: int, ready: bool) -> None:
        self.packet, self.size, self.frees, self.ready = packet, size, frees, ready


SUBSCRIPTION = -1
"""The size of what waits for a subscription to be kept, and for no commit of messages."""


class Acks:
    """The queue of one connection."""

    __slots__ = ("_queue", "size", "used")

    def __init__(self) -> None:
        self._queue: deque[Waiting] = deque()
        self.size = 0
        """Bytes of payload that wait."""
        self.used = 0
        """QoS 1 and 2 messages under way, as MQTT 5 counts them (§4.9)."""

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, packet: bytes, size: int = 0, *, takes: int = 0, frees: int = 0, ready: bool = False) -> None:
        """Queue an answer to `size` bytes of payload; `takes` and `frees` of what may be under way."""
        self._queue.append(Waiting(packet, size, frees, ready))
        self.used += takes
        if size > 0:
            self.size += size

    def committed(self, count: int) -> list[Waiting]:
        """The next `count` messages and releases are on disk; their answers."""
        found: list[Waiting] = []
        for waiting in self._queue:
            if len(found) == count:
                break
            if waiting.size >= 0 and not waiting.ready:
                waiting.ready = True
                found.append(waiting)
        return found

    def subscribed(self) -> None:
        """The subscriptions are kept."""
        for waiting in self._queue:
            if waiting.size == SUBSCRIPTION:
                waiting.ready = True

    def flush(self) -> bytes | None:
        """The answers that may leave now; None if there are none."""
        queue = self._queue
        if not queue or not queue[0].ready:
            return None
        packets = []
        while queue and queue[0].ready:
            waiting = queue.popleft()
            if waiting.size > 0:
                self.size -= waiting.size
            self.used -= waiting.frees
            packets.append(waiting.packet)
        return b"".join(packets)

    def clear(self) -> None:
        """Forget all of it."""
        self._queue.clear()
        self.size = self.used = 0
