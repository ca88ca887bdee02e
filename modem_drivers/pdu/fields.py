"""Fields that stand in several PDUs, read: addresses, times, validity (3GPP TS 23.040).

All raise ValueError or IndexError for octets that cannot be one.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from modem_drivers.pdu.address import KINDS, SWAPPED, Address, Kind, name_of

MOST_SEMI_OCTETS: Final = 20
STAMP_OCTETS: Final = 7
VALIDITY_OCTETS: Final = (0, 7, 1, 7)
"""By TP-VPF: none, enhanced, relative, absolute (clause 9.2.3.3)."""

_LETTERS: Final = str.maketrans("abcde", "*#abc")  # semi-octets 10 to 14, clause 9.1.2.3
_NO_FIGURE: Final = 255
_FIGURES: Final = bytes(
    (octet & 0x0F) * 10 + (octet >> 4) if octet & 0x0F < 10 and octet >> 4 < 10 else _NO_FIGURE for octet in range(256)
)
"""Two swapped decimal figures, by octet."""
_WEST: Final = 0x08  # the sign in the zone's first figure, clause 9.2.3.11
_QUARTER: Final = timedelta(minutes=15)


def smsc(octets: bytes) -> Address | None:
    """The message centre a PDU begins with; None where its length is zero."""
    count = octets[0]
    if count == 0:
        return None
    if len(octets) <= count:
        raise ValueError("it ends too early")
    return _number(octets[2 : 1 + count], KINDS[octets[1] >> 4 & 7])


def address(octets: bytes, at: int) -> tuple[Address, int]:
    """The address that begins at `at`, and where the next field does."""
    semi_octets = octets[at]
    if semi_octets > MOST_SEMI_OCTETS:
        raise ValueError(f"an address of {semi_octets} semi-octets")
    kind = KINDS[octets[at + 1] >> 4 & 7]
    end = at + 2 + (semi_octets + 1) // 2
    value = octets[at + 2 : end]
    if kind == "alphanumeric":
        return Address(name_of(value, semi_octets), kind), end
    return _number(value, kind, semi_octets), end


def _number(value: bytes, kind: Kind, most: int = 2 * MOST_SEMI_OCTETS) -> Address:
    digits = value.translate(SWAPPED).hex()[:most]
    if not digits.isdecimal():
        digits = digits.rstrip("f").translate(_LETTERS)  # some networks count the filler
        if "f" in digits:
            raise ValueError("a filler inside a number")
    return Address("+" + digits if digits and kind == "international" else digits, kind)


def stamp(octets: bytes) -> datetime | None:
    """A time in UTC, clause 9.2.3.11; None for what is no date: some networks send zeros or rubbish."""
    year, month, day, hour, minute, second, _ = octets.translate(_FIGURES)
    zone = _FIGURES[octets[6] & ~_WEST]
    if _NO_FIGURE in (year, zone):
        return None
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    if zone == 0:
        return moment
    return moment + zone * _QUARTER if octets[6] & _WEST else moment - zone * _QUARTER


def validity(form: int, octets: bytes) -> timedelta | datetime | None:
    """TP-VP in the format TP-VPF names: a period, a moment in UTC, or None (clause 9.2.3.12)."""
    match form:
        case 1:
            return _enhanced(octets)
        case 2:
            return relative_validity(octets[0])
        case 3:
            return stamp(octets)
    return None


def relative_validity(value: int) -> timedelta:
    """The period that one octet names, clause 9.2.3.12.1."""
    if value <= 143:
        return timedelta(minutes=5 * (value + 1))
    if value <= 167:
        return timedelta(hours=12, minutes=30 * (value - 143))
    if value <= 196:
        return timedelta(days=value - 166)
    return timedelta(weeks=value - 192)


def _enhanced(octets: bytes) -> timedelta | None:
    """The enhanced format, clause 9.2.3.12.3; its first octet says what the others are."""
    at = 2 if octets[0] & 0x80 else 1  # behind an extension of the first octet
    match octets[0] & 7:
        case 1:
            return relative_validity(octets[at])
        case 2:
            return timedelta(seconds=octets[at])
        case 3:
            hours, minutes, seconds = octets[at : at + 3].translate(_FIGURES)
            if _NO_FIGURE not in (hours, minutes, seconds):
                return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return None
