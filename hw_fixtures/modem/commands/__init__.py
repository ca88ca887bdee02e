"""The commands a modem knows. A name is looked up in the handlers, then in the model's tables."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.answers import Answer, Handler
from hw_fixtures.modem.commands import calls, data, general, network, power, settings, shown, sim, sms, ussd
from hw_fixtures.modem.errors import Refusal
from hw_fixtures.modem.syntax import Request

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

HANDLERS: dict[str, Handler] = (
    general.HANDLERS | power.HANDLERS | sim.HANDLERS | network.HANDLERS | sms.HANDLERS | calls.HANDLERS | ussd.HANDLERS
)


def run(modem: "SimulatedModem", request: Request) -> Answer:
    """Carry out one command; raises Refusal for what is answered with an error."""
    name, model = request.name, modem.model
    if name in model.lacks:
        raise Refusal
    handler = network.credentials if name == model.credentials_command else HANDLERS.get(name)
    if handler is not None:
        return handler(modem, request)
    if name in model.shown:
        return shown.shown(modem, request)
    if name in model.settings:
        return settings.setting(modem, request)
    if name in model.power:
        return power.leave(modem, request)
    if name in model.data:
        return data.stack(modem, request)
    if name in model.speech:
        return calls.speak(modem, request)
    fixed = model.fixed.get(name)
    if fixed is None:
        raise Refusal
    return () if request.operation == "test" else fixed


def names(modem: "SimulatedModem") -> list[str]:
    """Every extended command, as AT+CLAC lists them."""
    model = modem.model
    known = {
        *HANDLERS,
        model.credentials_command,
        *model.shown,
        *model.settings,
        *model.power,
        *model.speech,
        *model.data,
        *model.fixed,
    } - {*model.lacks}
    return sorted(f"AT{name}" for name in known if name and not name[0].isalpha())
