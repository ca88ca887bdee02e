"""Registration (3GPP TS 27.007 clauses 7.2, 10.1.20, 10.1.22) as the modem tells it, read into one answer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from modem_drivers.at import params
from modem_drivers.at.parsers import sleep
from modem_drivers.at.parsers.cells import known_area, known_cell
from modem_drivers.at.unsolicited import not_a_reply

DOMAINS: Final = ("+CEREG", "+CGREG", "+CREG")
"""EPS, packet and circuit domain, the best for data first."""


class RegState(IntEnum):
    """3GPP TS 27.007 clause 7.2."""

    NOT_SEARCHING = 0
    HOME = 1
    SEARCHING = 2
    DENIED = 3
    UNKNOWN = 4
    ROAMING = 5
    SMS_ONLY_HOME = 6
    SMS_ONLY_ROAMING = 7
    EMERGENCY_ONLY = 8
    HOME_NO_FALLBACK = 9
    ROAMING_NO_FALLBACK = 10
    RESTRICTED_LOCAL = 11


REGISTERED: Final = frozenset(
    {RegState.HOME, RegState.ROAMING, RegState.HOME_NO_FALLBACK, RegState.ROAMING_NO_FALLBACK}
)
SMS_POSSIBLE: Final = REGISTERED | {RegState.SMS_ONLY_HOME, RegState.SMS_ONLY_ROAMING}
_ACT, _ACT_DIGITS = 4, 2
"""Where <AcT> stands behind a routing area, and its digits at the most; a cell has more."""
_ACTS: Final = 16
_PAIRED: Final = 4
"""Values behind <AcT> without a routing area: a cause, its type, two timers. One of a pair is never told alone."""
_NETWORK_CAUSE: Final = "0"  # <cause_type>; 1 is a cause of the maker's own
_ROAMING: Final = frozenset({RegState.ROAMING, RegState.SMS_ONLY_ROAMING, RegState.ROAMING_NO_FALLBACK})
_BEST_FIRST: Final = (
    *sorted(REGISTERED),
    RegState.SMS_ONLY_HOME,
    RegState.SMS_ONLY_ROAMING,
    RegState.SEARCHING,
    RegState.DENIED,
    RegState.EMERGENCY_ONLY,
    RegState.RESTRICTED_LOCAL,
    RegState.NOT_SEARCHING,
    RegState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class DomainState:
    """One domain's registration; area (LAC or TAC) and cell are hexadecimal as given, None where unknown.

    `cause` is why the network refused (3GPP TS 24.301 clause 9.9.3.9, TS 24.008 clause 10.5.5.14). `active_time` and
    `update_period` are what it grants for power saving, in seconds; None where it grants none.
    """

    state: RegState
    area: str | None = None
    cell: str | None = None
    act: int | None = None
    cause: int | None = None
    active_time: int | None = None
    update_period: int | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """The modem's registration over all domains.

    `sms_possible` needs the circuit domain, in which texts travel (directly or by way of LTE). `area` is
    the tracking or location area, `act` the access technology (TS 27.007: 7 is LTE).
    """

    state: RegState
    roaming: bool
    registered: bool
    sms_possible: bool
    area: str | None = None
    cell: str | None = None
    act: int | None = None


def parse_registration(text: str) -> DomainState | None:
    """The state in what follows the prefix, of a reply or an unsolicited line; None where it holds none."""
    fields = [field.strip() for field in text.split(",")]  # no value holds a comma, but quotes are seen alone
    name = DOMAINS[0]  # the rule is the same for all
    if len(fields) > 1 and not not_a_reply(name, text):
        del fields[0]
    state = params.number(fields[0]) if fields else None
    if state is None or not 0 <= state <= max(RegState):
        return None
    if len(fields) > _ACT and len(params.unquote(fields[_ACT - 1])) > _ACT_DIGITS >= len(params.unquote(fields[_ACT])):
        del fields[2]  # a routing area or MME code, which some LTE modems put between area and cell
    area, cell, act = ([params.unquote(field) for field in fields[1:4]] + [""] * 3)[:3]
    known = params.number(act)
    rest = fields[4:]
    if rest and (rest[0].startswith('"') or len(rest) % 2 or len(rest) > _PAIRED):
        del rest[0]  # a routing area, in the packet domain and with some makers everywhere
    kind, cause, active, update = ([params.unquote(field) for field in rest[:4]] + [""] * 4)[:4]
    return DomainState(
        RegState(state),
        area if known_area(area) is not None else None,
        cell if known_cell(cell) is not None else None,
        known if known in range(_ACTS) else None,
        (params.number(cause) or None) if kind == _NETWORK_CAUSE else None,  # 0 is no cause
        sleep.active_time(active),
        sleep.update_period(update),
    )


def combine(domains: Mapping[str, DomainState]) -> Registration:
    """One answer for all domains, by name as in DOMAINS: the best state wins, EPS first among equals."""
    ranked = sorted(
        (domain for name in DOMAINS if (domain := domains.get(name)) is not None),
        key=lambda domain: _BEST_FIRST.index(domain.state),
    )
    best = ranked[0] if ranked else DomainState(RegState.UNKNOWN)
    circuit = domains.get("+CREG")
    return Registration(
        state=best.state,
        roaming=best.state in _ROAMING,
        registered=best.state in REGISTERED,
        sms_possible=circuit is not None and circuit.state in SMS_POSSIBLE,
        area=best.area,
        cell=best.cell,
        act=best.act,
    )
