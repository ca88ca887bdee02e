"""Simulated modems and networks from what people write."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from hw_fixtures.modem.machine import SimulatedModem
from hw_fixtures.modem.model import Model, load_model
from hw_fixtures.modem.sim import SimCard
from hw_fixtures.network import Air, Network
from modem_drivers.pdu import parse_number

_FORMS = {
    "PIN": ("4 to 8 digits", re.compile(r"[0-9]{4,8}")),
    "ICCID": ("19 or 20 digits", re.compile(r"[0-9]{2}[0-9A-F]{17,18}")),
    "IMSI": ("6 to 15 digits", re.compile(r"[0-9]{6,15}")),
    "number": ("a phone number such as +15550199", re.compile(r"\+?[0-9]{3,15}")),
    "IMEI": ("15 digits", re.compile(r"[0-9]{15}")),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A modem and its card, checked and not yet switched on."""

    model: Model
    card: SimCard
    imei: str
    cmgs_latency: float

    def build(self, air: Air) -> SimulatedModem:
        """The modem, switched on."""
        return SimulatedModem(self.model, network=air, sim=self.card, imei=self.imei, cmgs_latency=self.cmgs_latency)


def plan(
    model: str, *, number: str, pin: str | None, iccid: str, imsi: str, imei: str, cmgs_latency: float = 0
) -> Plan:
    """The modem that is wanted. Check digits are not checked: rehearse wrong ones too.

    Raises LookupError for an unknown model, ValueError for a value that cannot be what it is called.
    """
    for name, value in (("PIN", pin), ("number", number), ("ICCID", iccid), ("IMSI", imsi), ("IMEI", imei)):
        wanted, form = _FORMS[name]
        if value is not None and not form.fullmatch(value):
            got = f"{len(value)} characters" if name == "PIN" else repr(value)  # a PIN is not shown
            raise ValueError(f"expected {wanted} as the {name}, got {got}: correct --{name.lower()}")
    card = SimCard(iccid, imsi, parse_number(number).number, pin=pin)
    return Plan(load_model(model), card, imei, cmgs_latency)


def network() -> Network:
    """A network whose clock is the wall clock."""
    return Network(lambda: datetime.now(UTC))
