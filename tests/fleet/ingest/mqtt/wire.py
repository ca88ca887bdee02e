"""A client on a real socket, for tests of the endpoint."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.fleet.ingest.mqtt.client import Answers, connect


class Client:
    """Sends bytes, collects packets."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._answers = Answers()
        self._packets: list[tuple[int, bytes]] = []

    def send(self, *packets: bytes) -> None:
        """Write all of it in one segment."""
        self._writer.write(b"".join(packets))

    async def next(self) -> tuple[int, bytes]:
        """The next packet; raises EOFError when the connection ended before it."""
        async with asyncio.timeout(20):
            while not self._packets:
                data = await self._reader.read(65_536)
                if not data:
                    raise EOFError
                self._packets += self._answers.feed(data)
        return self._packets.pop(0)

    async def ended(self) -> bool:
        """True once the service closed the connection; False if it sent a packet instead."""
        try:
            await self.next()
        except (EOFError, ConnectionResetError):
            return True
        return False

    def close(self) -> None:
        """Drop the connection."""
        self._writer.close()


@asynccontextmanager
async def raw(port: int) -> AsyncIterator[Client]:
    """A TCP connection on which nothing was said yet."""
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    try:
        yield client
    finally:
        client.close()


@asynccontextmanager
async def client(
    port: int, device: str, token: str, client_id: str = "c1", **options: Any
) -> AsyncIterator[tuple[Client, int]]:
    """A connected client, and Session Present as it was told; `options` of its CONNECT."""
    async with raw(port) as one:
        one.send(connect(client_id, device, token.encode(), **options))
        first, body = await one.next()
        assert (first, body[1]) == (0x20, 0), f"expected to be let in, got {first:#x} {body.hex()}"
        yield one, body[0]
