"""What is done to one modem that fails or is not there: up the ladder a rung a failure, then a person is called."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from modem_drivers.errors import CommandError, ModemError, PortBusy, PortError, PortGone
from modem_drivers.modem import Modem
from modem_drivers.network_watch import radio_off_and_on
from modem_drivers.recovery import LADDER, LADDER_WITH_SWITCH, Rung, absence, delay, rung
from modem_drivers.tasks import ends_this_task

_log: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class SupervisorCounters:
    """What has happened to the modem since the start, for a status page.

    `rungs` counts what was tried on it; what was tried for its network the NetworkWatch counts.
    """

    connects: int = 0
    losses: int = 0
    failures: int = 0
    restarts: int = 0
    sleeps: int = 0
    alarms: int = 0
    rungs: Counter[Rung] = field(default_factory=Counter)


class Rescue:
    """Counts the failures in a row of the modem called `name` and does what they call for, each thing once.

    `on_alarm` and `power_switch` as the Supervisor takes them; `patience` (seconds) is for a port that is missing.
    """

    def __init__(
        self,
        name: str,
        counters: SupervisorCounters,
        power_switch: Callable[[], Awaitable[None]] | None,
        on_alarm: Callable[[ModemError], None] | None,
        patience: float,
    ) -> None:
        self._name, self._counters, self._patience = name, counters, patience
        self._power_switch, self._on_alarm = power_switch, on_alarm
        self._ladder = LADDER if power_switch is None else LADDER_WITH_SWITCH
        self._in_a_row = 0
        self._climbed = 0
        self._counted = 0
        self._alarmed = ""
        self._missing_since: float | None = None
        self._switched = False  # for this absence

    # -- what happened -------------------------------------------------------------------------------

    def fail(self, error: ModemError) -> None:
        """The modem failed once more; the rung is climbed with the next life."""
        self._in_a_row += 1
        self._counters.failures += 1
        if rung(self._in_a_row, self._ladder) is Rung.ALARM:
            self.alarm(error)

    def delay(self, first: float) -> float:
        """Seconds to wait before the next try."""
        return delay(self._in_a_row, first)

    def there(self) -> None:
        """The port is there."""
        self._missing_since, self._switched = None, False

    def well(self) -> None:
        """The modem answers: whatever comes now begins at the first rung."""
        self._in_a_row = self._climbed = self._counted = 0
        self._alarmed = ""

    def alarm(self, error: ModemError) -> None:
        """A person is needed; told once for each error."""
        if str(error) == self._alarmed:
            return
        self._alarmed = str(error)
        self._counters.alarms += 1
        if self._on_alarm is not None:
            try:
                self._on_alarm(error)
            except Exception:  # who is to call a person cannot: the modem is helped all the same
                _log.exception("the alarm of the modem at %s was not taken: %s", self._name, error)

    # -- what is done about it -----------------------------------------------------------------------

    async def before_opening(self) -> None:
        """The rungs that need no answer of the modem."""
        if self._in_a_row == self._climbed:
            return
        step = rung(self._in_a_row, self._ladder)
        if self._counted != self._in_a_row:
            self._counted = self._in_a_row
            self._counters.rungs[step] += 1
        if step is Rung.POWER:
            self._climbed = self._in_a_row
            await self._switch()

    async def opened(self, modem: Modem) -> None:
        """What the failures so far call for beyond the opening that has just happened.

        Raises PortGone where the modem was restarted, and what its commands raise.
        """
        if self._climbed == self._in_a_row:
            return
        self._climbed = self._in_a_row
        match rung(self._in_a_row, self._ladder):
            case Rung.RADIO:
                await radio_off_and_on(modem)
            case Rung.RESET:
                with suppress(CommandError):  # it may vanish before it answers
                    await modem.session.command(modem.profile.power.restart)
                raise PortGone(self._name, "restarted to recover it")

    async def missing(self, error: PortError) -> None:
        """A port that is not there: nothing to climb, but neither to be borne for ever."""
        now = asyncio.get_running_loop().time()
        if self._missing_since is None:
            self._missing_since = now
        switch = self._power_switch is not None and not self._switched and not isinstance(error, PortBusy)
        due = absence(now - self._missing_since, self._patience, switch=switch)
        if due is Rung.ALARM:
            self.alarm(error)
        elif due is Rung.POWER:
            self._switched, self._missing_since = True, now
            self._counters.rungs[Rung.POWER] += 1
            await self._switch()

    async def _switch(self) -> None:
        assert self._power_switch is not None
        try:
            await self._power_switch()
        except (ModemError, OSError) as error:
            _log.error("the power switch of the modem at %s failed: %s", self._name, error)
        except (Exception, asyncio.CancelledError) as error:
            if ends_this_task(error):
                raise
            _log.exception("the power switch of the modem at %s failed", self._name)
