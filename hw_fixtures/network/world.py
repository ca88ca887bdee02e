"""One world of radio: its cells, its message centre and everybody's phones."""

from collections.abc import Callable
from datetime import datetime

from hw_fixtures.network.air import Subscriber
from hw_fixtures.network.cells import Cell
from hw_fixtures.network.centre import MessageCentre
from hw_fixtures.network.exchange import Exchange, Reply
from hw_fixtures.network.phones import Phone, Text
from modem_drivers import pdu


class Network:
    """Everything a modem meets on the air. `now` gives aware times for stamps; nothing here waits on a clock.

    `on_text` callbacks hear of every text that reaches a phone, with the phone's number.
    """

    def __init__(self, now: Callable[[], datetime], *, cell: Cell | None = None, centre: str = "+15550100") -> None:
        self.now = now
        self.cell = cell or Cell()
        self.centre = MessageCentre(centre, now)
        self.centre.stranger = self.phone  # whatever number is texted, somebody has it
        self.on_text: list[Callable[[str, Text], None]] = []
        self.exchange = Exchange(self.phone)
        self._phones: dict[str, Phone] = {}

    def phone(self, number: str) -> Phone:
        """The phone with this number, switched on with its first use."""
        if number not in self._phones:
            phone = self._phones[number] = Phone(number, self)
            self.centre.attach(number, phone)
            self.exchange.attach(number, phone)
        return self._phones[number]

    @property
    def ussd(self) -> dict[str, Reply]:
        """The codes this network knows and what it says to them."""
        return self.exchange.ussd

    # --- what a modem meets: see Air ---

    @property
    def centre_number(self) -> str:
        """See Air."""
        return self.centre.number

    def enrol(self, number: str) -> None:
        """See Air."""
        self.centre.enrol(number)

    def attach(self, number: str, subscriber: Subscriber) -> None:
        """See Air."""
        self.centre.attach(number, subscriber)

    def detach(self, number: str) -> None:
        """See Air."""
        self.centre.detach(number)

    def submit(self, sender: str, hexed: str, message: pdu.SubmitPdu, done: Callable[[int | None], None]) -> None:
        """See Air; answers at once."""
        done(self.centre.submit(sender, hexed, message))

    def dispatch(self) -> None:
        """See Air."""
        self.centre.dispatch()
