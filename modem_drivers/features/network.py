"""The mobile network: registration, signal, cell, operator and the access point name."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from modem_drivers.at import params
from modem_drivers.at.parsers.cells import ServingCell, plmn_of
from modem_drivers.at.parsers.operators import readable
from modem_drivers.at.parsers.signal import Signal, cesq, csq
from modem_drivers.at.parsers.sleep import PowerSaving, cpsms
from modem_drivers.errors import CommandRefused, NotRegistered, UnexpectedReply
from modem_drivers.features.answers import last_row, rows, told
from modem_drivers.features.credentials import Credentials, Told, compare
from modem_drivers.features.offers import usable
from modem_drivers.features.registration import (
    DOMAINS,
    DomainState,
    Registration,
    RegState,
    combine,
    parse_registration,
)
from modem_drivers.profiles.base import SignalForm
from modem_drivers.session import Session

PdpType = Literal["IP", "IPV6", "IPV4V6"]
AuthMethod = Literal["PAP", "CHAP"]

ATTACH_CONTEXT: Final = 1
"""On LTE this context is set up by registering, so a change needs a new registration to take effect."""

_ASK_AGAIN: Final = 5.0  # seconds; the modem tells by itself, this is for one that forgot how
_METHODS: Final = {"PAP": 1, "CHAP": 2}  # 3GPP TS 27.007 clause 10.1.31
_CREDENTIAL: Final = re.compile(r"[ !#-\[\]-~]{1,64}")
_NUMERIC: Final = re.compile(r"[0-9]{5,6}")
_EXTENDED: Final = SignalForm("+CESQ", cesq)
_APN: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,98}[A-Za-z0-9])?")  # 3GPP TS 23.003 clause 9.1


@dataclass(frozen=True, slots=True)
class Operator:
    """The serving network: its name and its code (MCC and MNC, 5 or 6 digits)."""

    name: str
    numeric: str


class Network:
    """The network's verbs. All raise PortGone and CommandTimeout beside what they name.

    Clauses are of 3GPP TS 27.007.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def registration(self) -> Registration:
        """Where the modem is registered, over all its domains (EPS, packet, circuit; clauses 10.1.22, 10.1.20, 7.2)."""
        found: dict[str, DomainState] = {}
        for name in DOMAINS:
            with suppress(CommandRefused):
                response = await self._session.command(f"{name}?")
                state = parse_registration(response.lines[-1].partition(":")[2]) if response.lines else None
                if state is not None:
                    found[name] = state
        return combine(found)

    async def wait_registered(self, timeout: float) -> Registration:  # noqa: ASYNC109 - part of the verb
        """The registration once there is one; raises NotRegistered after `timeout` seconds without."""
        told = asyncio.Event()
        stops = [self._session.listen(name, lambda _: told.set()) for name in DOMAINS]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        try:
            while True:
                told.clear()
                registration = await self.registration()
                if registration.registered:
                    return registration
                left = deadline - loop.time()
                if left <= 0:
                    raise NotRegistered(
                        f"expected the modem to register within {timeout:g} s, it is "
                        f"{_words(registration.state)}; check the antenna, the SIM's activation and the APN"
                    )
                with suppress(TimeoutError):
                    await asyncio.wait_for(told.wait(), min(left, _ASK_AGAIN))
        finally:
            for stop in stops:
                stop()

    async def signal(self) -> Signal:
        """The signal now in dBm and dB: AT+CSQ and AT+CESQ (clauses 8.5, 8.69), then the maker's own commands.

        Raises UnexpectedReply where AT+CSQ answers without a value, CommandRefused where it is refused.
        """
        line = last_row(await self._session.command("+CSQ"), "+CSQ", 1)
        signal = csq(",".join(line)) or Signal()
        for form in (_EXTENDED, *self._session.profile.signal):
            if signal.rsrp_dbm is not None and signal.rsrq_db is not None:
                break
            if form is not _EXTENDED and not await usable(self._session, "signal", form.command):
                continue
            with suppress(CommandRefused):
                for text in told(await self._session.command(form.command)):
                    signal = signal.filled(form.parse(text) or Signal())
        if signal.rsrp_dbm is None:
            cell = await self.serving_cell()
            signal = signal.filled(cell.signal) if cell is not None else signal
        return signal

    async def serving_cell(self) -> ServingCell | None:
        """The cell the modem camps on, levels in dBm and dB; None where there is none or the modem cannot tell.

        No standard has a command for it: the profile names the maker's own, with its source.
        """
        for form in self._session.profile.cell:
            if not await usable(self._session, "cell", form.command):
                continue
            with suppress(CommandRefused):
                found = form.read((await self._session.command(form.command)).lines)
                if found is not None:
                    return found
        return None

    async def power_saving(self) -> PowerSaving | None:
        """The power saving (PSM) that the modem asks the network for, in seconds; None where it cannot tell.

        Clause 7.38. What the network grants stands in the registration's domains once the modem is set up for it.
        """
        with suppress(CommandRefused):
            found = [cpsms(text) for text in told(await self._session.command("+CPSMS?"))]
            return found[-1] if found else None
        return None

    async def operator(self) -> Operator | None:
        """The serving network (clause 7.3), None where there is none or none with a code. Raises CommandRefused."""
        numeric = await self._operator(2)
        if numeric is None or not _NUMERIC.fullmatch(numeric) or plmn_of(numeric) is None:
            return None
        return Operator(name=await self._operator(0) or numeric, numeric=numeric)

    async def apn(self, cid: int) -> str | None:
        """The access point name of a context (clause 10.1.1); None where it is not defined, "" for any.

        Raises CommandRefused.
        """
        for row in rows(await self._session.command("+CGDCONT?")):
            if len(row) > 2 and params.number(row[0]) == cid:
                return row[2]
        return None

    async def set_apn(self, cid: int, apn: str, pdp_type: PdpType = "IPV4V6") -> None:
        """Sets a context's access point name (clause 10.1.1); nothing is written where it already is so.

        The attach context takes effect with a new registration, so the radio is turned off and on for it (clause 8.2).
        Raises ValueError for a name no network could have, CommandRefused.
        """
        check_apn(apn)
        command = self._session.command
        for row in rows(await command("+CGDCONT?")):
            same = len(row) > 2 and params.number(row[0]) == cid and row[1].upper() == pdp_type
            if same and row[2].lower() == apn.lower():
                return
        define = f'+CGDCONT={cid},"{pdp_type}","{apn}"'
        if cid != ATTACH_CONTEXT or params.number(last_row(await command("+CFUN?"), "+CFUN?", 1)[0]) != 1:
            await command(define)
            return
        await command("+CFUN=4")
        try:
            await command(define)
        finally:
            await command("+CFUN=1")

    async def set_credentials(self, cid: int, user: str, password: str, *, method: AuthMethod = "CHAP") -> bool:
        """Sets the user and password of a context (clause 10.1.31), in the order in which this modem takes them.

        True where the modem then tells the same back, False where it cannot tell what it has taken. One that took the
        two the other way round is told again. Takes effect with the context's next activation. Raises ValueError for
        what a modem cannot be told, UnexpectedReply where it tells other ones back, CommandRefused, and also where the
        modem has no command for it.
        """
        for text in (user, password):
            if not _CREDENTIAL.fullmatch(text):  # neither is shown
                raise ValueError(
                    f"expected 1 to 64 printable ASCII characters without quotes as user and password, got {len(text)} "
                    "others; ask the provider"
                )
        form = self._session.profile.credentials
        if form is None or not await usable(self._session, "credentials", form):
            raise CommandRefused(None, "it has no command for user and password")
        wanted = Credentials(user, password, user_first=form.index("{user}") < form.index("{password}"))
        told = Told.NOTHING
        for first in (wanted, wanted.turned_round()):
            await self._session.command(
                form.format(cid=cid, method=_METHODS[method], user=first.user, password=first.password)
            )
            told = compare(await self._credentials_told(cid), wanted)
            if told is not Told.TURNED_ROUND:
                break
        if told in (Told.OTHERS, Told.TURNED_ROUND):
            command = f"AT{self._session.profile.credentials_read}"
            raise UnexpectedReply(command, "the user and password just set", "others")  # never shown
        return told is Told.SAME

    async def _credentials_told(self, cid: int) -> list[str]:
        """What the modem tells of a context's user and password; empty where it tells nothing."""
        command = self._session.profile.credentials_read
        if command is None or not await usable(self._session, "credentials_read", command):
            return []
        with suppress(CommandRefused):
            for row in rows(await self._session.command(command)):
                if params.number(row[0] if row else "") == cid:
                    return row[2:]
        return []

    async def _operator(self, form: int) -> str | None:
        response = await self._session.command(f"+COPS=3,{form};+COPS?")
        found = rows(response)
        return readable(found[-1][2]) or None if found and len(found[-1]) > 2 else None


def check_apn(apn: str) -> None:
    """Raises ValueError for a name no network could have (3GPP TS 23.003 clause 9.1)."""
    if not _APN.fullmatch(apn):
        raise ValueError(f"expected an APN of letters, digits, dots and hyphens, got {apn[:40]!r}; ask the provider")


def _words(state: RegState) -> str:
    return state.name.lower().replace("_", " ")
