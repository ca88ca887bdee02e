"""Packet data contexts: AT+CGDCONT, AT+CGACT, AT+CGPADDR, AT+CGCONTRDP (3GPP TS 27.007 clause 10.1), and the makers'.

Those that read what is up give None for a context that is down.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from modem_drivers.at.params import number, values

_MASK: Final = re.compile(r"[/ ]")
"""What stands between an address in colons and its mask: a slash or a blank, by AT+CGPIAF."""
_DOTTED: Final = re.compile(r"(?:[0-9]{1,3}\.)+[0-9]{1,3}")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Context:
    """A context as defined; `apn` is empty where any will do."""

    cid: int
    kind: str
    apn: str


@dataclass(frozen=True, slots=True)
class InUse:
    """A context that is up, with what the modem tells of it."""

    cid: int
    apn: str | None = None
    addresses: tuple[Address, ...] = ()


def defined(text: str) -> Context | None:
    """`1,"IPV4V6","iot.example",…` of AT+CGDCONT?; what follows the APN differs by maker."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    if cid is None or len(fields) < 3:
        return None
    return Context(cid, fields[1].upper(), fields[2])


def active(text: str) -> InUse | None:
    """`1,1` of AT+CGACT?, AT#SGACT? and AT!SCACT?: context, state."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    return InUse(cid) if cid is not None and fields[1:2] == ["1"] else None


def addresses(text: str) -> tuple[int, tuple[Address, ...]] | None:
    """`1,"10.64.0.2"` of AT+CGPADDR: the context and its addresses; 0.0.0.0 is none."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    return None if cid is None else (cid, _addresses(fields[1:]))


def in_use(text: str) -> InUse | None:
    """`1,5,"iot.example","10.64.0.2.255.0.0.0",…` of AT+CGCONTRDP, old and new form of the address."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    if cid is None:
        return None
    return InUse(cid, fields[2] or None if len(fields) > 2 else None, _addresses(fields[3:4]))


def address(text: str) -> Address | None:
    """An address as modems write them: dotted, IPv6 as 16 decimal numbers or with colons, a mask behind it."""
    text = _MASK.split(text.strip())[0]
    parts = text.split(".") if _DOTTED.fullmatch(text) else []
    try:
        match len(parts):
            case 4 | 8:  # 010 is 10: some fill the numbers up with zeros
                found: Address = IPv4Address(bytes(int(part) for part in parts[:4]))
            case 16 | 32:
                found = IPv6Address(bytes(int(part) for part in parts[:16]))
            case _:
                found = ip_address(text)
    except ValueError:
        return None
    return None if found.is_unspecified else found


def qiact(text: str) -> InUse | None:
    """Quectel's `1,1,1,"10.64.0.2"` of AT+QIACT?: context, state, kind, addresses."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    return InUse(cid, addresses=_addresses(fields[3:])) if cid is not None and fields[1:2] == ["1"] else None


def cnact(text: str) -> InUse | None:
    """SIMCom's `0,1,"10.64.0.2"` of AT+CNACT?: context counted from 0, state, addresses."""
    fields = values(text)
    index = number(fields[0]) if fields else None
    return InUse(index + 1, addresses=_addresses(fields[2:])) if index is not None and fields[1:2] == ["1"] else None


def ipaddr(text: str) -> InUse | None:
    """SIMCom's `10.64.0.2` of AT+IPADDR, of context 1."""
    return _first(text)


def upsnd(text: str) -> InUse | None:
    """u-blox's `0,0,"10.64.0.2"` of AT+UPSND=0,0: profile 0, which AT+UPSD=0,100,1 makes context 1's."""
    fields = values(text)
    return _first(fields[2]) if fields[:2] == ["0", "0"] and len(fields) > 2 else None


def kcnxcfg(text: str) -> InUse | None:
    """HL78's `1,"GPRS","iot.example","","","IPV4","10.64.0.2",…,2` of AT+KCNXCFG?: the state is last, 2 is up."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    if cid is None or len(fields) < 8 or fields[-1] != "2":
        return None
    return InUse(cid, fields[2] or None, _addresses(fields[6:7]))


def kcnx_ind(text: str) -> bool:
    """HL78's `+KCNX_IND: 1,4,1`: whether it settles the matter; 4 is connecting, 5 and 6 count idle time."""
    return values(text)[1:2] not in (["4"], ["5"], ["6"])


def _first(text: str) -> InUse | None:
    found = _addresses([text.strip()])
    return InUse(1, addresses=found) if found else None


def _addresses(fields: list[str]) -> tuple[Address, ...]:
    return tuple(found for field in fields for found in (address(field),) if found is not None)
