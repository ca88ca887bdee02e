"""Sierra Wireless: the EM, MC and WP cards on Qualcomm's chip set, and the HL78 modules."""

from dataclasses import replace
from types import MappingProxyType

from modem_drivers.at.commands import Entry, Form
from modem_drivers.at.parsers import contexts, sierra_cells, signal
from modem_drivers.profiles.base import CellForm, DataForm, Interfaces, PowerForm, RetriesForm, SignalForm
from modem_drivers.profiles.generic import GENERIC
from modem_drivers.profiles.sources import code, report

_PORTS = Interfaces(at=3, diag=0, nmea=2)
_ZEPHYR = code("Zephyr, driver for HL78xx: +PSMEV tells of power saving")
_SEEN = report("formats collected from devices in use")

EM = replace(
    GENERIC,
    name="sierra-em",
    manufacturer="sierra",
    model="^(EM|MC|WP)[0-9]",
    usb=MappingProxyType(
        {(0x1199, 0x9071): _PORTS, (0x1199, 0x9091): _PORTS, (0x1199, 0x9079): _PORTS, (0x1199, 0x68C0): _PORTS}
    ),
    commands=MappingProxyType(
        {
            "!ICCID": Entry(),
            "+CPINC": Entry(),
            "!GSTATUS": Entry(bare=Form.READ),
            "!LTEINFO": Entry(bare=Form.READ),
            "!SCACT": Entry(timeout=150, answers=Form.READ | Form.TEST),
            "!RESET": Entry(answers=Form.TEST),
            "!POWERDOWN": Entry(answers=Form.TEST),
        }
    ),
    iccid=("!ICCID?", *GENERIC.iccid),
    retries=RetriesForm("+CPINC?", pin=("", 0), puk=("", 2)),
    # !LTEINFO? knows the network and the physical cell, !GSTATUS? also what is not LTE
    cell=(CellForm("!LTEINFO?", sierra_cells.lteinfo), CellForm("!GSTATUS?", sierra_cells.gstatus)),
    data=DataForm(start=("!SCACT=1,{cid}",), stop=("!SCACT=0,{cid}",), state="!SCACT?"),
    power=PowerForm(restart="!RESET", off="!POWERDOWN"),
    sources=MappingProxyType(
        {
            "usb": code("the interface numbers that drivers of these modems use"),
            "commands": _SEEN,
            "iccid": _SEEN,
            "retries": code("drivers that read it as pin1, pin2, puk1, puk2"),
            "cell": _SEEN,
            "data": _SEEN,
            "power": _SEEN,
        }
    ),
)

HL78 = replace(
    GENERIC,
    name="sierra-hl78",
    manufacturer="sierra",
    model="^HL78",
    usb=MappingProxyType({(0x1199, 0xC001): Interfaces(at=0, at2=2, nmea=4)}),
    commands=MappingProxyType(
        {
            "+KCELLMEAS": Entry(),
            "+KCNXCFG": Entry(answers=Form.READ | Form.TEST),
            "+KCNXUP": Entry(timeout=150, answers=Form.READ | Form.TEST),
            "+KCNXDOWN": Entry(timeout=40, answers=Form.READ | Form.TEST),
            "+CPWROFF": Entry(timeout=40, answers=Form.TEST),
        }
    ),
    setup=(*GENERIC.setup, "+CEREG=4", "+KPSMEV=1"),
    signal=(SignalForm("+KCELLMEAS=0", signal.kcellmeas),),
    data=DataForm(
        start=('+KCNXCFG={cid},"GPRS","{apn}"', "+KCNXUP={cid}"),
        stop=("+KCNXDOWN={cid}",),
        state="+KCNXCFG?",
        read=contexts.kcnxcfg,
        up="+KCNX_IND",
        down="+KCNX_IND",
        settles=contexts.kcnx_ind,
    ),
    power=PowerForm(off="+CPWROFF"),
    boot=(*GENERIC.boot, "+KSUP: 0"),
    sleep=("+PSMEV: 1",),  # HL7812; an HL7800 falls silent without a word
    wake=("+PSMEV: 0",),
    sources=MappingProxyType(
        {
            "usb": code("the interface numbers that drivers of these modems use"),
            "commands": _SEEN,
            "signal": _SEEN,
            "data": _SEEN,
            "power": _SEEN,
            "boot": _SEEN,
            "setup": _ZEPHYR,
            "sleep": _ZEPHYR,
            "wake": _ZEPHYR,
        }
    ),
)
