"""Payloads that come in blocks (Block1, RFC 7959). Pure: time is an argument.

Only what devices that have proven who they are send is kept here, and of that no more than TOTAL: the payload that
stood still longest goes first, and its device starts it again.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple

from fleet.ingest.pipeline import MAX_PAYLOAD

LIFETIME = 247.0
"""Seconds between two blocks of one payload (EXCHANGE_LIFETIME, RFC 7252 §4.8.2)."""
TOTAL = 16 * 1024 * 1024
"""Bytes of unfinished payloads, of all devices together."""
OVERHEAD = 512
"""Bytes an unfinished payload costs beside itself, roughly."""


class Incomplete(Exception):
    """The blocks before this one are not here: the device begins again (4.08)."""


class TooLarge(Exception):
    """The payload is longer than may be (4.13)."""


class Malformed(Exception):
    """The block is not as long as it says (4.00)."""


class Block(NamedTuple):
    """Where a part belongs: the value of the Block1 option."""

    number: int
    more: bool
    size: int


class Blocks:
    """Unfinished payloads by whatever tells them apart."""

    def __init__(self, longest: int = MAX_PAYLOAD, total: int = TOTAL) -> None:
        self._longest, self._total = longest, total
        self._parts: OrderedDict[Hashable, tuple[float, bytearray]] = OrderedDict()
        self._size = 0

    def add(self, key: Hashable, block: Block, part: bytes, now: float) -> bytes | None:
        """The whole payload with its last block, None before; raises Incomplete, TooLarge, Malformed."""
        self._forget(now)
        payload = self._take(key)
        if block.number == 0:
            payload = bytearray()  # what was there is an attempt that was given up
        if payload is None or len(payload) != block.number * block.size:
            raise Incomplete(f"expected the blocks before number {block.number}, got none: begin again with block 0")
        if (block.more and len(part) != block.size) or len(part) > block.size:
            raise Malformed(f"expected a block of {block.size} bytes, got {len(part)}")
        if len(payload) + len(part) > self._longest:
            raise TooLarge(f"expected a payload of at most {self._longest} bytes, got more: send less at once")
        payload += part
        if not block.more:
            return bytes(payload)
        self._parts[key] = (now, payload)
        self._size += len(payload) + OVERHEAD
        return None

    @property
    def size(self) -> int:
        """Bytes kept."""
        return self._size

    def _take(self, key: Hashable) -> bytearray | None:
        kept = self._parts.pop(key, None)
        if kept is None:
            return None
        self._size -= len(kept[1]) + OVERHEAD
        return kept[1]

    def _forget(self, now: float) -> None:
        while self._parts:
            oldest = next(iter(self._parts))
            if self._size <= self._total and now - self._parts[oldest][0] < LIFETIME:
                return
            self._take(oldest)
