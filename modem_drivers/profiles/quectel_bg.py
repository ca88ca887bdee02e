"""Quectel's LTE-M and NB-IoT modems: texts and data, no voice."""

from dataclasses import replace
from types import MappingProxyType

from modem_drivers.at.parsers import cells, signal
from modem_drivers.profiles.base import CellForm, Interfaces, SignalForm
from modem_drivers.profiles.generic import GENERIC
from modem_drivers.profiles.quectel import EC25
from modem_drivers.profiles.sources import code, report, unconfirmed

_COMMANDS = ("+QCCID", "+QPINC", "+QNWINFO", "+QCSQ", "+QENG", "+QICSGP", "+QIACT", "+QIDEACT", "+QPOWD")
_FROM_EC25 = unconfirmed("the EC25's manual; the BG modems have one of their own")
_PORTS = Interfaces(at=2, at2=3, diag=0, nmea=1)

BG96 = replace(
    GENERIC,
    name="quectel-bg96",
    manufacturer="quectel",
    model="^BG96",
    usb=MappingProxyType({(0x2C7C, 0x0296): _PORTS}),
    commands=MappingProxyType({name: EC25.commands[name] for name in _COMMANDS}),
    # with the timers of power saving, and a word before it begins
    setup=(*GENERIC.setup, "+CEREG=4", '+QCFG="psm/urc",1'),
    iccid=("+QCCID", *GENERIC.iccid),
    retries=EC25.retries,
    signal=(SignalForm("+QCSQ", signal.qcsq_bg),),
    cell=(CellForm('+QENG="servingcell"', cells.first(cells.qeng)), CellForm("+QNWINFO", cells.first(cells.qnwinfo))),
    data=EC25.data,
    calls=None,
    power=EC25.power,
    sleep=("PSM POWER DOWN",),  # and boots when it wakes
    sources=MappingProxyType(
        {
            "usb": code("the interface numbers that drivers of these modems use"),
            "commands": _FROM_EC25,
            "setup": code("3GPP TS 27.007 clause 10.1.22; which value these modems need is seen in drivers"),
            "iccid": code("device-os, client for Quectel modems; a trailing F is seen"),
            "retries": _FROM_EC25,
            "signal": code("device-os, client for Quectel modems: SINR in fifths"),
            "cell": _FROM_EC25,
            "data": report("named in the EC25's manual, its form seen in use"),
            "calls": unconfirmed("voice on BG95 and BG96 is not confirmed"),
            "power": _FROM_EC25,
            "sleep": report("what modems set to tell of it are seen to say"),
        }
    ),
)

BG95 = replace(
    BG96,
    name="quectel-bg95",
    model="^BG95",
    usb=MappingProxyType({(0x2C7C, 0x0700): _PORTS}),
    sources=MappingProxyType({**BG96.sources, "usb": unconfirmed("the BG96's interfaces")}),
)
