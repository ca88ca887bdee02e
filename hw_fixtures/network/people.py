"""What the people with the phones do, by word: for whoever has only words, at a keyboard or at the end of a socket."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from hw_fixtures.network.phones import Phone
from hw_fixtures.network.world import Network
from modem_drivers.pdu import parse_number


@dataclass(frozen=True, slots=True)
class Deed:
    """`words` is what is said behind the number, "" for nothing; `modem` is the number of a modem that is meant."""

    words: str
    does: str
    do: Callable[[Phone, str, str], object]


class People(Protocol):
    """A network as its people use it."""

    def person(self, deed: str, number: str, words: str, modem: str) -> None:
        """Have whoever has this number do one of DEEDS. Raises as `act`, or tells later where it is done elsewhere."""


def act(network: Network, deed: str, number: str, words: str, modem: str) -> None:
    """Have whoever has this number do one of DEEDS.

    Raises PduError for what is no number, LookupError for what cannot be done now.
    """
    phone = network.phone(parse_number(number).number)
    DEEDS[deed].do(phone, words, modem)


def _behave(phone: Phone, how: str, _modem: str) -> None:
    if how not in _WAYS:
        raise LookupError(f"expected a phone to be {', '.join(_WAYS)}, got {how!r}")
    phone.busy = how == "busy"
    phone.answers_after = None if how == "away" else 0.0
    phone.on = how != "off"


_WAYS: Final = ("ready", "busy", "away", "off")

DEEDS: Final = MappingProxyType(
    {
        "reply": Deed("TEXT", "answers the last text it got", lambda phone, text, _: phone.reply(text)),
        "send": Deed("TEXT", "texts the modem", lambda phone, text, modem: phone.send(modem, text)),
        "call": Deed("", "calls the modem", lambda phone, _, modem: phone.ring(modem)),
        "answer": Deed("", "takes the call that rings", lambda phone, *_: phone.answer()),
        "press": Deed("KEYS", "presses keys in the call", lambda phone, keys, _: phone.press(keys)),
        "say": Deed("TEXT", "speaks in the call", lambda phone, text, _: phone.say(text)),
        "hang-up": Deed("", "ends or refuses the call", lambda phone, *_: phone.hang_up()),
        "phone": Deed("WAY", "is ready, busy, away or off", _behave),
    }
)
