"""One voice call, as its caller holds it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from modem_drivers.at.parsers.calls import CallState
from modem_drivers.errors import CallEnded, EndCause, PortGone


class Controls(Protocol):
    """What a call needs of the modem it is on."""

    async def take(self, call: "VoiceCall") -> None:
        """Answers it."""

    async def release(self, call: "VoiceCall") -> None:
        """Hangs it up, and returns when it is over."""


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call ended: its cause, the network's words for it where the modem has them, seconds of conversation."""

    cause: EndCause
    detail: str | None
    seconds: float


class VoiceCall:
    """One call. `number` is None where the caller hides it; `end` is None until the call is over.

    As a context (`async with`) it is hung up at the end of the block, whatever happens in it.
    `answer` and `hang_up` raise PortGone and CommandTimeout beside what they name.
    """

    def __init__(self, line: Controls, number: str | None, *, incoming: bool) -> None:
        self.number = number
        self.incoming = incoming
        self.state = CallState.INCOMING if incoming else CallState.DIALING
        self.end: CallEnd | None = None
        self.index: int | None = None
        self.hung_up = False
        self.cause: EndCause | None = None
        self.active_at: float | None = None
        self.look = asyncio.Event()
        self._line = line
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(PortGone):
            await self.hang_up()

    async def answered(self, timeout: float) -> None:  # noqa: ASYNC109 - part of the verb
        """Returns once somebody, or a voicemail, has answered.

        Raises CallEnded where it ended first; after `timeout` seconds it is hung up, and the cause is NO_ANSWER.
        """
        try:
            async with asyncio.timeout(timeout):
                while self.state not in (CallState.ACTIVE, CallState.HELD):
                    await self._change()
        except TimeoutError:
            self.cause = EndCause.NO_ANSWER
            await self.hang_up()
            raise CallEnded(EndCause.NO_ANSWER) from None

    async def answer(self) -> None:
        """Takes an incoming call (V.250 clause 6.3.5). Raises CallEnded where the caller was faster."""
        await self._line.take(self)
        await self.answered(timeout=10)

    async def hang_up(self) -> None:
        """Ends the call, before all other commands in the queue, and returns when it is over.

        Does nothing where it is over already. Raises CommandRefused where the modem keeps the call.
        """
        if self.end is None:
            await self._line.release(self)

    async def ended(self) -> CallEnd:
        """How the call ended, once it has: waits for that, raises nothing."""
        while self.end is None:
            with suppress(CallEnded):
                await self._change()
        return self.end

    # -- called by Voice -----------------------------------------------------------------------------

    def moved(self, state: CallState) -> None:
        """The call has reached a state."""
        self.state = state
        self._changed.set()

    def over(self, end: CallEnd) -> None:
        """The call is over."""
        self.end, self.state = end, CallState.ENDED
        self._changed.set()

    async def _change(self) -> None:
        """Returns when the call has moved on; raises CallEnded where it is over."""
        if self.end is None:
            self._changed.clear()
            await self._changed.wait()
        if self.end is not None:
            raise CallEnded(self.end.cause, self.end.detail)
