"""Modem profiles, one vendor per file, and the choice among them."""

from modem_drivers.profiles.base import Interfaces, Profile, RetriesForm, Row
from modem_drivers.profiles.generic import GENERIC
from modem_drivers.profiles.quectel import EC25
from modem_drivers.profiles.quectel_bg import BG95, BG96
from modem_drivers.profiles.sierra import EM, HL78
from modem_drivers.profiles.simcom import A7670, SIM7080, SIM7600
from modem_drivers.profiles.sources import Basis, Source
from modem_drivers.profiles.telit import LE910
from modem_drivers.profiles.ublox import LARA_R6, SARA_R4, SARA_R5

PROFILES = (EC25, BG96, BG95, SIM7600, A7670, SIM7080, SARA_R4, SARA_R5, LARA_R6, LE910, EM, HL78)
"""All profiles but the generic one, in the order they are tried."""

__all__ = [
    "A7670",
    "BG95",
    "BG96",
    "EC25",
    "EM",
    "GENERIC",
    "HL78",
    "LARA_R6",
    "LE910",
    "PROFILES",
    "SARA_R4",
    "SARA_R5",
    "SIM7080",
    "SIM7600",
    "Basis",
    "Interfaces",
    "Profile",
    "RetriesForm",
    "Row",
    "Source",
    "profile_for",
    "profile_for_usb",
]


def profile_for(manufacturer: str, model: str) -> Profile:
    """The profile of a modem by its own words (AT+CGMI, AT+CGMM); GENERIC where none fits."""
    return next((profile for profile in PROFILES if profile.matches(manufacturer, model)), GENERIC)


def profile_for_usb(vendor: int, product: int) -> Profile | None:
    """The profile of a modem by its USB identity, None where none has it."""
    return next((profile for profile in PROFILES if (vendor, product) in profile.usb), None)
