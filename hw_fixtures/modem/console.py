"""A simulated modem for people: texts to phones are told, lines typed make phones reply and send."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Protocol

from hw_fixtures.lines import on_line
from hw_fixtures.modem.pty import serve_pty
from hw_fixtures.modem.workbench import Plan, network
from hw_fixtures.network import Text
from hw_fixtures.network.handset import Handset
from hw_fixtures.network.sharing import Hub, JoinedNetwork, WorldError, first_of, shared_network
from modem_drivers.pdu import PduError, parse_number

_USAGE = "expected `reply +NUMBER TEXT`, `send +NUMBER TEXT`, `press +NUMBER KEYS`, `call +NUMBER` or `hang-up +NUMBER`"


_WITH_TEXT = {"reply": True, "send": True, "press": True, "call": False, "hang-up": False}


class LineError(ValueError):
    """A typed line that cannot be acted on; the message is a sentence for whoever typed it."""


class World(Protocol):
    """A network as its people use it: phones reply and send."""

    def reply(self, number: str, text: str) -> None:
        """See Network."""

    def send(self, number: str, to: str, text: str) -> None:
        """See Network."""


Phones = Callable[[str], Handset]
"""The phone with a number."""


def act(line: str, world: World, modem_number: str, phones: Phones | None = None) -> None:
    """Do what a line says: `reply +NUMBER TEXT` answers the last text that phone got, `send` texts the modem.

    Where there are phones to be called, `press +NUMBER KEYS` presses keys in the call, `call` calls the modem and
    `hang-up` ends or refuses the call. Raises LineError for a line that is none of these, a number that is none,
    nothing to reply to and no call.
    """
    verb, _, rest = line.strip().partition(" ")
    number, _, text = rest.strip().partition(" ")
    if not number or bool(text) is not _WITH_TEXT.get(verb):
        raise LineError(f"{_USAGE}, got {line.strip()!r}")
    try:
        if verb == "reply":
            world.reply(number, text)
        elif verb == "send":
            world.send(number, modem_number, text)
        elif phones is None:
            raise LineError(
                "expected a network of this modem's own, got a shared one: calls do not travel between them"
            )
        else:
            _call(verb, phones(parse_number(number).number), text, modem_number)
    except (PduError, LookupError) as error:
        raise LineError(str(error)) from error


def _call(verb: str, phone: Handset, keys: str, modem_number: str) -> None:
    if verb == "press":
        phone.press(keys)
    elif verb == "call":
        phone.ring(modem_number)
    else:
        phone.hang_up()


async def serve(
    plan: Plan,
    link: Path,
    *,
    shared: Path | None,
    ready: Callable[[], None],
    told: Callable[[str, Text], None],
    called: Callable[[str, str], None],
    wrong: Callable[[str], None],
) -> None:
    """Serve a modem at the link, with lines from standard input, until SIGINT or SIGTERM.

    With `shared` it is on the network of that path, else on one of its own. The end of standard input ends only
    the typing. Raises OSError when the link cannot be made, WorldError when the shared network cannot be used or
    has ended.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    own_number = plan.card.msisdn
    async with _world(shared) as world:
        await world.claim(own_number)
        world.on_text.append(told)
        world.on_refused.append(wrong)
        phones: Phones | None = None
        if isinstance(world, Hub):
            phones = world.air.phone
            world.air.exchange.on_call.append(called)

        def typed(line: str) -> None:
            try:
                act(line, world, own_number, phones)
            except LineError as error:
                wrong(str(error))

        async with serve_pty(plan.build(world.air), link):
            ready()
            on_line(typed)
            stopped = asyncio.create_task(stop.wait())
            await first_of(stopped, world.ended)
            stopped.cancel()
        if world.ended.done():
            raise WorldError(world.ended.result())


def _world(path: Path | None) -> AbstractAsyncContextManager[Hub | JoinedNetwork]:
    return nullcontext(Hub(network())) if path is None else shared_network(path, network)
