"""Packet data contexts: AT+CGDCONT, AT+CGPADDR, AT+CGCONTRDP (3GPP TS 27.007 clause 10.1)."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from modem_drivers.at.params import number, values

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Context:
    """A context as defined; `apn` is empty where any will do."""

    cid: int
    kind: str
    apn: str


@dataclass(frozen=True, slots=True)
class InUse:
    """A context as the network has set it up."""

    cid: int
    apn: str | None
    address: Address | None


def defined(text: str) -> Context | None:
    """`1,"IPV4V6","iot.example",…` of AT+CGDCONT?; what follows the APN differs by maker."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    if cid is None or len(fields) < 3:
        return None
    return Context(cid, fields[1].upper(), fields[2])


def addresses(text: str) -> tuple[int, tuple[Address, ...]] | None:
    """`1,"10.64.0.2"` of AT+CGPADDR: the context and its addresses; 0.0.0.0 is none."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    if cid is None:
        return None
    found = (address(one) for one in fields[1:])
    return cid, tuple(one for one in found if one is not None)


def in_use(text: str) -> InUse | None:
    """`1,5,"iot.example","10.64.0.2.255.0.0.0",…` of AT+CGCONTRDP, old and new form of the address."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    if cid is None:
        return None
    return InUse(
        cid,
        fields[2] or None if len(fields) > 2 else None,
        address(fields[3]) if len(fields) > 3 else None,
    )


def address(text: str) -> Address | None:
    """An address as modems write them: dotted, IPv6 as 16 decimal numbers or with colons, a mask behind it."""
    parts = text.split(".")
    try:
        if len(parts) in (16, 32):
            found: Address = IPv6Address(bytes(int(part) for part in parts[:16]))
        else:
            found = ip_address(".".join(parts[:4]) if len(parts) == 8 else text.partition("/")[0])
    except ValueError:
        return None
    return None if found.is_unspecified else found


def qiact(text: str) -> InUse | None:
    """Quectel's `1,1,1,"10.64.0.2"` of AT+QIACT?: context, state, kind, address; None for one that is not up."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    return InUse(cid, None, address(fields[3])) if cid is not None and len(fields) > 3 and fields[1] == "1" else None


def cnact(text: str) -> InUse | None:
    """SIMCom's `0,1,"10.64.0.2"` of AT+CNACT?: context, state, address; None for one that is not up."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    return InUse(cid, None, address(fields[2])) if cid is not None and len(fields) > 2 and fields[1] == "1" else None


def app_pdp(text: str) -> tuple[int, bool] | None:
    """SIMCom's `+APP PDP: 0,ACTIVE`: the context, and whether it is up."""
    fields = values(text)
    cid = number(fields[0]) if fields else None
    up = {"ACTIVE": True, "DEACTIVE": False}.get(fields[1].upper()) if len(fields) == 2 else None
    return (cid, up) if cid is not None and up is not None else None


def uupsda(text: str) -> Address | None:
    """u-blox's `+UUPSDA: 0,"10.64.0.2"`; None where the context did not come up."""
    fields = values(text)
    return address(fields[1]) if len(fields) > 1 and fields[0] == "0" else None


def netopen(text: str) -> bool | None:
    """SIMCom's `+NETOPEN: 0`: whether packet data is up; other numbers are why not."""
    told = number(text)
    return told == 0 if told is not None and told >= 0 else None
