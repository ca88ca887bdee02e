"""A virtual vending machine: a pure model that is stepped through time and says what it would report.

machine = VendingMachine("vm-01", seed=1)
messages = machine.step(now)      # what it reports, up to `now`
machine.cabinet.failed = True     # or: machine.fail_compressor()
"""

import random
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from hw_fixtures.vending.cooling import Cabinet
from hw_fixtures.vending.stock import Store

SENSOR_NOISE_C = 0.05
"""Standard deviation of the thermometer."""

SOLD_OUT, DOOR_OPEN, COIN_JAM = "sold_out", "door_open", "coin_jam"
"""The events it reports; `sold_out` is on while any selection is empty."""


class Message(NamedTuple):
    """One message as a device sends it: on which topic, and the JSON object."""

    topic: Literal["telemetry", "events"]
    body: dict[str, Any]


class VendingMachine:
    """One machine. Two with the same seed and the same steps report the same."""

    def __init__(self, name: str, *, seed: int = 0, cabinet: Cabinet | None = None, store: Store | None = None) -> None:
        self.name = name
        self.cabinet = cabinet or Cabinet()
        self.store = store or Store()
        self.door_open = False
        self._chance = random.Random(f"{seed} {name}")  # noqa: S311 - a model, not a secret
        self._at: datetime | None = None
        self._first_ms = 0
        self._count = 0
        self._states = {SOLD_OUT: False, DOOR_OPEN: False, COIN_JAM: False}

    def step(self, now: datetime) -> list[Message]:
        """Let the time since the last step pass, then report: events that changed, then one set of readings.

        Message ids are the first step's time and a number that counts up, so that a machine started again later
        does not repeat them.
        """
        if self._at is None:
            self._at, self._first_ms = now, _ms(now)
        elif now > self._at:
            seconds = (now - self._at) / timedelta(seconds=1)
            self.cabinet.advance(seconds, self.door_open)
            self.store.trade(seconds, self._chance)
            self._at = now
        return [*self._events(now), Message("telemetry", {**self._head(now), "values": self.readings()})]

    def readings(self) -> dict[str, float | bool]:
        """What the sensors show now: temperature in °C, cash in cents, pieces left."""
        temperature = self.cabinet.temperature + self._chance.gauss(0, SENSOR_NOISE_C)
        stock = {f"left.{selection.code}": selection.left for selection in self.store.selections}
        return {
            "temperature": round(temperature, 2),
            "compressor": self.cabinet.running,
            "door": self.door_open,
            "cash": self.store.cash,
            "sold": self.store.sold,
            **stock,
        }

    def fail_compressor(self) -> None:
        """It stops, and the cabinet warms towards the room."""
        self.cabinet.failed = True

    def repair_compressor(self) -> None:
        """It runs again like new."""
        self.cabinet.failed, self.cabinet.health = False, 1.0

    def wear_compressor(self, health: float) -> None:
        """It cools only this well, 0 to 1; below about 0.2 it cannot hold the set point in a warm room."""
        self.cabinet.health = health

    def sell_out(self, code: str | None = None) -> None:
        """One selection (None: all) is sold to the last piece."""
        self.store.sell_out(code)

    def refill(self, code: str | None = None) -> None:
        """One selection (None: all) is full again."""
        self.store.refill(code)

    def empty_cash_box(self) -> int:
        """Take the coins out; returns how much, in cents."""
        taken, self.store.cash = self.store.cash, 0
        return taken

    def _events(self, now: datetime) -> list[Message]:
        present = {SOLD_OUT: bool(self.store.empty), DOOR_OPEN: self.door_open, COIN_JAM: self.store.jammed}
        changed = [code for code, on in present.items() if on is not self._states[code]]
        self._states = present
        return [
            Message("events", {**self._head(now), "code": code, "state": "on" if present[code] else "off"})
            for code in changed
        ]

    def _head(self, now: datetime) -> dict[str, Any]:
        self._count += 1
        return {"id": f"{self._first_ms:x}.{self._count}", "ts": _ms(now)}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
