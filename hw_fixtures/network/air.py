"""What a modem meets on the air, whoever provides it: a network in this process, or one that several share."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from hw_fixtures.network.cells import Cell
from hw_fixtures.network.exchange import Switchboard
from modem_drivers import pdu


class Subscriber(Protocol):
    """Whoever holds a number."""

    def take(self, hexed: str) -> bool | None:
        """Accept a DELIVER or STATUS-REPORT PDU; False leaves it at the centre until the next dispatch.

        None promises to tell later, by the centre's `answered`; nothing else is delivered to the number before.
        """


class Air(Protocol):
    """A cell and a message centre. Nothing here waits; `submit` may answer at once or later."""

    @property
    def cell(self) -> Cell:
        """The cell that is heard."""

    @property
    def centre_number(self) -> str:
        """The message centre's number, as a SIM is issued with it."""

    @property
    def exchange(self) -> Switchboard:
        """Where calls and USSD codes go."""

    def now(self) -> datetime:
        """The time, aware."""

    def enrol(self, number: str) -> None:
        """The number exists, though it may not be reachable: texts to it wait."""

    def attach(self, number: str, subscriber: Subscriber) -> None:
        """From now on the number can be reached; what waited for it is delivered."""

    def detach(self, number: str) -> None:
        """The number cannot be reached any more."""

    def submit(self, sender: str, hexed: str, message: pdu.SubmitPdu, done: Callable[[int | None], None]) -> None:
        """Hand in an SMS-SUBMIT, as PDU and as read; `done` gets None when it is taken, else the cause of refusal."""

    def dispatch(self) -> None:
        """Deliver what can be delivered: a sender has had his answer, or there is room again."""
