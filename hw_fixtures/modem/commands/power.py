"""Radio power, and commands after which the modem is gone."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.answers import Afterwards, Answer, Handler, Vanish
from hw_fixtures.modem.errors import CmeRefusal
from hw_fixtures.modem.syntax import Request

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem


def _function(modem: "SimulatedModem", request: Request) -> Answer:
    model = modem.model
    if request.operation == "read":
        return [f"+CFUN: {modem.radio.function}"]
    if request.operation == "test":
        return [f"+CFUN: ({','.join((*model.functions, *model.reset_functions))}),(0,1)"]
    function = request.argument(0)
    if function in model.reset_functions:
        return Afterwards((), modem.reset)
    if function not in model.functions:
        raise CmeRefusal(50)
    if request.argument(1) == "1":
        return Afterwards((), modem.reset)
    return Afterwards((), lambda: modem.radio.set_function(function))


def leave(modem: "SimulatedModem", request: Request) -> Answer:
    """Switch off or start anew, as the model's row for this command says."""
    row = modem.model.power[request.name]
    if request.operation in ("test", "read"):
        return []

    if not row.ok:
        modem.say(*row.says)
        return Vanish()

    def go() -> None:
        modem.say(*row.says)
        if row.does == "reset":
            modem.reset()
        else:
            modem.unplugged()

    return Afterwards((), go)


HANDLERS: dict[str, Handler] = {"+CFUN": _function}
