"""Calls: dialled, answered, hung up, and why they ended. 3GPP TS 27.007 clauses 6 and 7.18, ITU-T V.250.

What a modem tells by itself only hastens the next look: a call is answered, or over, when AT+CLCC says so.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from modem_drivers.at import params
from modem_drivers.at.events import Unsolicited
from modem_drivers.at.hexed import phone
from modem_drivers.at.parsers.calls import Call, CallState, clcc
from modem_drivers.at.results import CALL_ENDS
from modem_drivers.errors import (
    CallEnded,
    CommandError,
    CommandRefused,
    CommandTimeout,
    EndCause,
    InCall,
    ModemError,
    PortGone,
    Unsupported,
)
from modem_drivers.features.answers import told, value
from modem_drivers.features.call import CallEnd, VoiceCall
from modem_drivers.features.offers import offered
from modem_drivers.numbers import objection
from modem_drivers.profiles.base import CallForm
from modem_drivers.session import Session

_log = logging.getLogger(__name__)

_SET_UP: Final = ("+COLP=0", "+CLIP=1", "+CRC=1")
"""OK to a dial command at once instead of on the answer; who calls; what kind of call it is."""

_ENDS: Final = {"BUSY": EndCause.BUSY, "NO ANSWER": EndCause.NO_ANSWER}
_GONE_AFTER: Final = 3
"""So many lists without the call, or without an answer, and it is over although nothing told so."""


class Voice:
    """The modem's calls, one at a time. `on_incoming` is told of a call that rings; `poll` is in seconds.

    All raise PortGone and CommandTimeout beside what they name.
    """

    def __init__(self, session: Session) -> None:
        self.on_incoming: Callable[[VoiceCall], None] | None = None
        self.poll = 1.0
        self._session = session
        self._started = False
        self._calls: dict[bool, VoiceCall] = {}  # by direction; True: incoming
        self._watches: set[asyncio.Task[None]] = set()
        self._stops: list[Callable[[], None]] = []
        self._caller: str | None = None

    async def supported(self) -> bool:
        """Whether this unit can place calls, asked of it once a session."""
        form = self._session.profile.calls
        return form is not None and await offered(self._session, "+CLCC") and await offered(self._session, "+CHUP")

    async def start(self) -> None:
        """Begins to listen for calls; dialling does it too. Raises Unsupported for a modem without voice."""
        if self._started:
            return
        form = await self._form()
        for command in (*_SET_UP, *form.setup):
            with suppress(CommandRefused):
                await self._session.command(command)
        if self._started:
            return
        self._started = True
        listen = self._session.listen
        self._stops = [listen(name, self._ended) for name in CALL_ENDS]
        self._stops += [listen("RING", self._ringing), listen("+CRING", self._ringing), listen("+CLIP", self._called)]
        if form.told:
            self._stops.append(listen(form.told, self._progress))

    async def stop(self) -> None:
        """Stops listening; a call goes on in the modem."""
        for stop in self._stops:
            stop()
        self._stops, self._started = [], False
        for watch in tuple(self._watches):
            watch.cancel()

    async def dial(self, number: str) -> VoiceCall:
        """Calls a number, `+` and digits or a short code (V.250 clause 6.3.1); returns when the modem is dialling.

        Raises ValueError for what is no number, Unsupported, InCall, CallEnded where the network refuses at
        once, CommandRefused where the modem does (no network, no SIM). Cancelled, or without an answer of the modem,
        it is hung up.
        """
        if (wrong := objection(number)) is not None:
            raise ValueError(wrong)
        await self.start()
        for held in self._calls.values():
            raise InCall(held.number)
        call = self._calls[False] = VoiceCall(self, number, incoming=False)
        try:
            await self._session.command(f"D{number};", urgent=True)
        except CommandRefused as refused:
            del self._calls[False]
            if refused.text not in CALL_ENDS:
                raise
            cause = _ENDS.get(refused.text, EndCause.REFUSED)
            raise CallEnded(cause, await self._why()) from None
        except (asyncio.CancelledError, CommandTimeout):  # it may ring by now, and nobody has it in hand
            self._follow(call)
            with suppress(ModemError):
                await call.hang_up()
            raise
        except BaseException:
            del self._calls[False]
            raise
        self._follow(call)
        return call

    async def calls(self) -> tuple[Call, ...]:
        """The voice calls the modem has now, no data connections (TS 27.007 clause 7.18). Raises CommandRefused."""
        response = await self._session.command("+CLCC", urgent=True)
        found = (clcc(text) for text in told(response))
        return tuple(call for call in found if call is not None and call.voice and call.state is not CallState.ENDED)

    # -- called by VoiceCall -------------------------------------------------------------------------

    async def take(self, call: VoiceCall) -> None:
        """Answers it (ATA, V.250 clause 6.3.5). Raises CallEnded where the caller was faster."""
        try:
            await self._session.command("A", urgent=True)
        except CommandRefused as refused:
            raise CallEnded(EndCause.FAR_END, refused.text) from None
        call.look.set()

    async def release(self, call: VoiceCall) -> None:
        """Hangs up in the profile's ways, until AT+CLCC does not list the call any more.

        Raises CommandRefused where it is still there.
        """
        call.hung_up = True
        form = await self._form()
        for command in form.hang_up:
            with suppress(CommandRefused):
                await self._session.command(command, urgent=True)
            for _ in range(_GONE_AFTER):
                if call.end is not None or _mine(call, await self.calls()) is None:
                    call.look.set()
                    await call.ended()
                    return
                await asyncio.sleep(self.poll / 2)
        raise CommandRefused(None, "the call is still there", f"AT{form.hang_up[-1]}")

    # -- one call ------------------------------------------------------------------------------------

    def _follow(self, call: VoiceCall) -> None:
        watch = asyncio.create_task(self._watch(call), name="modem call")
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)

    async def _watch(self, call: VoiceCall) -> None:
        """Looks at the list of calls, each second and when told to, until the call is over."""
        missed = failed = 0
        announced = not call.incoming
        cause = EndCause.LOST
        try:
            while failed < _GONE_AFTER:
                try:
                    found = _mine(call, await self.calls())
                except CommandError as error:
                    _log.warning("looking at the calls failed: %s", error)
                    failed += 1
                    continue
                failed = 0
                missed = 0 if found is not None else missed + 1
                if found is not None:
                    self._learn(call, found)
                    if not announced:
                        announced = True
                        self._announce(call)
                elif missed >= _GONE_AFTER or call.cause is not None or call.hung_up:
                    cause = _cause(call)
                    break
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.poll):
                        await call.look.wait()
                call.look.clear()
        except PortGone:
            pass
        finally:
            if self._calls.get(call.incoming) is call:
                del self._calls[call.incoming]
            call.over(CallEnd(cause, None if cause is EndCause.LOST else await self._why(), self._talked(call)))

    def _learn(self, call: VoiceCall, found: Call) -> None:
        call.index = found.index
        call.number = call.number or found.number or self._caller
        if found.state is CallState.ACTIVE and call.active_at is None:
            call.active_at = asyncio.get_running_loop().time()
            call.cause = None  # whatever was told before, it was not the end
        if found.state is not call.state:
            call.moved(found.state)

    def _announce(self, call: VoiceCall) -> None:
        if self.on_incoming is not None:
            try:
                self.on_incoming(call)
            except Exception:
                _log.exception("the handler of an incoming call failed")

    def _talked(self, call: VoiceCall) -> float:
        return 0.0 if call.active_at is None else asyncio.get_running_loop().time() - call.active_at

    async def _why(self) -> str | None:
        """The cause of the last call's end in the modem's words (AT+CEER), None where it has none."""
        with suppress(CommandError, PortGone):
            return value(await self._session.command("+CEER", urgent=True), "+CEER") or None
        return None

    async def _form(self) -> CallForm:
        form = self._session.profile.calls
        if form is None or not await self.supported():
            raise Unsupported("voice calls", self._session.profile.name)
        return form

    # -- what the modem says -------------------------------------------------------------------------

    def _progress(self, event: Unsolicited) -> None:
        form = self._session.profile.calls
        progress = form.parse(event.text) if form is not None and form.parse is not None else None
        if progress is None:
            return
        if progress.state is CallState.INCOMING:
            self._ringing(event)
        for call in tuple(self._calls.values()):
            if progress.index is not None and call.index not in (None, progress.index):
                continue
            if progress.state is CallState.ENDED:
                call.cause = call.cause or _released(call)
            call.look.set()

    def _ended(self, event: Unsolicited) -> None:
        for call in tuple(self._calls.values()):
            call.cause = _ENDS.get(event.name) or call.cause or _released(call)
            call.look.set()

    def _ringing(self, event: Unsolicited) -> None:
        if True not in self._calls and self.on_incoming is not None:
            self._caller = None
            call = self._calls[True] = VoiceCall(self, None, incoming=True)
            self._follow(call)

    def _called(self, event: Unsolicited) -> None:
        self._ringing(event)
        fields = params.values(event.text)
        self._caller = phone(fields[0]) or None if fields else None


def _mine(call: VoiceCall, listed: tuple[Call, ...]) -> Call | None:
    """The list's entry for this call: by number in the list once that is known, else by direction."""
    return next(
        (found for found in listed if found.incoming is call.incoming and call.index in (None, found.index)), None
    )


def _released(call: VoiceCall) -> EndCause:
    """The cause of an end that names none: a conversation was ended, anything before it was refused."""
    return EndCause.REFUSED if call.active_at is None and not call.incoming else EndCause.FAR_END


def _cause(call: VoiceCall) -> EndCause:
    if call.hung_up:
        return EndCause.NO_ANSWER if call.cause is EndCause.NO_ANSWER else EndCause.HUNG_UP
    return call.cause or _released(call)
