"""The process that serves a network to others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

from hw_fixtures.network import people
from hw_fixtures.network.phones import Text
from hw_fixtures.network.sharing.trunk import Trunk
from hw_fixtures.network.sharing.wire import Said, Wire, WorldError, written
from hw_fixtures.network.world import Network
from modem_drivers import pdu


class Hub:
    """A network that this process holds. Its own modem uses `air`, others come by the socket."""

    def __init__(self, network: Network) -> None:
        self.air = network
        self.on_text = network.on_text
        self.on_call = network.exchange.on_call
        self.on_refused: list[Callable[[str], None]] = []  # never called: what is refused here raises
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._numbers: set[str] = set()
        self._guests: set[_Guest] = set()
        network.on_text.append(self._tell)
        self.on_call.append(self._tell_call)

    @asynccontextmanager
    async def serving(self, path: Path) -> AsyncIterator["Hub"]:
        """Serve at a path while the context lasts; a socket left there by a dead process is replaced."""
        _clear(path)
        try:
            server = await asyncio.start_unix_server(self._visit, path)
        except OSError as error:
            raise WorldError(f"expected to serve a network at {path}, got: {error}; name another path") from error
        try:
            yield self
        finally:
            server.close()
            for guest in tuple(self._guests):
                await guest.wire.close()
            _clear(path)

    async def claim(self, number: str) -> None:
        """Take a number for a modem; WorldError where another modem has it."""
        self.take_number(number)

    def take_number(self, number: str) -> None:
        """See `claim`."""
        if number in self._numbers:
            raise WorldError(f"expected a number that no other modem has, got {number}; name another with --number")
        self._numbers.add(number)
        self.air.enrol(number)
        self.air.exchange.enrol(number)

    def give_up_number(self, number: str) -> None:
        """Its modem has left; texts to it wait, calls do not reach it."""
        self._numbers.discard(number)
        self.air.detach(number)
        self.air.exchange.detach(number)

    def person(self, deed: str, number: str, words: str, modem: str) -> None:
        """See People."""
        people.act(self.air, deed, number, words, modem)

    def teach(self, code: str, reply: str) -> None:
        """From now on the network answers this code so."""
        self.air.ussd[code] = reply
        for guest in self._guests:
            guest.tell_codes()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guest = _Guest(self, Wire(reader, writer))
        self._guests.add(guest)
        try:
            await guest.stay()
        finally:
            self._guests.discard(guest)

    def _tell(self, number: str, text: Text) -> None:
        for guest in self._guests:
            guest.wire.say("text", number=number, sender=text.sender, text=text.text, at=text.at.isoformat())

    def _tell_call(self, number: str, what: str) -> None:
        for guest in self._guests:
            guest.wire.say("call", number=number, what=what)


class _Guest:
    """Another process with its modem."""

    def __init__(self, hub: Hub, wire: Wire) -> None:
        self.wire = wire
        self._hub = hub
        self._air = hub.air
        self._claimed: set[str] = set()
        self._trunk = Trunk(hub.air.exchange, wire)

    async def stay(self) -> None:
        """Do what it asks until it leaves; then its numbers cannot be reached."""
        self.wire.say("welcome", cell=asdict(self._air.cell), centre=self._air.centre_number)
        self.tell_codes()
        async for said in self.wire.hear():
            try:
                self._do(said)
            except (KeyError, TypeError, ValueError) as error:
                self.wire.say("refused", why=f"expected a request of this protocol, got another: {error!r}")
                break
        for number in self._claimed:
            self._hub.give_up_number(number)
        self._trunk.break_off()
        await self.wire.close()

    def tell_codes(self) -> None:
        """The codes the network knows."""
        self.wire.say("codes", ussd={code: written(reply) for code, reply in self._air.ussd.items()})

    def _do(self, said: Said) -> None:
        match said["verb"]:
            case "claim":
                self._claim(said["number"])
            case "attach" if said["number"] in self._claimed:
                self._air.attach(said["number"], _Far(said["number"], self.wire))
            case "detach" if said["number"] in self._claimed:
                self._air.detach(said["number"])
            case "answered" if said["number"] in self._claimed:
                self._air.centre.answered(said["number"], taken=bool(said["taken"]))
            case "submit" if said["sender"] in self._claimed:
                done = partial(self._submitted, said["id"])
                self._air.submit(said["sender"], said["pdu"], pdu.decode_submit(said["pdu"]), done)
            case "dispatch":
                self._air.dispatch()
            case "connect" if said["number"] in self._claimed:
                self._air.exchange.attach(said["number"], self._trunk.party(said["number"]))
            case "disconnect" if said["number"] in self._claimed:
                self._air.exchange.detach(said["number"])
            case "dial" if said["caller"] in self._claimed:
                self._trunk.dial(said["call"], said["caller"], said["to"])
            case "in call":
                self._trunk.do(said)
            case "person":
                self._person(said)
            case "teach":
                self._hub.teach(said["code"], said["reply"])

    def _claim(self, number: str) -> None:
        try:
            self._hub.take_number(number)
        except WorldError as error:
            self.wire.say("claimed", why=str(error))
            return
        self._claimed.add(number)
        self.wire.say("claimed", why=None)

    def _submitted(self, question: int, cause: int | None) -> None:
        self.wire.say("submitted", id=question, cause=cause)

    def _person(self, said: Said) -> None:
        deed, number, words, modem = said["deed"], said["number"], said["words"], said["modem"]
        if deed not in people.DEEDS:
            raise ValueError(f"people do not {deed!r}")
        try:
            people.act(self._air, deed, number, words, modem)
        except (pdu.PduError, LookupError) as error:
            self.wire.say("refused", why=str(error))


class _Far:
    """A modem of another process, as a subscriber: it is asked to take a text and tells later."""

    def __init__(self, number: str, wire: Wire) -> None:
        self._number = number
        self._wire = wire

    def take(self, hexed: str) -> None:
        """See Subscriber."""
        self._wire.say("deliver", number=self._number, pdu=hexed)


def _clear(path: Path) -> None:
    path.unlink(missing_ok=True)
