"""A simulated modem: a pure machine with its model as data and faults on command, and ways to serve it."""

from hw_fixtures.modem.effects import Effect, HangUp, Timer, Write
from hw_fixtures.modem.machine import SimulatedModem
from hw_fixtures.modem.memory import MemoryModem, serve_memory
from hw_fixtures.modem.model import Model, load_model, model_names
from hw_fixtures.modem.pty import PtyModem, serve_pty
from hw_fixtures.modem.sim import SimCard

__all__ = [
    "Effect",
    "HangUp",
    "MemoryModem",
    "Model",
    "PtyModem",
    "SimCard",
    "SimulatedModem",
    "Timer",
    "Write",
    "load_model",
    "model_names",
    "serve_memory",
    "serve_pty",
]
