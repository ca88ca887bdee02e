"""Keys (DTMF): those the far end of a call presses, and those sent to it."""

import asyncio
import re
from collections.abc import Callable
from typing import Final

from modem_drivers.at.events import Unsolicited
from modem_drivers.errors import CommandRefused, Unsupported
from modem_drivers.features.offers import offered
from modem_drivers.session import Session

MAX_WAITING: Final = 64
"""Most keys kept for `next`; later ones are dropped."""

_KEYS: Final = re.compile(r"[0-9*#A-D]{1,32}")  # 3GPP TS 27.007 annex C.2.11


class Keys:
    """Keys of the call. `on_key` is told of each as it comes, besides `next`.

    All raise PortGone and CommandTimeout beside what they name.
    """

    def __init__(self, session: Session) -> None:
        self.on_key: Callable[[str], None] | None = None
        self._session = session
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING)
        self._stops: list[Callable[[], None]] = []
        self._quoted = False

    async def supported(self) -> bool:
        """Whether this unit hears the far end's keys, asked of it once a session."""
        form = self._session.profile.keys
        if form is None:
            return False
        for command in form.setup:
            if not await offered(self._session, command):
                return False
        return True

    async def start(self) -> None:
        """Switches detection on, by the maker's own command; a modem forgets it when it restarts.

        Raises Unsupported, CommandRefused.
        """
        form = self._session.profile.keys
        if form is None or not await self.supported():
            raise Unsupported("detection of keys", self._session.profile.name)
        for command in form.setup:
            await self._session.command(command, urgent=True)
        if not self._stops:
            self._stops = [self._session.listen(name, self._told) for name in form.told]

    def stop(self) -> None:
        """Hears no more keys; those that wait are forgotten."""
        for stop in self._stops:
            stop()
        self._stops = []
        self.clear()

    def clear(self) -> None:
        """Forgets the keys nobody has taken: those of an earlier question."""
        while not self._waiting.empty():
            self._waiting.get_nowait()

    async def next(self, timeout: float) -> str | None:  # noqa: ASYNC109 - part of the verb
        """The next key, `0` to `9`, `*`, `#`, `A` to `D`; None where none comes within `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                return await self._waiting.get()
        except TimeoutError:
            return None

    async def send(self, keys: str) -> None:
        """Presses keys (3GPP TS 27.007 annex C.2.11), one after another, before all other commands in the queue.

        Raises ValueError for what is no key or more than 32, CommandRefused where there is no call.
        """
        if not _KEYS.fullmatch(keys):
            raise ValueError(f"expected 1 to 32 keys of 0-9, *, #, A-D, got {keys[:40]!r}; correct them")
        for key in keys:
            await self._press(key)

    async def _press(self, key: str) -> None:
        """AT+VTS, without quotes as the standard has it or, where that is refused, with them."""
        forms = [f"+VTS={key}", f'+VTS="{key}"']
        first, second = reversed(forms) if self._quoted else forms
        try:
            await self._session.command(first, urgent=True)
        except CommandRefused:
            await self._session.command(second, urgent=True)
            self._quoted = not self._quoted

    def _told(self, event: Unsolicited) -> None:
        form = self._session.profile.keys
        key = form.parse(event.text) if form is not None else None
        if key is None:
            return
        if not self._waiting.full():
            self._waiting.put_nowait(key)
        if self.on_key is not None:
            self.on_key(key)
