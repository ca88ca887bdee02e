"""The service's clock: the only place that asks what time it is.

`Clock` is the host's wall time, corrected where several hosts must agree (`fleet.db.timekeeping`), or wound faster for
a rehearsal: rules, offers and due work follow it, while protocol timers (keep-alive, modem deadlines, leases) stay
real through `span`. `ManualClock` stands still until a test winds it.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """UTC wall time that may be wound, and real monotonic time."""

    def __init__(self, speed: float = 1.0, start: datetime | None = None) -> None:
        """`speed`: seconds of this clock per real second; `start`: what it shows first (default: now).

        With neither it follows the host's clock, also when that is set anew.
        """
        if speed <= 0:
            raise ValueError(f"expected a clock speed above 0, got {speed}")
        self.speed = speed
        self._wound = speed != 1.0 or start is not None
        self._start = start or datetime.now(UTC)
        self._since = time.monotonic()
        self._correction = timedelta(0)

    def now(self) -> datetime:
        """The current time of this clock, aware, UTC."""
        if not self._wound:
            return datetime.now(UTC) + self._correction
        return self._start + timedelta(seconds=(time.monotonic() - self._since) * self.speed)

    def correct(self, by: timedelta) -> None:
        """Be ahead of what it shows now by `by` (negative: behind); a wound clock goes its own way."""
        self._correction += by

    def monotonic(self) -> float:
        """Real seconds since some fixed moment; never wound."""
        return time.monotonic()

    def span(self, real_seconds: float) -> timedelta:
        """How far this clock moves while `real_seconds` pass: write leases of real processes with it."""
        return timedelta(seconds=real_seconds * self.speed)

    async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
        """Wait for `event` or for the clock to reach `until` (None: for ever); True if the event came."""
        delay = None if until is None else max(0.0, (until - self.now()).total_seconds() / self.speed)
        try:
            async with asyncio.timeout(delay):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True


class ManualClock(Clock):
    """A clock that moves only when `advance` is called; waiting tasks wake as it passes their time."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        super().__init__(start=start)
        self._now = start
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    def span(self, real_seconds: float) -> timedelta:
        return timedelta(seconds=real_seconds)

    def advance(self, by: timedelta | float) -> datetime:
        """Wind forward by `by` (a float is seconds) and wake all that waited for it; returns the new time."""
        self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        return self._now

    async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
        while not event.is_set():
            if until is not None and self._now >= until:
                return False
            waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._moved.wait())]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
        return True
