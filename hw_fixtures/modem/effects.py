"""What the machine asks of whoever serves it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Write:
    """Send these bytes to the host, now."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Timer:
    """Call `fire(token)` after so many seconds."""

    after: float
    token: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """The line vanishes, as a USB modem does; it comes back after `back_after` seconds, or never by itself."""

    back_after: float | None


Effect = Write | Timer | HangUp
