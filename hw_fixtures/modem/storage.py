"""Message stores: numbered slots of PDUs."""

from dataclasses import dataclass, replace

UNREAD, READ, UNSENT, SENT, ALL = 0, 1, 2, 3, 4  # <stat> of AT+CMGL and AT+CMGR, TS 27.005 clause 3.1


@dataclass(frozen=True, slots=True)
class Stored:
    """One slot's content; the PDU is hex with its SMSC."""

    pdu: str
    status: int


class Store:
    """Slots 0 to capacity - 1, filled from the lowest free one."""

    def __init__(self, name: str, capacity: int) -> None:
        self.name = name
        self.capacity = capacity
        self.slots: dict[int, Stored] = {}

    @property
    def full(self) -> bool:
        """No slot is free."""
        return len(self.slots) >= self.capacity

    def add(self, pdu: str, status: int) -> int | None:
        """The slot the PDU went to; None when full."""
        if self.full:
            return None
        index = next(index for index in range(self.capacity) if index not in self.slots)
        self.slots[index] = Stored(pdu, status)
        return index

    def read(self, index: int) -> Stored | None:
        """The slot as it was before this reading marks it read; None for an empty one."""
        stored = self.slots.get(index)
        if stored is not None and stored.status == UNREAD:
            self.slots[index] = replace(stored, status=READ)
        return stored

    def delete(self, statuses: set[int]) -> None:
        """Empty every slot with one of these statuses."""
        self.slots = {index: stored for index, stored in self.slots.items() if stored.status not in statuses}
