"""The SIM card: its identity, its locks and its own message store. It remembers across modems and resets."""

from dataclasses import dataclass, field

from hw_fixtures.modem.storage import Store

_PIN_TRIES = 3
_PUK_TRIES = 10


@dataclass(slots=True)
class SimCard:
    """One card. `pin` None means the lock is off (and the PIN, should somebody turn it on, is 0000)."""

    iccid: str
    imsi: str
    msisdn: str
    pin: str | None = None
    puk: str = "12345678"
    pin_tries: int = _PIN_TRIES
    puk_tries: int = _PUK_TRIES
    store: Store = field(default_factory=lambda: Store("SM", 50))
    locked: bool = field(init=False)  # whether the PIN is asked for
    verified: bool = field(init=False)  # since power came

    def __post_init__(self) -> None:
        self.locked = self.pin is not None
        self.pin = self.pin or "0000"
        self.power_cycle()

    def power_cycle(self) -> None:
        """Power was taken away and given: a locked card asks again."""
        self.verified = not self.locked

    @property
    def state(self) -> str:
        """As AT+CPIN? says it; "" for a card whose PUK is used up."""
        if self.pin_tries == 0:
            return "SIM PUK" if self.puk_tries else ""
        return "READY" if self.verified else "SIM PIN"

    def verify(self, pin: str) -> bool:
        """Try the PIN; a wrong one costs a try."""
        if self.pin_tries == 0:
            return False
        if pin != self.pin:
            self.pin_tries -= 1
            if self.pin_tries == 0:
                self.verified = False
            return False
        self.pin_tries = _PIN_TRIES
        self.verified = True
        return True

    def unblock(self, puk: str, new_pin: str) -> bool:
        """Try the PUK and set a new PIN; a wrong PUK costs a try."""
        if self.puk_tries == 0:
            return False
        if puk != self.puk:
            self.puk_tries -= 1
            return False
        self.pin, self.pin_tries, self.puk_tries = new_pin, _PIN_TRIES, _PUK_TRIES
        self.verified = True
        return True
