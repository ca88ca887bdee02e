"""Strangers on the MQTT port hear the right code or nothing, memory stays bounded, and a device that behaves has every
message acknowledged meanwhile.

On SQLite alone: what is refused here never reaches the database.
"""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from tests.fleet.ingest.mqtt.client import connect, field, properties, publish, subscribe
from tests.fleet.ingest.mqtt.wire import client, raw
from tests.service import ServiceProcess

HALF_OPEN = 10_000
GROWTH = 120 * 1024 * 1024
"""Bytes by which the service may grow; one 200 MB packet taken in, or 12 kB for each half-open connection, is more."""
TELEMETRY = "devices/good/telemetry"
NOTHING = properties()
BIG = b"\x30" + bytes.fromhex("80c2d75f")
"""The beginning of a PUBLISH with a remaining length of 200,000,000."""


class Stand:
    """A running service and its devices."""

    def __init__(self, service: ServiceProcess, tokens: dict[str, str]) -> None:
        self.service, self.tokens = service, tokens
        self.port = service.mqtt[1]

    def resident(self) -> int:
        """Bytes of memory the service has in use."""
        status = (Path("/proc") / str(self.service.pid) / "status").read_text()
        return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@asynccontextmanager
async def stand(folder: Path) -> AsyncIterator[Stand]:
    async with ServiceProcess(folder, '[log]\nlevel = "warning"\n') as service:
        async with service.client() as api:
            tokens = {name: (await api.post("/v1/devices", {"name": name}))["token"] for name in ("good", "bad")}
        yield Stand(service, tokens)


async def good(there: Stand, stop: asyncio.Event) -> int:
    """A device that behaves, on one connection; how many messages it had acknowledged."""
    number = 0
    async with client(there.port, "good", there.tokens["good"], "good", level=5) as (one, _):
        while not stop.is_set() or number < 20:
            number += 1
            packet_id = number % 65_535 + 1
            one.send(publish(TELEMETRY, b'{"values":{"n":%d}}' % number, packet_id, told=NOTHING))
            assert await one.next() == (0x40, packet_id.to_bytes(2, "big"))
            await asyncio.sleep(0.005)
    return number


BAD_TEXT: Any = b"a\xff"
"""Where text belongs."""

BEFORE_CONNECT = [
    publish(TELEMETRY, b"x", 1), b"\xc0\x00", b"\xe0\x00", BIG, b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00",
    b"\x10\xff\xff\xff\x7f", b"\x10\x80\x80\x80\x80\x01", b"\x00\x00", connect(name="MQTX"),
    b"\x10\x04\x00\x02\xff\xfe", connect(BAD_TEXT), connect(user_name=BAD_TEXT), connect("a\0b"),
]  # fmt: skip
"""Closed without a word: nobody can tell that a client of ours speaks."""

CONNECTS: list[tuple[dict[str, Any], bytes]] = [
    ({"level": 6}, b"\x20\x02\x00\x01"),
    ({"password": b"0" * 32}, b"\x20\x02\x00\x04"),
    ({"client_id": "a/#"}, b"\x20\x02\x00\x02"),
    ({"client_id": "+", "level": 5}, b"\x20\x03\x00\x85\x00"),
    ({"user_name": "+", "level": 5}, b"\x20\x03\x00\x86\x00"),
    ({"password": b"\xff\xfe", "level": 5}, b"\x20\x03\x00\x86\x00"),
    ({"will": ("devices/good/events", b"{}"), "level": 5}, b"\x20\x03\x00\x87\x00"),
    ({"told": properties(b"\x15" + field("x")), "level": 5}, b"\x20\x03\x00\x8c\x00"),
    ({"told": b"\x01", "level": 5}, b"\x20\x03\x00\x81\x00"),
    ({"client_id": BAD_TEXT, "level": 5}, b"\x20\x03\x00\x81\x00"),
    ({"client_id": b"a\xed\xa0\x80", "level": 5}, b"\x20\x03\x00\x81\x00"),
    ({"user_name": "a\0b", "level": 5}, b"\x20\x03\x00\x81\x00"),
]
AFTER_CONNECT = [
    (connect(level=5), 0x82),
    (BIG, 0x95),
    (b"\x30\x05\x00\x02\xff\xfe\x00", 0x81),
    (publish("devices/bad/\0", b"x", 1, told=NOTHING), 0x81),
    (subscribe(1, (BAD_TEXT, 0), told=NOTHING), 0x81),
    (publish("devices/+/telemetry", b"x", 1, told=NOTHING), 0x81),
    (publish("devices/bad/#", b"x", 1, told=NOTHING), 0x81),
    (publish("", b"x", 1, told=properties(b"\x23\x00\x01")), 0x94),
    (b"\xf0\x00", 0x82),
    (b"\x36\x00", 0x81),
]


async def test_bad_packets_are_refused_with_the_right_code(tmp_path: Path) -> None:
    async with stand(tmp_path) as there:
        before, stop = there.resident(), asyncio.Event()
        other = asyncio.create_task(good(there, stop))
        for packet in BEFORE_CONNECT:
            async with raw(there.port) as one:
                one.send(packet)
                assert await one.ended(), packet
        for options, answer in CONNECTS:
            async with raw(there.port) as one:
                wanted: dict[str, Any] = {"user_name": "bad", "password": there.tokens["bad"].encode()} | options
                one.send(connect(**wanted))
                first, body = await one.next()
                assert bytes((first, len(body))) + body == answer, options
                assert await one.ended()
        for packet, code in AFTER_CONNECT:
            async with client(there.port, "bad", there.tokens["bad"], level=5) as (one, _):
                one.send(packet)
                assert await one.next() == (0xE0, bytes((code,))), packet
                assert await one.ended()
            async with client(there.port, "bad", there.tokens["bad"]) as (one, _):
                one.send(packet)
                assert await one.ended(), packet
        filters = ("#", 0), ("$share/g/#", 0), ("devices/+/commands", 0), ("a#", 0), ("devices/bad/commands", 0)
        async with client(there.port, "bad", there.tokens["bad"], level=5) as (one, _):
            one.send(subscribe(1, *filters, told=NOTHING))
            assert await one.next() == (0x90, bytes.fromhex("0001 00 87 9e 87 8f 00"))
            async with client(there.port, "bad", there.tokens["bad"], level=5):
                assert await one.next() == (0xE0, b"\x8e"), "the same client id again"
                assert await one.ended()
        async with client(there.port, "bad", there.tokens["bad"]) as (one, _):
            one.send(subscribe(1, *filters))
            assert await one.next() == (0x90, bytes.fromhex("0001 80 80 80 80 00"))
            async with client(there.port, "bad", there.tokens["bad"]):
                assert await one.ended(), "the same client id again"
        stop.set()
        assert await other >= 20
        assert there.resident() - before < GROWTH


def room() -> int:
    """How many sockets this process may have, after asking for as many as it can get."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - 500


async def test_ten_thousand_that_say_nothing_keep_nobody_out(tmp_path: Path) -> None:
    wanted = min(HALF_OPEN, room())
    async with stand(tmp_path) as there:
        before, stop = there.resident(), asyncio.Event()
        other = asyncio.create_task(good(there, stop))
        with ExitStack() as stack:
            sockets = []
            for number in range(wanted):
                one = stack.enter_context(socket.socket())
                one.setblocking(False)
                one.connect_ex(there.service.mqtt)
                sockets.append(one)
                if number % 50 == 0:
                    await asyncio.sleep(0.01)  # a backlog is not the subject
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(60):
                for number, one in enumerate(sockets):
                    await loop.sock_sendall(one, b"\x10" if number % 2 else b"\x10\x7f\x00\x04MQTT\x05")
            async with client(there.port, "bad", there.tokens["bad"], level=5) as (late, _):
                late.send(publish("devices/bad/telemetry", b'{"values":{"n":1}}', 1, told=NOTHING))
                assert await late.next() == (0x40, b"\x00\x01")
            assert there.resident() - before < GROWTH
            async with asyncio.timeout(60):
                ends = [await loop.sock_recv(one, 16) for one in sockets[:50]]
            assert ends == [b""] * 50, "each one ends by itself"
        stop.set()
        assert await other >= 20
