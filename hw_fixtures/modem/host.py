"""Serves a simulated modem in an event loop: carries its effects out on some line."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Literal

from hw_fixtures.modem.effects import Effect, HangUp, Timer, Write
from hw_fixtures.modem.machine import SimulatedModem

Speaker = Literal["host", "modem"]


class Host(ABC):
    """A modem in a socket. `unplug` takes line and power from it, `plug` gives both back.

    `tap` hears what either side writes.
    """

    def __init__(self, modem: SimulatedModem) -> None:
        self.modem = modem
        self.plugged = False
        self.tap: Callable[[Speaker, bytes], None] | None = None
        self._handles: dict[int, asyncio.TimerHandle] = {}
        self._replug: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop

    def start(self) -> None:
        """Make the line and serve it in the running loop."""
        self._loop = asyncio.get_running_loop()
        self._connect()
        self.plugged = True
        self.modem.on_effects = self._serve
        self._serve()

    def stop(self) -> None:
        """Take the line away; nothing of the modem runs any more, and its number cannot be reached."""
        self.modem.on_effects = None
        self.modem.power_off()
        self._hang_up()

    def unplug(self) -> None:
        """Pull the modem out: the host sees the line vanish, the network loses the modem."""
        if self.plugged:
            self.modem.unplugged()

    def plug(self) -> None:
        """Put the modem back: it boots, and is there again under the same name."""
        if not self.plugged:
            self._connect()
            self.plugged = True
            self.modem.power_on()
            self._serve()

    @abstractmethod
    def _connect(self) -> None:
        """Make the line."""

    @abstractmethod
    def _disconnect(self) -> None:
        """Take the line away from under whoever has it open."""

    @abstractmethod
    def _write(self, data: bytes) -> None:
        """Send to the host; what a line without reader cannot hold is lost."""

    def _received(self, data: bytes) -> None:
        now = self._loop.time()
        if self.tap is not None:
            self.tap("host", data)
        self._carry_out(self.modem.feed(data), now)

    def _serve(self) -> None:
        self._carry_out(self.modem.take(), self._loop.time())

    def _fire(self, token: int, due: float) -> None:
        self._handles.pop(token, None)
        self._carry_out(self.modem.fire(token), due)

    def _carry_out(self, effects: Sequence[Effect], now: float) -> None:
        """Timers run from `now`, when what set them came: the modem takes no time to think."""
        said = bytearray()
        for effect in effects:
            if isinstance(effect, Write):
                said += effect.data
            elif isinstance(effect, Timer):
                due = now + effect.after
                self._handles[effect.token] = self._loop.call_at(due, self._fire, effect.token, due)
            elif isinstance(effect, HangUp):
                self._flush(said)
                self._hang_up()
                if effect.back_after is not None:
                    self._replug = self._loop.call_later(effect.back_after, self.plug)
        self._flush(said)

    def _flush(self, said: bytearray) -> None:
        if said and self.plugged:
            if self.tap is not None:
                self.tap("modem", bytes(said))
            self._write(bytes(said))
        said.clear()

    def _hang_up(self) -> None:
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()
        if self._replug is not None:
            self._replug.cancel()
            self._replug = None
        if self.plugged:
            self.plugged = False
            self._disconnect()
