"""USSD: codes such as *100# and the network's answers (3GPP TS 27.007 clause 7.15, TS 22.090)."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from modem_drivers.at.events import Unsolicited
from modem_drivers.at.parsers.ussd import Ussd, UssdState, cusd
from modem_drivers.errors import CommandRefused, ModemError, Unsupported, UssdFailed
from modem_drivers.features.offers import offered
from modem_drivers.pdu.alphabets import to_gsm7
from modem_drivers.pdu.packing import pack
from modem_drivers.session import Session

PATIENCE: Final = 120.0
"""Seconds a network may take to answer."""

_CODE: Final = re.compile(r"[0-9*#+]{1,182}")
_REPLY: Final = re.compile(r"[ !#-~]{1,182}")  # TS 23.038 clause 6.1.2.3: 160 octets hold 182 septets
_SCHEME: Final = 15  # GSM 7 bit, language unspecified (TS 23.038 clause 5)
_FAILED: Final = {
    UssdState.OTHER_CLIENT: ("another program's dialogue was answered", True),
    UssdState.NOT_SUPPORTED: ("the network does not know it", False),
    UssdState.TIMEOUT: ("the network gave up waiting", True),
}


class UssdSession:
    """One dialogue at a time. `on_notice` is told what the network says without being asked.

    All raise PortGone and CommandTimeout beside what they name.
    """

    def __init__(self, session: Session) -> None:
        self.on_notice: Callable[[Ussd], None] | None = None
        self._session = session
        self._turn = asyncio.Lock()
        self._answer: asyncio.Future[Ussd] | None = None
        self._open = False
        self._left = False  # a code is out whose caller does not wait for the answer any more
        self._packed = False
        self._ready = False
        self._ignore: Callable[[], None] | None = None

    async def supported(self) -> bool:
        """Whether this unit has USSD, asked of it once a session."""
        return await offered(self._session, "+CUSD")

    async def start(self) -> None:
        """Begins to listen; a request does it too. Raises Unsupported, CommandRefused."""
        if self._ready:
            return
        if not await self.supported():
            raise Unsupported("USSD", self._session.profile.name)
        with suppress(CommandRefused):
            await self._session.command('+CSCS="GSM"')  # another program may have left UCS2, for the code too
        await self._session.command("+CUSD=1")
        if self._ignore is None:
            self._ignore = self._session.listen("+CUSD", self._told)
        self._ready = True

    async def request(self, code: str, *, timeout: float = PATIENCE) -> Ussd:  # noqa: ASYNC109 - part of the verb
        """What the network says to a code; REPLY_WANTED asks for `reply` or `cancel`.

        A dialogue that is still open is ended first. Raises ValueError for what is no code, Unsupported,
        CommandRefused (no network), UssdFailed, also where no answer comes within `timeout` seconds.
        """
        if not _CODE.fullmatch(code):
            raise ValueError(f"expected a code of digits, * and #, got {code[:40]!r}; correct it")
        async with self._turn:
            await self.start()
            if self._open or self._left:
                await self._cancel()
            return await self._ask(code, timeout)

    async def reply(self, text: str, *, timeout: float = PATIENCE) -> Ussd:  # noqa: ASYNC109 - part of the verb
        """What the network says to an answer within a dialogue.

        Raises as `request`: ValueError for what cannot be sent, UssdFailed also where no dialogue is open.
        """
        if not _REPLY.fullmatch(text):
            raise ValueError(f"expected 1 to 182 ASCII characters without quotes, got {text[:40]!r}; correct them")
        async with self._turn:
            if not self._open:
                raise UssdFailed("no dialogue is open", may_retry=False)
            return await self._ask(text, timeout)

    async def cancel(self) -> None:
        """Ends the dialogue, if there is one."""
        async with self._turn:
            if self._open or self._left:
                await self._cancel()

    def stop(self) -> None:
        """Stops listening."""
        if self._ignore is not None:
            self._ignore()
        self._ignore, self._ready = None, False

    async def _ask(self, text: str, seconds: float) -> Ussd:
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._left = True
        try:
            async with asyncio.timeout(seconds):
                await self._write(text)
                said: Ussd = await answer
        except CommandRefused:
            self._left = False
            raise
        except TimeoutError:
            with suppress(ModemError):
                await self._cancel()
            raise UssdFailed(f"no answer within {seconds:g} s", may_retry=True) from None
        finally:
            self._answer = None
        self._left = False
        self._open = said.state is UssdState.REPLY_WANTED
        if said.state in _FAILED:
            reason, may_retry = _FAILED[said.state]
            raise UssdFailed(reason, may_retry=may_retry)
        if said.state is UssdState.TERMINATED and said.text is None:
            raise UssdFailed("the network ended the dialogue", may_retry=True)
        return said

    async def _write(self, text: str) -> None:
        """The text as it is or, where the modem refuses that, as packed septets in hex; what it takes is kept."""
        try:
            await self._session.command(self._command(text))
        except CommandRefused:
            self._packed = not self._packed
            try:
                await self._session.command(self._command(text))
            except CommandRefused:
                self._packed = not self._packed
                raise

    def _command(self, text: str) -> str:
        return f'+CUSD=1,"{packed(text) if self._packed else text}",{_SCHEME}'

    async def _cancel(self) -> None:
        self._open = False
        with suppress(CommandRefused):  # the network was faster
            await self._session.command("+CUSD=2")
        self._left = False

    def _told(self, event: Unsolicited) -> None:
        said = cusd(event.text, packed=self._packed)
        if said is None:
            return
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(said)
        elif self.on_notice is not None:
            self.on_notice(said)


def packed(text: str) -> str:
    """The text as packed septets in hex, filled up with a carriage return (TS 23.038 clause 6.1.2.3.1)."""
    septets = to_gsm7(text)
    assert septets is not None  # ASCII without quotes
    return pack(septets + b"\r" if len(septets) % 8 == 7 else septets).hex().upper()
