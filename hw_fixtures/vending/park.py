"""Many machines at once, with one set of figures and faults by a typed line."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hw_fixtures.vending.machine import VendingMachine
from hw_fixtures.vending.telemeter import Telemeter
from hw_fixtures.vending.uplink import Uplink

ACTS: Mapping[str, Callable[[VendingMachine], None]] = {
    "fail": VendingMachine.fail_compressor,
    "repair": VendingMachine.repair_compressor,
    "sell-out": VendingMachine.sell_out,
    "refill": VendingMachine.refill,
    "open": lambda machine: setattr(machine, "door_open", True),
    "close": lambda machine: setattr(machine, "door_open", False),
}
"""What can be done to a machine by name."""


class Credentials(Protocol):
    """A device's name and token."""

    @property
    def name(self) -> str:
        """The device's id."""

    @property
    def token(self) -> str:
        """Its MQTT password."""


@dataclass(frozen=True)
class Figures:
    """How a park stands."""

    machines: int
    connected: int
    published: int
    acknowledged: int
    dropped: int
    refused: dict[str, str]
    """Why, by machine, for those the service refuses."""

    def said(self, rate: float) -> str:
        """The figures as one line; `rate`: acknowledged messages per second."""
        waiting = self.published - self.acknowledged
        dropped = f", {self.dropped} dropped" if self.dropped else ""
        return (
            f"{self.connected} of {self.machines} machines connected, {rate:.1f} messages/s acknowledged, "
            f"{self.acknowledged} in all, {waiting} waiting{dropped}"
        )


class Park:
    """Machines that report to one service."""

    def __init__(self, url: str, whom: Sequence[Credentials], *, now: Callable[[], datetime], interval: float) -> None:
        """`interval`: real seconds between two reports of a machine. Raises ValueError for a bad `url`."""
        self._interval = interval
        self._telemeters = {
            one.name: Telemeter(VendingMachine(one.name), Uplink(url, one.name, one.token), now=now, interval=interval)
            for one in whom
        }

    def machine(self, name: str) -> VendingMachine:
        """The machine called `name`; raises KeyError."""
        return self._telemeters[name].machine

    def act(self, line: str) -> str:
        """Do what a line such as `fail vm-03` says; returns a sentence of what happened, raises ValueError."""
        verb, _, name = line.strip().partition(" ")
        if verb not in ACTS or name not in self._telemeters:
            raise ValueError(
                f"expected one of {', '.join(ACTS)} and the name of a machine, got {line.strip()!r}: try `fail "
                f"{next(iter(self._telemeters), 'NAME')}`"
            )
        ACTS[verb](self.machine(name))
        return f"{name}: {verb}"

    def figures(self) -> Figures:
        """How it stands now."""
        uplinks = [telemeter.uplink for telemeter in self._telemeters.values()]
        return Figures(
            machines=len(uplinks),
            connected=sum(uplink.connected for uplink in uplinks),
            published=sum(uplink.published for uplink in uplinks),
            acknowledged=sum(uplink.acknowledged for uplink in uplinks),
            dropped=sum(uplink.dropped for uplink in uplinks),
            refused={uplink.name: uplink.refused for uplink in uplinks if uplink.refused},
        )

    async def run(self) -> None:
        """Run all, their reports spread over the interval, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for place, telemeter in enumerate(self._telemeters.values()):
                tasks.create_task(telemeter.run(self._interval * place / len(self._telemeters)))

    async def finish(self, within: float) -> None:
        """Report no more, and wait `within` seconds at most until who is connected has everything acknowledged."""
        for telemeter in self._telemeters.values():
            telemeter.silent = True
        waits = [one.uplink.drained() for one in self._telemeters.values() if one.uplink.connected]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await asyncio.gather(*waits)
