"""Packet data: which contexts there are, and how one is started and stopped."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from modem_drivers.at.events import Unsolicited
from modem_drivers.at.parsers import contexts
from modem_drivers.at.parsers.contexts import Address, InUse
from modem_drivers.errors import CommandRefused, DataFailed, Unsupported
from modem_drivers.features.answers import told
from modem_drivers.features.network import ATTACH_CONTEXT, Network, check_apn
from modem_drivers.features.offers import usable
from modem_drivers.profiles import GENERIC
from modem_drivers.profiles.base import DataForm
from modem_drivers.session import Session


@dataclass(frozen=True, slots=True)
class PdpContext:
    """A context as the modem has it: `kind` is IP, IPV6, IPV4V6 or PPP, `apn` the one defined, "" for any.

    While it is active, `apn` is the one in use where the modem tells it.
    """

    cid: int
    kind: str
    apn: str
    active: bool
    addresses: tuple[Address, ...]


class PacketData:
    """Packet data's verbs. All raise PortGone, CommandTimeout and CommandRefused beside what they name.

    Clauses are of 3GPP TS 27.007; the profile's `data` row names the maker's own commands, with its source.
    A maker's own commands bring up the modem's own IP stack, for its sockets, HTTP and MQTT; those of Sierra's EM cards
    the host's network interface. How a host gets one elsewhere is another matter (ECM, QMI, MBIM, PPP).
    """

    def __init__(self, session: Session, network: Network) -> None:
        self._session = session
        self._network = network
        self._turn = asyncio.Lock()

    async def contexts(self) -> tuple[PdpContext, ...]:
        """The contexts that are defined, with the addresses of those that are active; asks, and sets nothing.

        Clauses 10.1.1 (AT+CGDCONT), 10.1.10 (CGACT), 10.1.14 (CGPADDR), 10.1.23 (CGCONTRDP).
        """
        up = {row.cid for text in await self._lines("+CGACT?") if (row := contexts.active(text))}
        found = []
        for text in told(await self._session.command("+CGDCONT?")):
            context = contexts.defined(text)
            if context is not None:
                used = await self._in_use(context.cid) if context.cid in up else InUse(context.cid)
                found.append(
                    PdpContext(context.cid, context.kind, used.apn or context.apn, context.cid in up, used.addresses)
                )
        return tuple(found)

    async def start(self, cid: int, apn: str, *, timeout: float = 180) -> tuple[Address, ...]:  # noqa: ASYNC109 - part of the verb
        """Brings a context up and returns its addresses; at once where it is up with this APN already (clause 10.1.10).

        Another APN is set first. That of context 1 takes effect with a new registration, so the radio is turned off
        and on, which ends all other contexts too. `timeout` is how long to wait for the registration, in seconds.

        Raises ValueError for a name no network could have, NotRegistered, Unsupported where this modem can do it
        with context 1 only, DataFailed.
        """
        check_apn(apn)
        async with self._turn:
            form = await self._form(cid)
            if (await self._network.apn(cid) or "").lower() != apn.lower():
                if cid != ATTACH_CONTEXT:  # that one goes down with the radio
                    await self._end(form, cid)
                await self._network.set_apn(cid, apn)
            await self._network.wait_registered(timeout)
            up = await self._state(form, cid)
            if up is None:
                lines = tuple(command.format(cid=cid, apn=apn) for command in form.start)
                refused, outcome = await self._carry_out(lines, form.up, form)
                up = await self._state(form, cid)
                if up is None:
                    raise refused or DataFailed(cid, "to come up", outcome)
            addresses = up.addresses or (await self._in_use(cid)).addresses
            if not addresses:
                raise DataFailed(cid, "to come up", "no address")
            return addresses

    async def stop(self, cid: int) -> None:
        """Ends a context's data (clause 10.1.10); no fault where it is down already.

        LTE keeps the context of its registration up: a modem that has no other refuses to end it (CME 171).
        Raises Unsupported as `start`, DataFailed where it stays up.
        """
        async with self._turn:
            await self._end(await self._form(cid), cid)

    async def _end(self, form: DataForm, cid: int) -> None:
        if await self._state(form, cid) is None:
            return
        lines = tuple(command.format(cid=cid) for command in form.stop)
        refused, outcome = await self._carry_out(lines, form.down, form)
        if await self._state(form, cid) is not None:
            raise refused or DataFailed(cid, "to go down", outcome)

    async def _form(self, cid: int) -> DataForm:
        """How this modem does it: its profile's way, or 3GPP's where neither a source nor the modem confirms it."""
        session = self._session
        form = session.profile.data
        for command in (*form.start, *form.stop, form.state):
            if not await usable(session, "data", command):
                form = GENERIC.data
                break
        if cid != ATTACH_CONTEXT and not any("{cid}" in command for command in form.start):
            raise Unsupported(f"packet data on context {cid}", session.profile.name)
        return form

    async def _carry_out(
        self, lines: tuple[str, ...], prefix: str, form: DataForm
    ) -> tuple[CommandRefused | None, str]:
        """The refusal, if there was one, and the line that told the outcome in words."""
        heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def hear(event: Unsolicited) -> None:
            if event.name == prefix and not heard.done() and (form.settles is None or form.settles(event.text)):
                heard.set_result(f"{event.name}: {event.text}")

        ignore = self._session.listen(prefix, hear)
        try:
            for line in lines:
                await self._session.command(line)
            return None, await self._outcome(heard, self._session.allowance(lines[-1])) if prefix else "OK alone"
        except CommandRefused as refused:  # it may have been so already
            return refused, ""
        finally:
            ignore()

    async def _outcome(self, heard: "asyncio.Future[str]", seconds: float) -> str:
        gone = asyncio.ensure_future(self._session.closed.wait())
        try:
            await asyncio.wait((heard, gone), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
        return heard.result() if heard.done() else f"no word of it within {seconds:g} s"

    async def _state(self, form: DataForm, cid: int) -> InUse | None:
        """What the modem tells of a context that is up, None where it is down."""
        for text in await self._lines(form.state):
            row = form.read(text)
            if row is not None and row.cid == cid:
                return row
        return None

    async def _in_use(self, cid: int) -> InUse:
        """APN and addresses of an active context as far as the 3GPP commands tell them."""
        used = [row for text in await self._lines(f"+CGCONTRDP={cid}") if (row := contexts.in_use(text))]
        shown = [pair for text in await self._lines(f"+CGPADDR={cid}") if (pair := contexts.addresses(text))]
        addresses = [one for at, found in shown if at == cid for one in found]
        addresses = addresses or [one for row in used if row.cid == cid for one in row.addresses]
        apn = next((row.apn for row in used if row.cid == cid), None)
        return InUse(cid, apn, tuple(dict.fromkeys(addresses)))

    async def _lines(self, command: str) -> list[str]:
        with suppress(CommandRefused):  # there is none, or the modem lacks the command
            return told(await self._session.command(command))
        return []
