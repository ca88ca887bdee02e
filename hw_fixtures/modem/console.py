"""A simulated modem for people: texts to phones are told, lines typed make phones and the modem do things."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hw_fixtures.lines import on_line
from hw_fixtures.modem.host import Host
from hw_fixtures.modem.orders import ORDERS, give
from hw_fixtures.modem.pty import serve_pty
from hw_fixtures.modem.workbench import Plan, network
from hw_fixtures.network import Text
from hw_fixtures.network.people import DEEDS, People
from hw_fixtures.network.sharing import Hub, JoinedNetwork, WorldError, first_of, shared_network
from modem_drivers.pdu import PduError


class LineError(ValueError):
    """A typed line that cannot be acted on; the message is a sentence for whoever typed it."""


class World(People, Protocol):
    """A network, as its people use it and as it answers codes."""

    def teach(self, code: str, reply: str) -> None:
        """From now on the network answers this code so."""


def act(line: str, world: World, number: str, host: Host) -> str:
    """Do what a line says to the phones of a world and to the modem that has this number; what to tell, mostly nothing.

    Raises LineError for a line that is none of those in `usage`, and for what cannot be done now.
    """
    verb, _, rest = line.strip().partition(" ")
    first, _, words = rest.strip().partition(" ")
    words = words.strip()
    try:
        if verb == "help" and not rest:
            return usage()
        if verb == "fault" and first:
            give(first, words, host)
        elif verb == "ussd" and first and words:
            world.teach(first, words)
        elif verb in DEEDS and first and bool(words) is bool(DEEDS[verb].words):
            world.person(verb, first, words, number)
        else:
            raise LineError(f"expected one of the lines that `help` lists, got {line.strip()!r}")
    except (PduError, LookupError) as error:
        raise LineError(str(error)) from error
    except OSError as error:  # a modem that is put back finds its link taken
        raise LineError(f"expected to make the modem's link again, got: {error.strerror}; remove it") from error
    return ""


def usage() -> str:
    """Every line that can be typed, with what it does."""
    rows = [(f"{verb} +NUMBER {deed.words}", f"the phone {deed.does}") for verb, deed in DEEDS.items()]
    rows += [("ussd CODE TEXT", "the network answers that code so")]
    rows += [(f"fault {name} {order.words}", order.does) for name, order in ORDERS.items()]
    width = max(len(line) for line, _ in rows)
    return "\n".join(f"  {line.rstrip():<{width}}  {does}" for line, does in rows)


@dataclass(frozen=True, slots=True)
class Told:
    """Whom to tell: a text that reached a phone, what happened in a phone's call, a remark to whoever types."""

    text: Callable[[str, Text], None]
    call: Callable[[str, str], None]
    remark: Callable[[str], None]


async def serve(plan: Plan, link: Path, *, shared: Path | None, ready: Callable[[], None], told: Told) -> None:
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
        world.on_text.append(told.text)
        world.on_call.append(told.call)
        world.on_refused.append(told.remark)
        async with serve_pty(plan.build(world.air), link) as host:

            def typed(line: str) -> None:
                try:
                    said = act(line, world, own_number, host)
                except LineError as error:
                    said = str(error)
                if said:
                    told.remark(said)

            ready()
            on_line(typed)
            stopped = asyncio.create_task(stop.wait())
            await first_of(stopped, world.ended)
            stopped.cancel()
        if world.ended.done():
            raise WorldError(world.ended.result())


def _world(path: Path | None) -> AbstractAsyncContextManager[Hub | JoinedNetwork]:
    return nullcontext(Hub(network())) if path is None else shared_network(path, network)
