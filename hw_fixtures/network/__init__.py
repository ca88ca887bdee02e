"""The network side of the bench: cells, a message centre, an exchange, phones to text, to call and to answer from."""

from hw_fixtures.network.air import Air, Subscriber
from hw_fixtures.network.cells import Cell
from hw_fixtures.network.centre import DUPLICATE, MessageCentre
from hw_fixtures.network.exchange import Connection, Exchange, Menu, Release, Stage
from hw_fixtures.network.phones import Phone, Text
from hw_fixtures.network.world import Network

__all__ = [
    "DUPLICATE",
    "Air",
    "Cell",
    "Connection",
    "Exchange",
    "Menu",
    "MessageCentre",
    "Network",
    "Phone",
    "Release",
    "Stage",
    "Subscriber",
    "Text",
]
