"""How often somebody may be refused before they are told to wait. Pure: time is an argument.

A call with a good token that is allowed never comes here, so nobody is held up by a neighbour behind the same address.
"""

WINDOW_S = 60.0
UNKNOWN = 30
"""Calls without a valid token from one address in a window."""
DENIED = 60
"""Denied calls with one token in a window; each of these is audited, the ones beyond are only counted."""
KEYS = 10_000
"""Remembered at once; the one whose window began first goes first."""


class Refusals:
    """Counts refused calls by whoever makes them."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, key: str, limit: int, now: float) -> float:
        """Count a refused call; how many seconds to wait where there were more than `limit`, else 0."""
        since, count = self._windows.get(key, (now, 0))
        if now - since >= WINDOW_S:
            del self._windows[key]
            since, count = now, 0
        elif key not in self._windows and len(self._windows) >= KEYS:
            del self._windows[next(iter(self._windows))]
        self._windows[key] = (since, count + 1)
        return since + WINDOW_S - now if count >= limit else 0.0
