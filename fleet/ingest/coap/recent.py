"""What was answered lately: a retransmission gets the same answer and is not done twice. Pure: time is an argument.

RFC 7252 §4.5 lets a server forget sooner when it would run out of memory: then a late retransmission counts as a new
request, and a message with an id, or with a time, is still stored once.
"""

from collections import OrderedDict
from collections.abc import Hashable

LIFETIME = 247.0
"""Seconds that a message id stays in use (EXCHANGE_LIFETIME, §4.8.2)."""
REMEMBERED = 65_536
"""Requests: some 30 MB; at 1,000 a second longer than a client retransmits (MAX_TRANSMIT_SPAN, 45 s)."""


class Recent:
    """Requests by sender and message id, each with its answer once there is one."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._seen: OrderedDict[Hashable, tuple[float, bytes | None]] = OrderedDict()

    def is_new(self, key: Hashable, now: float) -> bool:
        """True, once, for a request that was not seen lately; it is remembered from now on."""
        while self._seen:
            oldest = next(iter(self._seen))
            if len(self._seen) <= self._remembered and now - self._seen[oldest][0] < LIFETIME:
                break
            del self._seen[oldest]
        if key in self._seen:
            return False
        self._seen[key] = (now, None)
        return True

    def answered(self, key: Hashable, answer: bytes) -> None:
        """The request's answer is this; of one that is forgotten nothing is kept."""
        if key in self._seen:
            self._seen[key] = (self._seen[key][0], answer)

    def answer(self, key: Hashable) -> bytes | None:
        """What the request was answered; None while it is under way."""
        return self._seen.get(key, (0.0, None))[1]

    def __contains__(self, key: Hashable) -> bool:
        return key in self._seen

    def __len__(self) -> int:
        return len(self._seen)
