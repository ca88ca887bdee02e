"""Machines that publish with QoS 2 and nothing else to tell a repeat by: no id, no time, only the packet id."""

import asyncio
import contextlib

from fleet.ingest.mqtt.codec.packets import NEVER
from tests.fleet.ingest.mqtt import client as wire
from tests.publisher import read_packet

CONNACK, PUBREC, PUBCOMP = 2, 5, 7
UNDER_WAY = 20
"""Messages between PUBLISH and PUBCOMP."""


class Publisher2:
    """One device's persistent session, in the version `level` (4 or 5); message k says `{"k": k}`."""

    def __init__(self, name: str, token: str, address: tuple[str, int], level: int) -> None:
        self.name, self._token, self.address, self._level = name, token, address, level
        self._told = wire.properties() if level == 5 else None
        self.sent = 0
        self.completed = 0
        self.present_lost = 0
        """How often a reconnect was told that no session exists, after the first connect."""
        self._unreceived: dict[int, bytes] = {}
        self._unreleased: dict[int, None] = {}
        self._connected_before = False
        self._connection_task: asyncio.Task[None] | None = None
        self._half_open: list[asyncio.StreamWriter] = []

    @property
    def under_way(self) -> int:
        """Messages that are not complete."""
        return len(self._unreceived) + len(self._unreleased)

    async def run(self, until: asyncio.Event) -> None:
        """Publish until `until` is set, then only until everything is complete."""
        while not (until.is_set() and not self.under_way):
            self._connection_task = asyncio.create_task(self._connection(until))
            await asyncio.wait([self._connection_task])
            if not self._connection_task.cancelled():
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    self._connection_task.result()
            await asyncio.sleep(0.02)
        for writer in self._half_open:
            writer.close()

    def roam(self, address: tuple[str, int]) -> None:
        """Connect there, and leave the present connection half open."""
        self.address = address
        if self._connection_task is not None:
            self._connection_task.cancel()

    async def _connection(self, until: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            told = wire.properties(b"\x11" + NEVER.to_bytes(4, "big"))
            writer.write(
                wire.connect(self.name, self.name, self._token.encode(), clean=False, level=self._level, told=told)
            )
            kind, body = await read_packet(reader)
            if kind != CONNACK or body[1] != 0:
                raise OSError(f"refused with {body!r}")
            self.present_lost += self._connected_before and not body[0] & 1
            self._connected_before = True
            for packet in self._unreceived.values():
                writer.write(bytes([packet[0] | 0x08]) + packet[1:])
            for packet_id in self._unreleased:
                writer.write(wire.pubrel(packet_id))
            while True:
                while not until.is_set() and self.under_way < UNDER_WAY:
                    writer.write(self._next())
                if until.is_set() and not self.under_way:
                    break
                self._take(*await read_packet(reader), writer)
        except asyncio.CancelledError:
            self._half_open.append(writer)
            raise
        except BaseException:
            writer.close()
            raise
        writer.close()

    def _next(self) -> bytes:
        number, self.sent = self.sent, self.sent + 1
        taken = self._unreceived.keys() | self._unreleased.keys()
        packet_id = next(i for i in range(1, 65536) if i not in taken)  # used anew as soon as it is free
        topic, payload = f"devices/{self.name}/telemetry", b'{"values":{"k":%d}}' % number
        packet = wire.publish(topic, payload, packet_id, qos=2, told=self._told)
        self._unreceived[packet_id] = packet
        return packet

    def _take(self, kind: int, body: bytes, writer: asyncio.StreamWriter) -> None:
        packet_id = int.from_bytes(body[:2], "big")
        if kind == PUBREC:
            assert len(body) == 2, f"refused with {body!r}"
            self._unreceived.pop(packet_id, None)
            self._unreleased[packet_id] = None
            writer.write(wire.pubrel(packet_id))
        else:
            assert kind == PUBCOMP
            assert body[2:] in (b"", b"\x92"), "0x92 is no error after a reconnect: its answer was lost (§3.7.2.1)"
            self.completed += self._unreleased.pop(packet_id, 0) is None
