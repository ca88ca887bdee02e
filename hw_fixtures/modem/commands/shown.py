"""Commands that show facts, as the model words them."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.commands.sim import opened, present
from hw_fixtures.modem.errors import CmeRefusal, Refusal
from hw_fixtures.modem.facts import facts
from hw_fixtures.modem.syntax import Request

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem


def shown(modem: "SimulatedModem", request: Request) -> list[str]:
    """The lines of the model's row; Refusal for a way to ask that it has no lines for."""
    row = modem.model.shown[request.name]
    if request.operation == "test":
        return list(row.test)
    if row.needs:
        (opened if row.needs == "open card" else present)(modem)
    lines = {"run": row.run, "read": row.read, "set": row.set}[request.operation]
    if lines is None:
        raise Refusal
    if request.operation == "set" and row.takes is not None:
        if request.raw not in row.takes:
            raise CmeRefusal(50)
        modem.switched[request.name] = request.raw
    if request.operation == "read" and row.off is not None and modem.switched.get(request.name, "0") == "0":
        return list(row.off)
    if row.unregistered is not None and not modem.radio.registered:
        lines = row.unregistered
    known = facts(modem)
    return [line.format_map(known) for line in lines]
