"""What messages are, once read: plain data."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from modem_drivers.pdu import header, statuses
from modem_drivers.pdu.address import Address
from modem_drivers.pdu.header import Concat, Elements, Ports
from modem_drivers.pdu.schemes import SCHEMES, Waiting

_REJECT_DUPLICATES: Final = 0x04  # TP-RD, TS 23.040 clause 9.2.3.25
TYPE_0: Final = 0x40
"""TP-PID of a message to be acknowledged and dropped unseen (TS 23.040 clause 9.2.3.9)."""


@dataclass(frozen=True, slots=True)
class Submit:
    """One SMS-SUBMIT ready for the modem; `length` counts octets without the SMSC, as AT+CMGS wants it."""

    hex: str
    length: int
    reference: int
    part: int
    parts: int

    def resend(self) -> "Submit":
        """The same PDU with TP-RD set: a message centre that has it already rejects it, doubling nothing."""
        start = 2 + 2 * int(self.hex[:2], 16)
        first = int(self.hex[start : start + 2], 16) | _REJECT_DUPLICATES
        return replace(self, hex=f"{self.hex[:start]}{first:02X}{self.hex[start + 2 :]}")


class _Content:
    """What protocol identifier, data coding scheme and header say of a message."""

    __slots__ = ()
    protocol: int
    scheme: int
    elements: Elements

    @property
    def message_class(self) -> int | None:
        """0 to 3, None for a message without a class (TS 23.038 clause 4)."""
        return SCHEMES[self.scheme].message_class

    @property
    def flash(self) -> bool:
        """To be shown at once and not kept."""
        return self.message_class == 0

    @property
    def silent(self) -> bool:
        """To be dropped unseen: somebody asks whether the phone is on."""
        return self.protocol == TYPE_0

    @property
    def ports(self) -> Ports | None:
        """The application it is for; None where it is for a person."""
        return header.ports_of(self.elements)

    @property
    def waiting(self) -> Waiting | None:
        """What it tells of messages that wait elsewhere, by its header or else by its scheme."""
        return header.waiting_of(self.elements) or SCHEMES[self.scheme].waiting


@dataclass(frozen=True, slots=True)
class Deliver(_Content):
    """One SMS-DELIVER, or a whole message joined from several.

    `text` is None for binary messages. `data` holds the octets behind the header unless they were septets.
    `timestamp` is the message centre's, in UTC; None when it sent something that is no date. `protocol` is
    TP-PID, `scheme` TP-DCS, `elements` the user data header.
    """

    sender: Address
    text: str | None
    data: bytes | None
    timestamp: datetime | None
    concat: Concat | None = None
    protocol: int = 0
    scheme: int = 0
    elements: Elements = ()


@dataclass(frozen=True, slots=True)
class SubmitPdu(_Content):
    """One SMS-SUBMIT as a message centre reads it; `smsc` is the centre it names, None for its own.

    `validity` is a period or a moment in UTC; None where the centre decides, or for a format nobody can read.
    """

    recipient: Address
    text: str | None
    data: bytes | None
    reference: int
    report: bool
    reject_duplicates: bool
    concat: Concat | None
    smsc: Address | None
    validity: timedelta | datetime | None = None
    protocol: int = 0
    scheme: int = 0
    elements: Elements = ()


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What became of a message (TP-ST, TS 23.040 clause 9.2.3.15); times in UTC, None when no dates came."""

    reference: int
    recipient: Address
    status: int
    timestamp: datetime | None
    discharged: datetime | None

    @property
    def words(self) -> str:
        """The status in words."""
        return statuses.words(self.status)

    @property
    def delivered(self) -> bool:
        """The message centre is done and the phone has the message."""
        return self.status < 0x20

    @property
    def pending(self) -> bool:
        """The message centre still tries."""
        return 0x20 <= self.status < 0x40

    @property
    def failed(self) -> bool:
        """The message centre gave up; reserved values count as refused."""
        return self.status >= 0x40
