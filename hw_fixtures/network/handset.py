"""The part of a phone that is called: it rings, somebody answers or not, hears, presses keys, hangs up."""

import asyncio
from collections.abc import Callable

from hw_fixtures.network.exchange import Connection, Exchange, Later, Release, Stage


class Handset:
    """What its owner does when it rings.

    He answers after `answers_after` seconds, never where that is None; `busy` is for those who talk to others.
    Where he does not, a voicemail answers after `voicemail_after` seconds, if he has one. `heard` is what was said
    to him, `recorded` what was said to his voicemail, `keys` what the far end has pressed.
    """

    def __init__(self, number: str, exchange: Exchange) -> None:
        self.number = number
        self.answers_after: float | None = 0.0
        self.voicemail_after: float | None = None
        self.busy = False
        self.on_speech: list[Callable[[str], None]] = []
        self.heard: list[str] = []
        self.recorded: list[str] = []
        self.keys = ""
        self.call: Connection | None = None
        self.missed: list[str] = []
        self._exchange = exchange
        self._reachable = True
        self._moves: set[asyncio.Future[None]] = set()

    def no_answer(self) -> None:
        """Nobody is near the phone."""
        self.answers_after = None

    def answer(self) -> None:
        """Take the call that rings; LookupError where none does."""
        self._calling(Stage.ALERTING).answer()

    def hang_up(self) -> None:
        """End the call, or refuse one that rings; LookupError where there is none."""
        self._calling(Stage.ALERTING, Stage.ACTIVE, Stage.DIALING).end()

    def press(self, keys: str) -> None:
        """Press keys, one after another; LookupError where no call is going on."""
        for key in keys:
            self._calling(Stage.ACTIVE).press(self, key)

    def say(self, text: str) -> None:
        """Speak; LookupError where no call is going on."""
        self._calling(Stage.ACTIVE).say(self, text)

    def ring(self, to: str, later: Later | None = None) -> Connection:
        """Call a number: another phone or the SIM of an attached modem.

        The call ends by itself when nobody answers only where `later` brings a clock.
        """
        call = self.call = self._exchange.dial(self.number, self, to, later or _never)
        self._exchange.start(call)
        return call

    async def rings(self, timeout: float) -> Connection:  # noqa: ASYNC109 - part of the verb
        """The call, once the phone rings. AssertionError after `timeout` seconds without."""
        await self._until(lambda: self.call is not None, timeout, "a call")
        assert self.call is not None
        return self.call

    async def hears(self, contains: str, timeout: float) -> str:  # noqa: ASYNC109 - part of the verb
        """The first thing said to its owner that contains this. AssertionError names what was said instead."""
        await self._until(
            lambda: any(contains in text for text in self.heard), timeout, f"to hear {contains!r}, heard {self.heard}"
        )
        return next(text for text in self.heard if contains in text)

    # --- called by the exchange ---

    def offered(self, call: Connection) -> None:
        """See Party."""
        if call.stage is not Stage.DIALING:
            return
        if not self._reachable or self.busy or self.call is not None:
            if self.voicemail_after is None:
                call.end(Release.BUSY if self._reachable else Release.UNREACHABLE)
            else:
                call.alert()
                self._forward(call)
            return
        self.call = call
        self._exchange.tell(self.number, f"rings, {call.caller} calls")
        call.alert()
        if self.answers_after is not None:
            call.later(self.answers_after, call.answer)
        elif self.voicemail_after is not None:
            call.later(self.voicemail_after, lambda: self._forward(call))

    def changed(self, call: Connection) -> None:
        """See Party."""
        if call is self.call and call.stage is Stage.ACTIVE:
            self._exchange.tell(self.number, "talks")
        if call.stage is Stage.OVER and call is self.call:
            self.call = None
            assert call.release is not None
            self._exchange.tell(self.number, f"is free again ({call.release.value})")
            if call.release is Release.NO_ANSWER:
                self.missed.append(call.caller)
        self._wake()

    def keyed(self, call: Connection, key: str) -> None:
        """See Party."""
        self.keys += key
        self._exchange.tell(self.number, f"hears the key {key}")

    def spoken(self, call: Connection, text: str) -> None:
        """See Party."""
        if call is not self.call:
            self.recorded.append(text)
            self._exchange.tell(self.number, f"has it in the voicemail: {text}")
            return
        self.heard.append(text)
        self._exchange.tell(self.number, f"hears: {text}")
        self._wake()
        for tell in self.on_speech:
            tell(text)

    def _wake(self) -> None:
        """Whoever waits for something looks whether it is there."""
        for move in self._moves:
            if not move.done():
                move.set_result(None)

    def _forward(self, call: Connection) -> None:
        """The voicemail takes the call; whoever had it on his phone has it no more."""
        if call.stage is Stage.ALERTING:
            if call is self.call:
                self.call = None
                self.missed.append(call.caller)
            call.answer()

    def _calling(self, *stages: Stage) -> Connection:
        if self.call is None or self.call.stage not in stages:
            wanted = " or ".join(stage.value for stage in stages)
            raise LookupError(f"expected {self.number} to have a call that is {wanted}, got none; let it ring first")
        return self.call

    async def _until(self, true: Callable[[], bool], timeout: float, wanted: str) -> None:  # noqa: ASYNC109
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not true():
            move: asyncio.Future[None] = loop.create_future()
            self._moves.add(move)
            try:
                await asyncio.wait_for(move, deadline - loop.time())
            except TimeoutError:
                raise AssertionError(f"expected {self.number} {wanted} within {timeout} s, got none") from None
            finally:
                self._moves.discard(move)


def _never(seconds: float, action: Callable[[], None]) -> None:
    """Without a clock nothing happens by itself, but what happens at once."""
    if seconds <= 0:
        action()
