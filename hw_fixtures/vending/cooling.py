"""How warm it is in the cabinet: heat leaks in, the compressor takes it out, a thermostat switches. Pure."""

import math
from dataclasses import dataclass

LEAK_S = 2 * 3600.0
"""Time constant of the closed cabinet towards the room, seconds."""
DOOR_LEAK_S = 15 * 60.0
"""The same with the door open."""
COOLING_S = 30 * 60.0
"""Time constant towards the evaporator while a healthy compressor runs, seconds."""
EVAPORATOR_C = -8.0
HYSTERESIS_C = 1.0
"""The thermostat switches this far above and below the set point."""
STEP_S = 30.0
"""Longest step of the calculation; the thermostat may switch between two."""
MAX_STEPS = 2000
"""However long the time asked for, no more steps than this."""
LIFE_S = 20_000 * 3600.0
"""Running time after which a compressor's health has worn from 1 to 1/e, seconds."""


@dataclass
class Cabinet:
    """The cold part of a machine. Temperatures in °C; `health` 1 is a new compressor, 0 one that does nothing."""

    temperature: float = 4.0
    set_point: float = 3.5
    ambient: float = 22.0
    health: float = 1.0
    running: bool = False
    failed: bool = False

    def advance(self, seconds: float, door_open: bool = False) -> None:
        """Let `seconds` pass."""
        steps = min(MAX_STEPS, math.ceil(seconds / STEP_S))
        for _ in range(steps):
            self._switch()
            self._drift(seconds / steps, DOOR_LEAK_S if door_open else LEAK_S)
        self._switch()

    def _switch(self) -> None:
        if self.failed or self.temperature <= self.set_point - HYSTERESIS_C:
            self.running = False
        elif self.temperature >= self.set_point + HYSTERESIS_C:
            self.running = True

    def _drift(self, seconds: float, leak_s: float) -> None:
        """Both flows are linear in the temperature, so it goes exponentially to where they balance."""
        leak = 1 / leak_s
        cooling = self.health / COOLING_S if self.running else 0.0
        balance = (leak * self.ambient + cooling * EVAPORATOR_C) / (leak + cooling)
        self.temperature = balance + (self.temperature - balance) * math.exp(-(leak + cooling) * seconds)
        if self.running:
            self.health *= math.exp(-seconds / LIFE_S)
