"""Ways to a modem."""

from modem_drivers.transport.base import OnData, OnLost, Transport
from modem_drivers.transport.memory import Cable, MemoryEnd, cable
from modem_drivers.transport.recorder import Recorder
from modem_drivers.transport.serial import open_port

__all__ = ["Cable", "MemoryEnd", "OnData", "OnLost", "Recorder", "Transport", "cable", "open_port"]
