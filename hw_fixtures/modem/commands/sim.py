"""The SIM: presence, PIN and PUK, files."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.answers import Afterwards, Answer, Handler
from hw_fixtures.modem.errors import CmeRefusal
from hw_fixtures.modem.radio import OFF
from hw_fixtures.modem.sim import SimCard
from hw_fixtures.modem.syntax import Request

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

_READ_BINARY, _EF_ICCID = "176", "12258"  # TS 51.011 clauses 9.2.3 and 10.1.1
_LOCK_REFUSALS = {"SIM PIN": 11, "SIM PUK": 12, "": 13}


def present(modem: "SimulatedModem") -> SimCard:
    """The card, whether open or not; CME 10 without one, 13 while it has no power, 14 while it starts."""
    if modem.sim is None:
        raise CmeRefusal(10)
    if modem.radio.function == OFF:
        raise CmeRefusal(13)
    if modem.card_busy:
        raise CmeRefusal(14)
    return modem.sim


def opened(modem: "SimulatedModem") -> SimCard:
    """The card once its PIN was given; CME 11, 12 or 13 before."""
    sim = present(modem)
    if sim.state != "READY":
        raise CmeRefusal(_LOCK_REFUSALS[sim.state])
    return sim


def _pin(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation == "test":
        return []
    sim = present(modem)
    if request.operation == "read":
        if not sim.state:
            raise CmeRefusal(13)
        return [f"+CPIN: {sim.state}"]
    if sim.state == "READY":
        raise CmeRefusal(3)
    if sim.state == "SIM PUK":
        done = len(request.arguments) == 2 and sim.unblock(request.arguments[0], request.arguments[1])
    else:
        done = sim.verify(request.argument(0))
    if not done:
        raise CmeRefusal({"SIM PIN": 16, "SIM PUK": 12, "": 13}[sim.state])
    return Afterwards((), modem.open_card)


def _file(modem: "SimulatedModem", request: Request) -> Answer:
    sim = present(modem)
    if request.arguments[:2] != (_READ_BINARY, _EF_ICCID):
        return ["+CRSM: 106,130"]  # file not found
    digits = sim.iccid.ljust(20, "F")
    swapped = "".join(digits[at + 1] + digits[at] for at in range(0, 20, 2))
    return [f'+CRSM: 144,0,"{swapped}"']


def _lock(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation == "test":
        return ['+CLCK: ("SC")']
    sim = present(modem)
    if request.argument(0) != "SC":
        raise CmeRefusal(4)
    mode = request.argument(1)
    if mode == "2":
        return [f"+CLCK: {int(sim.locked)}"]
    if mode not in ("0", "1"):
        raise CmeRefusal(50)
    if not sim.verify(request.argument(2)):
        raise CmeRefusal(12 if sim.state == "SIM PUK" else 16)
    sim.locked = mode == "1"
    return []


def _change_pin(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation == "test":
        return ['+CPWD: ("SC",8)']
    sim = present(modem)
    if request.argument(0) != "SC" or not request.argument(2):
        raise CmeRefusal(50)
    if not sim.locked:
        raise CmeRefusal(3)
    if not sim.verify(request.argument(1)):
        raise CmeRefusal(12 if sim.state == "SIM PUK" else 16)
    sim.pin = request.argument(2)
    return []


HANDLERS: dict[str, Handler] = {
    "+CPIN": _pin,
    "+CRSM": _file,
    "+CLCK": _lock,
    "+CPWD": _change_pin,
}
