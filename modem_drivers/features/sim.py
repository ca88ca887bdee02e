"""The SIM in the modem: who it is, whether it is usable, and its PIN, tried with care."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar, Final, NoReturn, Protocol

from modem_drivers.at.codes import Cme
from modem_drivers.at.params import number
from modem_drivers.at.parsers.card import SimState, cpin
from modem_drivers.errors import (
    CommandRefused,
    CommandTimeout,
    IdentityError,
    NoSim,
    PinGuarded,
    PinRefused,
    PinRequired,
    PortGone,
    PukRequired,
    SimError,
    UnexpectedReply,
)
from modem_drivers.features.answers import identity, last_row, rows, value
from modem_drivers.features.offers import usable
from modem_drivers.identity import normalise_iccid
from modem_drivers.session import Session

EF_ICCID: Final = "+CRSM=176,12258,0,0,10"
"""READ BINARY of the file 2FE2, 10 octets (ETSI TS 102 221 clause 13.2)."""

READY_WITHIN: Final = 20.0
"""Seconds a SIM may take from a right PIN to being usable."""

_ASK_AGAIN: Final = 1.0
_PIN: Final = re.compile(r"[0-9]{4,8}")  # 3GPP TS 51.011 clause 9.3
_IMSI: Final = re.compile(r"[0-9]{6,15}")  # 3GPP TS 23.003 clause 2.2


@dataclass(frozen=True, slots=True)
class Retries:
    """Tries left before PIN and PUK are blocked; None where the modem does not tell one of them."""

    pin: int | None
    puk: int | None


class PinGuard(Protocol):
    """Remembers refused PINs beyond this process, so that a restart loop cannot burn a SIM."""

    def refused_before(self, iccid: str, pin: str) -> bool:
        """Whether this SIM is known to have refused this PIN."""

    def remember_refused(self, iccid: str, pin: str) -> None:
        """Stores that this SIM has refused this PIN."""


_BY_ERROR: Final = {
    Cme.SIM_NOT_INSERTED: SimState.ABSENT,
    Cme.SIM_PIN_REQUIRED: SimState.PIN,
    Cme.SIM_PUK_REQUIRED: SimState.PUK,
    Cme.SIM_PIN2_REQUIRED: SimState.PIN2,
    Cme.SIM_PUK2_REQUIRED: SimState.PUK2,
    Cme.SIM_BUSY: SimState.BUSY,
    Cme.SIM_FAILURE: SimState.FAILED,
    Cme.SIM_WRONG: SimState.FAILED,
} | {
    code: SimState.LOCKED
    for code in Cme
    if Cme.PH_SIM_PIN_REQUIRED <= code <= Cme.PH_FSIM_PUK_REQUIRED
    or Cme.NETWORK_PIN_REQUIRED <= code <= Cme.CORPORATE_PUK_REQUIRED
}
_WRONG_PIN: Final = (Cme.INCORRECT_PASSWORD, Cme.SIM_PUK_REQUIRED)
_USABLE: Final = (SimState.READY, SimState.PIN2, SimState.PUK2)


class Sim:
    """The SIM's verbs. All raise PortGone and CommandTimeout beside what they name."""

    _refused_here: ClassVar[set[str]] = set()
    """SIMs that refused a PIN, or may have, in this process: over all modems, as one is reopened often."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def state(self) -> SimState:
        """Whether the SIM is usable, and what it waits for (3GPP TS 27.007 clause 8.3).

        Raises UnexpectedReply for a state nobody knows, CommandRefused for an error that is not about the SIM.
        """
        try:
            text = value(await self._session.command("+CPIN?"), "+CPIN?")
        except CommandRefused as refused:
            known = _BY_ERROR.get(refused.code) if isinstance(refused.code, Cme) else None
            if known is None:
                raise
            return known
        state = cpin(text)
        if state is None:
            raise UnexpectedReply("AT+CPIN?", "a state of the SIM", text)
        return state

    async def iccid(self) -> str:
        """The ICCID, 19 or 20 characters. Needs no PIN.

        Asks the way the modem's maker intends, then reads the SIM's file (ETSI TS 102 221 clause 13.2). Raises
        NoSim, IdentityError where no way gives a valid number, CommandRefused or UnexpectedReply where none answers.
        """
        problem: IdentityError | CommandRefused | UnexpectedReply | None = None
        for command in self._session.profile.iccid:
            if not await usable(self._session, "iccid", command):
                continue
            try:
                return normalise_iccid(identity(await self._session.command(command), command))
            except (CommandRefused, UnexpectedReply) as error:
                problem = problem or error
            except IdentityError as error:
                problem = error
        try:
            fields = last_row(await self._session.command(EF_ICCID), "+CRSM", 3)
            return normalise_iccid(fields[2])
        except (CommandRefused, UnexpectedReply) as error:
            await self._raise_absent()
            raise problem or error from error

    async def imsi(self) -> str:
        """The IMSI, 6 to 15 digits (3GPP TS 27.007 clause 5.6, TS 23.003 clause 2.2).

        Raises NoSim, PinRequired, PukRequired or another SimError where the SIM is not usable, UnexpectedReply,
        CommandRefused.
        """
        try:
            imsi = identity(await self._session.command("+CIMI"), "+CIMI")
        except CommandRefused:
            await self._require_usable()
            raise
        if not _IMSI.fullmatch(imsi):
            raise UnexpectedReply("AT+CIMI", "an IMSI of 6 to 15 digits", imsi)
        return imsi

    async def retries(self) -> Retries | None:
        """The tries left; None where the modem has no way to tell. The profile names the maker's command."""
        form = self._session.profile.retries
        if form is None or not await usable(self._session, "retries", form.command):
            return None
        try:
            listed = [row for row in rows(await self._session.command(form.command)) if row]
        except CommandRefused:
            return None
        found = {row[0]: row for row in listed} | ({"": listed[-1]} if listed else {})
        pin, puk = (
            number(found[name][column]) if len(found.get(name, ())) > column else None
            for name, column in (form.pin, form.puk)
        )
        if form.of_current:
            state = await self.state()
            pin, puk = (pin if state is SimState.PIN else None), (puk if state is SimState.PUK else None)
        return None if pin is None and puk is None else Retries(pin, puk)

    async def unlock(self, pin: str, *, guard: PinGuard) -> None:
        """Unlocks the SIM (3GPP TS 27.007 clause 8.3) and returns once it is usable, at once where it already is.

        The tries left are read before the try. It is refused with PinGuarded where at most one is left,
        where they cannot be known and this SIM has refused a PIN here, or where the guard knows this PIN
        was refused. A wrong PIN is told to the guard and raises PinRefused, or PukRequired if it blocked
        the SIM; a refusal that cost no try is raised as CommandRefused. Raises NoSim, PukRequired or another SimError
        where a PIN cannot help.
        """
        state = await self.state()
        if state in _USABLE:
            return
        if state is SimState.BUSY:
            state = await self._while_in(SimState.BUSY)
        if state is not SimState.PIN:
            if state in _USABLE:
                return
            raise _error(state)
        iccid = await self.iccid()
        before = await self._check_guards(iccid, pin, guard)
        try:
            await self._session.command(f'+CPIN="{pin}"')
        except CommandRefused as refused:
            await self._learn(refused, iccid, pin, guard, before)
        except (CommandTimeout, PortGone, asyncio.CancelledError):
            self._refused_here.add(iccid)  # it may have been tried
            raise
        self._refused_here.discard(iccid)
        state = await self._while_in(SimState.BUSY, SimState.PIN)
        if state not in _USABLE:
            raise _error(state)

    async def _check_guards(self, iccid: str, pin: str, guard: PinGuard) -> Retries | None:
        """The tries left, where a try is safe."""
        if not _PIN.fullmatch(pin):
            raise PinGuarded("a PIN has 4 to 8 digits")
        if guard.refused_before(iccid, pin):
            raise PinGuarded("this SIM has refused this PIN before")
        left = await self.retries()
        if left is None or left.pin is None:
            if iccid in self._refused_here:
                raise PinGuarded("this SIM has refused a PIN and the modem does not tell the tries left")
        elif left.pin <= 1:
            raise PinGuarded(f"expected 2 tries left at least, the SIM has {left.pin}")
        return left

    async def _learn(
        self, refused: CommandRefused, iccid: str, pin: str, guard: PinGuard, before: Retries | None
    ) -> NoReturn:
        """Remembers a refused PIN; a refusal that cost no try and is not about the PIN is raised as it is."""
        if refused.code in _WRONG_PIN:  # first of all: a modem may hang or restart over a wrong PIN
            guard.remember_refused(iccid, pin)
        before_this = iccid in self._refused_here
        self._refused_here.add(iccid)
        after = await self.retries()
        free = refused.code is Cme.SIM_BUSY or (before is not None and after == before)
        if free and refused.code not in _WRONG_PIN:
            if not before_this:
                self._refused_here.discard(iccid)
            raise refused
        if refused.code not in _WRONG_PIN:
            guard.remember_refused(iccid, pin)
        if await self.state() is SimState.PUK:
            raise PukRequired from None
        raise PinRefused(after.pin if after else None) from None

    async def _while_in(self, *states: SimState) -> SimState:
        """The first state that is none of these: told by the modem, and asked for now and then."""
        told = asyncio.Event()
        stop = self._session.listen("+CPIN", lambda _: told.set())
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READY_WITHIN
        try:
            while (state := await self.state()) in states and loop.time() < deadline:
                with suppress(TimeoutError):
                    await asyncio.wait_for(told.wait(), _ASK_AGAIN)
                told.clear()
            return state
        finally:
            stop()

    async def _require_usable(self) -> None:
        state = await self.state()
        if state not in _USABLE:
            raise _error(state)

    async def _raise_absent(self) -> None:
        with suppress(CommandRefused, UnexpectedReply):
            if await self.state() is SimState.ABSENT:
                raise NoSim


def _error(state: SimState) -> SimError | CommandTimeout:
    match state:
        case SimState.ABSENT:
            return NoSim()
        case SimState.PIN:
            return PinRequired()
        case SimState.PUK:
            return PukRequired()
        case SimState.BUSY:
            return CommandTimeout("AT+CPIN?", READY_WITHIN)
        case _:
            return SimError(f"expected a usable SIM, got {state.value}; put it into a phone to see what it wants")
