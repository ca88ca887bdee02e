"""What can be done to a simulated modem by word: every fault, its power, what the network says to codes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hw_fixtures.modem.host import Host


@dataclass(frozen=True, slots=True)
class Order:
    """`words` is what may follow, in brackets where it may be left out; `give` gets it, "" for nothing."""

    words: str
    does: str
    give: Callable[[Host, str], object]


def give(name: str, words: str, host: Host) -> None:
    """Give one of ORDERS. Raises LookupError for one there is not, and for words it cannot take."""
    order = ORDERS.get(name)
    if order is None:
        raise LookupError(f"expected a fault, one of {', '.join(ORDERS)}, got {name!r}")
    missing = order.words and not words and not order.words.startswith("[")
    if missing or (words and not order.words):
        raise LookupError(
            f"expected `{f'fault {name} {order.words}'.rstrip()}`, got {repr(words) if words else 'nothing behind it'}"
        )
    order.give(host, words)


def _seconds(words: str) -> float:
    try:
        seconds = float(words)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e6:
        raise LookupError(f"expected seconds such as 30, got {words!r}")
    return seconds


def _code(words: str, most: int) -> tuple[int, int]:
    """A cause, and how often."""
    match = re.fullmatch(r"([0-9]{1,4})(?: ([0-9]{1,4}))?", words)
    if match is None or int(match[1]) > most:
        raise LookupError(f"expected a code of at most {most} and perhaps how often, such as `38 2`, got {words!r}")
    return int(match[1]), int(match[2] or 1)


def _pin(words: str) -> str:
    if not re.fullmatch(r"[0-9]{4,8}", words):
        raise LookupError(f"expected 4 to 8 digits as the PIN, got {len(words)} characters")
    return words


def _has_it(words: str) -> bool:
    if words not in ("", "lost"):
        raise LookupError(f"expected nothing, or `lost` where the network has not got the text, got {words!r}")
    return not words


def _hang_up_after_pdu(host: Host, words: str) -> None:
    host.modem.faults.hang_up_after_pdu(accepted=_has_it(words))


def _lose_network_answer(host: Host, words: str) -> None:
    host.modem.faults.lose_network_answer(accepted=_has_it(words))


def _clear(host: Host, _: str) -> None:
    host.modem.faults.clear()
    host.modem.network.dispatch()


ORDERS: Final = MappingProxyType(
    {
        "silence": Order(
            "[SECONDS]", "hears and says nothing", lambda h, s: h.modem.faults.silence(_seconds(s) if s else None)
        ),
        "late": Order("SECONDS", "the next answer is late", lambda h, s: h.modem.faults.late(_seconds(s))),
        "garbage": Order("", "noise round every answer", lambda h, _: h.modem.faults.garbage()),
        "echo": Order("", "echo is on again", lambda h, _: setattr(h.modem.dialogue, "echo", True)),
        "lose-prompt": Order("", "the next prompt is not seen", lambda h, _: h.modem.faults.lose_prompt()),
        "hang-up-at-prompt": Order(
            "", "the line vanishes at the next prompt", lambda h, _: h.modem.faults.hang_up_at_prompt()
        ),
        "hang-up-after-pdu": Order("[lost]", "the line vanishes after a text; or it, too", _hang_up_after_pdu),
        "no-answer": Order("[lost]", "CMS 332 for a text that left; or did not", _lose_network_answer),
        "cms": Order(
            "CODE [TIMES]", "the next texts are refused", lambda h, c: h.modem.faults.refuse_next(*_code(c, 512))
        ),
        "cme": Order(
            "CODE [TIMES]",
            "the next commands are refused",
            lambda h, c: h.modem.faults.refuse_commands(*_code(c, 1023)),
        ),
        "data": Order(
            "CODE [TIMES]",
            "the next data connections are refused",
            lambda h, c: h.modem.faults.refuse_data(*_code(c, 1023)),
        ),
        "urc": Order("LINE", "this line comes inside the next answer", lambda h, u: h.modem.faults.urc_inside_reply(u)),
        "say": Order("LINE", "it says this line unasked", lambda h, line: h.modem.say(line)),
        "full": Order("", "every memory is full", lambda h, _: h.modem.faults.full_storage()),
        "no-network": Order("", "coverage is lost", lambda h, _: h.modem.faults.no_network()),
        "network": Order("", "coverage is back", lambda h, _: h.modem.faults.network_back()),
        "lock": Order("PIN", "the SIM asks for this PIN", lambda h, p: h.modem.faults.lock_sim(_pin(p))),
        "keep-call": Order("", "the next order to hang up does nothing", lambda h, _: h.modem.faults.keep_call()),
        "mute-calls": Order("", "calls go on without a word", lambda h, _: h.modem.faults.mute_progress()),
        "reset": Order("", "it restarts by itself", lambda h, _: h.modem.faults.reset()),
        "unplug": Order("", "it is pulled out", lambda h, _: h.unplug()),
        "plug": Order("", "it is put back", lambda h, _: h.plug()),
        "clear": Order("", "it is well again", _clear),
    }
)
