"""What the sandbox provider keeps: its SIMs, the faults it was told to have, and a count of what it was asked. Pure."""

from collections import Counter
from dataclasses import dataclass, field


class No(Exception):
    """The request is refused: `status` is HTTP's, the message for a person."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Fault:
    """What shall go wrong with the next `count` requests of one kind (`on` empty: of any kind).

    kind: `busy` (429, not done) · `error` (503, not done) · `crash` (500, done) · `lost` (done, the line drops) ·
    `slow` (done, answered `seconds` late). `retry_after`: seconds, sent with busy and error where it is not 0.
    """

    kind: str
    on: str = ""
    count: int = 1
    retry_after: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Card:
    """One claimed SIM."""

    iccid: str
    status: str = "new"
    reason: str = ""
    callback_url: str = ""

    def view(self) -> dict[str, str]:
        """As the API shows it."""
        return {"iccid": self.iccid, "status": self.status, "reason": self.reason}


@dataclass(slots=True)
class Ledger:
    """One customer's account. `refuse`: ICCIDs this provider never sold, with the words it refuses them with."""

    cards: dict[str, Card] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    """ICCIDs whose callbacks never come: the customer has to ask."""
    faults: list[Fault] = field(default_factory=list)
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each (act, ICCID) was carried out: `claim`, `activate`, `suspend`."""
    asked: Counter[str] = field(default_factory=Counter)
    """How many requests of each kind came in, whatever became of them."""

    def fault(self, kind: str) -> Fault | None:
        """The fault that this request has, used up by it."""
        for fault in self.faults:
            if fault.on in ("", kind):
                fault.count -= 1
                if fault.count <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def claim(self, iccid: str) -> Card:
        """Register a SIM under the account."""
        if iccid in self.refuse:
            raise No(422, self.refuse[iccid])
        if iccid in self.cards:
            raise No(409, f"SIM {iccid} is claimed already")
        self.done["claim", iccid] += 1
        self.cards[iccid] = Card(iccid)
        return self.cards[iccid]

    def card(self, iccid: str) -> Card:
        """A SIM of the account."""
        if iccid not in self.cards:
            raise No(404, f"no SIM {iccid} in this account")
        return self.cards[iccid]

    def activate(self, iccid: str) -> Card:
        """Begin to bring a SIM into service; `arrive` ends it."""
        card = self.card(iccid)
        if card.status == "retired":
            raise No(422, f"SIM {iccid} is retired")
        if card.status not in ("activating", "active"):
            self.done["activate", iccid] += 1
            card.status, card.reason = "activating", ""
        return card

    def arrive(self, iccid: str) -> Card | None:
        """An activation takes effect; None when it was called off meanwhile."""
        card = self.cards.get(iccid)
        if card is None or card.status != "activating":
            return None
        card.status = "active"
        return card

    def suspend(self, iccid: str, reason: str = "user") -> Card:
        """Take a SIM out of service; another `reason` than user is the provider's own doing."""
        card = self.card(iccid)
        if card.status in ("new", "retired"):
            raise No(422, f"SIM {iccid} is {card.status}, not in service")
        if card.status != "suspended":
            self.done["suspend", iccid] += 1
        card.status, card.reason = "suspended", reason
        return card
