"""Quectel's LTE modems."""

from dataclasses import replace
from types import MappingProxyType

from modem_drivers.at.commands import Entry, Form
from modem_drivers.at.parsers import calls, cells, contexts, keys, signal
from modem_drivers.profiles.base import (
    CallForm,
    CellForm,
    DataForm,
    Interfaces,
    KeyForm,
    PowerForm,
    RetriesForm,
    SignalForm,
    SpeechForm,
)
from modem_drivers.profiles.generic import GENERIC
from modem_drivers.profiles.sources import code, manual, report

_MANUAL = manual("Quectel EC2x&EG9x&EG2x-G&EM05 Series AT Commands Manual V2.0")
_PORTS = Interfaces(at=2, at2=3, diag=0, nmea=1, audio=1)

EC25 = replace(
    GENERIC,
    name="quectel-ec25",
    manufacturer="quectel",
    model="^(EC2[0-9]|EG2[0-9]|EG9[0-9])",
    usb=MappingProxyType(
        {
            (0x2C7C, 0x0125): _PORTS,  # EC25, EG25-G
            (0x2C7C, 0x0121): _PORTS,  # EC21
            (0x2C7C, 0x0191): _PORTS,  # EG91
            (0x2C7C, 0x0195): _PORTS,  # EG95
        }
    ),
    commands=MappingProxyType(
        {
            "+QCCID": Entry(bare=Form.EXEC),
            "+QPINC": Entry(),
            "+QNWINFO": Entry(),
            "+QCSQ": Entry(),
            "+QENG": Entry(),
            "+QURCCFG": Entry(answers=Form.READ | Form.TEST),
            "+QICSGP": Entry(answers=Form.READ | Form.TEST),
            "+QIACT": Entry(timeout=150, answers=Form.READ | Form.TEST),
            "+QIDEACT": Entry(timeout=40, answers=Form.TEST),
            "+QTONEDET": Entry(answers=Form.READ | Form.TEST),
            "+QWTTS": Entry(answers=Form.READ | Form.TEST),
            "^DSCI": Entry(answers=Form.READ | Form.TEST),
            "+QPOWD": Entry(timeout=65, answers=Form.TEST),
        }
    ),
    # Unsolicited lines come out of one port only; the factory's choice, but it may have been changed.
    setup=(*GENERIC.setup, '+QURCCFG="urcport","usbat"', '+QINDCFG="smsfull",1'),
    iccid=("+QCCID", *GENERIC.iccid),
    retries=RetriesForm("+QPINC?", pin=("SC", 1), puk=("SC", 2)),
    signal=(SignalForm("+QCSQ", signal.qcsq),),
    cell=(CellForm('+QENG="servingcell"', cells.first(cells.qeng)), CellForm("+QNWINFO", cells.first(cells.qnwinfo))),
    data=DataForm(
        start=('+QICSGP={cid},3,"{apn}"', "+QIACT={cid}"),
        stop=("+QIDEACT={cid}",),
        state="+QIACT?",
        read=contexts.qiact,
    ),
    calls=CallForm(setup=("+COLP=0", "^DSCI=1"), told="^DSCI", parse=calls.dsci),
    speech=SpeechForm(say='+QWTTS=1,0,2,"{text}"', stop="+QWTTS=1,0,0", ended="+QWTTS", most=543),
    keys=KeyForm(setup=("+QTONEDET=1",), told=("+QTONEDET",), parse=keys.code),
    power=PowerForm(off="+QPOWD"),
    sources=MappingProxyType(
        {
            "usb": code("the interface numbers that drivers of these modems use"),
            "commands": _MANUAL,
            "setup": _MANUAL,
            "iccid": _MANUAL,
            "retries": _MANUAL,
            "signal": code("device-os, client for Quectel modems"),
            "cell": _MANUAL,
            "data": report("named in the manual, its form seen in use"),
            "calls": _MANUAL,
            "speech": _MANUAL,
            "keys": _MANUAL,
            "power": _MANUAL,
        }
    ),
)
