"""The modem's own IP stack: the makers' commands for packet data, as the model's rows describe them."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.answers import Afterwards, Answer
from hw_fixtures.modem.commands.network import check_network
from hw_fixtures.modem.errors import CmeRefusal, FinalRefusal, Refusal
from hw_fixtures.modem.model import DataRow
from hw_fixtures.modem.radio import FIRST_CONTEXT
from hw_fixtures.modem.syntax import Request

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem


def stack(modem: "SimulatedModem", request: Request) -> Answer:
    """Bring a context up or down, show those there are, or name one's APN."""
    if request.operation == "test":
        return []
    row, contexts = modem.model.data[request.name], modem.radio.contexts
    given = "?" if request.operation == "read" else request.raw
    if given == row.asks:
        return _shown(modem, row)
    for cid in contexts:
        if row.up is not None and given == _filled(row.up, modem, cid):
            return _up(modem, row, cid)
        if row.down is not None and given == _filled(row.down, modem, cid):
            return _down(modem, row, cid)
        if row.defines and request.argument(0) == _filled(row.defines, modem, cid):
            contexts[cid] = (contexts[cid][0], request.argument(2))
            return []
    raise CmeRefusal(50)


def _shown(modem: "SimulatedModem", row: DataRow) -> Answer:
    radio = modem.radio
    if row.already and not radio.stack:
        raise _so_already(row)
    wanted = radio.contexts if "{cid}" in row.listed or "{index}" in row.listed else (FIRST_CONTEXT,)
    lines = {cid: row.listed if cid in radio.stack else row.unlisted for cid in wanted}
    return [_filled(line, modem, cid) for cid, line in lines.items() if line]


def _up(modem: "SimulatedModem", row: DataRow, cid: str) -> Answer:
    radio = modem.radio
    if cid in radio.stack:
        raise _so_already(row)
    try:
        check_network(modem)
    except CmeRefusal:
        if not row.refused:
            raise
        return Afterwards((), lambda: _say(modem, row.refused, cid))
    radio.activate(cid, True)
    radio.stack.add(cid)
    return Afterwards([_filled(row.reply, modem, cid)] if row.reply else [], lambda: _say(modem, row.came, cid))


def _down(modem: "SimulatedModem", row: DataRow, cid: str) -> Answer:
    radio = modem.radio
    if cid not in radio.stack:
        raise _so_already(row)
    radio.stack.discard(cid)
    if cid != FIRST_CONTEXT:  # which the registration holds
        radio.activate(cid, False)
    return Afterwards((), lambda: _say(modem, row.went, cid))


def _so_already(row: DataRow) -> Refusal:
    return FinalRefusal(f"{row.already}\r\n\r\nERROR") if row.already else Refusal()


def _say(modem: "SimulatedModem", lines: tuple[str, ...], cid: str) -> None:
    modem.say(*(_filled(line, modem, cid) for line in lines))


def _filled(line: str, modem: "SimulatedModem", cid: str) -> str:
    apn, address = modem.radio.contexts.get(cid, ("", ""))[1], modem.radio.address(cid)
    return line.format(cid=cid, index=int(cid) - 1, apn=apn, address=address)
