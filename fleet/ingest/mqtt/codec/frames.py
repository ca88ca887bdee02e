"""Cuts a byte stream into packets (fixed header and body), however it was split on its way."""

from fleet.ingest.mqtt.codec.errors import Malformed, TooLarge
from fleet.ingest.mqtt.codec.fields import encoded

MAX_REMAINING_LENGTH = 268_435_455
"""MQTT 3.1.1 §2.2.3: four bytes of seven bits."""


class Frames:
    """Feed it what arrived, then take frames until there is none.

    A frame is refused as early as can be: by its first byte, and by its length before its body is buffered.
    So no more is kept than one packet's limit and what one read brought.
    """

    __slots__ = ("_at", "_buffer", "_first_bytes", "_limit", "_need", "_partial")

    def __init__(self, first_bytes: frozenset[int], limit: int) -> None:
        """`first_bytes`: which packets may begin now; `limit`: the greatest remaining length, bytes."""
        self._buffer = b""
        self._at = 0
        self._partial = bytearray()
        self._need = 0
        self.expect(first_bytes, limit)

    def expect(self, first_bytes: frozenset[int], limit: int) -> None:
        """From the next frame on, accept these first bytes and at most `limit` bytes of body."""
        self._first_bytes, self._limit = first_bytes, limit

    def feed(self, data: bytes) -> None:
        """Take in what the peer sent."""
        if self._partial:
            self._partial += data  # a bytearray grows in place: one byte at a time stays linear
            if len(self._partial) < self._need:
                return
            data = bytes(self._partial)
            self._partial = bytearray()
        elif self._at < len(self._buffer):
            data = self._buffer[self._at :] + data
        self._buffer = data
        self._at = 0

    def next(self) -> tuple[int, bytes] | None:
        """The next whole frame as (first byte, body), None until more is fed; raises Malformed, TooLarge."""
        buffer, at = self._buffer, self._at
        size = len(buffer)
        if at >= size:
            return None
        first = buffer[at]
        if first not in self._first_bytes:
            raise Malformed(f"expected the first byte of a packet that may come now, got 0x{first:02x}")
        body = at + 1
        length = shift = 0
        while True:
            if body >= size:
                self._wait(body + 1 - at)
                return None
            digit = buffer[body]
            body += 1
            length |= (digit & 0x7F) << shift
            if digit < 0x80:
                break
            shift += 7
            if shift > 21:
                raise Malformed("expected a remaining length of at most four bytes, got a fifth")
        if shift and not digit:
            raise Malformed("expected the shortest form of the remaining length, got a longer one")
        if length > self._limit:
            raise TooLarge(length, self._limit)
        end = body + length
        if end > size:
            self._wait(end - at)
            return None
        self._at = end
        return first, buffer[body:end]

    @property
    def held(self) -> int:
        """How many bytes are kept here."""
        return len(self._buffer) - self._at + len(self._partial)

    def _wait(self, need: int) -> None:
        self._partial += self._buffer[self._at :]
        self._need = need
        self._buffer = b""
        self._at = 0


def frame(first: int, body: bytes) -> bytes:
    """A whole packet: `first`, the remaining length in its shortest form, `body`."""
    length = len(body)
    if length < 0x80:
        return bytes((first, length)) + body
    if length > MAX_REMAINING_LENGTH:
        raise ValueError(f"expected a body of at most {MAX_REMAINING_LENGTH} bytes, got {length}")
    return bytes((first,)) + encoded(length) + body
