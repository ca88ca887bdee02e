"""Keeps one modem alive: waits for its port, sets it up, watches it, lets it sleep, and recovers it when it fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum
from functools import partial

from modem_drivers.at.events import Unsolicited
from modem_drivers.at.unsolicited import named
from modem_drivers.errors import (
    CommandError,
    CommandTimeout,
    ModemError,
    PortError,
    PortGone,
    PortMissing,
    SimError,
    WrongModem,
)
from modem_drivers.modem import Modem
from modem_drivers.network_watch import NetworkWatch
from modem_drivers.profiles import Profile
from modem_drivers.recovery import LOOK_EVERY, MAX_DELAY, SELDOM
from modem_drivers.rescue import Rescue, SupervisorCounters
from modem_drivers.session import Counters
from modem_drivers.tasks import ends_this_task
from modem_drivers.transport import Transport

_log = logging.getLogger(__name__)


class ModemState(Enum):
    """How the modem is now."""

    GONE = "gone"
    """Its port is missing, busy, or holds another modem."""
    SLEEPING = "sleeping"
    """It saves power and said so: it neither answers nor needs help until it wakes."""
    DIRTY = "dirty"
    """The port is there; the modem does not answer in step or could not be set up."""
    READY = "ready"
    """Set up and answering."""


class Supervisor:
    """Keeps the modem at one address, as Modem.open takes it.

    `on_modem` sets a modem up; it runs after every (re)connection and the modem counts as ready when it
    returns. `on_alarm` is told once of what needs a person: the ladder has ended, the SIM cannot be used, or
    another modem than `expect_imei` answers. The tries go on all the same. `power_switch` takes the modem's
    power away and gives it back; it is the last thing tried before a person is called. A modem that answers and
    is without a network for longer than `patience_for_network` is helped too, gently; None leaves that to others.
    A port that is missing for longer than `patience_for_port` wants the switch, then a person. Times are seconds.
    """

    def __init__(
        self,
        address: str | Transport,
        *,
        on_modem: Callable[[Modem], Awaitable[None]] | None = None,
        on_alarm: Callable[[ModemError], None] | None = None,
        power_switch: Callable[[], Awaitable[None]] | None = None,
        expect_imei: str | None = None,
        profile: Profile | None = None,
        check_every: float = 30.0,
        retry_after: float = 1.0,
        patience_for_network: float | None = None,
        patience_for_port: float = 300.0,
    ) -> None:
        self.address = address
        self.state = ModemState.GONE
        self.modem: Modem | None = None
        self.problem: ModemError | None = None
        self.counters = SupervisorCounters()
        self.network = None if patience_for_network is None else NetworkWatch(patience_for_network)
        self._on_modem = on_modem
        self._expect_imei = expect_imei
        self._profile = profile
        self._check_every = check_every
        self._retry_after = retry_after
        self._rescue = Rescue(_name(address), self.counters, power_switch, on_alarm, patience_for_port)
        self._ready = asyncio.Event()
        self._asleep = False
        self._ended = Counters()

    @property
    def line(self) -> Counters:
        """What all sessions with the modem so far have seen go wrong on the line."""
        return self._ended if self.modem is None else self._ended + self.modem.session.counters

    async def wait_ready(self) -> Modem:
        """The modem, once it is ready: waits for that, raises nothing."""
        while self.modem is None or self.state is not ModemState.READY:
            await self._ready.wait()
        return self.modem

    async def run(self) -> None:
        """Keeps the modem alive until cancelled, then closes it; `problem` and `on_alarm` tell what goes wrong."""
        while True:
            try:
                await self._live_once()
            except PortError as error:
                self._note(ModemState.SLEEPING if self._asleep else ModemState.GONE, error)
                if not self._asleep:
                    await self._rescue.missing(error)
                missing = isinstance(error, PortMissing)
                wait = min(LOOK_EVERY, self._retry_after) if missing else self._retry_after
            except (WrongModem, SimError) as error:  # nothing that can be done to a modem helps here
                self._note(ModemState.GONE if isinstance(error, WrongModem) else ModemState.DIRTY, error)
                self._rescue.alarm(error)
                wait = min(SELDOM * self._retry_after, MAX_DELAY)
            except ModemError as error:
                if self._asleep and isinstance(error, CommandTimeout):
                    self._note(ModemState.SLEEPING, error)
                    wait = self._check_every
                else:
                    self._note(ModemState.DIRTY, error)
                    self._rescue.fail(error)
                    wait = self._rescue.delay(self._retry_after)
            await asyncio.sleep(wait)

    async def _live_once(self) -> None:
        """One life of the modem, from opening its port until it is lost; always ends by an error."""
        await self._rescue.before_opening()
        modem = await Modem.open(self.address, profile=self._profile)
        self._rescue.there()
        self._asleep = False
        restarted, asleep = asyncio.Event(), asyncio.Event()
        try:
            if self._expect_imei is not None and modem.info.imei != self._expect_imei:
                raise WrongModem(_name(self.address), self._expect_imei, modem.info.imei)
            await self._rescue.opened(modem)
            _on_line(modem, modem.profile.sleep, lambda: self._fall_asleep(asleep))
            await self._set_up(modem)
            _on_line(modem, modem.profile.boot, restarted.set)
            _on_line(modem, modem.profile.wake, lambda: restarted.set() if self._asleep else None)
            if self.network is not None:
                self.network.forget()
            self.counters.connects += 1
            self.modem, self.problem = modem, None
            if not self._asleep:
                self.state = ModemState.READY
                self._ready.set()
            await self._watch(modem, restarted, asleep)
        finally:
            self._ready.clear()
            self.modem = None
            self._ended += modem.session.counters
            await modem.close()

    async def _set_up(self, modem: Modem) -> None:
        """Runs the owner's set-up; a fault of its own is one more reason to try again, not to stop."""
        if self._on_modem is None:
            return
        try:
            await self._on_modem(modem)
        except ModemError:
            raise
        except (Exception, asyncio.CancelledError) as error:
            if ends_this_task(error):
                raise
            _log.exception("the set-up of the modem at %s failed", _name(self.address))
            raise ModemError(f"setting up the modem at {_name(self.address)} failed: {error!r}") from error

    async def _watch(self, modem: Modem, restarted: asyncio.Event, asleep: asyncio.Event) -> None:
        """Returns never; raises what ends the modem's life."""
        ends = [asyncio.create_task(event.wait()) for event in (modem.closed, restarted, asleep)]
        try:
            while True:
                slept = self._asleep
                awake = [end for end in ends if not end.done()] if slept else ends
                await asyncio.wait(awake, timeout=self._check_every, return_when=asyncio.FIRST_COMPLETED)
                if modem.closed.is_set():
                    self.counters.losses += not self._asleep
                    raise modem.reason or PortGone(_name(self.address), "closed")
                if restarted.is_set():
                    self.counters.restarts += not self._asleep
                    did = "woke up" if self._asleep else "restarted by itself"
                    raise PortGone(_name(self.address), f"the modem {did}")
                if not self._asleep:
                    await self._check(modem)
                elif slept:  # not at once: it may be about to fall silent
                    await self._wake(modem)
        finally:
            for end in ends:
                end.cancel()

    def _fall_asleep(self, asleep: asyncio.Event) -> None:
        self._asleep = True
        asleep.set()
        self._ready.clear()
        self.counters.sleeps += 1
        self.state = ModemState.SLEEPING

    async def _wake(self, modem: Modem) -> None:
        """A modem on a wire may wake without a word: whether it answers is all there is to go by."""
        with suppress(CommandError):
            await modem.session.command("AT")
            raise PortGone(_name(self.address), "the modem woke up")

    async def _check(self, modem: Modem) -> None:
        """A bare AT; one that fails is repeated once, which first brings the line back into step."""
        try:
            await modem.session.command("AT")
        except CommandError:
            self.state = ModemState.DIRTY
            self._ready.clear()
            await modem.session.command("AT")
        self.state = ModemState.READY
        self._rescue.well()
        self._ready.set()
        if self.network is not None:
            await self.network.look(modem)

    def _note(self, state: ModemState, error: ModemError) -> None:
        if self.state is not state or str(self.problem) != str(error):
            _log.warning("modem at %s is %s: %s", _name(self.address), state.value, error)
        self.state, self.problem = state, error


def _on_line(modem: Modem, lines: tuple[str, ...], act: Callable[[], None]) -> None:
    """Acts when the modem says one of these lines, whatever values it has behind it."""

    def told(event: Unsolicited, text: str) -> None:
        if event.text == text or event.text.startswith(f"{text},"):
            act()

    for line in lines:
        name, text = named(line)
        modem.session.listen(name, partial(told, text="" if name is line else text))


def _name(address: str | Transport) -> str:
    return address if isinstance(address, str) else address.name
