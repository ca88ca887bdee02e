"""Virtual vending machines: the model, its MQTT connection, and many of them at once."""

from hw_fixtures.vending.machine import Message, VendingMachine
from hw_fixtures.vending.park import Park
from hw_fixtures.vending.telemeter import Telemeter
from hw_fixtures.vending.uplink import Uplink

__all__ = ["Message", "Park", "Telemeter", "Uplink", "VendingMachine"]
