"""The endpoint over real sockets: who gets in, what is acknowledged, how connections end."""

import asyncio

import pytest
from sqlmodel import Session, select

from fleet.auth import service as auth
from fleet.auth.models import Holder
from fleet.db import Database
from fleet.devices import service as devices
from fleet.errors import SetupError, Unavailable
from fleet.ingest.mqtt import connection as connection_module
from fleet.ingest.mqtt import endpoint as endpoint_module
from fleet.ingest.mqtt.endpoint import Endpoint
from fleet.ingest.mqtt.limits import LIMITS, Limits
from fleet.ingest.mqtt.session import Session as MqttMachine
from fleet.telemetry.memory import MemoryHistory
from fleet.telemetry.models import DeadLetter, MqttSession
from tests.conftest import operator_of
from tests.fleet.ingest.mqtt.client import DISCONNECT, connect, publish, subscribe
from tests.fleet.ingest.mqtt.wire import client, raw
from tests.fleet.ingest.service import way_in

TELEMETRY = "devices/m1/telemetry"


def point(number: int) -> bytes:
    return b'{"id":%d,"values":{"n":%d}}' % (number, number)


async def test_a_message_is_stored_and_acknowledged(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"]) as (one, _):
            one.send(publish(TELEMETRY, point(1), 7), publish("devices/m1/events", b'{"code":"door"}', 8))
            assert await one.next() == (0x40, b"\x00\x07")
            assert await one.next() == (0x40, b"\x00\x08")
        reports = await parts.reports()
        assert [(report.values, report.code) for report in reports] == [({"n": 1}, ""), ({}, "door")]


async def test_no_acknowledgement_before_the_commit(database: Database) -> None:
    history = MemoryHistory()
    async with (
        way_in(database, "m1", history=history) as parts,
        client(parts.endpoint.port, "m1", parts.tokens["m1"]) as (one, _),
    ):
        history.gate.clear()
        one.send(publish(TELEMETRY, point(1), 7))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await one.next()
        history.gate.set()
        assert await one.next() == (0x40, b"\x00\x07")


async def test_a_bad_payload_is_acknowledged_after_its_dead_letter(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"]) as (one, _):
            one.send(publish(TELEMETRY, b'{"t":NaN}', 1), publish(TELEMETRY, point(2), 2))
            assert [await one.next(), await one.next()] == [(0x40, b"\x00\x01"), (0x40, b"\x00\x02")]

        def letters(tx: Session) -> list[tuple[str, str, str, bytes]]:
            rows = tx.exec(select(DeadLetter))
            return [(row.device_name, row.way, row.topic, row.payload) for row in rows]

        assert await database.read(letters) == [("m1", "mqtt", TELEMETRY, b'{"t":NaN}')]
        assert parts.context.metrics.registry.get_sample_value("fleet_ingest_dead_letters_total", {"way": "mqtt"}) == 1


async def test_connect_publish_disconnect_and_gone_in_one_segment_stores(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        async with raw(parts.endpoint.port) as one:
            one.send(
                connect("c1", "m1", parts.tokens["m1"].encode()),
                publish(TELEMETRY, point(1), 1),
                publish(TELEMETRY, point(2)),
                DISCONNECT,
            )
            one.close()
        async with asyncio.timeout(20):
            while len(await parts.reports()) < 2:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("user", "password", "clean", "client_id", "code"),
    [
        ("m1", b"wrong", True, "c", 4),
        ("m1", b"\xff\xfe", True, "c", 4),
        ("m1", None, True, "c", 4),
        (None, None, True, "c", 4),
        ("m2", b"TOKEN", True, "c", 4),
        ("nobody", b"TOKEN", True, "c", 4),
        ("m1", b"TOKEN", False, "", 2),
        ("m1", b"TOKEN", True, "x" * 129, 2),
        ("m1", b"TOKEN", True, "a\nb", 2),
    ],
)
async def test_who_is_not_let_in_is_told_why(
    database: Database, user: str | None, password: bytes | None, clean: bool, client_id: str, code: int
) -> None:
    async with way_in(database, "m1", "m2") as parts:
        secret = parts.tokens["m1"].encode() if password == b"TOKEN" else password
        async with raw(parts.endpoint.port) as one:
            one.send(connect(client_id, user, secret, clean=clean), publish(TELEMETRY, point(1), 1))
            assert await one.next() == (0x20, bytes((0, code)))
            assert await one.ended()
        assert await parts.reports() == []


async def test_a_session_is_present_after_a_restart_and_gone_after_a_clean_start(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        token = parts.tokens["m1"]
        async with client(parts.endpoint.port, "m1", token, clean=False) as (one, present):
            assert present == 0
            one.send(subscribe(9, ("devices/m1/commands/#", 1), ("devices/m2/commands", 0)))
            assert await one.next() == (0x90, b"\x00\x09\x01\x80")
    async with way_in(database) as parts:
        async with client(parts.endpoint.port, "m1", token, clean=False) as (_, present):
            assert present == 1
            (machine,) = parts.endpoint._clients.values()
            assert machine.session.subscriptions == {"devices/m1/commands/#": 1}
        async with client(parts.endpoint.port, "m1", token, "other", clean=False) as (_, present):
            assert present == 0, "a session belongs to its client id"
        async with client(parts.endpoint.port, "m1", token, clean=True) as (_, present):
            assert present == 0
        async with client(parts.endpoint.port, "m1", token, clean=False) as (_, present):
            assert present == 0, "a clean session discarded it"


async def test_sessions_of_a_device_are_bounded(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        for n in range(12):
            async with client(parts.endpoint.port, "m1", parts.tokens["m1"], f"c{n}", clean=False):
                pass
        kept = await database.read(lambda tx: sorted(row.client_id for row in tx.exec(select(MqttSession))))
        assert kept == sorted(f"c{n}" for n in range(4, 12))


async def test_a_client_that_connects_anew_takes_over_and_what_waited_is_stored(database: Database) -> None:
    history = MemoryHistory()
    async with way_in(database, "m1", "m2", history=history) as parts:
        port = parts.endpoint.port
        async with (
            client(port, "m1", parts.tokens["m1"]) as (old, _),
            client(port, "m2", parts.tokens["m2"]) as (other, _),
        ):
            history.gate.clear()
            old.send(publish(TELEMETRY, point(1), 7))
            await asyncio.sleep(0.05)
            async with client(port, "m1", parts.tokens["m1"]) as (new, _):
                assert await old.ended()
                history.gate.set()
                new.send(publish(TELEMETRY, point(1), 7, dup=True))
                assert await new.next() == (0x40, b"\x00\x07")
                other.send(publish("devices/m2/telemetry", point(2), 1))
                assert await other.next() == (0x40, b"\x00\x01"), "the same client id of another device stays"
        assert [record.content for record in history.records] == [{"n": 1}, {"n": 2}]


async def test_clients_without_an_id_do_not_take_each_other_over(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        port, token = parts.endpoint.port, parts.tokens["m1"]
        async with client(port, "m1", token, "") as (one, _), client(port, "m1", token, "") as (two, _):
            for each in (one, two):
                each.send(publish(TELEMETRY, point(1), 1))
                assert await each.next() == (0x40, b"\x00\x01")


async def test_a_foreign_topic_ends_the_connection_after_what_came_before_is_acknowledged(database: Database) -> None:
    async with way_in(database, "m1", "m2") as parts:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"]) as (one, _):
            one.send(publish(TELEMETRY, point(1), 7), publish("devices/m2/telemetry", point(2), 8))
            assert await one.next() == (0x40, b"\x00\x07")
            assert await one.ended()
        assert len(await parts.reports()) == 1


async def test_when_storage_fails_nothing_is_acknowledged_and_the_connection_ends(database: Database) -> None:
    history = MemoryHistory()
    async with way_in(database, "m1", history=history) as parts:
        history.failure = Unavailable("disk full")
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"]) as (one, _):
            one.send(publish(TELEMETRY, point(1), 7))
            assert await one.ended()
        history.failure = None
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"]) as (one, _):
            one.send(publish(TELEMETRY, point(1), 7, dup=True))
            assert await one.next() == (0x40, b"\x00\x07")


async def test_a_database_that_cannot_be_read_lets_nobody_in(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        database.close()
        async with raw(parts.endpoint.port) as one:
            one.send(connect("c", "m1", parts.tokens["m1"].encode()))
            assert await one.next() == (0x20, b"\x00\x03")
            assert await one.ended()


async def test_a_revoked_token_ends_its_connection(database: Database) -> None:
    async with way_in(database, "m1", "m2") as parts:
        port, now = parts.endpoint.port, parts.context.clock.now()
        async with (
            client(port, "m1", parts.tokens["m1"]) as (one, _),
            client(port, "m2", parts.tokens["m2"]) as (two, _),
        ):
            actor = operator_of(parts.account_id)
            await database.write(lambda tx: auth.revoke(tx, actor, now, Holder.DEVICE, "m1"))
            assert await one.ended()
            two.send(publish("devices/m2/telemetry", point(1), 1))
            assert await two.next() == (0x40, b"\x00\x01")


async def test_both_tokens_are_valid_while_a_device_changes_over(database: Database) -> None:
    async with way_in(database, "m1") as parts:
        port, now, actor = parts.endpoint.port, parts.context.clock.now(), operator_of(parts.account_id)
        new = await database.write(
            lambda tx: devices.rotate_token(tx, actor, now, devices.get(tx, parts.account_id, "m1"))
        )
        for token in (parts.tokens["m1"], new):
            async with client(port, "m1", token) as (one, _):
                one.send(publish(TELEMETRY, point(1), 1))
                assert await one.next() == (0x40, b"\x00\x01")


async def test_overdue_connections_are_ended(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "SWEEP", 0.05)
    quick = Limits(connect_time=0.2)
    monkeypatch.setattr(connection_module, "Session", lambda now: MqttMachine(now, quick))
    async with (
        way_in(database, "m1") as parts,
        raw(parts.endpoint.port) as mute,
        client(parts.endpoint.port, "m1", parts.tokens["m1"], keep_alive=1) as (one, _),
    ):
        assert await mute.ended()
        started = parts.endpoint.now()
        assert await one.ended()
        assert parts.endpoint.now() - started >= 1.0


async def test_too_many_that_say_nothing_make_room_for_those_that_do(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_module, "HALF_OPEN", 3)
    async with way_in(database, "m1") as parts:
        port = parts.endpoint.port
        async with raw(port) as first, raw(port), raw(port), client(port, "m1", parts.tokens["m1"]) as (one, _):
            assert await first.ended()
            one.send(publish(TELEMETRY, point(1), 1))
            assert await one.next() == (0x40, b"\x00\x01")


async def test_a_flood_is_taken_in_no_faster_than_it_is_committed(database: Database) -> None:
    history = MemoryHistory()
    async with way_in(database, "m1", history=history) as parts:
        async with client(parts.endpoint.port, "m1", parts.tokens["m1"]) as (one, _):
            history.gate.clear()
            total = 2000
            one.send(*[publish(TELEMETRY, point(n), n) for n in range(1, total + 1)])
            await asyncio.sleep(0.2)
            (machine,) = parts.endpoint._clients.values()
            assert not machine.session.reading
            assert len(parts.pipeline._gathered) <= LIMITS.window
            history.gate.set()
            acked = [int.from_bytes((await one.next())[1], "big") for _ in range(total)]
        assert acked == list(range(1, total + 1))
        assert len(history.records) == total


async def test_what_has_arrived_is_acknowledged_when_the_service_stops(database: Database) -> None:
    history = MemoryHistory()
    async with (
        way_in(database, "m1", history=history) as parts,
        client(parts.endpoint.port, "m1", parts.tokens["m1"]) as (one, _),
    ):
        history.gate.clear()
        one.send(publish(TELEMETRY, point(1), 7))
        await asyncio.sleep(0.05)
        stopping = asyncio.create_task(parts.endpoint.stop())
        await asyncio.sleep(0.05)
        history.gate.set()
        assert await one.next() == (0x40, b"\x00\x07")
        assert await one.ended()
        await stopping


async def test_a_taken_port_is_named(database: Database) -> None:
    async with way_in(database) as parts:
        taken = parts.endpoint.port
        settings = parts.context.settings
        again = settings.model_copy(update={"mqtt": settings.mqtt.model_copy(update={"port": taken})})
        context = type(parts.context)(again, database, parts.context.clock, parts.context.sealer)
        with pytest.raises(SetupError, match=rf"port {taken} .* --mqtt-port"):
            await Endpoint(context, parts.pipeline).start()
