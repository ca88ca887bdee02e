"""CoAP as bytes, written by hand, so that tests choose every field; and the door they are sent to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast
from unittest.mock import patch
from urllib.parse import urlsplit

from aiocoap.numbers.constants import TransportTuning

from fleet.db import Database
from fleet.ingest.coap.door import Door
from fleet.settings import CoapSettings
from fleet.telemetry.history import History
from tests.fleet.ingest.service import WayIn, way_in

CON, NON, ACK, RST = range(4)
POST = 0x02
PATH, FORMAT, QUERY, BLOCK1, SIZE1 = 11, 12, 15, 27, 60


def message(
    code: int, options: list[tuple[int, bytes]], payload: bytes = b"", *, mid: int, kind: int = CON, token: bytes = b"t"
) -> bytes:
    """A CoAP message (RFC 7252 §3)."""
    raw, before = bytes((0x40 | kind << 4 | len(token), code)) + mid.to_bytes(2, "big") + token, 0
    for number, value in sorted(options, key=lambda option: option[0]):
        delta, more = _extended(number - before)
        length, rest = _extended(len(value))
        raw += bytes((delta << 4 | length,)) + more + rest + value
        before = number
    return raw + (b"\xff" + payload if payload else b"")


def _extended(value: int) -> tuple[int, bytes]:
    if value < 13:
        return value, b""
    return (13, bytes((value - 13,))) if value < 269 else (14, (value - 269).to_bytes(2, "big"))


def target(token: str, device: str = "m1", leaf: str = "telemetry") -> list[tuple[int, bytes]]:
    """The options that name where to post."""
    return [(PATH, b"devices"), (PATH, device.encode()), (PATH, leaf.encode()), (QUERY, b"t=" + token.encode())]


def acknowledgement(mid: int) -> bytes:
    """The empty ACK of a message."""
    return bytes((0x60, 0)) + mid.to_bytes(2, "big")


class Answer(NamedTuple):
    """What came back; `code` as people write it."""

    kind: int
    code: str
    mid: int
    token: bytes
    options: dict[int, bytes]
    payload: bytes


def read(data: bytes) -> Answer:
    """The message in a datagram."""
    length = data[0] & 0x0F
    at, number, options = 4 + length, 0, {}
    while at < len(data) and data[at] != 0xFF:
        delta, size = data[at] >> 4, data[at] & 0x0F
        at += 1
        if delta == 13:
            delta, at = data[at] + 13, at + 1
        if size == 13:
            size, at = data[at] + 13, at + 1
        number += delta
        options[number] = data[at : at + size]
        at += size
    code = f"{data[1] >> 5}.{data[1] & 0x1F:02}"
    mid = int.from_bytes(data[2:4], "big")
    return Answer(data[0] >> 4 & 3, code, mid, data[4 : 4 + length], options, data[at + 1 :])


class Socket(asyncio.DatagramProtocol):
    """A device's socket."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._heard.put_nowait(data)

    def send(self, data: bytes) -> None:
        self.transport.sendto(data)

    async def raw(self, within: float = 30.0) -> bytes:
        """The next datagram."""
        async with asyncio.timeout(within):
            return await self._heard.get()

    async def next(self, within: float = 30.0) -> Answer:
        return read(await self.raw(within))

    async def ask(self, data: bytes) -> Answer:
        self.send(data)
        return await self.next()

    def silent(self) -> bool:
        """Nothing has come that was not read."""
        return self._heard.empty()


@asynccontextmanager
async def device(url: str) -> AsyncIterator[Socket]:
    """A socket that sends to `url`."""
    where = urlsplit(url)
    loop = asyncio.get_running_loop()
    transport, socket = await loop.create_datagram_endpoint(Socket, remote_addr=(where.hostname or "", where.port or 0))
    try:
        yield socket
    finally:
        transport.close()


class Relay(asyncio.DatagramProtocol):
    """Between one client and `server`: each answer is lost the first time."""

    def __init__(self, server: Socket) -> None:
        self._server, self._client = server, ("", 0)
        self._seen = set[bytes]()
        self._passed: list[bytes] = []
        self._news = asyncio.Condition()
        self.url = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._client = addr
        self._server.send(data)

    async def run(self) -> None:
        """Carry answers, for ever."""
        while True:
            data = await self._server.raw(within=120)
            if data not in self._seen:
                self._seen.add(data)
                continue
            self._transport.sendto(data, self._client)
            self._passed.append(data)
            async with self._news:
                self._news.notify_all()

    async def passed(self, wanted: Callable[[bytes], bool]) -> None:
        """Return when such an answer has reached the client."""
        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(lambda: any(wanted(data) for data in self._passed))

    @property
    def lost(self) -> int:
        """How many answers were lost."""
        return len(self._seen)


@asynccontextmanager
async def relay(url: str) -> AsyncIterator[Relay]:
    """A network that loses every answer once, in front of `url`."""
    async with device(url) as server:
        loop = asyncio.get_running_loop()
        transport, found = await loop.create_datagram_endpoint(lambda: Relay(server), local_addr=("127.0.0.1", 0))
        found.url = f"coap://127.0.0.1:{transport.get_extra_info('sockname')[1]}"
        carrying = asyncio.create_task(found.run())
        try:
            yield found
        finally:
            carrying.cancel()
            transport.close()


@dataclass
class CoapWay:
    """The running door."""

    way: WayIn
    door: Door
    url: str

    @property
    def token(self) -> str:
        """Of device m1."""
        return self.way.tokens["m1"]

    def metric(self, code: str) -> float:
        """How many requests were answered so."""
        return self.way.context.metrics.registry.get_sample_value("fleet_coap_answers_total", {"code": code}) or 0


@asynccontextmanager
async def coap(
    database: Database, history: History | None = None, *, empty_ack_s: float = 10.0
) -> AsyncIterator[CoapWay]:
    """A door on a free port, with devices m1 and m2.

    `empty_ack_s`: when a request that is not answered yet gets its empty ACK; late enough that a busy machine's answers
    come in theirs.
    """
    delay = patch.object(TransportTuning, "EMPTY_ACK_DELAY", empty_ack_s)
    async with way_in(database, "m1", "m2", history=history) as way:
        settings = way.context.settings.model_copy(update={"coap": CoapSettings(port=0)})
        door = Door(replace(way.context, settings=settings), way.pipeline)
        await door.start()
        try:
            with delay:
                yield CoapWay(way, door, door.url)
        finally:
            await door.stop()
