"""u-blox's SARA and LARA modems."""

from dataclasses import replace
from types import MappingProxyType

from modem_drivers.at.commands import Entry, Form
from modem_drivers.at.parsers import calls, contexts, keys, ublox_cells
from modem_drivers.profiles.base import CallForm, CellForm, DataForm, Interfaces, KeyForm, PowerForm, RetriesForm
from modem_drivers.profiles.generic import GENERIC
from modem_drivers.profiles.sources import code, manual, unconfirmed

_MANUAL = manual("u-blox AT Commands Manual UBX-13002752")
_UBXLIB = code("ubxlib")
_SET = Form.READ | Form.TEST

SARA_R4 = replace(
    GENERIC,
    name="ublox-sara-r4",
    manufacturer="u-blox",
    model="^SARA-R4",
    commands=MappingProxyType(
        {
            "+UPINCNT": Entry(),
            "+UCGED": Entry(bare=Form.READ, prefixes=("+RSRP", "+RSRQ")),
            "+UAUTHREQ": Entry(answers=_SET),
            "+CFUN": Entry(timeout=180, answers=_SET),
            "+CGATT": Entry(timeout=180, answers=_SET),
            "+CGACT": Entry(timeout=180, answers=_SET),
            "+CPWROFF": Entry(timeout=40, answers=Form.TEST),
        }
    ),
    # R410M has form 5 of AT+UCGED, R422 and the other series form 2: each refuses the one it lacks
    setup=(*GENERIC.setup, "+CEREG=4", "+UCGED=5", "+UCGED=2", "+UPSMR=1"),
    retries=RetriesForm("+UPINCNT", pin=("", 0), puk=("", 2)),
    cell=(CellForm("+UCGED?", ublox_cells.ucged),),
    credentials='+UAUTHREQ={cid},{method},"{password}","{user}"',
    credentials_read=None,  # no source knows what AT+UAUTHREQ? tells
    calls=None,
    power=PowerForm(restart="+CFUN=15", off="+CPWROFF"),
    sleep=("+UUPSMR: 1",),
    wake=("+UUPSMR: 0",),
    gap=0.1,
    sources=MappingProxyType(
        {
            "commands": _UBXLIB,
            "setup": _UBXLIB,
            "cell": _UBXLIB,
            "credentials_read": unconfirmed("no source knows what AT+UAUTHREQ? tells"),
            "sleep": _UBXLIB,
            "wake": _UBXLIB,
            "retries": code("drivers that read it as pin1, pin2, puk1, puk2"),
            "credentials": code("ubxlib: on SARA-R4 and LARA-R6 the password comes first, on the others the user"),
            "calls": unconfirmed("no source knows voice on these modems"),
            "power": _UBXLIB,
            "gap": _UBXLIB,
        }
    ),
)

SARA_R5 = replace(
    SARA_R4,
    name="ublox-sara-r5",
    model="^SARA-R5",
    commands=MappingProxyType({**SARA_R4.commands, "+UPSD": Entry(), "+UPSDA": Entry(timeout=180), "+UPSND": Entry()}),
    credentials='+UAUTHREQ={cid},{method},"{user}","{password}"',
    data=DataForm(
        start=("+UPSD=0,100,1", "+UPSDA=0,3"),
        stop=("+UPSDA=0,4",),
        state="+UPSND=0,0",
        read=contexts.upsnd,
        up="+UUPSDA",
    ),
    power=PowerForm(restart="+CFUN=16", off="+CPWROFF"),
    gap=0.05,
    sources=MappingProxyType({**SARA_R4.sources, "data": _MANUAL}),
)

LARA_R6 = replace(
    SARA_R5,
    name="ublox-lara-r6",
    model="^LARA-R6",
    usb=MappingProxyType({(0x05C6, 0x908B): Interfaces(at=1, at2=2, diag=0)}),
    commands=MappingProxyType({**SARA_R5.commands, "+UCALLSTAT": Entry(answers=_SET), "+UDTMFD": Entry(answers=_SET)}),
    setup=(*GENERIC.setup, "+UCGED=2"),
    credentials=SARA_R4.credentials,
    sleep=(),
    wake=(),
    calls=CallForm(setup=("+UCALLSTAT=1",), told="+UCALLSTAT", parse=calls.ucallstat, hang_up=("H", "+CHUP")),
    keys=KeyForm(setup=("+UDTMFD=1,2",), told=("+UUDTMFD",), parse=keys.letter),
    sources=MappingProxyType(
        {
            **{row: source for row, source in SARA_R5.sources.items() if row not in ("sleep", "wake")},
            "usb": code("the interface numbers that drivers of these modems use"),
            "calls": _MANUAL,
            "keys": _MANUAL,
        }
    ),
)
