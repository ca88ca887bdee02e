"""Commands that show facts, as the model words them."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.commands.sim import opened, present
from hw_fixtures.modem.errors import Refusal
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
    if row.unregistered is not None and not modem.radio.registered:
        lines = row.unregistered
    known = facts(modem)
    return [line.format_map(known) for line in lines]
