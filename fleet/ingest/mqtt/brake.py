"""Slows down whoever guesses tokens, by address. Pure: time is an argument.

Only the answer to a wrong token is delayed, so devices with good ones behind the same address are not held up.
"""

FREE = 5
"""Wrong tokens from one address in a window that are answered at once: a mistyped one should be told quickly."""
WINDOW = 60.0
"""Seconds after which an address is forgotten."""
LONGEST = 8.0
"""Seconds: less than the patience of clients that wait for a CONNACK."""
ADDRESSES = 10_000
"""Remembered at once; the one that failed longest ago goes first."""


class Brake:
    """Counts wrong tokens by address."""

    def __init__(self) -> None:
        self._failures: dict[str, tuple[float, int]] = {}

    def failed(self, address: str, now: float) -> float:
        """Count a wrong token; how many seconds to wait before answering it."""
        since, count = self._failures.pop(address, (now, 0))
        if now - since > WINDOW:
            since, count = now, 0
        if len(self._failures) >= ADDRESSES:
            del self._failures[next(iter(self._failures))]
        self._failures[address] = (since, count + 1)
        over = count - FREE
        return 0.0 if over < 0 else min(LONGEST, 0.25 * 2.0 ** min(over, 10))
