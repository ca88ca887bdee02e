"""Registration, operator, packet data."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.answers import Afterwards, Answer, Handler
from hw_fixtures.modem.commands.settings import setting
from hw_fixtures.modem.errors import CmeRefusal, Refusal
from hw_fixtures.modem.syntax import Request

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem


def _registration(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation == "read":
        return [f"{request.name}: {modem.settings[request.name]},{modem.radio.report(request.name)}"]
    return setting(modem, request)


def _operator(modem: "SimulatedModem", request: Request) -> Answer:
    cell = modem.network.cell
    if request.operation == "test":
        row = f'(2,"{cell.operator}","{cell.operator}","{cell.plmn}",{modem.model.access})'
        return [f"+COPS: {row},,(0-4),(0-2)"]
    if request.operation == "read":
        if not modem.radio.registered:
            return [f"+COPS: {modem.radio.selection}"]
        shown = cell.plmn if modem.radio.operator_format == "2" else cell.operator
        return [f'+COPS: {modem.radio.selection},{modem.radio.operator_format},"{shown}",{modem.model.access}']
    mode = request.argument(0)
    if mode not in ("0", "1", "2", "3", "4"):
        raise CmeRefusal(50)
    if len(request.arguments) > 1:
        modem.radio.operator_format = request.argument(1, "0")
    if mode == "3":
        return []
    if mode == "1" and request.argument(2) not in (cell.plmn, cell.operator):
        raise CmeRefusal(30)
    modem.radio.selection = mode
    return Afterwards((), modem.radio.deregister if mode == "2" else modem.radio.search)


def _context(modem: "SimulatedModem", request: Request) -> Answer:
    contexts = modem.radio.contexts
    if request.operation == "test":
        return [f'+CGDCONT: (1-16),"{kind}",,,(0-2),(0-4)' for kind in ("IP", "PPP", "IPV6", "IPV4V6")]
    if request.operation == "read":
        return [f'+CGDCONT: {cid},"{kind}","{apn}","0.0.0.0",0,0,0,0' for cid, (kind, apn) in contexts.items()]
    cid = request.argument(0)
    if not (cid.isascii() and cid.isdigit() and 1 <= int(cid) <= 16):
        raise CmeRefusal(50)
    if len(request.arguments) == 1:
        contexts.pop(cid, None)
        return []
    if request.argument(1) not in ("IP", "PPP", "IPV6", "IPV4V6"):
        raise CmeRefusal(50)
    contexts[cid] = (request.argument(1), request.argument(2))
    return []


def _attach(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation == "test":
        return ["+CGATT: (0,1)"]
    if request.operation == "read":
        return [f"+CGATT: {int(modem.radio.attached and modem.radio.registered)}"]
    if request.argument(0) not in ("0", "1"):
        raise CmeRefusal(50)
    modem.radio.reattach(request.argument(0) == "1")
    return []


def _activate(modem: "SimulatedModem", request: Request) -> Answer:
    radio = modem.radio
    if request.operation == "test":
        return ["+CGACT: (0,1)"]
    if request.operation == "read":
        return [f"+CGACT: {cid},{int(cid in radio.active)}" for cid in radio.contexts]
    state, cid = request.argument(0), request.argument(1, "1")
    if state not in ("0", "1") or cid not in radio.contexts:
        raise CmeRefusal(50)
    if state == "1":
        check_network(modem)
    elif set(radio.active) == {cid}:
        raise CmeRefusal(171)  # LTE keeps the last connection, TS 27.007 clause 10.1.10
    radio.activate(cid, state == "1")
    return []


def check_network(modem: "SimulatedModem") -> None:
    """Raises the refusal of a context that the network does not bring up."""
    if not (modem.radio.registered and modem.radio.attached):
        raise CmeRefusal(30)
    modem.faults.refuse_context()


def _addresses(modem: "SimulatedModem", request: Request) -> Answer:
    wanted = request.arguments or tuple(modem.radio.contexts)
    return [f'+CGPADDR: {cid},"{modem.radio.address(cid)}"' for cid in wanted if cid in modem.radio.contexts]


def _context_in_use(modem: "SimulatedModem", request: Request) -> Answer:
    radio = modem.radio
    return [
        f'+CGCONTRDP: {cid},5,"{radio.active[cid]}","{radio.address(cid)}",,"192.0.2.53"'
        for cid in radio.active
        if request.argument(0, cid) == cid
    ]


def credentials(modem: "SimulatedModem", request: Request) -> Answer:
    """AT+CGAUTH (TS 27.007 clause 10.1.31) or its like, user and password in the order the model takes them."""
    kept = modem.radio.credentials
    if request.operation == "test":
        return [f"{request.name}: (1-16),(0-2),(0-64),(0-64)"]
    if request.operation == "read":
        if not modem.model.credentials_shown:
            raise Refusal
        return [
            f"{request.name}: {cid},{kind}," + ",".join(f'"{told[name]}"' for name in modem.model.credentials_shown)
            for cid, (kind, user, password) in kept.items()
            for told in ({"user": user, "password": password, "stars": "****"},)
        ]
    cid, kind = request.argument(0), request.argument(1, "0")
    if cid not in modem.radio.contexts or kind not in ("0", "1", "2"):
        raise CmeRefusal(50)
    given = {name: request.argument(2 + at) for at, name in enumerate(modem.model.credentials)}
    kept[cid] = (kind, given["user"], given["password"])
    return []


HANDLERS: dict[str, Handler] = {
    "+CREG": _registration,
    "+CGREG": _registration,
    "+CEREG": _registration,
    "+COPS": _operator,
    "+CGDCONT": _context,
    "+CGATT": _attach,
    "+CGACT": _activate,
    "+CGPADDR": _addresses,
    "+CGCONTRDP": _context_in_use,
}
