"""SIMCom's LTE modems."""

from dataclasses import replace
from types import MappingProxyType

from modem_drivers.at.commands import Entry, Form
from modem_drivers.at.parsers import calls, cells, contexts, keys
from modem_drivers.profiles.base import (
    CallForm,
    CellForm,
    DataForm,
    Interfaces,
    KeyForm,
    PowerForm,
    RetriesForm,
    SpeechForm,
)
from modem_drivers.profiles.generic import GENERIC
from modem_drivers.profiles.sources import code, manual, report, unconfirmed

_MANUAL = manual("SIM7500_SIM7600 Series AT Command Manual V1.08 to V2.00")
_V3 = manual("SIM7500_SIM7600 Series AT Command Manual V3.00: the password comes first")

SIM7600 = replace(
    GENERIC,
    name="simcom-sim7600",
    manufacturer="simcom",
    model="SIM7[56][0-9]{2}",
    usb=MappingProxyType({(0x1E0E, 0x9001): Interfaces(at=2, at2=3, diag=0, nmea=1, audio=4)}),
    commands=MappingProxyType(
        {
            "+CICCID": Entry(prefixes=("+ICCID",)),
            "+SPIC": Entry(),
            "+CPSI": Entry(),
            "+NETOPEN": Entry(timeout=75, answers=Form.READ | Form.TEST),
            "+NETCLOSE": Entry(timeout=75, answers=Form.READ | Form.TEST),
            "+IPADDR": Entry(),
            "+CDTAM": Entry(answers=Form.READ | Form.TEST),
            "+CTTS": Entry(),
            "+DDET": Entry(answers=Form.READ | Form.TEST),
            "+CRESET": Entry(answers=Form.TEST),
            "+CPOF": Entry(answers=Form.TEST),
            "+CLCC": Entry(answers=Form.EXEC | Form.READ | Form.TEST),
        }
    ),
    iccid=("+CICCID", *GENERIC.iccid),
    retries=RetriesForm("+SPIC", pin=("", 0), puk=("", 1)),
    cell=(CellForm("+CPSI?", cells.first(cells.cpsi)),),
    credentials='+CGAUTH={cid},{method},"{password}","{user}"',
    data=DataForm(
        start=("+NETOPEN",),
        stop=("+NETCLOSE",),
        state="+IPADDR",
        read=contexts.ipaddr,
        up="+NETOPEN",
        down="+NETCLOSE",
    ),
    calls=CallForm(setup=("+COLP=0", "+CVHU=0"), told="VOICE CALL", parse=calls.voice_call),
    speech=SpeechForm(say='+CTTS=2,"{text}"', stop="+CTTS=0", ended="+CTTS", most=512, before=("+CDTAM=1",)),
    keys=KeyForm(setup=("+DDET=1",), told=("+RXDTMF", "+DTMF"), parse=keys.letter),
    power=PowerForm(restart="+CRESET", off="+CPOF"),
    sources=MappingProxyType(
        {
            "usb": code("the interface numbers that drivers of these modems use"),
            "commands": _MANUAL,
            "iccid": _MANUAL,
            "retries": code("drivers that read it as pin1, puk1, pin2, puk2"),
            "cell": _MANUAL,
            "credentials": _V3,
            "credentials_read": unconfirmed("that they are told in the order in which they are taken"),
            "data": code("TinyGSM, client for SIM7600"),
            "calls": _MANUAL,
            "speech": _MANUAL,
            "keys": _MANUAL,
            "power": _MANUAL,
        }
    ),
)

_A76XX = manual("A76XX Series AT Command Manual V1.09")

A7670 = replace(
    SIM7600,
    name="simcom-a7670",
    model="A76[0-9]{2}",
    usb=MappingProxyType({(0x1E0E, 0x9011): Interfaces(at=4, at2=5)}),
    credentials=GENERIC.credentials,
    calls=CallForm(setup=("+COLP=0", "+CVHU=0", "+CLCC=1"), told="VOICE CALL", parse=calls.voice_call),
    sources=MappingProxyType(
        {
            **SIM7600.sources,
            "commands": _A76XX,
            "iccid": _A76XX,
            "cell": _A76XX,
            "credentials": unconfirmed("3GPP's order; the order differs by SIMCom's firmware, so it is read back"),
            "data": code("TinyGSM, client for A7672"),
            "calls": _A76XX,
            "speech": manual("A7600 Series Audio Application Note"),
            "keys": _A76XX,
            "power": _A76XX,
        }
    ),
)

SIM7080 = replace(
    GENERIC,
    name="simcom-sim7080",
    manufacturer="simcom",
    model="SIM70[0-9]{2}",
    usb=MappingProxyType(
        {(0x1E0E, 0x9205): Interfaces(at=2, at2=3, diag=0, nmea=1), (0x1E0E, 0x9206): Interfaces(at=2, diag=0, nmea=1)}
    ),
    commands=MappingProxyType(
        {
            "+SPIC": Entry(),
            "+CPSI": Entry(),
            "+CNCFG": Entry(answers=Form.READ | Form.TEST),
            "+CNACT": Entry(timeout=75, answers=Form.READ | Form.TEST),
            "+CREBOOT": Entry(answers=Form.TEST),
            "+CPOWD": Entry(answers=Form.TEST),
        }
    ),
    setup=(*GENERIC.setup, "+CEREG=4", "+CPSMSTATUS=1"),  # with the timers of power saving, and a word before it begins
    retries=RetriesForm("+SPIC", pin=("", 0), puk=("", 1)),
    cell=(CellForm("+CPSI?", cells.first(cells.cpsi)),),
    data=DataForm(
        start=('+CNCFG=0,1,"{apn}"', "+CNACT=0,1"),
        stop=("+CNACT=0,0",),
        state="+CNACT?",
        read=contexts.cnact,
        up="+APP PDP",
        down="+APP PDP",
    ),
    credentials=None,  # part of +CNCFG
    credentials_read=None,
    calls=None,
    power=PowerForm(restart="+CREBOOT", off="+CPOWD=1"),
    sleep=('+CPSMSTATUS: "ENTER PSM"',),
    wake=('+CPSMSTATUS: "EXIT PSM"',),
    sources=MappingProxyType(
        {
            "usb": code("the interface numbers that drivers of these modems use"),
            "commands": code("TinyGSM, client for SIM7080"),
            "retries": unconfirmed("the SIM7600's"),
            "cell": manual("SIMCom SIM7070_SIM7080_SIM7090 Series AT Command Manual: whole decibels"),
            "data": code("TinyGSM, client for SIM7080"),
            "credentials": code("TinyGSM, client for SIM7080"),
            "credentials_read": code("TinyGSM, client for SIM7080"),
            "calls": unconfirmed("no source knows voice on these modems"),
            "power": code("TinyGSM, client for SIM7080"),
            "setup": report("projects that follow power saving by AT+CPSMSTATUS"),
            "sleep": report("projects that follow power saving by AT+CPSMSTATUS"),
            "wake": report("projects that follow power saving by AT+CPSMSTATUS"),
        }
    ),
)
