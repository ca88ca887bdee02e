"""A session joins the AT machine with a transport: one queue of commands, one hard deadline for each."""

import asyncio
import logging
from collections import deque
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


@dataclass(eq=False, slots=True)
class _Order:
    """A command that waits and then runs; its caller awaits `reply`."""

    command: Command
    reply: asyncio.Future[Reply]


class Session:
    """Commands in order over one transport. Time is the event loop's.

    A command that waits is written in the moment in which the one before it ends. Its deadline begins when it is
    written and nothing extends it. After a deadline, or when a caller is cancelled, the next command first brings
    modem and machine back into step. `offered` keeps which commands the modem has granted or refused with AT+X=?, for
    features that ask before they use one.
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
        self._urgent: deque[_Order] = deque()
        self._waiting: deque[_Order] = deque()
        self._running: _Order | None = None
        self._preparing: asyncio.Future[None] | None = None
        self._rested = 0.0
        self._deadline: asyncio.TimerHandle
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
        self._preparing = self._loop.create_future()
        try:
            await self._resynchronise()
        except BaseException:
            await self.close()
            raise
        self.counters.resynchronisations = 0
        self._preparing = None
        self._advance()

    async def close(self) -> None:
        """Closes the line; the running command and those in the queue fail with PortGone."""
        if self._channel.state is not State.LOST:
            self._end(PortGone(self.transport.name, "closed by this program"))
        if self._preparing is not None:
            self._preparing.cancel()
        await self.transport.close()

    def use(self, profile: Profile) -> None:
        """Takes another profile from the next command on."""
        self.profile = profile
        self._catalogue = Catalogue(profile.commands)

    def listen(self, name: str, listener: Callable[[Unsolicited], None]) -> Callable[[], None]:
        """Calls `listener` for each unsolicited line with this prefix, or for all where it is empty.

        The returned function ends that; called again it does nothing.
        """
        listeners = self._listeners.setdefault(name, [])
        listeners.append(listener)
        listening = [listener]

        def stop() -> None:
            while listening:
                listeners.remove(listening.pop())

        return stop

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
        self._still_there()
        order = _Order(command, self._loop.create_future())
        (self._urgent if urgent else self._waiting).append(order)
        self._advance()
        reply = await self._answer(order)
        if not reply.result.ok:
            raise CommandRefused(reply.result.code, reply.result.text, command.name)
        return Response(reply.lines, reply.pdus)

    # -- whose turn it is ------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Writes the first command that waits, unless one runs; what has to come before it is begun instead."""
        if self._running is not None or self._preparing is not None:
            return
        while queue := self._urgent or self._waiting:
            order = queue[0]
            if order.reply.done():  # its caller was cancelled
                queue.popleft()
            elif self._channel.state is State.IDLE and self._rested <= self._loop.time():
                queue.popleft()
                self._write(order, self._channel.send(order.command))
                return
            else:
                self._preparing = self._loop.create_task(self._prepare(order))
                return

    async def _prepare(self, order: _Order) -> None:
        """Back into step, or a rest. Where that fails, it fails for `order`, and the next one tries anew."""
        try:
            if self._channel.state is State.IDLE:
                await asyncio.sleep(self._rested - self._loop.time())
            else:
                await self._resynchronise()
        except Exception as error:
            if not order.reply.done():
                order.reply.set_exception(error)
        self._preparing = None
        self._advance()

    def _write(self, order: _Order, line: bytes) -> None:
        self._running = order
        self._deadline = self._loop.call_later(order.command.timeout, self._expire, order)
        self.transport.write(line)

    def _over(self) -> None:
        """The running command has ended, in whatever way."""
        self._running = None
        self._deadline.cancel()
        if self.profile.gap:
            self._rested = self._loop.time() + self.profile.gap
        self._advance()

    async def _answer(self, order: _Order) -> Reply:
        try:
            return await order.reply
        except asyncio.CancelledError:
            if order is self._running:
                self._channel.give_up()
                self._over()
            raise

    def _expire(self, order: _Order) -> None:
        if order.reply.done():  # cancelled just before: its caller is about to see to it
            return
        self.counters.timeouts += 1
        written = self._channel.payload_written
        self._channel.give_up()
        order.reply.set_exception(CommandTimeout(order.command.name, order.command.timeout, payload_written=written))
        self._over()

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
            order = _Order(replace(probe, timeout=patience), self._loop.create_future())
            self._write(order, self._channel.probe(order.command))
            try:
                await self._answer(order)
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
                    self._prompted(event)
                case Reply():
                    self._ended(event)
                case Unsolicited():
                    self._tell(event)
                case _:
                    self.counters.strays += 1

    def _prompted(self, payload: Payload) -> None:
        """Writes the message, unless the prompt is gone again or its caller is."""
        order = self._running
        if self._channel.state is not State.AWAITING_REPLY or order is None:
            return  # the line that ended the command came in one go with the prompt
        if order.reply.done():  # cancelled just before: nothing leaves, and the ESC of the way back ends the prompt
            self._channel.give_up()
            return
        self.transport.write(payload.data)

    def _ended(self, reply: Reply) -> None:
        order = self._running
        if order is not None:
            if not order.reply.done():
                order.reply.set_result(reply)
            self._over()

    def _tell(self, event: Unsolicited) -> None:
        for listener in (*self._listeners.get(event.name, ()), *self._listeners.get("", ())):
            try:
                listener(event)
            except (Exception, asyncio.CancelledError):  # the latter of something that it has asked for its result
                _log.exception("a listener for %s failed", event.name)

    def _on_lost(self, error: Exception | None) -> None:
        reason = "the far end hung up" if error is None else str(error)
        self._end(PortGone(self.transport.name, reason))

    def _end(self, gone: PortGone) -> None:
        written = self._channel.payload_written
        self._channel.lose()
        self.reason = gone
        orders = [*self._urgent, *self._waiting]
        self._urgent.clear()
        self._waiting.clear()
        if self._running is not None:
            self._fail(self._running, gone, payload_written=written)
            self._over()
        for order in orders:
            self._fail(order, gone)
        self.closed.set()

    def _fail(self, order: _Order, gone: PortGone, *, payload_written: bool = False) -> None:
        if not order.reply.done():
            order.reply.set_exception(PortGone(self.transport.name, gone.reason, payload_written=payload_written))
