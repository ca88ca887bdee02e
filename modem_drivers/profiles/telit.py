"""Telit's LE910."""

from dataclasses import replace
from types import MappingProxyType

from modem_drivers.at.commands import Entry, Form
from modem_drivers.at.parsers import calls, cells, keys, telit_cells
from modem_drivers.profiles.base import CallForm, CellForm, DataForm, Interfaces, KeyForm, PowerForm, RetriesForm
from modem_drivers.profiles.generic import GENERIC
from modem_drivers.profiles.sources import code, manual, report, unconfirmed

_MANUAL = manual("Telit LE910 V2 AT Commands Reference 80446ST10707A")
_ONE_AT = Interfaces(at=1, at2=2, diag=0)

LE910 = replace(
    GENERIC,
    name="telit-le910",
    manufacturer="telit",
    model="^(LE910|ME910|LM9[0-9]0)",
    usb=MappingProxyType(
        {
            (0x1BC7, 0x1201): Interfaces(at=4, at2=5, diag=0, nmea=3),  # LE910C1
            (0x1BC7, 0x1204): Interfaces(at=5, at2=6, diag=0, nmea=4),  # LE910C1, MBIM
            (0x1BC7, 0x1031): _ONE_AT,  # LE910C1-EUX
            (0x1BC7, 0x1033): _ONE_AT,
            (0x1BC7, 0x1101): _ONE_AT,  # ME910C1
            (0x1BC7, 0x110A): _ONE_AT,
            (0x1BC7, 0x1040): Interfaces(at=4, at2=5, diag=0),  # LM9x0
        }
    ),
    commands=MappingProxyType(
        {
            "#CCID": Entry(),
            "#PCT": Entry(),
            "#RFSTS": Entry(),
            "#SERVINFO": Entry(),
            "#MONI": Entry(),
            "#QSS": Entry(answers=Form.READ | Form.TEST),
            "#PDPAUTH": Entry(answers=Form.READ | Form.TEST),
            "#SGACT": Entry(timeout=150),
            "#DTMF": Entry(answers=Form.READ | Form.TEST),
            "#REBOOT": Entry(answers=Form.TEST),
            "#SHDN": Entry(answers=Form.TEST),
        }
    ),
    setup=(*GENERIC.setup, "#QSS=2"),  # all states of the SIM are told
    iccid=("#CCID", *GENERIC.iccid),
    retries=RetriesForm("#PCT", pin=("", 0), puk=("", 0), of_current=True),
    cell=(
        CellForm("#RFSTS", cells.first(telit_cells.rfsts)),
        CellForm("#SERVINFO", cells.first(telit_cells.servinfo)),
        CellForm("#MONI", cells.first(telit_cells.moni)),
    ),
    credentials='#PDPAUTH={cid},{method},"{user}","{password}"',
    credentials_read="#PDPAUTH?",
    data=DataForm(start=("#SGACT={cid},1",), stop=("#SGACT={cid},0",), state="#SGACT?"),
    calls=CallForm(setup=("+CMER=2,0,0,2",), told="+CIEV", parse=calls.ciev, hang_up=("H", "+CHUP")),
    keys=KeyForm(setup=("#DTMF=1",), told=("#DTMFEV",), parse=keys.letter),
    power=PowerForm(restart="#REBOOT", off="#SHDN"),
    sources=MappingProxyType(
        {
            "usb": code("the interface numbers that drivers of these modems use"),
            "commands": _MANUAL,
            "setup": code("drivers that follow the SIM by it"),
            "iccid": _MANUAL,
            "retries": code("drivers that read it for the code now asked for"),
            "cell": _MANUAL,
            "credentials": _MANUAL,
            "credentials_read": unconfirmed("the manual has the command; what AT#PDPAUTH? tells is not confirmed"),
            "data": _MANUAL,
            "calls": report("seen in use"),
            "keys": report("seen in use"),
            "power": _MANUAL,
        }
    ),
)
