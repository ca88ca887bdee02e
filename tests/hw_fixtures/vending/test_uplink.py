"""The uplink loses nothing: it waits, comes back, and sends again what was not acknowledged."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hw_fixtures.vending.uplink import Uplink
from tests.hw_fixtures.vending.brokers import Silent, mosquitto, subscriber
from tests.loopback import free_port

TOPIC = "devices/vm-01/telemetry"
DUP = 0x08


@asynccontextmanager
async def running(uplink: Uplink) -> AsyncIterator[None]:
    task = asyncio.create_task(uplink.run())
    try:
        async with asyncio.timeout(30):
            yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_messages_reach_a_subscriber_and_are_acknowledged(tmp_path: Path) -> None:
    async with mosquitto(tmp_path, free_port()) as url, subscriber(url, "devices/#") as lines:
        uplink = Uplink(url, "vm-01", "secret")
        async with running(uplink):
            for number in range(500):
                assert uplink.publish(TOPIC, json.dumps({"id": number}).encode())
            await uplink.drained()
            assert (uplink.published, uplink.acknowledged, uplink.unacknowledged) == (500, 500, 0)
            arriving = payloads(lines)
            got = [await anext(arriving) for _ in range(500)]
            assert got == list(range(500))


async def test_what_is_published_while_the_service_is_down_arrives_when_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    uplink = Uplink(f"mqtt://127.0.0.1:{port}", "vm-01", "secret")
    async with running(uplink):
        uplink.publish(TOPIC, b'{"id": 1}')
        async with mosquitto(tmp_path, port):
            await uplink.drained()
        while uplink.connected:
            await asyncio.sleep(0.01)
        for number in range(2, 300):
            uplink.publish(TOPIC, json.dumps({"id": number}).encode())
        assert uplink.unacknowledged == 298
        async with mosquitto(tmp_path, port):
            await uplink.drained()
    assert (uplink.acknowledged, uplink.dropped) == (299, 0)
    assert uplink.connects >= 2


async def test_what_was_not_acknowledged_is_sent_again_with_the_same_ids_and_marked() -> None:
    service = Silent(publishes_before_hang_up=3)
    server = await asyncio.start_server(service, "127.0.0.1", 0)
    async with server:
        uplink = Uplink(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", "vm-01", "secret")
        async with running(uplink):
            for number in range(3):
                uplink.publish(TOPIC, json.dumps({"id": number}).encode())
            await uplink.drained()
    first, again = service.publishes[:3], service.publishes[3:]
    assert [packet[0] & DUP for packet in first] == [0, 0, 0]
    assert [packet[0] & DUP for packet in again] == [DUP, DUP, DUP]
    assert [packet[1:] for packet in again] == [packet[1:] for packet in first]
    clean_session = [connect[7] & 0x02 for connect in service.connects]
    assert clean_session == [0, 0]


async def test_stopping_says_goodbye_so_that_the_service_sees_a_clean_end() -> None:
    ended = asyncio.Event()
    seen = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x20\x02\x00\x00")
        while chunk := await reader.read(1000):
            seen.extend(chunk)
        writer.close()
        ended.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        uplink = Uplink(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", "vm-01", "secret")
        async with running(uplink):
            while not uplink.connected:
                await asyncio.sleep(0.01)
        async with asyncio.timeout(30):
            await ended.wait()
    assert seen.endswith(b"\xe0\x00")
    assert not uplink.connected


async def test_a_wrong_token_is_kept_as_the_reason(tmp_path: Path) -> None:
    async with mosquitto(tmp_path, free_port(), "allow_anonymous false", "password_file /dev/null") as url:
        uplink = Uplink(url, "vm-01", "wrong")
        async with running(uplink):
            while not uplink.refused:
                await asyncio.sleep(0.01)
    assert uplink.refused == "Not authorized"
    assert uplink.connects == 0


async def test_a_full_backlog_drops_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hw_fixtures.vending.uplink.BACKLOG", 5)
    uplink = Uplink(f"127.0.0.1:{free_port()}", "vm-01", "secret")
    assert [uplink.publish(TOPIC, b"{}") for _ in range(7)] == [True] * 5 + [False] * 2
    assert (uplink.published, uplink.dropped) == (5, 2)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "mqtt://", "mqtt://host:99999", "mqtt://[::1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected an MQTT address"):
        Uplink(url, "vm-01", "secret")


async def payloads(lines: asyncio.StreamReader) -> AsyncIterator[int]:
    """The ids in the order they arrived."""
    async for line in lines:
        if line.startswith(TOPIC.encode()):
            yield json.loads(line.split(b" ", 1)[1])["id"]
