"""A network that another process serves."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Self

from hw_fixtures.network.air import Subscriber
from hw_fixtures.network.cells import Cell
from hw_fixtures.network.phones import Text
from hw_fixtures.network.sharing.trunk import FarExchange
from hw_fixtures.network.sharing.wire import Said, Wire, WorldError, first_of, read
from modem_drivers import pdu


class JoinedNetwork:
    """The far network, as the air of this process's modem. `ended` gets a sentence when it is gone.

    `on_text` hears of texts that reach phones, `on_call` of calls as the exchange does, `on_refused` of what a
    person could not do.
    """

    def __init__(self, path: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.air = self
        self.cell: Cell
        self.centre_number: str
        self.on_text: list[Callable[[str, Text], None]] = []
        self.on_call: list[Callable[[str, str], None]] = []
        self.on_refused: list[Callable[[str], None]] = []
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[str] = loop.create_future()
        self._path = path
        self._wire = Wire(reader, writer)
        self.exchange = FarExchange(self._wire)
        self._welcome: asyncio.Future[None] = loop.create_future()
        self._claim: asyncio.Future[str | None] = loop.create_future()
        self._questions = count()
        self._asked: dict[int, Callable[[int | None], None]] = {}
        self._subscribers: dict[str, Subscriber] = {}
        self._listener: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self._listener = asyncio.create_task(self._listen(), name="shared network")
        await first_of(self._welcome, self.ended)
        if not self._welcome.done():
            raise WorldError(self.ended.result())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.cancel()
        await asyncio.wait([self._listener])
        await self._wire.close()

    async def claim(self, number: str) -> None:
        """Take a number for a modem; WorldError where another modem has it."""
        self._claim = asyncio.get_running_loop().create_future()
        self._wire.say("claim", number=number)
        await first_of(self._claim, self.ended)
        why = self._claim.result() if self._claim.done() else self.ended.result()
        if why is not None:
            raise WorldError(why)

    def person(self, deed: str, number: str, words: str, modem: str) -> None:
        """See People; what cannot be done is told to `on_refused`."""
        self._wire.say("person", deed=deed, number=number, words=words, modem=modem)

    def teach(self, code: str, reply: str) -> None:
        """See Hub."""
        self._wire.say("teach", code=code, reply=reply)

    # --- what a modem meets: see Air ---

    def now(self) -> datetime:
        """See Air."""
        return datetime.now(UTC)

    def enrol(self, number: str) -> None:
        """See Air; claiming a number has done it."""

    def attach(self, number: str, subscriber: Subscriber) -> None:
        """See Air."""
        self._subscribers[number] = subscriber
        self._wire.say("attach", number=number)

    def detach(self, number: str) -> None:
        """See Air."""
        self._subscribers.pop(number, None)
        self._wire.say("detach", number=number)

    def submit(self, sender: str, hexed: str, message: pdu.SubmitPdu, done: Callable[[int | None], None]) -> None:
        """See Air; answers later."""
        question = next(self._questions)
        self._asked[question] = done
        self._wire.say("submit", id=question, sender=sender, pdu=hexed)

    def dispatch(self) -> None:
        """See Air."""
        self._wire.say("dispatch")

    async def _listen(self) -> None:
        try:
            async for said in self._wire.hear():
                self._take(said)
        finally:
            self.ended.set_result(
                f"expected the network at {self._path} to stay, its first process has ended; start them all again"
            )

    def _take(self, said: Said) -> None:
        match said.get("verb"):
            case "welcome":
                self.cell, self.centre_number = Cell(**said["cell"]), said["centre"]
                self._welcome.set_result(None)
            case "claimed":
                self._claim.set_result(said["why"])
            case "submitted":
                self._asked.pop(said["id"])(said["cause"])
            case "deliver":
                number = said["number"]
                subscriber = self._subscribers.get(number)
                if subscriber is not None:  # else it has left, which the hub learns
                    self._wire.say("answered", number=number, taken=subscriber.take(said["pdu"]))
            case "text":
                text = Text(said["sender"], said["text"], datetime.fromisoformat(said["at"]))
                for tell in self.on_text:
                    tell(said["number"], text)
            case "call":
                for told in self.on_call:
                    told(said["number"], said["what"])
            case "codes":
                self.exchange.ussd = {code: read(reply) for code, reply in said["ussd"].items()}
            case "offered" | "stage" | "keyed" | "spoken":
                self.exchange.take(said)
            case "refused":
                for refuse in self.on_refused:
                    refuse(said["why"])
