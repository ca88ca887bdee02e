"""The endpoint over real sockets, in MQTT 5: what is refused and kept, sessions that end, QoS 2 over restarts."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlmodel import select

from fleet.auth import service as auth
from fleet.auth.models import Holder
from fleet.clock import ManualClock
from fleet.db import Database
from fleet.errors import Unavailable
from fleet.ingest.mqtt.brake import FREE
from fleet.telemetry.memory import MemoryHistory
from fleet.telemetry.models import DeadLetter, MqttPacket, MqttSession
from tests.conftest import operator_of
from tests.fleet.ingest.mqtt.client import DISCONNECT, connect, field, properties, publish, pubrel, subscribe
from tests.fleet.ingest.mqtt.noted import Noted
from tests.fleet.ingest.mqtt.wire import client, raw
from tests.fleet.ingest.service import way_in

TELEMETRY = "devices/m1/telemetry"
NOTHING = properties()


def point(number: int) -> bytes:
    return b'{"values":{"n":%d}}' % number


def expiring(seconds: int) -> bytes:
    return properties(b"\x11" + seconds.to_bytes(4, "big"))


async def test_what_is_refused_is_named_and_the_connection_goes_on(database: Database) -> None:
    async with way_in(database, "m1", "m2") as parts:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], level=5) as (one, _):
            one.send(
                publish(TELEMETRY, point(1), 1, told=NOTHING),
                publish("devices/m2/telemetry", point(2), 2, told=NOTHING),
                publish(TELEMETRY, b'{"t":NaN}', 3, told=NOTHING),
                publish(TELEMETRY, b"\xa1dtemp\x04", 4, told=properties(b"\x03" + field("application/cbor"))),
                publish(TELEMETRY, b"?", 5, qos=2, told=NOTHING),
                publish(TELEMETRY, point(6), 6, told=NOTHING),
            )
            answers = [await one.next() for _ in range(6)]
        assert [body.hex() for _, body in answers] == ["0001", "000287", "000399", "000499", "000599", "0006"]
        assert [first for first, _ in answers] == [0x40] * 4 + [0x50, 0x40]
        letters = await database.read(lambda tx: [row.payload for row in tx.exec(select(DeadLetter))])
        assert letters == [b'{"t":NaN}', b"\xa1dtemp\x04", b"?"]
        assert [report.values for report in await parts.reports()] == [{"n": 1}, {"n": 6}]
        refusals = parts.context.metrics.registry.get_sample_value("fleet_mqtt_refusals_total", {"reason": "topic"})
        assert refusals == 1


async def test_cbor_is_read_where_the_content_type_says_so(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], level=5) as (one, _):
            told = properties(b"\x03" + field("application/cbor"))
            one.send(publish(TELEMETRY, bytes.fromhex("a16676616c756573a1617404"), 1, told=told))
            assert await one.next() == (0x40, b"\0\1")
        assert [report.values for report in await parts.reports()] == [{"t": 4}]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"password": b"wrong"}, 0x86),
        ({"user_name": "m+"}, 0x86),
        ({"client_id": "a/#"}, 0x85),
        ({"client_id": "+"}, 0x85),
        ({"client_id": "x" * 129}, 0x85),
        ({"will": ("devices/m2/events", b"{}")}, 0x87),
        ({"told": properties(b"\x15" + field("SCRAM"))}, 0x8C),
    ],
)
async def test_who_is_not_let_in_is_told_why(database: Database, options: dict[str, Any], code: int) -> None:
    async with way_in(database, "m1") as parts, raw(parts.endpoint.port) as one:
        wanted: dict[str, Any] = {"user_name": "m1", "password": parts.tokens["m1"].encode(), "level": 5} | options
        one.send(connect(**wanted), publish(TELEMETRY, point(1), 1, told=NOTHING))
        assert await one.next() == (0x20, bytes((0, code, 0)))
        assert await one.ended()
        assert await parts.reports() == []


@pytest.mark.parametrize(("client_id", "code"), [("x" * 24, 2), ("", 2), ("x" * 23, 0)])
async def test_3_1_wants_a_short_client_id(database: Database, client_id: str, code: int) -> None:
    async with way_in(database, "m1") as parts, raw(parts.endpoint.port) as one:
        one.send(connect(client_id, "m1", parts.tokens["m1"].encode(), name="MQIsdp", level=3))
        assert await one.next() == (0x20, bytes((0, code)))


async def test_a_client_without_an_id_gets_one_and_its_session_with_it(database: Database) -> None:
    async with way_in(database, "m1") as parts, raw(parts.endpoint.port) as one:
        one.send(connect("", "m1", parts.tokens["m1"].encode(), level=5, clean=False, told=expiring(60)))
        _, body = await one.next()
        (key,) = parts.endpoint._clients
        assert key[1].startswith("auto-")
        assert b"\x12" + field(key[1]) in body
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], key[1], level=5, clean=False) as (_, present):
            assert present == 1


async def test_a_session_ends_when_it_said_it_would(database: Database) -> None:
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]

        async def comes(expiry: int | None, *packets: bytes, clean: bool = False) -> int:
            told = NOTHING if expiry is None else expiring(expiry)
            async with client(port, "m1", token, level=5, clean=clean, told=told) as (one, present):
                one.send(*packets, DISCONNECT)
                assert await one.ended()
            async with asyncio.timeout(20):
                while parts.endpoint._clients:
                    await asyncio.sleep(0.01)
            return present

        assert await comes(100) == 0
        clock.advance(99)
        assert await comes(100) == 1
        clock.advance(101)
        assert await comes(100) == 0, "its time was over"
        assert await comes(None) == 1
        assert await comes(100) == 0, "it lasted no longer than its connection"
        assert await comes(100, b"\xe0\x07\x00\x05\x11\0\0\0\0") == 1
        assert await comes(100) == 0, "the goodbye took it back"
        assert await comes(0xFFFF_FFFF, clean=True) == 0
        clock.advance(29 * 86_400)
        assert await comes(100) == 1
        clock.advance(50)
    async with way_in(database, clock=clock) as parts:
        port = parts.endpoint.port
        assert await comes(100) == 1


async def test_a_session_of_a_service_that_stops_keeps_its_time(database: Database) -> None:
    clock = ManualClock()
    async with way_in(database, "m1", clock=clock) as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]
        connection = client(port, "m1", token, level=5, clean=False, told=expiring(100))
        one, _ = await connection.__aenter__()
    assert await one.next() == (0xE0, b"\x8b")
    (kept,) = await database.read(lambda tx: tx.exec(select(MqttSession)).all())
    assert kept.ends_at is not None
    assert (kept.ends_at - clock.now()).total_seconds() == 100


async def test_taken_over_is_said_and_a_fight_is_slowed_down(database: Database) -> None:
    async with way_in(database, "m1") as parts, AsyncExitStack() as stack:
        parts.endpoint._takeovers = brake = Noted()
        holder = None
        for number in range(1, FREE + 4):
            one, _ = await stack.enter_async_context(client(parts.endpoint.port, "m1", parts.tokens["m1"], level=5))
            if holder is not None:
                assert await holder.next() == (0xE0, b"\x8e")
                assert await holder.ended()
            one.send(publish(TELEMETRY, point(number), 1, told=NOTHING))
            assert await one.next() == (0x40, b"\0\1")
            holder = one
    assert brake.waits == [0.0] * FREE + [0.25, 0.5]


async def test_when_storage_fails_the_client_hears_so(database: Database) -> None:
    history = MemoryHistory()
    async with way_in(database, "m1", history=history) as parts:
        history.failure = Unavailable("disk full")
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"], level=5) as (one, _):
            one.send(publish(TELEMETRY, point(1), 7, told=NOTHING))
            assert await one.next() == (0xE0, b"\x97")
            assert await one.ended()
        database.close()
        async with raw(parts.endpoint.port) as one:
            one.send(connect("c", "m1", parts.tokens["m1"].encode(), level=5))
            assert await one.next() == (0x20, b"\x00\x88\x00")


async def test_a_revoked_token_is_an_administrative_end(database: Database) -> None:
    async with (
        way_in(database, "m1") as parts,
        client(parts.endpoint.port, "m1", parts.tokens["m1"], level=5) as (one, _),
    ):
        actor, now = operator_of(parts.account_id), parts.context.clock.now()
        await database.write(lambda tx: auth.revoke(tx, actor, now, Holder.DEVICE, "m1"))
        assert await one.next() == (0xE0, b"\x98")


@pytest.mark.parametrize("level", [4, 5])
async def test_quality_2_is_stored_once_over_connections_and_restarts(database: Database, level: int) -> None:
    told = NOTHING if level == 5 else None
    options: dict[str, Any] = {"level": level, "clean": False, "told": expiring(1000)}
    async with way_in(database, "m1") as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]
        async with client(port, "m1", token, **options) as (one, _):
            one.send(publish(TELEMETRY, point(1), 7, qos=2, told=told))
            assert await one.next() == (0x50, b"\0\7")
        async with client(port, "m1", token, **options) as (one, present):
            one.send(publish(TELEMETRY, point(1), 7, qos=2, dup=True, told=told))
            assert (present, await one.next()) == (1, (0x50, b"\0\7"))
    async with way_in(database) as parts:
        async with client(parts.endpoint.port, "m1", token, **options) as (one, present):
            one.send(publish(TELEMETRY, point(1), 7, qos=2, dup=True, told=told))
            assert (present, await one.next()) == (1, (0x50, b"\0\7"))
            one.send(pubrel(7))
            assert await one.next() == (0x70, b"\0\7")
            assert await database.read(lambda tx: tx.exec(select(MqttPacket)).all()) == []
            one.send(publish(TELEMETRY, point(1), 7, qos=2, told=told), pubrel(7))
            assert [await one.next(), await one.next()] == [(0x50, b"\0\7"), (0x70, b"\0\7")]
        assert [report.values for report in await parts.reports()] == [{"n": 1}, {"n": 1}]


async def test_a_repeat_that_overtakes_its_first_is_stored_once(database: Database) -> None:
    """The first waits for its commit while the client connects anew and sends it again."""
    async with way_in(database, "m1") as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]
        async with client(port, "m1", token, clean=False) as (old, _):
            release = asyncio.Event()
            append = parts.pipeline._history.append

            async def held(*batch: object) -> object:
                await release.wait()
                return await append(*batch)  # type: ignore[arg-type]

            parts.pipeline._history.append = held  # type: ignore[method-assign, assignment]
            old.send(publish(TELEMETRY, point(1), 7, qos=2))
            await asyncio.sleep(0.1)
            async with client(port, "m1", token, clean=False) as (new, _):
                new.send(publish(TELEMETRY, point(1), 7, qos=2, dup=True))
                await asyncio.sleep(0.1)
                release.set()
                assert await new.next() == (0x50, b"\0\7")
        assert len(await parts.reports()) == 1


async def test_a_clean_start_forgets_packet_ids_and_subscriptions(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]
        async with client(port, "m1", token, clean=False) as (one, _):
            one.send(publish(TELEMETRY, point(1), 7, qos=2), subscribe(8, ("devices/m1/commands", 1)))
            assert [await one.next(), await one.next()] == [(0x50, b"\0\7"), (0x90, b"\0\x08\1")]
        async with client(port, "m1", token, level=5, told=expiring(60)) as (one, present):
            assert present == 0
            (connection,) = parts.endpoint._clients.values()
            assert connection.session.subscriptions == {}
            one.send(publish(TELEMETRY, point(1), 7, qos=2, told=NOTHING))
            assert await one.next() == (0x50, b"\0\7")
        assert len(await parts.reports()) == 2
