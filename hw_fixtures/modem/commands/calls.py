"""Calls, keys and the modem's own speech."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.answers import Answer, Handler
from hw_fixtures.modem.commands.settings import setting
from hw_fixtures.modem.errors import CmeRefusal, FinalRefusal, Refusal
from hw_fixtures.modem.syntax import Request

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

_KEYS = "0123456789*#ABCD"


def _dial(modem: "SimulatedModem", request: Request) -> Answer:
    number, end, _ = request.argument(0).strip().partition(";")
    if not end:  # a data call: nobody answers those any more
        raise FinalRefusal("NO CARRIER")
    digits = "".join(char for char in number if char.isdigit() or char in "+*#")
    if not digits:
        raise CmeRefusal(27 if number else 50)
    return modem.calls.dial(digits)


def _answer(modem: "SimulatedModem", request: Request) -> Answer:
    return modem.calls.answer()


def _hang_up(modem: "SimulatedModem", request: Request) -> Answer:
    """ATH ends voice calls only while AT+CVHU=0 (TS 27.007 clause 6.20)."""
    if request.operation == "test" or (request.name == "H" and modem.settings["+CVHU"] != "0"):
        return []
    return modem.calls.hang_up()


def _list(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation == "run":
        return modem.calls.listed()
    if "+CLCC" in modem.model.settings:
        return setting(modem, request)
    if request.operation == "test":
        return []
    raise Refusal


def _why(modem: "SimulatedModem", request: Request) -> Answer:
    released = modem.calls.released
    return [] if request.operation == "test" else [f'+CEER: "{released.value if released else "No cause"}"']


def _press(modem: "SimulatedModem", request: Request) -> Answer:
    if request.operation == "test":
        return ["+VTS: (0-9,*,#,A-D),(0-255)"]
    key = request.argument(0).upper()
    if request.operation != "set" or len(key) != 1 or key not in _KEYS:
        raise CmeRefusal(50)
    return modem.calls.press(key)


def speak(modem: "SimulatedModem", request: Request) -> Answer:
    """The model's command for speech, as its row describes it."""
    row = modem.model.speech[request.name]
    if request.operation in ("test", "read"):
        return [f"{request.name}: {row.test}"] if row.test else []
    mode, text = request.argument(row.mode), request.argument(row.text)
    if mode == "0":
        return modem.calls.hush()
    if mode in row.hexed:
        try:
            text = bytes.fromhex(text).decode("utf-16-be")
        except ValueError:
            raise CmeRefusal(row.bad_text) from None
    elif mode not in row.plain:
        raise CmeRefusal(row.bad_text)
    if not text or len(text) > row.most:
        raise CmeRefusal(row.bad_text)
    to_far_end = modem.settings[row.uplink] if isinstance(row.uplink, str) else request.argument(row.uplink)
    if to_far_end != "1":
        raise CmeRefusal(row.no_call)
    return modem.calls.speak(row, text)


HANDLERS: dict[str, Handler] = {
    "D": _dial,
    "A": _answer,
    "H": _hang_up,
    "+CHUP": _hang_up,
    "+CLCC": _list,
    "+CEER": _why,
    "+VTS": _press,
}
