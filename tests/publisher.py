"""Machines at the wire: they publish QoS 1 at a steady rate and resend what was not acknowledged."""

import asyncio
import contextlib
import json
import time

from tests.fleet.ingest.mqtt import client as wire

CONNACK, PUBACK = 2, 4


class Publisher:
    """One device's persistent session: message k has the id `k`, so whoever counts can find each one again."""

    def __init__(self, name: str, token: str, address: tuple[str, int], rate: float) -> None:
        """`rate`: messages per second."""
        self.name, self._token, self._rate = name, token, rate
        self.address = address
        """Where it connects next."""
        self.sent = 0
        self.acknowledged: set[int] = set()
        self.present_lost = 0
        """How often a reconnect was told that no session exists, after the first connect."""
        self._waiting: dict[int, tuple[int, bytes]] = {}
        self._connected_before = False

    @property
    def unacknowledged(self) -> int:
        """How many messages wait for their PUBACK."""
        return len(self._waiting)

    async def run(self, until: asyncio.Event) -> None:
        """Publish until `until` is set, then only until everything is acknowledged."""
        while not (until.is_set() and not self._waiting):
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await self._connection(until)
            await asyncio.sleep(0.02)

    async def _connection(self, until: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            writer.write(wire.connect(self.name, self.name, self._token.encode(), clean=False, keep_alive=30))
            kind, body = await read_packet(reader)
            if kind != CONNACK or body[1] != 0:
                raise OSError(f"refused with {body!r}")
            self.present_lost += self._connected_before and not body[0] & 1
            self._connected_before = True
            for _, packet in list(self._waiting.values()):
                writer.write(bytes([packet[0] | 0x08]) + packet[1:])
            acknowledging = asyncio.create_task(self._acknowledge(reader))
            try:
                await self._publish(writer, until, acknowledging)
            finally:
                acknowledging.cancel()
                await asyncio.wait([acknowledging])
        finally:
            writer.close()

    async def _publish(self, writer: asyncio.StreamWriter, until: asyncio.Event, alive: "asyncio.Task[None]") -> None:
        start, count = time.monotonic(), 0
        while not alive.done():
            due = 0 if until.is_set() else int((time.monotonic() - start) * self._rate) - count
            for _ in range(min(due, 1000 - len(self._waiting))):
                writer.write(self._next())
                count += 1
            if until.is_set() and not self._waiting:
                return
            await writer.drain()
            await asyncio.sleep(0.01)

    def _next(self) -> bytes:
        number, self.sent = self.sent, self.sent + 1
        packet_id = next(i for i in range(number % 60000 + 1, 65536) if i not in self._waiting)
        payload = json.dumps({"id": str(number), "values": {"temperature": 3.5, "n": number}}).encode()
        packet = wire.publish(f"devices/{self.name}/telemetry", payload, packet_id)
        self._waiting[packet_id] = (number, packet)
        return packet

    async def _acknowledge(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                kind, body = await read_packet(reader)
                if kind == PUBACK:
                    number, _ = self._waiting.pop(int.from_bytes(body[:2], "big"))
                    self.acknowledged.add(number)


async def read_packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next packet: its type and its body."""
    kind = (await reader.readexactly(1))[0] >> 4
    length = shift = 0
    while True:
        (octet,) = await reader.readexactly(1)
        length |= (octet & 0x7F) << shift
        shift += 7
        if octet < 0x80:
            return kind, await reader.readexactly(length)
