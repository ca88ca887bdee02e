"""Texts: sending, stores, the message centre's number."""

from functools import partial
from typing import TYPE_CHECKING

from hw_fixtures.modem import textmode
from hw_fixtures.modem.answers import Afterwards, Answer, Handler, Prompt
from hw_fixtures.modem.errors import CmsRefusal
from hw_fixtures.modem.storage import ALL, READ, SENT, UNREAD, UNSENT, Store, Stored
from hw_fixtures.modem.syntax import Request
from modem_drivers.pdu import PduError, parse_number

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

_LONGEST_TPDU = 176
# AT+CMGD=x,<delflag>: what else goes, TS 27.005 clause 3.5.4
_DELETED = {"1": {READ}, "2": {READ, SENT}, "3": {READ, SENT, UNSENT}, "4": {READ, SENT, UNSENT, UNREAD}}


def _send(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation != "set":
        return []
    messaging = modem.messaging
    messaging.require_sim()
    if messaging.text_mode:
        return Prompt(partial(messaging.submit_text, request.argument(0)))
    return Prompt(partial(messaging.submit_body, _length(request)))


def _write(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation != "set":
        return []
    messaging = modem.messaging
    messaging.require_sim()
    if messaging.text_mode:
        status = _status(modem, request.argument(2, textmode.STATUSES[UNSENT]))
    else:
        status = _number(request.argument(1, str(UNSENT)))
    if status not in (UNREAD, READ, UNSENT, SENT):
        raise CmsRefusal(302)
    if messaging.text_mode:
        return Prompt(partial(messaging.write_text, request.argument(0), status))
    return Prompt(partial(messaging.write_body, _length(request), status))


def _send_stored(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation != "set":
        return []
    modem.messaging.require_sim()
    store = modem.messaging.store(modem.messaging.memories[1])
    stored = store.slots.get(_index(store, request.argument(0)))
    if stored is None or stored.status not in (UNSENT, SENT):
        raise CmsRefusal(321)
    return modem.messaging.submit(stored.pdu, "+CMSS")


def _read(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation != "set":
        return []
    store = _reading(modem)
    stored = store.read(_index(store, request.argument(0)))
    return _shown(modem, "+CMGR: ", stored) if stored else []


def _list(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation == "test":
        names = ",".join(f'"{name}"' for name in textmode.STATUSES)
        return [f"+CMGL: ({names if modem.messaging.text_mode else '0-4'})"]
    wanted = _status(modem, request.argument(0)) if request.arguments else UNREAD
    store = _reading(modem)
    lines: list[str] = []
    for index in sorted(store.slots):
        if wanted in (ALL, store.slots[index].status):
            stored = store.read(index)
            assert stored is not None
            lines += _shown(modem, f"+CMGL: {index},", stored)
    return lines


def _delete(modem: "SimulatedModem", request: Request) -> Answer:
    store = _reading(modem)
    if request.operation == "test":
        return [f"+CMGD: ({','.join(map(str, sorted(store.slots)))}),(0-4)"]
    flag = request.argument(1, "0")
    if flag == "0":
        store.slots.pop(_index(store, request.argument(0)), None)
    elif flag in _DELETED:
        store.delete(_DELETED[flag])
    else:
        raise CmsRefusal(302)
    return Afterwards((), modem.network.dispatch)  # there is room again


def _memories(modem: "SimulatedModem", request: Request) -> Answer:
    messaging = modem.messaging
    if request.operation == "test":
        names = "(" + ",".join(f'"{name}"' for name in modem.model.memories) + ")"
        return [f"+CPMS: {names},{names},{names}"]
    messaging.require_sim()
    if request.operation == "set":
        wanted = [name for name in request.arguments if name]
        if not wanted or len(wanted) > 3 or any(name == "SR" for name in wanted[1:]):
            raise CmsRefusal(302)
        for name in wanted:
            messaging.store(name)
        messaging.memories[: len(wanted)] = wanted
        return ["+CPMS: " + ",".join(_gauge(modem, messaging.store(name)) for name in messaging.memories)]
    used = ",".join(f'"{name}",{_gauge(modem, messaging.store(name))}' for name in messaging.memories)
    return [f"+CPMS: {used}"]


def _centre(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation == "test":
        return []
    modem.messaging.require_sim()
    if request.operation == "read":
        smsc = modem.messaging.smsc
        return [f'+CSCA: "{smsc}",{145 if smsc.startswith("+") else 129}']
    try:
        modem.messaging.smsc = parse_number(request.argument(0)).number
    except PduError:
        raise CmsRefusal(304) from None
    return []


def _reading(modem: "SimulatedModem") -> Store:
    modem.messaging.require_sim()
    return modem.messaging.store(modem.messaging.memories[0])


def _shown(modem: "SimulatedModem", start: str, stored: Stored) -> list[str]:
    fields, body = modem.messaging.shown(stored.pdu)
    status = f'"{textmode.STATUSES[stored.status]}"' if modem.messaging.text_mode else str(stored.status)
    return [f"{start}{status},{fields}", *([] if body is None else [body])]


def _status(modem: "SimulatedModem", text: str) -> int:
    if modem.messaging.text_mode:
        if text not in textmode.STATUSES:
            raise CmsRefusal(305)
        return textmode.STATUSES.index(text)
    status = _number(text)
    if status > ALL:
        raise CmsRefusal(302)
    return status


def _gauge(modem: "SimulatedModem", store: Store) -> str:
    used = store.capacity if modem.faults.storage_full else len(store.slots)
    return f"{used},{store.capacity}"


def _length(request: Request) -> int:
    length = _number(request.argument(0))
    if not 1 <= length <= _LONGEST_TPDU:
        raise CmsRefusal(304)
    return length


def _index(store: Store, text: str) -> int:
    index = _number(text)
    if index >= store.capacity:
        raise CmsRefusal(321)
    return index


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise CmsRefusal(302)
    return int(text)


HANDLERS: dict[str, Handler] = {
    "+CMGS": _send,
    "+CMGW": _write,
    "+CMSS": _send_stored,
    "+CMGR": _read,
    "+CMGL": _list,
    "+CMGD": _delete,
    "+CPMS": _memories,
    "+CSCA": _centre,
}
