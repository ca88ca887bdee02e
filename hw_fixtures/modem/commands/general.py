"""Echo, result codes, defaults, the list of commands."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.answers import Answer, Handler
from hw_fixtures.modem.syntax import Request

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem


def _echo(modem: "SimulatedModem", request: Request) -> Answer:
    modem.dialogue.echo = request.argument(0, "1") != "0"
    return []


def _verbose(modem: "SimulatedModem", request: Request) -> Answer:
    modem.dialogue.verbose = request.argument(0, "1") != "0"
    return []


def _quiet(modem: "SimulatedModem", request: Request) -> Answer:
    modem.dialogue.quiet = request.argument(0, "0") == "1"
    return []


def _defaults(modem: "SimulatedModem", request: Request) -> Answer:
    """ATZ, AT&F: what AT+CNMI, CPMS and CSMS keep stays."""
    modem.dialogue.echo = modem.dialogue.verbose = True
    modem.dialogue.quiet = False
    for name in ("+CREG", "+CGREG", "+CEREG", "+CMEE", "+CMGF", "+CSCS"):
        modem.settings[name] = modem.model.settings[name].value
    return []


def _commands(modem: "SimulatedModem", request: Request) -> Answer:
    from hw_fixtures.modem.commands import names

    return names(modem)


HANDLERS: dict[str, Handler] = {
    "E": _echo,
    "V": _verbose,
    "Q": _quiet,
    "Z": _defaults,
    "&F": _defaults,
    "+CLAC": _commands,
}
