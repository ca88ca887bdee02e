"""The box in a machine that reports: it steps the machine and publishes what it says, at an interval."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime

from hw_fixtures.vending.machine import VendingMachine
from hw_fixtures.vending.uplink import Uplink


class Telemeter:
    """Reports of one machine over its uplink."""

    def __init__(
        self, machine: VendingMachine, uplink: Uplink, *, now: Callable[[], datetime], interval: float
    ) -> None:
        """`now`: the machine's time, which may be wound; `interval`: real seconds between reports."""
        self.machine, self.uplink = machine, uplink
        self.silent = False
        """While set it neither steps nor reports, as a machine that is switched off."""
        self._now, self._interval = now, interval

    def report(self) -> None:
        """Step the machine to the present and publish what it says."""
        for topic, body in self.machine.step(self._now()):
            self.uplink.publish(f"devices/{self.machine.name}/{topic}", json.dumps(body).encode())

    async def run(self, after: float = 0.0) -> None:
        """Keep the connection, and report from `after` seconds on, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.uplink.run(), name=f"uplink {self.machine.name}")
            tasks.create_task(self._report_on(after), name=f"reports {self.machine.name}")

    async def _report_on(self, after: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + after
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not self.silent:
                self.report()
            due = max(due + self._interval, loop.time())
