"""The port every way to a modem fits: bytes out, bytes in, and word when the line is gone."""

from collections.abc import Callable
from typing import Protocol

OnData = Callable[[bytes], None]
OnLost = Callable[[Exception | None], None]


class Transport(Protocol):
    """A line to a modem. All calls and callbacks happen in the event loop that opened it."""

    @property
    def name(self) -> str:
        """The address, for messages to people."""

    async def open(self, on_data: OnData, on_lost: OnLost) -> None:
        """Opens the line. Raises PortMissing or PortBusy.

        `on_data` gets whatever one read brought. `on_lost` is called at most once, when the line breaks by
        itself: with the error, or None where the far end hung up. It is not called for `close`.
        """

    def write(self, data: bytes) -> None:
        """Sends `data`, in order, without blocking. Never raises: a broken line is told by `on_lost`."""

    async def close(self) -> None:
        """Closes the line; closing twice is harmless. The line may be opened again."""
