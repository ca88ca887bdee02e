"""Codes such as *100#."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.answers import Afterwards, Answer, Handler
from hw_fixtures.modem.commands.settings import setting
from hw_fixtures.modem.errors import CmeRefusal
from hw_fixtures.modem.syntax import Request
from hw_fixtures.network.exchange import Menu, Reply
from modem_drivers.pdu.alphabets import to_gsm7

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

_GSM, _UCS2 = 15, 72  # <dcs>, TS 23.038 clause 5
_DONE, _MORE, _UNKNOWN = 0, 1, 4  # <m>, TS 27.007 clause 7.15


def _code(modem: "SimulatedModem", request: Request) -> Answer:
    text = request.argument(1)
    if request.operation != "set" or not text:
        if request.operation == "set" and request.argument(0) == "2":
            modem.menu = None
            return []
        return setting(modem, request)
    if not modem.radio.registered:
        raise CmeRefusal(30)
    open_menu, modem.menu = modem.menu, None
    choices = modem.network.exchange.ussd if open_menu is None else open_menu.choices
    modem.settings["+CUSD"] = request.argument(0)
    if text not in choices:
        return Afterwards((), lambda: modem.say(f"+CUSD: {_UNKNOWN}"))
    reply = choices[text]
    if isinstance(reply, Menu):
        modem.menu = reply
    return Afterwards((), lambda: _say(modem, reply))


def _say(modem: "SimulatedModem", reply: Reply) -> None:
    if reply is None or modem.settings["+CUSD"] == "0":
        return
    text, state = (reply.text, _MORE) if isinstance(reply, Menu) else (reply, _DONE)
    if to_gsm7(text) is not None and text.isascii():
        body, scheme = text.replace("\n", "\r\n"), _GSM
    else:
        body, scheme = text.encode("utf-16-be").hex().upper(), _UCS2
    modem.say(f'+CUSD: {state},"{body}",{scheme}')


HANDLERS: dict[str, Handler] = {"+CUSD": _code}
