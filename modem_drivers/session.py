"""A session joins the AT machine with a transport: one queue of commands, one hard deadline for each."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from modem_drivers.at.channel import ESCAPE, PROBE, WORDS, Channel
from modem_drivers.at.commands import Catalogue, Command
from modem_drivers.at.events import Payload, Reply, Unsolicited
from modem_drivers.at.states import State
from modem_drivers.errors import CommandRefused, CommandTimeout, ModemError, PortGone
from modem_drivers.profiles import GENERIC, Profile
from modem_drivers.transport.base import Transport
from modem_drivers.turns import Turns

RESYNC_TRIES: Final = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Response:
    """A command's answer: its information lines; where it lists messages, `pdus[i]` belongs to `lines[i]`."""

    lines: tuple[str, ...]
    pdus: tuple[str, ...] = ()


@dataclass(slots=True)
class Counters:
    """What a session has seen go wrong, for a status page; coming into step when it opens is no fault."""

    timeouts: int = 0
    resynchronisations: int = 0
    strays: int = 0

    def __add__(self, other: "Counters") -> "Counters":
        return Counters(
            self.timeouts + other.timeouts,
            self.resynchronisations + other.resynchronisations,
            self.strays + other.strays,
        )


class Session:
    """Commands in order over one transport. Time is the event loop's.

    A command's deadline begins when it is written and nothing extends it. After a deadline, or when a
    caller is cancelled, the next command first brings modem and machine back into step. `offered` keeps which
    commands the modem has granted or refused with AT+X=?, for features that ask before they use one.
    """

    def __init__(self, transport: Transport, profile: Profile = GENERIC) -> None:
        self.transport = transport
        self.counters = Counters()
        self.closed = asyncio.Event()
        self.reason: ModemError | None = None
        self.profile = profile
        self._catalogue = Catalogue(profile.commands)
        self._channel = Channel()
        self.offered: dict[str, bool] = {}
        self._turns = Turns()
        self._rested = 0.0
        self._reply: asyncio.Future[Reply] | None = None
        self._listeners: dict[str, list[Callable[[Unsolicited], None]]] = {}

    @property
    def in_step(self) -> bool:
        """Whether the modem answers as expected; false from a timeout until the next good answer."""
        return self._channel.state not in (State.DIRTY, State.PROBING, State.SETTLING, State.LOST)

    async def open(self) -> None:
        """Opens the line and brings the modem into step, out of a prompt where it sits in one.

        Raises PortMissing, PortBusy, PortGone, and CommandTimeout where nothing answers.
        """
        self._loop = asyncio.get_running_loop()
        await self.transport.open(self._on_data, self._on_lost)
        try:
            await self._turns.take()
            try:
                await self._resynchronise()
                self.counters.resynchronisations = 0
            finally:
                self._turns.give()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Closes the line; the running command and those in the queue fail with PortGone."""
        if self._channel.state is not State.LOST:
            self._end(PortGone(self.transport.name, "closed by this program"))
        await self.transport.close()

    def use(self, profile: Profile) -> None:
        """Takes another profile from the next command on."""
        self.profile = profile
        self._catalogue = Catalogue(profile.commands)

    def listen(self, name: str, listener: Callable[[Unsolicited], None]) -> Callable[[], None]:
        """Calls `listener` for each unsolicited line with this prefix, or for all where it is empty.

        The returned function ends that.
        """
        self._listeners.setdefault(name, []).append(listener)
        return lambda: self._listeners[name].remove(listener)

    def allowance(self, text: str) -> float:
        """How long a command may take, in seconds, as the catalogue has it."""
        return self._catalogue.command(text).timeout

    async def command(
        self,
        text: str,
        *,
        payload: bytes | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - a deadline per command in the modem, not in the caller
        urgent: bool = False,
    ) -> Response:
        """Sends one command line and returns its answer; `payload` goes out at the prompt.

        `timeout` is in seconds; without one it is the catalogue's. `urgent` goes before all that wait and are not: for
        hanging up and for keys, which people wait for.

        Raises CommandRefused, CommandTimeout or PortGone, the latter two of which tell in `payload_written` whether
        the payload had left, and ValueError for what is no command line (ITU-T V.250 clause 5.2).
        """
        command = self._catalogue.command(text, payload=payload, timeout=timeout)
        await self._turns.take(urgent=urgent)
        try:
            if self._channel.state is not State.IDLE:
                await self._resynchronise()
            if self.profile.gap:
                await asyncio.sleep(self._rested - self._loop.time())
            reply = await self._exchange(command, self._channel.send(command))
            self._rested = self._loop.time() + self.profile.gap
        finally:
            self._turns.give()
        if not reply.result.ok:
            raise CommandRefused(reply.result.code, reply.result.text, command.name)
        return Response(reply.lines, reply.pdus)

    async def _exchange(self, command: Command, line: bytes) -> Reply:
        reply: asyncio.Future[Reply] = self._loop.create_future()
        self._reply = reply
        deadline = self._loop.call_later(command.timeout, self._expire, command)
        self.transport.write(line)
        try:
            return await reply
        except asyncio.CancelledError:
            self._channel.give_up()
            raise
        finally:
            deadline.cancel()
            self._reply = None

    def _expire(self, command: Command) -> None:
        if self._reply is None or self._reply.done():
            return
        self.counters.timeouts += 1
        written = self._channel.payload_written
        self._channel.give_up()
        self._reply.set_exception(CommandTimeout(command.name, command.timeout, payload_written=written))

    async def _resynchronise(self) -> None:
        """Brings the channel to IDLE: ESC, then AT until it is answered once and nothing late follows.

        Never Ctrl-Z: it would send a half-written message. One that does not answer may have been told not to.
        """
        patience = self.profile.patience
        probe = PROBE
        for _ in range(RESYNC_TRIES):
            self._still_there()
            self.counters.resynchronisations += 1
            self._channel.give_up()
            self.transport.write(ESCAPE)
            await asyncio.sleep(self.profile.settle)  # what answers the ESC, and what is late, comes now
            self._still_there()
            try:
                await self._exchange(replace(probe, timeout=patience), self._channel.probe(probe))
            except CommandTimeout:
                probe = WORDS
                continue
            await asyncio.sleep(self.profile.settle)
            if self._channel.settled():
                return
        self._still_there()
        raise CommandTimeout("AT", RESYNC_TRIES * patience)

    def _still_there(self) -> None:
        if self.reason is not None:
            raise PortGone(self.transport.name, getattr(self.reason, "reason", str(self.reason)))

    # -- called by the transport -----------------------------------------------------------------------

    def _on_data(self, data: bytes) -> None:
        for event in self._channel.receive(data):
            match event:
                case Payload():
                    self.transport.write(event.data)
                case Reply():
                    if self._reply is not None and not self._reply.done():
                        self._reply.set_result(event)
                case Unsolicited():
                    self._tell(event)
                case _:
                    self.counters.strays += 1

    def _tell(self, event: Unsolicited) -> None:
        for listener in (*self._listeners.get(event.name, ()), *self._listeners.get("", ())):
            try:
                listener(event)
            except Exception:
                _log.exception("a listener for %s failed", event.name)

    def _on_lost(self, error: Exception | None) -> None:
        reason = "the far end hung up" if error is None else str(error)
        self._end(PortGone(self.transport.name, reason))

    def _end(self, gone: PortGone) -> None:
        written = self._channel.payload_written
        self._channel.lose()
        self.reason = gone
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(PortGone(self.transport.name, gone.reason, payload_written=written))
        self.closed.set()
